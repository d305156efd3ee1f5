//! `--normalise-observations`: repeatable runs, and champions that carry their normalisation.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use deme::backend::{Backend, Episodes, Purpose, Reference};
use deme::population::{ExplicitGenomes, Proposal};
use deme::run::{self, Request};
use deme::task;
use safetensors::SafeTensors;
use serde_json::Value;
use tempfile::TempDir;

use super::{deme, text};

/// The log of a run of a few generations, without times.
fn log(folder: &Path, arguments: &[&str]) -> Vec<Value> {
    let common = ["train", "--backend", "cpu", "--quiet", "--until", "never", "--out"];
    let output = deme(folder, &[&common, arguments].concat()).output().expect("the command runs");
    assert_eq!(output.status.code(), Some(0), "{arguments:?}: {}", text(&output.stderr));
    let path = folder.join(arguments[0]).join("log.jsonl");
    let lines = fs::read_to_string(path).expect("a log");
    let line = |line: &str| {
        let mut json: Value = serde_json::from_str(line).expect("a JSON line");
        json.as_object_mut().expect("an object").remove("seconds");
        json
    };
    lines.lines().map(line).collect()
}

#[test]
fn a_run_is_the_same_on_any_number_of_threads_and_from_its_configuration() {
    let folder = TempDir::new().expect("a temporary folder");
    let budget = ["pendulum", "--generations", "5", "--population", "34", "--threads"];
    let with = |out: &'static str, threads: &'static str, more: &[&'static str]| {
        log(folder.path(), &[&[out], &budget[..], &[threads], more].concat())
    };
    let first = with("a", "1", &["--normalise-observations"]);
    assert_eq!(first, with("b", "2", &["--normalise-observations"]));
    let plain = with("c", "1", &[]);
    assert_eq!(plain, with("d", "1", &["--normalise-observations=false"]));
    // The observations of a generation count from the next one on.
    assert_ne!(first[1]["best"], plain[1]["best"]);
    assert_eq!(first, log(folder.path(), &["e", "--config", "a/config.toml"]));
}

#[test]
fn ars_v2_is_ars_on_normalised_observations() {
    let folder = TempDir::new().expect("a temporary folder");
    let policy = ["--network", "out:nobias", "--initial", "zero", "--generations", "4"];
    let with = |out: &'static str, more: &[&'static str]| {
        let ars = [out, "pendulum", "--strategy", "ars", "--population", "16"];
        log(folder.path(), &[&ars[..], &policy, more].concat())
    };
    let second = with("a", &["--set", "version=V2"]);
    assert_eq!(second, with("b", &["--normalise-observations"]));
    assert_ne!(second, with("c", &["--set", "version=V1"]));
    assert_eq!(second, log(folder.path(), &["d", "--config", "a/config.toml"]));
}

/// The held-out score is that of the champion with the normalisation in its file.
#[test]
fn a_champion_carries_the_normalisation_that_it_was_scored_with() {
    let folder = TempDir::new().expect("a temporary folder");
    let out = folder.path().join("run");
    let request = Request {
        normalise_observations: Some(true),
        generations: Some(12),
        until: Some("never".into()),
        backend: Some("cpu".into()),
        out: Some(out.clone()),
        ..Request::for_task("pendulum")
    };
    let summary = run::train(&request.check().expect("a good request"), &mut ()).expect("a run");
    let normalisation = summary.normalisation.clone().expect("the flag was given");
    assert!(summary.champion_generation > 1, "the first generation has no means");

    let bytes = fs::read(out.join("champion.safetensors")).expect("the champion");
    let tensors = SafeTensors::deserialize(&bytes).expect("tensors");
    let doubles = |name: &str| -> Vec<f64> {
        let data = tensors.tensor(name).expect("a tensor").data().to_vec();
        data.chunks(8).map(|word| f64::from_le_bytes(word.try_into().expect("8 bytes"))).collect()
    };
    let wide = |numbers: &[f32]| numbers.iter().copied().map(f64::from).collect::<Vec<_>>();
    assert_eq!(doubles("input.mean"), wide(&normalisation.means));
    assert_eq!(doubles("input.scale"), wide(&normalisation.scales));
    let (_, header) = SafeTensors::read_metadata(&bytes).expect("a header");
    assert_eq!(header.metadata().as_ref().expect("metadata")["input.clip"], "5");

    let task: Arc<dyn task::Task> = task::by_name("pendulum").expect("a task").into();
    let network = task.network(&summary.network, deme::network::Activation::Tanh);
    let mut reference = Reference::new(Arc::clone(&task), network.expect("a network"));
    let genes = summary.champion.len();
    let genomes = ExplicitGenomes { genomes: summary.champion.clone().into(), genes };
    reference.spawn(&Proposal::Explicit(genomes)).expect("a population");
    let held_out = Episodes::new(summary.seed, Purpose::HeldOut, 0, 100);
    let without = reference.score(&held_out).expect("a score").values[0];
    reference.normalise(&normalisation).expect("three inputs");
    let found = reference.score(&held_out).expect("a score").values[0];
    let score = summary.score.expect("a number");
    assert!((found - score).abs() <= 1e-2 * score.abs(), "{found}, not {score}");
    assert!((without - score).abs() > 0.1 * score.abs(), "the difference would not show");
}

#[test]
fn tasks_without_observations_refuse_normalisation() {
    let flag = "--normalise-observations";
    let cases: [(&[&str], &str); 6] = [
        (&["xor", flag], flag),
        (&["digits", flag], "standardised"),
        (&["sphere", flag], "a control task"),
        (&["xor", "--strategy", "ars", "--set", "version=V2"], "a control task"),
        (
            &[
                "cartpole",
                "--strategy",
                "ars",
                "--set",
                "version=V2",
                "--normalise-observations=false",
            ],
            "leave it out",
        ),
        (&["cartpole", "--normalise-observations=maybe"], "maybe"),
    ];
    for (arguments, word) in cases {
        let folder = TempDir::new().expect("a temporary folder");
        let arguments = [&["train", "--backend", "cpu"], arguments].concat();
        let output = deme(folder.path(), &arguments).output().expect("the command runs");
        let message = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {message}");
        assert!(message.contains(word), "{arguments:?}: {message}");
        assert_eq!(fs::read_dir(folder.path()).expect("the folder").count(), 0);
    }
}
