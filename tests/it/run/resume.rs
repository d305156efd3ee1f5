//! The law of resuming: a run that was stopped and went on leaves the bytes of one that was not.

use std::fs;
use std::ops::ControlFlow;
use std::path::Path;

use deme::error::Error;
use deme::packed::Packed;
use deme::run::{self, Observer, Record, Request, Resumption, resume};
use deme::strategy;
use tempfile::TempDir;

const GENERATIONS: u64 = 20;

fn folder() -> TempDir {
    TempDir::new().expect("a temporary folder")
}

fn request(task: &str, strategy: &str, generations: u64) -> Request {
    Request {
        strategy: Some(strategy.into()),
        population: Some(12),
        // What is grown has no layers to name.
        network: (strategy != "neat").then(|| "3".into()),
        generations: Some(generations),
        until: Some("never".into()),
        backend: Some("cpu".into()),
        seed: Some(5),
        checkpoint_every: Some("1".into()),
        ..Request::of(task)
    }
}

fn train(request: Request, out: &Path, observer: &mut dyn Observer) {
    let config = request.check().expect("a configuration").into_folder(out);
    run::train(&config, observer).expect("a run");
}

/// What the law is about.
fn bytes(folder: &Path) -> [Vec<u8>; 3] {
    ["log.jsonl", "champion.safetensors", "config.toml"]
        .map(|name| fs::read(folder.join(name)).expect("a file of the run"))
}

/// Copies a folder as a kill would have left it after a generation.
struct Kill<'a> {
    after: u32,
    target: &'a Path,
}

impl Observer for Kill<'_> {
    fn saved(&mut self, folder: &Path, generation: u32) {
        if generation != self.after {
            return;
        }
        fs::create_dir(self.target).expect("a new folder");
        for entry in fs::read_dir(folder).expect("the run folder") {
            let path = entry.expect("an entry").path();
            let name = path.file_name().expect("a name");
            fs::copy(&path, self.target.join(name)).expect("a copy");
        }
        // The next generations had been logged, the last of them in part, and a draft begun.
        let mut log = fs::read(self.target.join("log.jsonl")).expect("the log");
        let line = log.iter().position(|&byte| byte == b'\n').expect("a line") + 1;
        log.extend_from_within(..line);
        log.extend_from_within(..line / 2);
        fs::write(self.target.join("log.jsonl"), log).expect("a longer log");
        fs::write(self.target.join(".checkpoint.safetensors.part"), b"half").expect("a draft");
    }
}

#[test]
fn every_strategy_goes_on_to_the_byte() {
    for entry in strategy::all() {
        for task in ["cartpole", "xor"] {
            let folder = folder();
            let at = |name: &str| folder.path().join(name);
            let whole = request(task, entry.name, GENERATIONS);
            train(whole.clone(), &at("whole"), &mut Kill { after: 10, target: &at("killed") });
            resume(&Resumption::of(at("killed")), &mut ()).expect("a run that goes on");
            assert_eq!(bytes(&at("whole")), bytes(&at("killed")), "{} {task}", entry.name);

            let half = Request { generations: Some(GENERATIONS / 2), ..whole };
            train(half, &at("half"), &mut ());
            let further =
                Resumption { generations: Some(GENERATIONS), ..Resumption::of(at("half")) };
            let summary = resume(&further, &mut ()).expect("a run that goes further");
            assert_eq!(u64::from(summary.generations), GENERATIONS);
            assert_eq!(bytes(&at("whole")), bytes(&at("half")), "{} {task}", entry.name);
        }
    }
}

#[test]
fn normalised_observations_go_on_too() {
    let folder = folder();
    let at = |name: &str| folder.path().join(name);
    let request = Request {
        normalise_observations: Some(true),
        episodes: Some(2),
        ..request("pendulum", "ars", GENERATIONS)
    };
    train(request, &at("whole"), &mut Kill { after: 9, target: &at("killed") });
    resume(&Resumption::of(at("killed")), &mut ()).expect("a run that goes on");
    assert_eq!(bytes(&at("whole")), bytes(&at("killed")));
}

