//! Validation: the samples that choose the champion, the patience of a run, and the champion's
//! score on every part.

use std::fs;
use std::path::{Path, PathBuf};

use deme::play::HeldOutSet;
use deme::random::{Counter, Stream};
use deme::run::{self, EndReason, LogReader, Record, Request, ResumeRequest, Summary, resume};
use tempfile::TempDir;

/// A table of 150 samples whose ten features say little about the class, so that a network that
/// fits them has learned them by heart.
fn noise(folder: &TempDir) -> PathBuf {
    let mut text = String::from("a,b,c,d,e,f,g,h,i,j,class\n");
    for row in 0..150 {
        let (seed, stream) = (9, Stream::Benchmark);
        let counter = Counter { seed, stream, generation: 0, individual: row };
        let numbers = (0..3).flat_map(|block| counter.uniforms(block));
        let numbers: Vec<f32> = numbers.map(|number| 2.0 * number - 1.0).collect();
        let cells: Vec<String> = numbers[..10].iter().map(f32::to_string).collect();
        // The last number is not in the table, so no network can know all classes.
        let class = if numbers[0] + 1.5 * numbers[11] > 0.0 { "yes" } else { "no" };
        text += &format!("{},{class}\n", cells.join(","));
    }
    written(folder, "noise.csv", &text)
}

/// A table of a wave, in units far from those of a network.
fn wave(folder: &TempDir) -> PathBuf {
    let row = |i: i32| {
        format!("{},{}\n", f64::from(i) / 20.0, 5000.0 + 700.0 * (f64::from(i) / 20.0).sin())
    };
    written(folder, "wave.csv", &format!("x,y\n{}", (0..150).map(row).collect::<String>()))
}

fn written(folder: &TempDir, name: &str, text: &str) -> PathBuf {
    let path = folder.path().join(name);
    fs::write(&path, text).expect("a new file");
    path
}

fn request(path: &Path, generations: u64, patience: &str) -> Request {
    Request {
        generations: Some(generations),
        patience: Some(patience.into()),
        backend: Some("cpu".into()),
        network: Some("12".into()),
        ..Request::for_task(path.display().to_string())
    }
}

fn train(request: Request, out: &Path) -> (Summary, Vec<Record>) {
    let config = request.check().expect("a configuration").with_folder(out);
    let summary = run::train(&config, &mut ()).expect("a run");
    let records = LogReader::open(out).and_then(|mut log| log.read_new()).expect("a log");
    (summary, records)
}

fn folder() -> TempDir {
    TempDir::new().expect("a temporary folder")
}

#[test]
fn validation_samples_choose_the_champion_and_a_note_says_where_training_parts_from_them() {
    let folder = folder();
    let path = noise(&folder);
    let (summary, records) = train(request(&path, 400, "never"), &folder.path().join("run"));
    let last = records.last().expect("a generation");
    let (training, validation) = (last.training.expect("a score"), last.validation.expect("one"));
    assert!(training > validation + 0.1, "the network does not overfit: {training} {validation}");
    // The champion has the best validation score of all generations, not the best training score.
    let best = records.iter().filter_map(|record| record.validation).fold(0.0, f32::max);
    let parts = &summary.parts;
    let counts: Vec<_> = parts.named().map(|(name, part)| (name, part.count)).collect();
    assert_eq!(counts, [("training", 96), ("validation", 24), ("held-out", 30)]);
    assert_eq!(parts.validation.as_ref().expect("a part").score, Some(best));
    assert_eq!(parts.held_out.as_ref().expect("a part").score, summary.score);
    let chosen = &records[summary.champion_generation as usize - 1];
    assert!(chosen.champion && chosen.validation == Some(best));
    assert_eq!(parts.training.as_ref().expect("a part").score, chosen.training);
    let note = summary.notes.iter().find(|note| note.contains("part ways")).expect("a note");
    for words in
        [format!("{training:.3} on the training"), format!("{validation:.3} on the validation")]
    {
        assert!(note.contains(&words) && note.contains("--patience"), "{note}");
    }
    // Without a validation part the note compares the training samples with the held-out ones.
    let plain = Request { validation: Some(0.0), ..request(&path, 400, "never") };
    let (summary, records) = train(plain, &folder.path().join("plain"));
    assert!(records.iter().all(|record| record.validation.is_none() && record.training.is_some()));
    let note = summary.notes.iter().find(|note| note.contains("part ways")).expect("a note");
    assert!(note.contains("on the held-out") && note.contains("--validation 0.2"), "{note}");
}

