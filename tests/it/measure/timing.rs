//! The device's clock: it measures only the device's work, agrees with the host's clock, and is
//! optional.

use std::sync::Arc;

use deme::backend::{Backend, Episodes, Gpu, Purpose, TuningOptions};
use deme::error::Error;
use deme::gpu::Device;
use deme::measure::{
    BenchmarkBackend, BenchmarkCase, BenchmarkSession, BenchmarkSubject, Stopwatch,
};
use deme::network::{Activation, Network};
use deme::population::Proposal;

use crate::backend::{gaussian, task_by_name};
use crate::gpu_device::on_own_gpu;

/// Returns a function that rolls out a population on a device for a number of steps.
fn rollout(device: &Arc<Device>) -> impl FnMut(u32) -> deme::error::Result<()> {
    let task = task_by_name("cartpole");
    let network = Network::parse("16", task.inputs(), task.outputs(), Activation::Tanh);
    let network = network.expect("a good spec");
    let genes = network.parameters();
    let mut gpu = Gpu::new(Arc::clone(device), task, network).expect("a small network");
    gpu.spawn(&Proposal::Gaussian(gaussian(genes, 64))).expect("a good recipe");
    move |steps| {
        let whole = Episodes::new(1, Purpose::Benchmark, 0, 1);
        gpu.score(&Episodes { exact_steps: Some(steps), ..whole }).map(|_| ())
    }
}

#[test]
fn the_devices_clock_measures_only_the_devices_work() {
    on_own_gpu(|device| {
        let device = Arc::new(device);
        assert!(device.has_clock(), "{} has no timestamps; these tests need some", device.name());
        let mut rollout = rollout(&device);
        rollout(1).expect("kernels that compile");
        let watch = Stopwatch { warm_up: 1, samples: 5 };
        let mut seconds = |steps: u32| {
            let timed =
                watch.time_on(Some(&device), || rollout(steps)).expect("a routine that succeeds");
            let (host, own) = (timed.0, timed.1.expect("a clock"));
            assert!(0.0 < own.min && own.min <= own.median && own.median <= own.max, "{own:?}");
            assert!(own.median <= host.median * 1.01, "{own:?} in {host:?}");
            own.min
        };
        // The work is a hundred times larger, so it must take far longer by the clock.
        let (short, long) = (seconds(20), seconds(2000));
        assert!(long > 10.0 * short, "{long} s is not far more than {short} s");
        // Sleep is not work of the device.
        let nap = std::time::Duration::from_millis(200);
        let slept = device.timed(|| {
            std::thread::sleep(nap);
            Ok(())
        });
        assert_eq!(slept.expect("sleep does not fail").1, None);
        let (_, own) = device
            .timed(|| {
                std::thread::sleep(nap);
                rollout(20)
            })
            .expect("a routine that succeeds");
        assert!(own.expect("a clock") < 0.1, "{own:?} with a nap before it");
    });
}

#[test]
fn a_failed_routine_leaves_the_clock_usable() {
    on_own_gpu(|device| {
        let device = Arc::new(device);
        let mut rollout = rollout(&device);
        let failed = device.timed(|| Err::<(), _>(Error::invalid("a", "b", "c")));
        assert!(failed.is_err());
        assert!(device.timed(|| rollout(5)).expect("a routine that succeeds").1.is_some());
        assert_eq!(device.timed(|| Ok(())).expect("nothing").1, None);
    });
}

#[test]
fn a_device_without_a_clock_is_timed_by_the_host() {
    on_own_gpu(|device| {
        let backend = BenchmarkBackend::Gpu(Arc::new(device.without_clock()));
        let watch = Stopwatch { warm_up: 1, samples: 2 };
        let bench = BenchmarkSession::new(watch, std::slice::from_ref(&backend))
            .expect("a device that works");
        assert_eq!(bench.rooflines[0].timing, "host");
        let subject = BenchmarkSubject::forward("4-8-3", 5).expect("a good spec");
        let row = bench
            .measure(&BenchmarkCase {
                subject,
                backend,
                population: 8,
                variant: None,
                tuning: TuningOptions::default(),
            })
            .expect("a small case");
        assert_eq!(row.timing, "host");
        assert_eq!(row.seconds_median, row.host_seconds_median);
        assert!(row.roofline_fraction.is_some_and(|share| share > 0.0 && share < 1.0));
    });
}