/// Populations that are drawn, bred and grown, each with an archive that lets in and forgets.
#[test]
fn a_search_for_novelty_goes_on_too() {
    for strategy in ["neat", "ga", "pgpe"] {
        let folder = folder();
        let at = |name: &str| folder.path().join(name);
        let request = Request {
            novelty: Some("neighbours=3:threshold=1:archive=30".into()),
            ..request("maze", strategy, GENERATIONS)
        };
        train(request.clone(), &at("whole"), &mut Kill { after: 10, target: &at("killed") });
        resume(&Resumption::of(at("killed")), &mut ()).expect("a run that goes on");
        assert_eq!(bytes(&at("whole")), bytes(&at("killed")), "{strategy}");
        let half = Request { generations: Some(GENERATIONS / 2), ..request };
        train(half, &at("half"), &mut ());
        let further = Resumption { generations: Some(GENERATIONS), ..Resumption::of(at("half")) };
        resume(&further, &mut ()).expect("a run that goes further");
        assert_eq!(bytes(&at("whole")), bytes(&at("half")), "{strategy}");
    }
    let folder = folder();
    let path = folder.path().join("run");
    train(request("maze", "ga", GENERATIONS), &path, &mut Ending(3));
    let config = fs::read_to_string(path.join("config.toml")).expect("the configuration");
    fs::write(path.join("config.toml"), format!("novelty = true\n{config}")).expect("another");
    assert!(refused(&path).contains("--novelty: expected a checkpoint with the novelty"));
}

#[test]
fn a_strategy_with_restarts_and_a_recurrent_network_go_on_too() {
    let folder = folder();
    let at = |name: &str| folder.path().join(name);
    let set = [("restarts".to_owned(), "ipop".to_owned())].into();
    let request = Request {
        set,
        network: Some("2:gru".into()),
        evaluations: Some(500),
        generations: None,
        ..request("double-pole-hidden", "cma-es", 1)
    };
    train(request, &at("whole"), &mut Kill { after: 7, target: &at("killed") });
    resume(&Resumption::of(at("killed")), &mut ()).expect("a run that goes on");
    assert_eq!(bytes(&at("whole")), bytes(&at("killed")));
}

/// Ends a run from outside.
struct Ending(u32);

impl Observer for Ending {
    fn generation(&mut self, record: &Record) -> ControlFlow<()> {
        if record.generation == self.0 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }
}

#[test]
fn a_run_that_was_ended_by_its_observer_goes_on_and_one_without_a_checkpoint_begins_again() {
    let folder = folder();
    let at = |name: &str| folder.path().join(name);
    let request = request("cartpole", "ga", GENERATIONS);
    train(request.clone(), &at("whole"), &mut ());
    train(request.clone(), &at("ended"), &mut Ending(3));
    assert!(at("ended/summary.json").is_file());
    resume(&Resumption::of(at("ended")), &mut ()).expect("a run that goes on");
    assert_eq!(bytes(&at("whole")), bytes(&at("ended")));

    fs::remove_file(at("ended/checkpoint.safetensors")).expect("the checkpoint");
    resume(&Resumption::of(at("ended")), &mut ()).expect("a run that begins again");
    assert_eq!(bytes(&at("whole")), bytes(&at("ended")));
}

#[test]
fn a_summary_of_two_processes_counts_both() {
    let folder = folder();
    let at = |name: &str| folder.path().join(name);
    let request = request("cartpole", "openai-es", GENERATIONS);
    let config = request.clone().check().expect("a configuration").into_folder(at("whole"));
    let whole = run::train(&config, &mut ()).expect("a run");
    train(request, &at("ended"), &mut Ending(8));
    let resumed = resume(&Resumption::of(at("ended")), &mut ()).expect("a run that goes on");
    let counts = |summary: &run::Summary| {
        (
            summary.generations,
            summary.evaluations,
            summary.environment_steps,
            summary.best_fitness,
            summary.score,
            summary.champion.clone(),
        )
    };
    assert_eq!(counts(&whole), counts(&resumed));
    assert!(resumed.wall_seconds > resumed.phase_seconds.total());
}

/// The message of a folder that is refused, and a proof that nothing in it changed.
fn refused(folder: &Path) -> String {
    let before = bytes(folder);
    let error = resume(&Resumption::of(folder), &mut ()).expect_err("a refusal");
    assert!(error.is_input(), "{error}");
    assert_eq!(bytes(folder), before);
    error.to_string()
}

