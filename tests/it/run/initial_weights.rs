//! Runs that begin from weights in a file.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use crate::strategy::evolution_strategies;
use deme::champion::Champion;
use deme::network::{Activation, NamedTensor, Network};
use deme::run::{self, Request, ResumeRequest};
use safetensors::tensor::{Dtype, TensorView};
use tempfile::TempDir;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

fn request(task: &str, initial: Option<&Path>) -> Request {
    Request {
        network: (!task.starts_with("sphere")).then(|| "3".into()),
        strategy: Some("random-search".into()),
        population: Some(4),
        generations: Some(1),
        until: Some("never".into()),
        backend: Some("cpu".into()),
        initial: initial.map(|path| path.display().to_string()),
        set: [("sigma".to_owned(), "1e-7".to_owned())].into(),
        ..Request::for_task(task)
    }
}

/// Trains one generation around the weights, and returns the champion.
fn trained(request: Request) -> Vec<f32> {
    run::train(&request.check().expect("a run"), &mut ()).expect("a summary").champion
}

fn problem(request: Request) -> String {
    request.check().err().expect("a refusal").to_string()
}

/// A run folder of cartpole with three hidden nodes, and the weights of its champion.
fn earlier_run(folder: &Path) -> (PathBuf, Vec<f32>) {
    let path = folder.join("earlier");
    let request = Request { set: [].into(), ..request("cartpole", None) };
    let config = request.check().expect("a run").with_folder(&path);
    let champion = run::train(&config, &mut ()).expect("a summary").champion;
    (path, champion)
}

fn tensors(genome: &[f32]) -> Vec<NamedTensor> {
    Network::parse("3", 4, 2, Activation::Tanh).expect("a network").tensors(genome)
}

/// Writes tensors as PyTorch does: without a checksum.
fn write_safetensors(path: &Path, tensors: &[NamedTensor], kind: Dtype) {
    let bytes = |tensor: &NamedTensor| -> Vec<u8> {
        let values = tensor.values.iter();
        match kind {
            Dtype::F64 => values.flat_map(|&x| f64::from(x).to_le_bytes()).collect(),
            _ => values.flat_map(|x| x.to_le_bytes()).collect(),
        }
    };
    let data: Vec<Vec<u8>> = tensors.iter().map(bytes).collect();
    let views = tensors.iter().zip(&data).map(|(tensor, data)| {
        let view = TensorView::new(kind, tensor.shape.clone(), data).expect("a tensor");
        (tensor.name.clone(), view)
    });
    let views: HashMap<String, TensorView<'_>> = views.collect();
    fs::write(path, safetensors::serialize(views, None).expect("a file")).expect("a file");
}

/// Writes tensors as `numpy.savez` does.
fn write_npz(path: &Path, tensors: &[NamedTensor]) {
    let mut archive = ZipWriter::new(File::create(path).expect("a file"));
    for tensor in tensors {
        let shape: Vec<String> = tensor.shape.iter().map(|size| format!("{size},")).collect();
        let shape = shape.join(" ");
        let header = format!("{{'descr': '<f4', 'fortran_order': False, 'shape': ({shape}), }}");
        let header = format!("{header:<117}\n");
        let name = format!("{}.npy", tensor.name);
        archive.start_file(name, SimpleFileOptions::default()).expect("an entry");
        archive.write_all(b"\x93NUMPY\x01\x00").expect("a disk");
        archive.write_all(&(header.len() as u16).to_le_bytes()).expect("a disk");
        archive.write_all(header.as_bytes()).expect("a disk");
        let numbers = tensor.values.iter().flat_map(|value| value.to_le_bytes());
        archive.write_all(&numbers.collect::<Vec<u8>>()).expect("a disk");
    }
    archive.finish().expect("a file");
}

#[track_caller]
fn assert_near(found: &[f32], expected: &[f32]) {
    assert_eq!(found.len(), expected.len());
    for (found, expected) in found.iter().zip(expected) {
        assert!((found - expected).abs() < 1e-5, "{found}, not {expected}");
    }
}

#[test]
fn the_weights_of_every_kind_of_file_are_the_centre_of_the_first_generation() {
    let folder = TempDir::new().expect("a temporary folder");
    let (run, weights) = earlier_run(folder.path());
    let tensors = tensors(&weights);
    let file = |name: &str| folder.path().join(name);
    write_safetensors(&file("single.safetensors"), &tensors, Dtype::F32);
    write_safetensors(&file("double.safetensors"), &tensors, Dtype::F64);
    write_npz(&file("arrays.npz"), &tensors);
    let champion = run.join("champion.safetensors");
    let others = ["single.safetensors", "double.safetensors", "arrays.npz"].map(file);
    for path in others.iter().chain([&run, &champion]) {
        assert_near(&trained(request("cartpole", Some(path))), &weights);
    }
    // A point of a function is one vector of any name.
    let point = NamedTensor { name: "x0".into(), shape: vec![3], values: vec![0.5, -2.0, 7.0] };
    write_npz(&file("point.npz"), &[point]);
    assert_near(&trained(request("sphere-3", Some(&file("point.npz")))), &[0.5, -2.0, 7.0]);
}