#[test]
fn between_equal_scores_the_higher_fitness_on_the_validation_samples_wins() {
    let folder = folder();
    let (_, records) = train(request(&noise(&folder), 200, "never"), &folder.path().join("run"));
    let mut best = f32::NEG_INFINITY;
    let mut equal = [0, 0];
    for record in &records {
        let score = record.validation.expect("a score");
        match score.total_cmp(&best) {
            std::cmp::Ordering::Greater => assert!(record.champion, "{}", record.generation),
            std::cmp::Ordering::Equal => equal[usize::from(record.champion)] += 1,
            std::cmp::Ordering::Less => assert!(!record.champion, "{}", record.generation),
        }
        best = best.max(score);
    }
    // Equal scores do not decide.
    assert!(equal.iter().all(|&count| count > 0), "{equal:?}");
}

#[test]
fn patience_ends_a_run_and_a_resumed_run_ends_in_the_same_generation() {
    let folder = folder();
    let path = wave(&folder);
    let [whole, part] = ["whole", "part"].map(|name| folder.path().join(name));
    let (summary, records) = train(request(&path, 5_000, "7"), &whole);
    assert_eq!(summary.ended_by, EndReason::Patience);
    let better = |scores: &mut f32, record: &Record| {
        let score = record.validation.expect("a score");
        let is_better = score > *scores;
        *scores = scores.max(score);
        Some(is_better)
    };
    let better: Vec<bool> = records.iter().scan(f32::NEG_INFINITY, better).collect();
    let last = better.iter().rposition(|&is_better| is_better).expect("a champion");
    assert_eq!(better.len(), last + 1 + 7);
    let longest = better.split(|&is_better| is_better).map(<[bool]>::len).max();
    assert_eq!(longest, Some(7), "the run went on beyond its patience");
    // Stopped five generations before its end, and resumed.
    let stopped = request(&path, better.len() as u64 - 5, "7");
    assert_eq!(train(stopped, &part).0.ended_by, EndReason::Generations);
    let request = ResumeRequest { generations: Some(5_000), ..ResumeRequest::new(&part) };
    assert_eq!(resume(&request, &mut ()).expect("a run").ended_by, EndReason::Patience);
    for name in ["log.jsonl", "champion.safetensors", "config.toml"] {
        let [whole, part] = [&whole, &part].map(|folder| fs::read(folder.join(name)).expect(name));
        assert_eq!(whole, part, "{name}");
    }
    // It is over, until it gets more patience.
    let error = resume(&request, &mut ()).expect_err("a run that is over").to_string();
    assert!(error.contains("after 7 without a better champion"), "{error}");
    assert!(error.contains("--patience"), "{error}");
    let patience = Some("never".into());
    let generations = Some(better.len() as u64 + 1);
    let request = ResumeRequest { patience, generations, ..ResumeRequest::new(&part) };
    let summary = resume(&request, &mut ()).expect("a run");
    assert_eq!(u64::from(summary.generations), better.len() as u64 + 1);
    let stale = summary.notes.iter().find(|note| note.contains("config.toml has changed"));
    assert_eq!(stale, None, "the patience was asked for");
}

