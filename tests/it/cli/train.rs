//! `deme train`: its output, its JSON document and its run folder.

use std::fs;
use std::path::Path;

use serde_json::Value;
use tempfile::TempDir;

use super::{deme, text};
use crate::strategy::evolution_strategies;

const KEYS: [&str; 27] = [
    "task",
    "strategy",
    "network",
    "parameters",
    "population",
    "generations",
    "evaluations",
    "environment_steps",
    "solved",
    "score",
    "score_episodes",
    "parts",
    "champion_generation",
    "ended_by",
    "best_fitness",
    "wall_seconds",
    "setup_seconds",
    "phase_seconds",
    "backend",
    "adapter",
    "variant",
    "precision",
    "stopped",
    "interrupted",
    "seed",
    "run_directory",
    "score_name",
];

/// The JSON document of a run on the CPU.
fn trained(folder: &Path, arguments: &[&str], threads: &str) -> Value {
    let common = ["train", "--backend", "cpu", "--json"];
    let arguments: Vec<&str> = common.iter().chain(arguments).copied().collect();
    let mut command = deme(folder, &arguments);
    let output = command.env("RAYON_NUM_THREADS", threads).output().expect("the command runs");
    assert_eq!(output.status.code(), Some(0), "{arguments:?}: {}", text(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("one JSON document, and nothing else")
}

/// The document without the fields that differ between repetitions.
fn repeatable(mut json: Value) -> Value {
    let fields = json.as_object_mut().expect("an object");
    for key in ["wall_seconds", "setup_seconds", "phase_seconds", "run_directory"] {
        fields.remove(key);
    }
    json
}

fn folder() -> TempDir {
    TempDir::new().expect("a temporary folder")
}

fn lines(path: &Path) -> Vec<Value> {
    let text = fs::read_to_string(path).expect("a log");
    text.lines().map(|line| serde_json::from_str(line).expect("a JSON line")).collect()
}

#[test]
fn json_has_the_promised_fields_and_the_folder_the_promised_files() {
    let folder = folder();
    let json = trained(folder.path(), &["xor", "--seed", "3"], "1");
    let keys: Vec<&String> = json.as_object().expect("an object").keys().collect();
    assert_eq!(keys, KEYS);
    assert_eq!(json["solved"], true);
    assert_eq!(json["score"], 1.0);
    assert_eq!(json["seed"], 3);
    assert_eq!(json["run_directory"], "runs/xor-ga-3");

    let run = folder.path().join("runs/xor-ga-3");
    let mut names: Vec<_> = fs::read_dir(&run)
        .expect("the run folder")
        .map(|entry| entry.expect("an entry").file_name().into_string().expect("a plain name"))
        .collect();
    names.sort();
    let checkpoint = [".lock", "champion.safetensors", "checkpoint.safetensors"];
    let others = ["config.toml", "curve.svg", "log.jsonl", "summary.json"];
    assert_eq!(names, [&checkpoint[..], &others].concat());
    let summary = fs::read_to_string(run.join("summary.json")).expect("the summary");
    let summary: Value = serde_json::from_str(&summary).expect("JSON");
    assert_eq!(repeatable(summary), repeatable(json.clone()));
    let log = lines(&run.join("log.jsonl"));
    assert_eq!(log.len() as u64, json["generations"].as_u64().expect("a number"));
    assert_eq!(log.last().expect("a line")["evaluations"], json["evaluations"]);
}

#[test]
fn another_experiment_gets_a_folder_with_a_number_and_the_same_run_is_not_repeated() {
    let folder = folder();
    let run = ["train", "xor", "--backend", "cpu", "--generations", "2", "--quiet", "--json"];
    let directory = |more: &[&str]| {
        let output = deme(folder.path(), &[&run[..], more].concat()).output().expect("it runs");
        assert_eq!(output.status.code(), Some(0), "{more:?}: {}", text(&output.stderr));
        let json: Value = serde_json::from_slice(&output.stdout).expect("one JSON document");
        json["run_directory"].as_str().expect("a folder").replace('\\', "/")
    };
    assert_eq!(directory(&[]), "runs/xor-ga-1");
    assert_eq!(directory(&["--set", "sigma=0.1"]), "runs/xor-ga-1-2");
    assert_eq!(directory(&["--population", "32"]), "runs/xor-ga-1-3");
    assert_eq!(directory(&["--seed", "2"]), "runs/xor-ga-2");
    let names = || fs::read_dir(folder.path().join("runs")).expect("the runs").count();
    let repetitions: [(&[&str], &str); 3] = [
        (&[], "runs/xor-ga-1"),
        (&["--set", "sigma=1e-1"], "runs/xor-ga-1-2"),
        (&["--out", "runs/xor-ga-1"], "runs/xor-ga-1"),
    ];
    for (more, name) in repetitions {
        let output = deme(folder.path(), &[&run[..], more].concat()).output().expect("it runs");
        let message = text(&output.stderr).replace('\\', "/");
        let message = message.split_whitespace().collect::<Vec<_>>().join(" ");
        assert_eq!((output.status.code(), names()), (Some(2), 4), "{message}");
        let words = format!("{name} exists already, and it holds this very run; continue it with");
        assert!(message.contains(&words), "{message}");
        assert!(message.contains(&format!("deme resume {name}, or choose")), "{message}");
    }
    let other = ["--set", "sigma=0.2", "--out", "runs/xor-ga-1"];
    let output = deme(folder.path(), &[&run[..], &other].concat()).output().expect("it runs");
    assert_eq!(output.status.code(), Some(2));
    assert!(!text(&output.stderr).contains("resume"), "{}", text(&output.stderr));
    let table = fs::read_to_string(folder.path().join("runs/xor-ga-1-2/config.toml"));
    assert!(table.expect("a configuration").contains("sigma = 0.1"));
}

#[test]
fn the_champion_can_be_read_by_others() {
    let folder = folder();
    let budget = ["cartpole", "--generations", "2", "--network", "8-4:relu", "--out", "run"];
    let json = trained(folder.path(), &budget, "1");
    let bytes = fs::read(folder.path().join("run/champion.safetensors")).expect("the champion");
    let (_, header) = safetensors::SafeTensors::read_metadata(&bytes).expect("a header");
    let about = header.metadata().as_ref().expect("metadata");
    assert_eq!(about["task"], "cartpole");
    assert_eq!(about["network"], "8-4:relu");
    assert_eq!(about["seed"], "1");
    assert_eq!(about["version"], env!("CARGO_PKG_VERSION"));
    let tensors = safetensors::SafeTensors::deserialize(&bytes).expect("tensors");
    assert_eq!(tensors.tensor("layer1.weight").expect("a layer").shape(), [4, 8]);
    let numbers: usize = tensors.iter().map(|(_, view)| view.data().len() / 4).sum();
    assert_eq!(numbers as u64, json["parameters"].as_u64().expect("a number"));

    let weights_alone = ["--network", "8:nobias-out:nobias", "--out", "weights"];
    let json = trained(folder.path(), &[&budget[..3], &weights_alone].concat(), "1");
    assert_eq!(json["network"], "8:nobias-out:nobias");
    assert_eq!(json["parameters"], 8 * (4 + 2));
    let bytes = fs::read(folder.path().join("weights/champion.safetensors")).expect("the champion");
    let tensors = safetensors::SafeTensors::deserialize(&bytes).expect("tensors");
    let mut names = tensors.names();
    names.sort_unstable();
    assert_eq!(names, ["layer0.weight", "layer1.weight"]);
    let recurrent = ["--network", "3:elman-2:gru", "--out", "recurrent"];
    trained(folder.path(), &[&budget[..3], &recurrent].concat(), "1");
    let bytes = fs::read(folder.path().join("recurrent/champion.safetensors")).expect("a champion");
    let tensors = safetensors::SafeTensors::deserialize(&bytes).expect("tensors");
    assert_eq!(tensors.tensor("layer0.weight_hh").expect("a layer").shape(), [3, 3]);
    assert_eq!(tensors.tensor("layer1.weight_ih").expect("a layer").shape(), [6, 3]);
    let again = ["--config", "weights/config.toml", "--out", "again"];
    assert_eq!(repeatable(trained(folder.path(), &again, "2")), repeatable(json));
}

#[test]
fn the_same_seed_gives_the_same_run_on_any_number_of_threads() {
    for task in ["xor", "cartpole"] {
        for strategy in evolution_strategies().into_iter().map(|entry| entry.name) {
            let folder = folder();
            let run = |out: &str, threads: &str| {
                let budget = ["--generations", "4", "--population", "34", "--seed", "9"];
                let arguments =
                    [&[task, "--strategy", strategy, "--out", out][..], &budget].concat();
                repeatable(trained(folder.path(), &arguments, threads))
            };
            let first = run("a", "1");
            assert_eq!(first, run("b", "1"), "{task} {strategy}");
            assert_eq!(first, run("c", "2"), "{task} {strategy}");
        }
    }
}

#[test]
fn other_seeds_give_other_runs() {
    let folder = folder();
    let fitness = |seed: &str| {
        let arguments = ["cartpole", "--generations", "1", "--seed", seed];
        trained(folder.path(), &arguments, "1")["best_fitness"].clone()
    };
    let seeds = ["1", "2", "18446744073709551615"];
    let mut fitnesses: Vec<String> = seeds.iter().map(|seed| fitness(seed).to_string()).collect();
    fitnesses.sort();
    fitnesses.dedup();
    assert!(fitnesses.len() > 1);
}

#[test]
fn the_configuration_of_a_run_repeats_it() {
    let folder = folder();
    let asked = ["--generations", "3", "--population", "20", "--seed", "18446744073709551615"];
    let set =
        ["--strategy", "ga", "--set", "sigma=0.25", "--until", "never", "--activation", "relu"];
    let set = [&set[..], &["--initial", "normal:0.5"]].concat();
    let first = [&["cartpole", "--out", "a"][..], &asked, &set].concat();
    let first = trained(folder.path(), &first, "1");
    let again = ["--config", "a/config.toml", "--out", "b"];
    let again = trained(folder.path(), &again, "2");
    assert_eq!(repeatable(first.clone()), repeatable(again));
    let config = |run: &str| fs::read_to_string(folder.path().join(run).join("config.toml"));
    assert_eq!(config("a").expect("a file"), config("b").expect("a file"));
    let flags_win = ["--config", "a/config.toml", "--out", "c", "--seed", "5"];
    assert_eq!(trained(folder.path(), &flags_win, "1")["seed"], 5);
}

#[test]
fn a_run_stops_before_it_exceeds_its_evaluations() {
    let folder = folder();
    let budget = ["cartpole", "--evaluations", "399", "--population", "20", "--episodes", "2"];
    let arguments = [&budget[..], &["--until", "never", "--out", "run"]].concat();
    let json = trained(folder.path(), &arguments, "1");
    assert_eq!(json["evaluations"], 360);
    assert_eq!(json["generations"], 9);
    assert_eq!(json["score_episodes"], 100);
    assert!(json["environment_steps"].as_u64().expect("a number") > 360);
}

#[test]
fn solved_refers_to_the_reported_score() {
    let folder = folder();
    let out = |name: &'static str, until: &'static str| {
        let budget = ["cartpole", "--generations", "5", "--until", until, "--out", name];
        trained(folder.path(), &budget, "1")
    };
    let low = out("low", "12");
    assert!(low["solved"] == true && low["score"].as_f64().expect("a score") >= 12.0);
    assert_eq!(out("high", "500")["solved"], false);
    assert_eq!(out("high-as-well", "500")["generations"], 5);
}

#[test]
fn a_table_is_a_task() {
    let folder = folder();
    let mut table = String::from("width,kind,height\n");
    for i in 0..60 {
        let (kind, offset) = if i % 2 == 0 { ("small", 0) } else { ("large", 50) };
        table.push_str(&format!("{},{kind},{}\n", i % 7 + offset, i % 5 + offset));
    }
    fs::write(folder.path().join("boxes.csv"), table).expect("a new file");
    let arguments = ["boxes.csv", "--target", "kind", "--until", "0.95"];
    let json = trained(folder.path(), &arguments, "1");
    assert_eq!(json["task"], "boxes");
    assert_eq!(json["solved"], true);
    assert_eq!(json["score_episodes"], 12);
    assert_eq!(json["environment_steps"], 0);
    let config = "runs/boxes-openai-es-1/config.toml";
    let again = trained(folder.path(), &["--config", config, "--out", "again"], "1");
    assert_eq!(repeatable(json), repeatable(again));
}

#[test]
fn progress_is_for_terminals() {
    let folder = folder();
    let arguments = ["train", "xor", "--backend", "cpu", "--generations", "50"];
    let output = deme(folder.path(), &arguments).output().expect("the command runs");
    let notes = text(&output.stderr);
    assert!(notes.lines().all(|line| line.starts_with("note: ")), "{notes}");
    assert!(!notes.contains('\u{1b}') && !notes.contains('\r'), "{notes}");
    assert!(!text(&output.stdout).contains('\u{1b}'));
    let quiet = [&arguments[..], &["--quiet", "--out", "quiet"]].concat();
    let output = deme(folder.path(), &quiet).output().expect("the command runs");
    assert_eq!(text(&output.stderr), "");
}

/// The default population of the task is 13, and 14 for a strategy that needs an even one.
#[test]
fn strategies_with_mirrored_pairs_have_an_even_default_population() {
    let folder = TempDir::new().expect("a temporary folder");
    for (strategy, population) in [("cma-es", 13), ("openai-es", 14), ("pgpe", 14), ("ars", 14)] {
        let task = "double-pole-hidden";
        let run = [task, "--strategy", strategy, "--generations", "1", "--until", "never"];
        let found = trained(folder.path(), &run, "1");
        assert_eq!(found["population"], population, "{strategy}");
    }
}
