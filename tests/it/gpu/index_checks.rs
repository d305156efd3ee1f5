//! Index checks find every index out of bounds, and the kernels of deme have none.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use deme::gpu::{Binding, Device, DeviceOptions, Dispatch, IndexCheck, Readback, ShaderSource};
use deme::network::{Activation, Network};
use deme::task::Task;
use deme::verify::{GpuImplementation, Implementation, Ladder, LadderPart};

use crate::backend::task_by_name;
use crate::gpu_device::{adapter_name, on_gpu, on_own_gpu};
use crate::verify::failures;

/// A kernel with one index of each kind on a line of its own. In the lines with `past`, the index
/// is the length of the array; `within` is the last valid one.
const KERNEL: &str = "
struct Parameters { zero: u32, pad_0: u32, pad_1: u32, pad_2: u32, }
@group(0) @binding(0) var<uniform> parameters: Parameters;
@group(0) @binding(1) var<storage, read> numbers: array<f32>;
@group(0) @binding(2) var<storage, read_write> results: array<f32>;
var<workgroup> shared_numbers: array<f32, 7>;
var<workgroup> shared_count: array<atomic<u32>, 7>;
var<private> own: array<f32, 7>;

fn pick(given: ptr<function, array<f32, 7>>, index: u32) -> f32 {
    return (*given)[index]; // past, pointer
}

@compute @workgroup_size(1)
fn main() {
    let within = parameters.zero + 6u;
    let past = parameters.zero + 7u;
    var sum = numbers[within]; // within, storage
    let ignored = numbers[past]; // past, read of storage
    results[within] = 1.0; // within, written storage
    results[past] = 1.0; // past, written storage
    sum += numbers[9]; // past, constant
    results[i32(parameters.zero) - 1] = 1.0; // past, negative
    shared_numbers[within] = 1.0; // within, workgroup
    shared_numbers[past] = 1.0; // past, workgroup
    atomicAdd(&shared_count[past], 1u); // past, atomic
    sum += own[within]; // within, private
    sum += own[past]; // past, private
    own[past] = 1.0; // past, written private
    var local: array<f32, 7>;
    sum += local[within]; // within, function
    local[past] = sum; // past, function
    sum += pick(&local, past);
    let vector = vec4<f32>(sum, 1.0, 2.0, 3.0);
    sum += vector[within - 3u]; // within, vector
    sum += vector[past - 3u]; // past, vector
    for (var i = 0u; i < past; i++) {
        sum += own[i]; // within, loop
    }
    for (var i = 0u; i <= past; i++) {
        sum += own[i]; // past, loop
    }
    results[0] = sum;
}
";

/// Opens the adapter of the tests with index checks.
fn checking_device() -> Device {
    let options = DeviceOptions { checks_indices: true, ..DeviceOptions::default() };
    Device::open_with(Some(&adapter_name()), &options).expect("the adapter of the tests")
}

/// Runs [`KERNEL`] on arrays of seven numbers, and returns the results.
fn run_kernel(device: &Device) -> Vec<u32> {
    let source = ShaderSource { label: "a test".into(), text: KERNEL.into(), is_trusted: true };
    let numbers = device.upload("numbers", &[0.5f32; 7]).expect("a small buffer");
    let results = device.storage("results", 28).expect("a small buffer");
    let dispatch = Dispatch {
        source: &source,
        parameters: &[0; 16],
        bindings: [&numbers, &results].map(Binding::whole).into(),
        workgroups: [1; 3],
    };
    device.run(&[dispatch]).expect("a kernel");
    device.read(&[Readback { buffer: &results, bytes: 28 }]).expect("results").remove(0)
}

#[test]
fn an_index_out_of_bounds_is_found_in_every_kind_of_array() {
    on_own_gpu(|_| {
        let device = checking_device();
        run_kernel(&device);
        let checks = device.index_checks().expect("a device that works");
        let marked = |mark: &str| checks.iter().filter(|check| check.line.contains(mark)).count();
        assert_eq!((marked("// past"), marked("// within")), (12, 7), "{checks:#?}");
        for IndexCheck { line, out_of_bounds, .. } in &checks {
            let expected = line.contains("// past");
            assert_eq!(out_of_bounds.is_some(), expected, "{line}: {out_of_bounds:?}");
        }
        let index_in = |mark: &str| {
            let check = checks.iter().find(|check| check.line.contains(mark));
            check.and_then(|check| check.out_of_bounds)
        };
        assert_eq!(index_in("// past, read of storage"), Some(7));
        assert_eq!(index_in("// past, constant"), Some(9));
        assert_eq!(index_in("// past, negative"), Some(u32::MAX));
        assert_eq!(index_in("// past, vector"), Some(4));
    });
}

