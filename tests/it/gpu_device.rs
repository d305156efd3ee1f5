//! The device of the tests, which is opened once, and the only place where a test is skipped.
//!
//! The device is Mesa's software adapter, or the one that `DEME_TEST_ADAPTER` names. Without an
//! adapter the tests fail; only `DEME_SKIP_GPU_TESTS=1` skips them.

use std::any::type_name;
use std::sync::{Arc, LazyLock};

use deme::gpu::Device;

static DEVICE: LazyLock<Arc<Device>> = LazyLock::new(|| {
    let name = adapter_name();
    let opened = Device::open(Some(&name));
    Arc::new(opened.unwrap_or_else(|error| {
        panic!(
            "the GPU tests need an adapter '{name}': {error}\n\
             install mesa-vulkan-drivers, name another adapter in DEME_TEST_ADAPTER, or skip \
             these tests with DEME_SKIP_GPU_TESTS=1"
        )
    }))
});

/// The name of the adapter that the tests run on.
pub fn adapter_name() -> String {
    std::env::var("DEME_TEST_ADAPTER").unwrap_or_else(|_| "llvmpipe".into())
}

/// Runs a test on a device of its own, which no other test disturbs.
pub fn on_own_gpu<T: FnOnce(Device)>(test: T) {
    if is_skipped::<T>() {
        return;
    }
    test(Device::open(Some(&adapter_name())).expect("the adapter of the tests"));
}

/// Runs a test on the shared device, or prints that it was skipped. The test is a closure, and the
/// name of its type contains the name of the test.
pub fn on_gpu<T: FnOnce(&Arc<Device>)>(test: T) {
    if !is_skipped::<T>() {
        test(&DEVICE);
    }
}

/// Returns true if the GPU tests are skipped, and prints the name of the test then.
fn is_skipped<T>() -> bool {
    let skipped = std::env::var("DEME_SKIP_GPU_TESTS").is_ok_and(|value| value == "1");
    if skipped {
        let name = type_name::<T>().trim_start_matches("it::").trim_end_matches("::{{closure}}");
        println!("skipped (DEME_SKIP_GPU_TESTS=1): {name}");
    }
    skipped
}
