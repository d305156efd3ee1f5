//! The help, the suggestions for mistyped words, and the completions of shells.

use clap_complete::Shell;

use super::{deme, output, text};

/// Every command that the help lists.
fn commands() -> Vec<String> {
    let help = output(&["-h"]);
    let list = help.split("\n\n").nth(1).expect("a list of commands");
    let name = |line: &str| line.split_whitespace().next().expect("a command").to_owned();
    list.lines().map(name).collect()
}

/// The exit code and the message of a command that is refused.
fn refused(arguments: &[&str]) -> String {
    let output = deme(&std::env::temp_dir(), arguments).output().expect("the command runs");
    let message = text(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{arguments:?}: {message}");
    assert!(output.stdout.is_empty(), "{arguments:?}");
    assert_eq!(message.matches("error:").count(), 1, "{arguments:?}: {message}");
    message
}

#[test]
fn the_help_fits_a_screen_and_shows_examples() {
    let help = output(&["-h"]);
    assert!(help.lines().count() <= 24, "{help}");
    assert!(help.lines().all(|line| line.chars().count() <= 80), "{help}");
    assert_eq!(help.lines().filter(|line| line.starts_with("  deme ")).count(), 3);
    let version = output(&["--version"]);
    assert_eq!(version.trim(), format!("deme {}", env!("CARGO_PKG_VERSION")));
}

#[test]
fn the_command_alone_prints_its_help() {
    assert_eq!(output(&[]), output(&["-h"]));
    assert_eq!(output(&["help"]), output(&["--help"]));
    assert_eq!(output(&["help", "train"]), output(&["train", "--help"]));
}

#[test]
fn the_help_lists_every_command_and_environment_variable() {
    let commands = commands();
    for name in ["train", "tasks", "strategies", "completions", "man"] {
        assert!(commands.iter().any(|command| command == name), "{commands:?}");
    }
    let help = output(&["--help"]);
    for variable in ["DEME_VECTORS", "DEME_NO_TUNE", "DEME_CACHE", "NO_COLOR"] {
        assert!(help.contains(variable), "{help}");
    }
}

#[test]
fn every_flag_says_its_default() {
    for command in commands() {
        let help = output(&[&command, "--help"]);
        let flags = help.split("\n      --").skip(1);
        for flag in flags.map(|flag| flag.split("\n  -h").next().unwrap_or(flag)) {
            // A file that is written only if it is named has no default.
            let is_output = flag.contains("<FILE>") && !flag.starts_with("config");
            assert!(flag.contains("[default:") || is_output, "{command}: --{flag}");
        }
    }
}

#[test]
fn every_command_has_a_short_help_and_a_long_one_with_examples() {
    for command in commands() {
        let (brief, long) = (output(&[&command, "-h"]), output(&[&command, "--help"]));
        assert!(brief.lines().count() < long.lines().count(), "{command}");
        assert!(long.contains("Examples:\n  deme "), "{long}");
        assert!(long.lines().all(|line| line.chars().count() <= 100), "{long}");
        for line in brief.lines().filter(|line| line.starts_with("      ")) {
            assert!(line.starts_with("      --"), "{command} wraps: {line}");
        }
        assert!(brief.lines().all(|line| line.chars().count() <= 80), "{brief}");
    }
}

#[test]
fn flags_stand_in_groups_and_show_what_they_accept() {
    let help = output(&["train", "--help"]);
    let headings = ["Task and network:", "Search:", "Budget:", "Machine:", "Output:"];
    let places: Vec<_> = headings.iter().map(|heading| help.find(heading)).collect();
    assert!(places.iter().all(Option::is_some) && places.is_sorted(), "{places:?}\n{help}");
    assert!(!help.contains("Options:"), "{help}");
    let activations = deme::network::Activation::ALL.map(|activation| activation.name());
    let strategies: Vec<_> = deme::strategy::all().iter().map(|entry| entry.name).collect();
    let unwrapped = help.split_whitespace().collect::<Vec<_>>().join(" ");
    for names in [activations.join(", "), strategies.join(", ")] {
        assert!(unwrapped.contains(&format!("[possible values: {names}]")), "{names}\n{help}");
    }
}

#[test]
fn every_value_that_the_help_names_is_accepted() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let cases: [(&str, &[&str]); 3] = [
        ("--recombine", &["auto", "cpu"]),
        ("--initial", &["zero", "normal", "normal:0.5", "xavier", "orthogonal", "constant:1"]),
        ("--precision", &["f32", "f16"]),
    ];
    for (flag, values) in cases {
        for value in values {
            let run = ["train", "xor", "--backend", "cpu", "--generations", "1", flag, value];
            let out = format!("{}-{value}", &flag[2..]).replace([':', '.'], "-");
            let run = [&run[..], &["--out", &out]].concat();
            let output = deme(folder.path(), &run).output().expect("the command runs");
            assert_eq!(output.status.code(), Some(0), "{value}: {}", text(&output.stderr));
        }
    }
}

#[test]
fn mistyped_words_are_refused_with_a_suggestion() {
    let cases: [(&[&str], &str); 8] = [
        (&["train", "cartpol"], "did you mean 'cartpole'?"),
        (&["train", "CartPole-v1"], "did you mean 'cartpole'?"),
        (&["train", "xor", "--strategy", "NEAT"], "did you mean 'neat'?"),
        (
            &["train", "xor", "--strategy", "openai-es", "--set", "learning_rate=1"],
            "did you mean 'learning-rate'?",
        ),
        (&["train", "xor", "--activation", "Tanh"], "did you mean 'tanh'?"),
        (&["train", "xor", "--backend", "GPU"], "did you mean 'gpu'?"),
        (&["trian", "xor"], "'train'"),
        (&["train", "xor", "--generatons", "3"], "'--generations'"),
    ];
    for (arguments, suggestion) in cases {
        let message = refused(arguments);
        assert!(message.contains(suggestion), "{arguments:?}: {message}");
    }
}

#[test]
fn words_of_other_tools_are_refused_with_the_word_of_deme() {
    let cases: [(&[&str], &str); 9] = [
        (&["train", "xor", "--lr", "0.1"], "--set learning-rate=VALUE"),
        (&["train", "xor", "--lr=0.1"], "--set learning-rate=VALUE"),
        (&["train", "xor", "--pop-size", "9"], "--population N"),
        (&["train", "xor", "--popsize", "9"], "--population N"),
        (&["train", "xor", "--num-generations", "9"], "--generations N"),
        (&["train", "xor", "--device", "cuda"], "--backend NAME"),
        (&["train", "--env", "CartPole-v1"], "the TASK argument"),
        (&["evaluate", "runs/a"], "deme play DIR"),
        (&["list"], "deme tasks"),
    ];
    for (arguments, instead) in cases {
        let message = refused(arguments);
        assert!(message.contains(instead), "{arguments:?}: {message}");
        assert_eq!(message.matches("tip:").count(), 1, "{message}");
    }
}

#[test]
fn every_shell_completes_tasks_and_strategies() {
    for shell in [Shell::Bash, Shell::Elvish, Shell::Fish, Shell::PowerShell, Shell::Zsh] {
        let script = output(&["completions", &shell.to_string()]);
        assert!(script.contains("strategies"), "{shell}");
        // These two write no values of arguments.
        if ![Shell::Elvish, Shell::PowerShell].contains(&shell) {
            assert!(script.contains("openai-es"), "{shell}");
        }
        if [Shell::Bash, Shell::Zsh].contains(&shell) {
            assert!(script.contains("mountaincar-continuous"), "{shell}");
        }
    }
}