#[test]
fn a_run_with_nothing_left_to_do_says_how_to_go_further() {
    let folder = folder();
    train(request("xor", "ga", 4), &folder.path().join("run"), &mut ());
    let message = refused(&folder.path().join("run"));
    for words in ["one whose budget ended with generation 4", "--generations", "--until never"] {
        assert!(message.contains(words), "{words}: {message}");
    }
    let missing = resume(&Resumption::of(folder.path()), &mut ()).expect_err("no run");
    assert!(missing.to_string().contains("without config.toml"), "{missing}");
}

/// A run that can go on, and its checkpoint after a change.
fn changed(change: impl Fn(&mut Packed)) -> String {
    let folder = folder();
    let path = folder.path().join("run");
    train(request("cartpole", "ga", GENERATIONS), &path, &mut Ending(3));
    let mut packed = Packed::read(&path.join("checkpoint.safetensors")).expect("a checkpoint");
    change(&mut packed);
    packed.write(&path, "checkpoint.safetensors").expect("a checkpoint");
    refused(&path)
}

#[test]
fn a_checkpoint_that_does_not_fit_is_refused_by_what_does_not() {
    let version = changed(|packed| packed.word("version", "0.0.9"));
    assert!(version.contains("got one of deme 0.0.9, which can go on with it"), "{version}");
    assert!(version.contains("deme train --config "), "{version}");
    let strategy = changed(|packed| packed.word("strategy", "openai-es"));
    assert!(strategy.contains("expected strategy 'ga' as in config.toml"), "{strategy}");
    let network = changed(|packed| packed.word("network", "4"));
    assert!(network.contains("expected network '3'"), "{network}");
    let nan = changed(|packed| packed.singles("champion", vec![23], &[f32::NAN; 23]));
    assert!(nan.contains("expected finite numbers in 'champion', got NaN at 0"), "{nan}");
    let nan = changed(|packed| packed.singles("population", vec![12, 23], &[f32::NAN; 276]));
    assert!(nan.contains("'population', got NaN"), "{nan}");
    let few = changed(|packed| packed.singles("population", vec![1, 23], &[0.0; 23]));
    assert!(few.contains("expected indices below 1"), "{few}");
    let state = changed(|packed| packed.raw("strategy", vec![1, 2, 3]));
    assert!(state.contains("the state of ga"), "{state}");
    let counters = changed(|packed| packed.raw("counters", vec![]));
    assert!(counters.contains("the counters"), "{counters}");
}

#[test]
fn a_damaged_folder_is_refused_by_the_file_that_is_damaged() {
    let folder = folder();
    let path = folder.path().join("run");
    train(request("cartpole", "openai-es", GENERATIONS), &path, &mut Ending(3));
    let checkpoint = path.join("checkpoint.safetensors");
    let whole = fs::read(&checkpoint).expect("a checkpoint");
    for at in (0..whole.len()).step_by(97) {
        let mut flipped = whole.clone();
        flipped[at] ^= 4;
        fs::write(&checkpoint, flipped).expect("a damaged checkpoint");
        let message = refused(&path);
        assert!(message.contains("checkpoint.safetensors: expected"), "byte {at}: {message}");
        assert!(message.contains("go on from a copy"), "byte {at}: {message}");
    }
    fs::write(&checkpoint, &whole[..whole.len() / 2]).expect("half a checkpoint");
    assert!(refused(&path).contains("checkpoint.safetensors: expected a whole"));
    fs::write(&checkpoint, &whole).expect("the checkpoint");

    let log = fs::read(path.join("log.jsonl")).expect("a log");
    let mut flipped = log.clone();
    flipped[20] ^= 1;
    fs::write(path.join("log.jsonl"), flipped).expect("a damaged log");
    assert!(refused(&path).contains("log.jsonl: expected the bytes of the checksum"));
    fs::write(path.join("log.jsonl"), &log[..50]).expect("a cut log");
    assert!(refused(&path).contains("log.jsonl: expected at least"));
    fs::write(path.join("log.jsonl"), &log).expect("the log");

    let config = fs::read_to_string(path.join("config.toml")).expect("the configuration");
    fs::write(path.join("config.toml"), config.replace("openai-es", "ga")).expect("another");
    assert!(refused(&path).contains("settings") || refused(&path).contains("unknown"));
    fs::write(path.join("config.toml"), &config).expect("the configuration");
    assert!(matches!(
        resume(&Resumption { generations: Some(2), ..Resumption::of(&path) }, &mut ()),
        Err(Error::Invalid { .. })
    ));
    resume(&Resumption::of(&path), &mut ()).expect("a whole folder again");
}