#[test]
fn every_kind_of_task_has_patience_and_only_data_files_have_it_by_default() {
    for (task, strategy) in [("cartpole", "random-search"), ("sphere-5", "snes"), ("xor", "ga")] {
        let ask = |patience: Option<&str>, until: &str| {
            let request = Request {
                strategy: Some(strategy.into()),
                generations: Some(3_000),
                population: Some(16),
                patience: patience.map(Into::into),
                until: Some(until.into()),
                backend: Some("cpu".into()),
                ..Request::for_task(task)
            };
            request.check().expect("a configuration")
        };
        let summary = run::train(&ask(Some("3"), "never"), &mut ()).expect("a run");
        assert_eq!(summary.ended_by, EndReason::Patience, "{task}");
        assert!(summary.generations < 3_000);
        let patience = run::dry_run(&ask(None, "solved")).expect("a setup").patience;
        assert_eq!(patience, None, "{task}");
    }
    let folder = folder();
    let wave = wave(&folder);
    let setup = |until: Option<&str>, patience: Option<&str>| {
        let (until, patience) = (until.map(Into::into), patience.map(Into::into));
        let request = Request { until, patience, ..request(&wave, 10, "never") };
        request.check().and_then(|config| run::dry_run(&config)).map(|setup| setup.patience)
    };
    assert!(setup(None, None).expect("a setup").is_some());
    assert_eq!(setup(Some("never"), None).expect("a setup"), None);
    assert_eq!(setup(Some("0.9"), Some("never")).expect("a setup"), None);
    for bad in ["0", "-1", "1.5", "soon", "4294967296"] {
        let error = setup(None, Some(bad)).expect_err("not a count");
        assert!(error.is_input() && error.to_string().contains("--patience"), "{error}");
        assert!(error.to_string().contains("4294967295"), "{error}");
    }
}

#[test]
fn errors_of_a_regression_are_in_the_unit_of_its_target() {
    let folder = folder();
    let (summary, _) = train(request(&wave(&folder), 60, "never"), &folder.path().join("run"));
    assert_eq!(summary.parts.named().count(), 3);
    for (name, part) in summary.parts.named() {
        let [error] = &part.errors[..] else { panic!("{name}: {} targets", part.errors.len()) };
        assert_eq!(error.target, "y");
        // The wave has an amplitude of 700, and a deviation of about 500.
        let left = (1.0 - f64::from(part.score.expect("an R^2"))).sqrt();
        assert!((350.0..650.0).contains(&(error.rmse / left)), "{name}: {} {left}", error.rmse);
        assert!(error.mae <= error.rmse && error.mae > 0.3 * error.rmse, "{name}");
    }
}

#[test]
fn a_task_without_a_validation_part_claims_none() {
    let folder = folder();
    let out = folder.path().join("run");
    let xor = Request { backend: Some("cpu".into()), ..Request::for_task("xor") };
    let (summary, records) = train(xor, &out);
    let names: Vec<_> = summary.parts.named().map(|(name, part)| (name, part.count)).collect();
    assert_eq!(names, [("training", 4)]);
    assert!(records.iter().all(|record| record.selection_part() == "training"));
    assert_eq!(records.last().expect("a generation").selection_score(), Some(1.0));
    let set = HeldOutSet::from_folder(&out).expect("a run");
    let mut champion = deme::champion::Champion::read(&out).expect("a champion");
    let score = set.score(&mut champion).expect("a score");
    assert_eq!((score.evaluation_unit, score.interval), ("training samples", None));
}

#[test]
fn a_folder_of_a_version_without_validation_parts_has_none() {
    let folder = folder();
    let out = folder.path().join("run");
    train(request(&noise(&folder), 3, "never"), &out);
    let config = fs::read_to_string(out.join("config.toml")).expect("a configuration");
    assert!(config.contains("\nvalidation = 0.2\n"), "{config}");
    let old = config.replace("\nvalidation = 0.2\n", "\n");
    fs::write(out.join("config.toml"), old).expect("the configuration");
    let request = Request::from_folder(&out).expect("a request");
    assert_eq!(request.validation, Some(0.0));
    // Its samples are those of no validation part, which this checkpoint does not have.
    assert!(resume(&ResumeRequest::new(&out), &mut ()).is_err());
}