#[test]
fn a_device_without_index_checks_has_no_records() {
    on_gpu(|device| {
        assert!(!device.checks_indices());
        assert_eq!(device.index_checks().expect("a device that works"), Vec::new());
        let checking = device.open_with_index_checks().expect("the same adapter");
        assert!(checking.checks_indices());
        assert_eq!(checking.name(), device.name());
    });
}

/// Returns the paths of all shader files with an index that is not a constant, relative to
/// `shaders/`. Constant indices into arrays with a fixed length are validated by naga.
fn indexing_files(folder: &Path, root: &Path, found: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).expect("the folder of the shaders") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            indexing_files(&path, root, found);
            continue;
        }
        let text = fs::read_to_string(&path).expect("a text");
        let mut code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
        let is_computed = |rest: &str| rest.starts_with(|first: char| first.is_lowercase());
        if code.any(|line| line.split('[').skip(1).any(is_computed)) {
            let name = path.strip_prefix(root).expect("a path below the root");
            found.insert(name.to_str().expect("a plain name").replace('\\', "/"));
        }
    }
}

#[test]
fn the_rung_runs_every_shader_and_finds_no_index_out_of_bounds() {
    on_own_gpu(|_| {
        let device = Arc::new(checking_device());
        let implementation = GpuImplementation::new(Arc::clone(&device));
        let rungs = Ladder::check_bounds(&implementation).expect("a device that works");
        assert_eq!(failures(&rungs), Vec::<String>::new());
        assert!(rungs.iter().all(|rung| rung.name == "5 bounds"));

        let checks = device.index_checks().expect("a device that works");
        let checked: BTreeSet<String> = checks.into_iter().map(|check| check.part).collect();
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("shaders");
        let mut files = BTreeSet::new();
        indexing_files(&root, &root, &mut files);
        assert!(files.len() > 25, "{files:?}");
        // Its text is a section of the text of the task.
        assert!(files.remove("task/double_pole_starts.wgsl"));
        // Some adapters lack half precision, and then tiles; some have subgroups of several sizes.
        if !device.has_halves() {
            files.retain(|file| !file.starts_with("kernel/tensor/"));
        }
        let missing: Vec<&String> = files.difference(&checked).collect();
        assert_eq!(missing, Vec::<&String>::new(), "checked: {checked:?}");
    });
}

#[test]
fn planted_indices_out_of_bounds_are_caught_by_the_rung() {
    on_gpu(|device| {
        let faults = GpuImplementation::new(Arc::clone(device)).faults();
        let faults: Vec<_> = faults.iter().filter(|fault| fault.rung == "5 bounds").collect();
        assert!(faults.len() >= 4);
        let expected = ["'perturb'", "'perturb'", "'loss'", "'probe normalisation'"];
        for (fault, kernel) in faults.into_iter().zip(expected) {
            let failure = LadderPart::Bounds.first_failure(fault.implementation.as_ref());
            let failure = failure.expect("a fault does not break the device");
            let failure = failure.unwrap_or_else(|| panic!("not caught: {}", fault.name));
            assert_eq!(failure.name, "5 bounds");
            assert!(failure.at.contains(kernel), "{}: {}", fault.name, failure.at);
        }
    });
}

#[test]
fn every_composed_shader_can_be_checked() {
    on_gpu(|device| {
        let implementation = GpuImplementation::new(Arc::clone(device));
        for name in ["cartpole", "xor", "sphere"] {
            let task = task_by_name(name);
            let spec = if name == "sphere" { "none" } else { "8-16" };
            for network in networks(task.as_ref(), spec) {
                let shaders = implementation.shaders(task.as_ref(), &network).expect("shaders");
                for shader in shaders {
                    let checked = shader.validate_with_index_checks();
                    checked.unwrap_or_else(|error| panic!("{}: {error}", shader.label));
                }
            }
        }
    });
}

/// A network in every precision.
fn networks(task: &dyn Task, spec: &str) -> Vec<Network> {
    let network = task.network(spec, Activation::Tanh).expect("a network");
    let all = deme::network::Precision::ALL.into_iter();
    all.map(|precision| network.clone().with_precision(precision)).collect()
}
