//! The device of the tests, opened once, and the one place where a test is skipped.
//!
//! It is Mesa's software adapter, or the one that `DEME_TEST_ADAPTER` names. A machine without an
//! adapter fails; `DEME_SKIP_GPU_TESTS=1` is the only way to leave these tests out.

use std::any::type_name;
use std::sync::{Arc, LazyLock};

use deme::gpu::Device;

static DEVICE: LazyLock<Arc<Device>> = LazyLock::new(|| {
    let name = adapter_name();
    let opened = Device::open(Some(&name));
    Arc::new(opened.unwrap_or_else(|error| {
        panic!(
            "the GPU tests need an adapter '{name}': {error}\n\
             install mesa-vulkan-drivers, name another adapter in DEME_TEST_ADAPTER, or leave \
             these tests out with DEME_SKIP_GPU_TESTS=1"
        )
    }))
});

/// The adapter that the tests run on.
pub fn adapter_name() -> String {
    std::env::var("DEME_TEST_ADAPTER").unwrap_or_else(|_| "llvmpipe".into())
}

/// As [`on_gpu`], on a device of its own: for tests of the clock, which others would disturb.
pub fn on_own_gpu<T: FnOnce(Device)>(test: T) {
    if is_skipped::<T>() {
        return;
    }
    test(Device::open(Some(&adapter_name())).expect("the adapter of the tests"));
}

/// Runs a test on the device, or says that it was skipped. The test is a closure, whose type says
/// where it was written.
pub fn on_gpu<T: FnOnce(&Arc<Device>)>(test: T) {
    if !is_skipped::<T>() {
        test(&DEVICE);
    }
}

/// Whether these tests are left out; then says so.
fn is_skipped<T>() -> bool {
    let skipped = std::env::var("DEME_SKIP_GPU_TESTS").is_ok_and(|value| value == "1");
    if skipped {
        let name = type_name::<T>().trim_start_matches("it::").trim_end_matches("::{{closure}}");
        println!("skipped (DEME_SKIP_GPU_TESTS=1): {name}");
    }
    skipped
}
