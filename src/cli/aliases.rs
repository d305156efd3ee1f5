//! Words of other tools: a flag or command that deme spells differently is refused, and the error
//! says what to type instead.

use clap::error::{ContextKind, ContextValue, Error, ErrorKind};

/// Flags of other tools, without the dashes, and what deme has in their place.
const FLAGS: &[(&[&str], &str)] = &[
    (&["lr", "learning-rate", "learning_rate", "stepsize", "alpha"], "--set learning-rate=VALUE"),
    (
        &["sigma", "std", "stdev", "noise-std", "noise_std", "sigma0", "init-sigma"],
        "--set sigma=VALUE",
    ),
    (&["momentum"], "--set momentum=VALUE"),
    (&["optimizer", "optimiser", "optim"], "--set optimiser=VALUE"),
    (&["weight-decay", "weight_decay", "l2"], "--set weight-decay=VALUE"),
    (&["mutation-rate", "mutation_rate", "mutation-power"], "--set mutation-rate=VALUE"),
    (
        &[
            "pop",
            "popsize",
            "pop-size",
            "pop_size",
            "population-size",
            "population_size",
            "num-envs",
        ],
        "--population N",
    ),
    (
        &[
            "num-generations",
            "num_generations",
            "n-generations",
            "gens",
            "iters",
            "iterations",
            "num-iters",
            "epochs",
            "max-iter",
            "maxiter",
            "n-iters",
        ],
        "--generations N",
    ),
    (
        &["max-evals", "budget", "evals", "num-evals", "maxfevals", "total-timesteps"],
        "--evaluations N",
    ),
    (&["num-episodes", "n-episodes", "num-rollouts", "num-tests", "eval-episodes"], "--episodes N"),
    (&["algo", "algorithm", "es", "optimizer-name", "method"], "--strategy NAME"),
    (
        &["env", "env-id", "env-name", "environment", "gym-env", "task", "dataset", "data"],
        "the TASK argument: deme COMMAND TASK",
    ),
    (
        &["hidden", "hidden-dims", "hidden-sizes", "layers", "arch", "net-arch"],
        "--network SPEC, such as --network 16-16",
    ),
    (&["act", "nonlinearity"], "--activation NAME"),
    (&["device", "platform", "accelerator"], "--backend NAME"),
    (&["cuda", "gpu", "use-gpu"], "--backend gpu"),
    (&["cpu", "no-cuda", "no-gpu"], "--backend cpu"),
    (&["gpu-id", "gpu_id", "device-id"], "--adapter NAME; deme devices lists the names"),
    (&["dtype", "fp16", "half"], "--precision f16"),
    (&["random-seed", "random_seed", "rng-seed"], "--seed N"),
    (&["num-seeds", "n-seeds", "runs", "trials", "repeats"], "--seeds N"),
    (&["num-workers", "workers", "n-jobs", "n_jobs", "cores", "ncpu"], "--threads N"),
    (&["log-dir", "logdir", "output", "output-dir", "save-dir", "outdir", "run-dir"], "--out DIR"),
    (
        &["save-freq", "save-interval", "checkpoint-interval", "save-every"],
        "--checkpoint-every EVERY",
    ),
    (&["resume", "load", "checkpoint", "restore"], "deme resume DIR"),
    (&["test-size", "test_size", "test-split"], "--held-out SHARE"),
    (
        &["val-split", "val-size", "validation-split", "validation-size", "validation-fraction"],
        "--validation SHARE",
    ),
    (&["drop-columns", "ignore", "ignore-columns", "exclude", "skip-columns"], "--drop NAMES"),
    (&["columns", "cols", "usecols", "feature-columns", "inputs"], "--features NAMES"),
    (&["one-hot", "onehot", "one-hot-encode", "dummies"], "--categories auto"),
    (&["impute", "fillna", "dropna", "na", "nan"], "--missing drop or --missing mean"),
    (&["label", "y", "target-column", "label-column"], "--target NAME"),
    (&["noheader", "header"], "--no-header, if a CSV file has no names"),
    (
        &["target-score", "stop-score", "goal-score", "fitness-threshold", "max-fitness"],
        "--until SCORE",
    ),
    (
        &["normalize-observations", "normalize", "obs-norm", "normalize-obs", "norm-obs"],
        "--normalise-observations",
    ),
    (&["init", "initialization", "initialiser", "initializer"], "--initial NAME"),
    (&["silent", "no-progress"], "--quiet"),
    (&["tb", "tensorboard-log"], "--tensorboard"),
];

