//! `cargo bench`: the work of `deme bench` at a few sizes, under criterion's statistics, to see
//! whether a change made something faster or slower.
//!
//! Times are the host's. The GPU is measured where there is a hardware one. As everywhere, what is
//! timed is checked first.

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use deme::gpu::Device;
use deme::measure::{Job, Side, Subject, Work};
use deme::network::{Activation, Network, Precision};
use deme::{strategy, task};

/// The CPU, and a GPU where there is one.
static SIDES: LazyLock<Vec<Side>> = LazyLock::new(|| {
    let gpu = Device::open(None).ok().map(|device| Side::Gpu(Arc::new(device)));
    let sides: Vec<Side> = [Some(Side::Cpu), gpu].into_iter().flatten().collect();
    for side in &sides {
        for task in [None, Some("cartpole")] {
            side.check(task).expect("a backend that is right");
        }
    }
    sides
});

/// Times one subject on every side, at some populations.
fn time(criterion: &mut Criterion, name: &str, subject: &Subject, populations: &[usize]) {
    let mut group = criterion.benchmark_group(name);
    for side in SIDES.iter() {
        for &population in populations {
            let job =
                Job { subject: subject.clone(), side: side.clone(), population, variant: None };
            let mut work = Work::of(&job).expect("a small job");
            group.throughput(Throughput::Elements(population as u64));
            group.bench_function(BenchmarkId::new(side.name(), population), |bencher| {
                bencher.iter(|| work.repeat().expect("a backend that works"));
            });
        }
    }
    group.finish();
}

fn rollouts(criterion: &mut Criterion) {
    let task: Arc<dyn task::Task> = task::named("cartpole").expect("a known task").into();
    let network = Network::parse("16-16", task.inputs(), task.outputs(), Activation::Tanh);
    let subject = Subject::Rollouts { task, network: network.expect("a good spec"), steps: 100 };
    time(criterion, "cartpole 16-16, 100 steps", &subject, &[256, 4096]);
}

fn forward(criterion: &mut Criterion) {
    let subject = Subject::forward("64-128-10", 64).expect("a good spec");
    time(criterion, "forward 64-128-10, batch 64", &subject, &[64, 256]);
}

fn generation(criterion: &mut Criterion) {
    for name in ["openai-es", "simple-ga"] {
        let strategy = strategy::named(name).expect("a known strategy");
        let precision = Precision::Single;
        let subject = Subject::Generation { strategy, parameters: 10_000, precision };
        time(criterion, &format!("generation {name}, 10,000 parameters"), &subject, &[256]);
    }
}

fn settings() -> Criterion {
    Criterion::default()
        .sample_size(20)
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(3))
}

criterion_group! {
    name = benches;
    config = settings();
    targets = rollouts, forward, generation
}
criterion_main!(benches);
