//! Resuming: the files of a resumed run are equal, to the byte, to those of a run that never
//! stopped.

use std::fs;
use std::ops::ControlFlow;
use std::path::Path;

use crate::strategy::evolution_strategies;
use deme::error::Error;
use deme::run::{self, Observer, Record, Request, ResumeRequest, resume};
use deme::tensor_file::TensorFile;
use tempfile::TempDir;

const GENERATIONS: u64 = 20;

fn folder() -> TempDir {
    TempDir::new().expect("a temporary folder")
}

fn request(task: &str, strategy: &str, generations: u64) -> Request {
    Request {
        strategy: Some(strategy.into()),
        population: Some(12),
        // NEAT networks have no layers.
        network: (strategy != "neat").then(|| "3".into()),
        generations: Some(generations),
        until: Some("never".into()),
        backend: Some("cpu".into()),
        seed: Some(5),
        checkpoint_every: Some("1".into()),
        ..Request::for_task(task)
    }
}

fn train(request: Request, out: &Path, observer: &mut dyn Observer) {
    let config = request.check().expect("a configuration").with_folder(out);
    run::train(&config, observer).expect("a run");
}

/// Returns the files that must be equal.
fn bytes(folder: &Path) -> [Vec<u8>; 3] {
    ["log.jsonl", "champion.safetensors", "config.toml"]
        .map(|name| fs::read(folder.join(name)).expect("a file of the run"))
}

/// An observer that copies the folder as a kill would leave it after a generation.
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
        // The log has two more generations, the last of them incomplete, and a file is half
        // written.
        let mut log = fs::read(self.target.join("log.jsonl")).expect("the log");
        let line = log.iter().position(|&byte| byte == b'\n').expect("a line") + 1;
        log.extend_from_within(..line);
        log.extend_from_within(..line / 2);
        fs::write(self.target.join("log.jsonl"), log).expect("a longer log");
        fs::write(self.target.join(".checkpoint.safetensors.part"), b"half").expect("a draft");
    }
}

#[test]
fn every_strategy_resumes_to_the_byte() {
    for entry in evolution_strategies() {
        for task in ["cartpole", "xor"] {
            let folder = folder();
            let at = |name: &str| folder.path().join(name);
            let whole = request(task, entry.name, GENERATIONS);
            train(whole.clone(), &at("whole"), &mut Kill { after: 10, target: &at("killed") });
            resume(&ResumeRequest::new(at("killed")), &mut ()).expect("a resumed run");
            assert_eq!(bytes(&at("whole")), bytes(&at("killed")), "{} {task}", entry.name);

            let half = Request { generations: Some(GENERATIONS / 2), ..whole };
            train(half, &at("half"), &mut ());
            let further =
                ResumeRequest { generations: Some(GENERATIONS), ..ResumeRequest::new(at("half")) };
            let summary = resume(&further, &mut ()).expect("a continued run");
            assert_eq!(u64::from(summary.generations), GENERATIONS);
            assert_eq!(bytes(&at("whole")), bytes(&at("half")), "{} {task}", entry.name);
        }
    }
}

#[test]
fn a_run_with_normalised_observations_resumes() {
    let folder = folder();
    let at = |name: &str| folder.path().join(name);
    let request = Request {
        normalise_observations: Some(true),
        episodes: Some(2),
        ..request("pendulum", "ars", GENERATIONS)
    };
    train(request, &at("whole"), &mut Kill { after: 9, target: &at("killed") });
    resume(&ResumeRequest::new(at("killed")), &mut ()).expect("a resumed run");
    assert_eq!(bytes(&at("whole")), bytes(&at("killed")));
}

