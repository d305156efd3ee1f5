//! The benchmarks of `cargo bench`: the work of `deme bench` at a few sizes, with criterion's
//! statistics, to find out whether a change made something faster or slower.
//!
//! Times are those of the host's clock. A GPU is measured if there is a hardware GPU. Every backend
//! is verified before it is timed.

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use deme::backend::TuningOptions;
use deme::gpu::Device;
use deme::measure::{BenchmarkBackend, BenchmarkCase, BenchmarkSubject, Routine};
use deme::network::{Activation, Network, Precision};
use deme::{strategy, task};

/// The CPU, and a GPU if there is one.
static BACKENDS: LazyLock<Vec<BenchmarkBackend>> = LazyLock::new(|| {
    let gpu = Device::open(None).ok().map(|device| BenchmarkBackend::Gpu(Arc::new(device)));
    let backends: Vec<BenchmarkBackend> =
        [Some(BenchmarkBackend::Cpu), gpu].into_iter().flatten().collect();
    for backend in &backends {
        let cartpole = task::by_name("cartpole").expect("a task").into();
        for task in [None, Some(&cartpole)] {
            backend.check(task).expect("a correct backend");
        }
    }
    backends
});

/// Times one subject on every backend at several populations.
fn time(criterion: &mut Criterion, name: &str, subject: &BenchmarkSubject, populations: &[usize]) {
    let mut group = criterion.benchmark_group(name);
    for backend in BACKENDS.iter() {
        for &population in populations {
            let case = BenchmarkCase {
                subject: subject.clone(),
                backend: backend.clone(),
                population,
                variant: None,
                tuning: TuningOptions { measure: true, cache: None },
            };
            let mut routine = Routine::prepare(&case).expect("a small case");
            group.throughput(Throughput::Elements(population as u64));
            group.bench_function(BenchmarkId::new(backend.name(), population), |bencher| {
                bencher.iter(|| routine.run().expect("a backend that works"));
            });
        }
    }
    group.finish();
}

fn rollouts(criterion: &mut Criterion) {
    let task: Arc<dyn task::Task> = task::by_name("cartpole").expect("a known task").into();
    let network = Network::parse("16-16", task.inputs(), task.outputs(), Activation::Tanh);
    let subject =
        BenchmarkSubject::Rollouts { task, network: network.expect("a good spec"), steps: 100 };
    time(criterion, "cartpole 16-16, 100 steps", &subject, &[256, 4096]);
}

fn forward(criterion: &mut Criterion) {
    let subject = BenchmarkSubject::forward("64-128-10", 64).expect("a good spec");
    time(criterion, "forward 64-128-10, batch 64", &subject, &[64, 256]);
}

fn generation(criterion: &mut Criterion) {
    for name in ["openai-es", "simple-ga"] {
        let strategy = strategy::by_name(name).expect("a known strategy");
        let precision = Precision::Single;
        let subject = BenchmarkSubject::Generation { strategy, parameters: 10_000, precision };
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