#[test]
fn weights_of_other_shapes_are_refused_with_both_shapes() {
    let folder = TempDir::new().expect("a temporary folder");
    let (run, weights) = earlier_run(folder.path());
    let wider = Request { network: Some("8".into()), ..request("cartpole", Some(&run)) };
    let refused = problem(wider);
    for words in ["--initial", "layer0.weight [8, 4]", "layer0.weight [3, 4]", "--network 3"] {
        assert!(refused.contains(words), "{refused}");
    }
    let deeper = Request { network: Some("3-3".into()), ..request("cartpole", Some(&run)) };
    assert!(problem(deeper).contains("layer2.weight [2, 3]"));
    // A file of a deeper network whose first layers fit is another network.
    let mut more = tensors(&weights);
    more.push(NamedTensor { name: "layer2.bias".into(), shape: vec![2], values: vec![0.0; 2] });
    let path = folder.path().join("more.safetensors");
    write_safetensors(&path, &more, Dtype::F32);
    assert!(problem(request("cartpole", Some(&path))).contains("layer2.bias [2]"));
    let mut broken = tensors(&weights);
    broken[0].values[1] = f32::NAN;
    write_safetensors(&path, &broken, Dtype::F32);
    assert!(problem(request("cartpole", Some(&path))).contains("expected finite weights"));
    assert!(
        problem(request("cartpole", Some(&folder.path().join("none/at/all")))).contains("none")
    );
    let named = Request { initial: Some("xaveir".into()), ..request("cartpole", None) };
    let refused = problem(named);
    assert!(refused.contains("did you mean 'xavier'") && refused.contains("FILE"), "{refused}");
}

#[test]
fn strategies_without_a_centre_refuse_a_file_by_name() {
    let folder = TempDir::new().expect("a temporary folder");
    let (run, _) = earlier_run(folder.path());
    for strategy in ["neat", "hyperneat"] {
        let request = Request {
            strategy: Some(strategy.into()),
            network: None,
            set: [].into(),
            ..request("cartpole", Some(&run))
        };
        let refused = problem(request);
        assert!(refused.contains(strategy) && refused.contains("--initial"), "{refused}");
    }
    for entry in evolution_strategies() {
        let request = Request {
            strategy: Some(entry.name.into()),
            set: [].into(),
            population: None,
            ..request("cartpole", Some(&run))
        };
        assert_eq!(request.check().is_ok(), entry.searches_layers(), "{}", entry.name);
    }
}

#[test]
fn a_repetition_notices_another_file_and_a_resumed_run_does_not_need_it() {
    let folder = TempDir::new().expect("a temporary folder");
    let (earlier, _) = earlier_run(folder.path());
    let begin = |request: Request, name: &str| {
        let config = request.check()?.with_folder(folder.path().join(name));
        run::train(&config, &mut ())
    };
    begin(request("cartpole", Some(&earlier)), "first").expect("a run");
    let config = folder.path().join("first/config.toml");
    let repeat = || Request::from_file(&config).expect("a configuration");
    assert!(repeat().initial_checksum.is_some_and(|sum| sum.len() == 8));
    begin(repeat(), "second").expect("a repetition");
    let log = |name: &str| fs::read(folder.path().join(name).join("log.jsonl")).expect("a log");
    assert_eq!(log("first"), log("second"));

    let other = Request { seed: Some(2), set: [].into(), ..request("cartpole", None) };
    begin(other, "other").expect("a run");
    let name = "champion.safetensors";
    fs::copy(folder.path().join("other").join(name), earlier.join(name)).expect("a copy");
    let changed = begin(repeat(), "third").expect_err("another file").to_string();
    assert!(changed.contains("has changed") && changed.contains("earlier"), "{changed}");
    assert!(!folder.path().join("third").exists());
    // A file on the command line is another run, which takes the weights as they are.
    let typed = Request { initial: Some(earlier.display().to_string()), ..Request::default() };
    begin(typed.or(repeat()), "fourth").expect("a run of its own");

    fs::remove_dir_all(&earlier).expect("the folder of the earlier run");
    let gone = begin(repeat(), "fifth").expect_err("no file").to_string();
    assert!(gone.contains("--initial") && gone.contains("none"), "{gone}");
    let more =
        ResumeRequest { generations: Some(3), ..ResumeRequest::new(folder.path().join("first")) };
    assert_eq!(run::resume(&more, &mut ()).expect("a longer run").generations, 3);
    let kept = fs::read_to_string(&config).expect("a configuration");
    assert!(kept.contains("initial-checksum"), "{kept}");
    assert!(Champion::read(&folder.path().join("first")).is_ok());
}