/// Commands of other tools, and deme's.
const COMMANDS: &[(&[&str], &str)] = &[
    (&["run", "learn", "evolve", "fit", "optimize", "optimise", "start"], "deme train TASK"),
    (&["continue", "restart"], "deme resume DIR"),
    (&["eval", "evaluate", "enjoy", "render", "test", "rollout", "show"], "deme play DIR"),
    (&["infer", "inference", "predictions", "apply"], "deme predict RUN FILE"),
    (&["save", "convert", "onnx"], "deme export DIR --onnx FILE"),
    (&["plot", "summary", "html"], "deme report DIR"),
    (&["monitor", "tail"], "deme watch DIR"),
    (&["check", "validate", "selftest", "self-test"], "deme verify"),
    (&["benchmark", "speed", "time", "profile"], "deme bench TASK"),
    (&["gpus", "adapters", "info", "gpu"], "deme devices"),
    (&["envs", "environments", "env", "list", "ls", "datasets", "problems"], "deme tasks"),
    (&["algorithms", "algos", "optimizers", "methods"], "deme strategies"),
    (&["version"], "deme --version"),
    (&["completion"], "deme completions SHELL"),
];

/// Adds what to type instead to an error about an unknown flag or command, if another tool's word
/// was used.
pub fn explain(mut error: Error) -> Error {
    let (kind, own) = match error.kind() {
        ErrorKind::UnknownArgument => (ContextKind::InvalidArg, ContextKind::SuggestedArg),
        ErrorKind::InvalidSubcommand => {
            (ContextKind::InvalidSubcommand, ContextKind::SuggestedSubcommand)
        }
        _ => return error,
    };
    let Some(ContextValue::String(typed)) = error.get(kind) else { return error };
    let word = typed.trim_start_matches('-').to_ascii_lowercase();
    let word = word.split('=').next().unwrap_or_default();
    let table = if kind == ContextKind::InvalidArg { FLAGS } else { COMMANDS };
    let Some((_, instead)) = table.iter().find(|(words, _)| words.contains(&word)) else {
        return error;
    };
    error.remove(own);
    let tip = format!("in deme this is {instead}");
    error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![tip.into()]));
    error
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::super::grammar;
    use super::{COMMANDS, FLAGS};

    #[test]
    fn every_word_stands_once() {
        for table in [FLAGS, COMMANDS] {
            let words = || table.iter().flat_map(|(words, _)| *words);
            let set: BTreeSet<_> = words().collect();
            assert_eq!(set.len(), words().count(), "{set:?}");
        }
    }

    #[test]
    fn every_flag_and_command_that_is_named_exists() {
        let grammar = grammar();
        let flags: BTreeSet<String> = grammar
            .get_subcommands()
            .flat_map(|command| command.get_arguments())
            .filter_map(|arg| arg.get_long().map(|long| format!("--{long}")))
            .chain(["--version".into()])
            .collect();
        let texts = FLAGS.iter().chain(COMMANDS).map(|(_, instead)| *instead);
        for text in texts {
            for flag in text.split([' ', ',', ';']).filter(|word| word.starts_with("--")) {
                assert!(flags.contains(flag), "{flag}");
            }
            if let Some(("", command)) = text.split_once("deme ") {
                let name = command.split(' ').next().unwrap_or_default();
                let known = grammar.find_subcommand(name).is_some() || name.starts_with("--");
                assert!(known, "{name}");
            }
        }
    }
}
