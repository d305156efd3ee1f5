//! The roofline: which bound applies, and plausible values on the machine of the tests.

use std::sync::Arc;

use deme::measure::{Bandwidth, BenchmarkBackend, Roofline};

use crate::gpu_device::on_own_gpu;

fn roofline() -> Roofline {
    let level = |bytes, gbytes_per_second| Bandwidth { bytes, gbytes_per_second };
    Roofline {
        backend: "cpu".into(),
        adapter: "a machine".into(),
        gflops: 100.0,
        gbytes_per_second: 10.0,
        bandwidths: vec![level(1_000, 40.0), level(1_000_000, 20.0), level(1_000_000_000, 10.0)],
        timing: "host",
    }
}

#[test]
fn the_slower_of_arithmetic_and_memory_is_the_bound() {
    let roofline = roofline();
    assert_eq!(roofline.fraction(50e9, 1e9, 1.0), (0.5, "compute"));
    assert_eq!(roofline.fraction(50e9, 8e9, 1.0), (0.8, "memory"));
    assert_eq!(roofline.fraction(50e9, 1e9, 2.0).0, 0.25);
}

#[test]
fn small_work_is_compared_with_the_caches_that_it_fits_into() {
    let share = |bytes: f64| roofline().fraction(0.0, bytes, 1e-6).0;
    let bandwidth = |bytes: f64| bytes / share(bytes) / 1e-6 / 1e9;
    for (bytes, expected) in
        [(10.0, 40.0), (1_000.0, 40.0), (999_999.0, 40.0), (1e6, 20.0), (9e8, 20.0), (1e12, 10.0)]
    {
        approx::assert_relative_eq!(bandwidth(bytes), expected, max_relative = 1e-9);
    }
}

/// Checks the properties of every measured roofline.
fn assert_plausible(found: &Roofline) {
    assert!(found.gflops > 0.1 && found.gflops.is_finite(), "{found:?}");
    assert!(found.gbytes_per_second > 0.1, "{found:?}");
    assert!(found.bandwidths.len() >= 2, "{found:?}");
    for pair in found.bandwidths.windows(2) {
        assert!(pair[0].bytes < pair[1].bytes, "{found:?}");
        assert!(pair[0].gbytes_per_second >= pair[1].gbytes_per_second, "{found:?}");
    }
    let last = found.bandwidths.last().expect("a largest");
    assert_eq!(last.gbytes_per_second, found.gbytes_per_second);
}

#[test]
fn the_cpu_has_a_roofline_and_the_reference_has_none() {
    let cpu = Roofline::measure(&BenchmarkBackend::Cpu).expect("a CPU").expect("a roofline");
    assert_plausible(&cpu);
    assert_eq!((cpu.backend.as_str(), cpu.timing), ("cpu", "host"));
    assert_eq!(Roofline::measure(&BenchmarkBackend::Reference).expect("no measurement"), None);
}

#[test]
fn a_device_has_a_roofline_by_its_own_clock() {
    on_own_gpu(|device| {
        let device = Arc::new(device);
        let side = BenchmarkBackend::Gpu(Arc::clone(&device));
        let gpu = Roofline::measure(&side).expect("a device that works").expect("a roofline");
        assert_plausible(&gpu);
        assert_eq!(gpu.backend, "gpu");
        assert_eq!(gpu.timing, if device.has_clock() { "device" } else { "host" });
    });
}