/// The archive of each run gains and drops behaviours.
#[test]
fn a_search_for_novelty_resumes() {
    for strategy in ["neat", "ga", "pgpe"] {
        let folder = folder();
        let at = |name: &str| folder.path().join(name);
        let request = Request {
            novelty: Some("neighbours=3:threshold=1:archive=30".into()),
            ..request("maze", strategy, GENERATIONS)
        };
        train(request.clone(), &at("whole"), &mut Kill { after: 10, target: &at("killed") });
        resume(&ResumeRequest::new(at("killed")), &mut ()).expect("a resumed run");
        assert_eq!(bytes(&at("whole")), bytes(&at("killed")), "{strategy}");
        let half = Request { generations: Some(GENERATIONS / 2), ..request };
        train(half, &at("half"), &mut ());
        let further =
            ResumeRequest { generations: Some(GENERATIONS), ..ResumeRequest::new(at("half")) };
        resume(&further, &mut ()).expect("a continued run");
        assert_eq!(bytes(&at("whole")), bytes(&at("half")), "{strategy}");
    }
    let folder = folder();
    let path = folder.path().join("run");
    train(request("maze", "ga", GENERATIONS), &path, &mut StopAfter(3));
    let config = fs::read_to_string(path.join("config.toml")).expect("the configuration");
    fs::write(path.join("config.toml"), format!("novelty = true\n{config}")).expect("another");
    assert!(refused(&path).contains("expected novelty = none in config.toml, as the run began"));
}

#[test]
fn a_strategy_with_restarts_and_a_recurrent_network_resume() {
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
    resume(&ResumeRequest::new(at("killed")), &mut ()).expect("a resumed run");
    assert_eq!(bytes(&at("whole")), bytes(&at("killed")));
}

/// An observer that ends a run after a generation.
struct StopAfter(u32);

impl Observer for StopAfter {
    fn generation(&mut self, record: &Record) -> ControlFlow<()> {
        if record.generation == self.0 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }
}

#[test]
fn a_run_that_its_observer_ended_resumes_and_one_without_a_checkpoint_begins_again() {
    let folder = folder();
    let at = |name: &str| folder.path().join(name);
    let request = request("cartpole", "ga", GENERATIONS);
    train(request.clone(), &at("whole"), &mut ());
    train(request.clone(), &at("ended"), &mut StopAfter(3));
    assert!(at("ended/summary.json").is_file());
    resume(&ResumeRequest::new(at("ended")), &mut ()).expect("a resumed run");
    assert_eq!(bytes(&at("whole")), bytes(&at("ended")));

    fs::remove_file(at("ended/checkpoint.safetensors")).expect("the checkpoint");
    resume(&ResumeRequest::new(at("ended")), &mut ()).expect("a run that begins again");
    assert_eq!(bytes(&at("whole")), bytes(&at("ended")));
}

#[test]
fn the_summary_of_a_resumed_run_counts_all_processes() {
    let folder = folder();
    let at = |name: &str| folder.path().join(name);
    let request = request("cartpole", "openai-es", GENERATIONS);
    let config = request.clone().check().expect("a configuration").with_folder(at("whole"));
    let whole = run::train(&config, &mut ()).expect("a run");
    train(request, &at("ended"), &mut StopAfter(8));
    let resumed = resume(&ResumeRequest::new(at("ended")), &mut ()).expect("a resumed run");
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

/// Returns the error of a folder that is refused, and checks that nothing in it changed.
fn refused(folder: &Path) -> String {
    let before = bytes(folder);
    let error = resume(&ResumeRequest::new(folder), &mut ()).expect_err("a refusal");
    assert!(error.is_input(), "{error}");
    assert_eq!(bytes(folder), before);
    error.to_string()
}

#[test]
fn the_error_of_a_complete_run_says_how_to_continue() {
    let folder = folder();
    train(request("xor", "ga", 4), &folder.path().join("run"), &mut ());
    let message = refused(&folder.path().join("run"));
    for words in ["one whose budget ended with generation 4", "--generations", "--until never"] {
        assert!(message.contains(words), "{words}: {message}");
    }
    let missing = resume(&ResumeRequest::new(folder.path()), &mut ()).expect_err("no run");
    assert!(missing.to_string().contains("without config.toml"), "{missing}");
}

/// Returns the error for a resumable run whose checkpoint was changed.
fn changed(change: impl Fn(&mut TensorFile)) -> String {
    let folder = folder();
    let path = folder.path().join("run");
    train(request("cartpole", "ga", GENERATIONS), &path, &mut StopAfter(3));
    let mut packed = TensorFile::read(&path.join("checkpoint.safetensors")).expect("a checkpoint");
    change(&mut packed);
    packed.write(&path, "checkpoint.safetensors").expect("a checkpoint");
    refused(&path)
}

#[test]
fn an_error_names_the_part_of_a_checkpoint_that_does_not_fit() {
    let version = changed(|packed| packed.set_metadata("version", "0.0.9"));
    assert!(version.contains("got one of deme 0.0.9, which can resume it"), "{version}");
    assert!(version.contains("deme train --config "), "{version}");
    let strategy = changed(|packed| packed.set_metadata("strategy", "openai-es"));
    assert!(strategy.contains("expected strategy 'ga' as in config.toml"), "{strategy}");
    let network = changed(|packed| packed.set_metadata("network", "4"));
    assert!(network.contains("expected network '3'"), "{network}");
    let nan = changed(|packed| packed.add_f32("champion", vec![23], &[f32::NAN; 23]));
    assert!(nan.contains("expected finite numbers in 'champion', got NaN at 0"), "{nan}");
    let nan = changed(|packed| packed.add_f32("population", vec![12, 23], &[f32::NAN; 276]));
    assert!(nan.contains("'population', got NaN"), "{nan}");
    let few = changed(|packed| packed.add_f32("population", vec![1, 23], &[0.0; 23]));
    assert!(few.contains("expected indices below 1"), "{few}");
    let state = changed(|packed| packed.add_bytes("strategy", vec![1, 2, 3]));
    assert!(state.contains("the state of ga"), "{state}");
    let counters = changed(|packed| packed.add_bytes("counters", vec![]));
    assert!(counters.contains("the counters"), "{counters}");
}

#[test]
fn an_error_names_the_damaged_file_of_a_folder() {
    let folder = folder();
    let path = folder.path().join("run");
    train(request("cartpole", "openai-es", GENERATIONS), &path, &mut StopAfter(3));
    let checkpoint = path.join("checkpoint.safetensors");
    let whole = fs::read(&checkpoint).expect("a checkpoint");
    for at in (0..whole.len()).step_by(97) {
        let mut flipped = whole.clone();
        flipped[at] ^= 4;
        fs::write(&checkpoint, flipped).expect("a damaged checkpoint");
        let message = refused(&path);
        assert!(message.contains("checkpoint.safetensors: expected"), "byte {at}: {message}");
        assert!(message.contains("resume from a copy"), "byte {at}: {message}");
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
    fs::remove_file(path.join("log.jsonl")).expect("the log");
    let missing = resume(&ResumeRequest::new(&path), &mut ()).expect_err("a refusal");
    assert!(missing.to_string().contains("log.jsonl: expected the log of the"), "{missing}");
    fs::write(path.join("log.jsonl"), &log).expect("the log");

    let config = fs::read_to_string(path.join("config.toml")).expect("the configuration");
    fs::write(path.join("config.toml"), config.replace("openai-es", "ga")).expect("another");
    assert!(refused(&path).contains("settings") || refused(&path).contains("unknown"));
    fs::write(path.join("config.toml"), &config).expect("the configuration");
    assert!(matches!(
        resume(&ResumeRequest { generations: Some(2), ..ResumeRequest::new(&path) }, &mut ()),
        Err(Error::Invalid { .. })
    ));
    resume(&ResumeRequest::new(&path), &mut ()).expect("a whole folder again");
}

/// An observer that keeps the notes on the setup of a run.
#[derive(Default)]
struct Notes(Vec<String>);

impl Observer for Notes {
    fn started(&mut self, setup: &run::Setup) {
        self.0.clone_from(&setup.notes);
    }
}

#[test]
fn a_run_without_its_checkpoint_says_that_it_begins_again() {
    let folder = folder();
    let path = folder.path().join("run");
    train(request("xor", "ga", 3), &path, &mut ());
    fs::remove_file(path.join("checkpoint.safetensors")).expect("the checkpoint");
    let mut notes = Notes::default();
    resume(&ResumeRequest::new(&path), &mut notes).expect("the run again");
    let words = "begins again, and replaces log.jsonl, champion.safetensors, summary.json";
    assert!(notes.0.iter().any(|note| note.contains(words)), "{:?}", notes.0);
    // A run that has its checkpoint goes on.
    let request = ResumeRequest { generations: Some(5), ..ResumeRequest::new(&path) };
    resume(&request, &mut notes).expect("two more generations");
    assert!(!notes.0.iter().any(|note| note.contains("begins again")), "{:?}", notes.0);
}

#[test]
fn errors_about_the_configuration_say_what_to_write_in_it() {
    let folder = folder();
    let (old, new) = (folder.path().join("old.csv"), folder.path().join("new.csv"));
    let table: String = (0..60).map(|row| format!("{row},{}\n", ["p", "q"][row % 2])).collect();
    fs::write(&old, format!("a,y\n{table}")).expect("a new file");
    let path = folder.path().join("run");
    let mut request = request("", "ga", GENERATIONS);
    request.task = Some(old.display().to_string());
    train(request, &path, &mut StopAfter(3));
    let config = fs::read_to_string(path.join("config.toml")).expect("the configuration");
    let edited = |from: &str, to: &str| {
        let text = config.replace(from, to);
        assert_ne!(text, config);
        fs::write(path.join("config.toml"), text).expect("another configuration");
    };
    edited("seed = 5", "seed = 6");
    let changed = refused(&path);
    assert!(changed.ends_with("restore the value 5 in config.toml"), "{changed}");
    fs::write(path.join("config.toml"), &config).expect("the configuration");
    fs::rename(&old, &new).expect("a new name");
    let lost = refused(&path);
    assert!(lost.contains("write its new path as `task` in "), "{lost}");
    // The same bytes under another name are the same task.
    edited("old.csv", "new.csv");
    let summary = resume(&ResumeRequest::new(&path), &mut ()).expect("the rest of the run");
    assert_eq!(u64::from(summary.generations), GENERATIONS);
    // Other samples under that name are not.
    fs::write(&new, format!("a,y\n60,p\n{table}")).expect("other samples");
    let request = ResumeRequest { generations: Some(30), ..ResumeRequest::new(&path) };
    let other = resume(&request, &mut ()).expect_err("a refusal").to_string();
    assert!(other.contains("the data file has changed since"), "{other}");
}

#[test]
fn a_world_resumes_to_the_byte_and_is_refused_once_its_text_has_changed() {
    let folder = folder();
    let file = folder.path().join("swing.wgsl");
    fs::write(&file, deme::task::WORLD_TEMPLATE).expect("a file");
    let task = file.to_str().expect("a name in UTF-8");
    let (whole, part) = (folder.path().join("whole"), folder.path().join("part"));
    let episodes = |request: Request| Request { episodes: Some(2), ..request };
    train(episodes(request(task, "openai-es", 6)), &whole, &mut ());
    train(episodes(request(task, "openai-es", 3)), &part, &mut ());
    let more = ResumeRequest { generations: Some(6), ..ResumeRequest::new(&part) };
    resume(&more, &mut ()).expect("a run");
    assert_eq!(bytes(&whole)[..2], bytes(&part)[..2]);

    let changed = deme::task::WORLD_TEMPLATE.replace("GRAVITY: f32 = 10.0", "GRAVITY: f32 = 9.0");
    fs::write(&file, changed).expect("a file");
    let more = ResumeRequest { generations: Some(9), ..ResumeRequest::new(&part) };
    let error = resume(&more, &mut ()).expect_err("another world").to_string();
    assert!(error.contains("expected the world that the run began with"), "{error}");
}
