//! Tests of the error type: look-ups by name, and the suggestion for a misspelt one.

use std::path::Path;
use std::process::Command;

use deme::error::{Error, by_name, quoted_path, quoted_word};

/// The message for an unknown name among some known ones.
fn message(name: &str, known: &[&str]) -> String {
    Error::unknown("thing", name, known.iter().copied()).to_string()
}

#[test]
fn a_close_name_is_suggested() {
    let tasks = ["cartpole", "mountaincar", "mountaincar-continuous", "pendulum", "double-pole"];
    let strategies = ["openai-es", "ga", "simple-ga", "neat", "hyperneat", "cma-es", "sep-cma-es"];
    let settings = ["sigma", "learning-rate", "elites"];
    let cases: [(&str, &[&str], &str); 15] = [
        ("cartpol", &tasks, "cartpole"),
        ("CartPole-v1", &tasks, "cartpole"),
        ("MountainCar-v0", &tasks, "mountaincar"),
        ("MountainCarContinuous-v0", &tasks, "mountaincar-continuous"),
        ("double_pole", &tasks, "double-pole"),
        ("double_pole_long", &tasks, "double-pole"),
        ("NEAT", &strategies, "neat"),
        ("GA", &strategies, "ga"),
        ("cma", &strategies, "cma-es"),
        ("openai", &strategies, "openai-es"),
        ("learning_rate", &settings, "learning-rate"),
        ("lr", &settings, "learning-rate"),
        ("rate", &settings, "learning-rate"),
        ("sgima", &settings, "sigma"),
        ("elite", &settings, "elites"),
    ];
    for (name, known, expected) in cases {
        let message = message(name, known);
        assert!(message.contains(&format!("(did you mean '{expected}'?); known: ")), "{message}");
    }
}

#[test]
fn a_name_that_is_far_from_all_gets_no_suggestion() {
    let known = ["tanh", "relu", "sigmoid", "linear", "sin"];
    for name in ["", "x", "swish", "cosine", "-v1", "é"] {
        let expected = format!("unknown thing '{name}'; known: tanh, relu, sigmoid, linear, sin");
        assert_eq!(message(name, &known), expected);
    }
}

#[test]
fn a_look_up_accepts_exact_names_alone() {
    let items = ["one", "two"];
    assert!(matches!(by_name("item", "two", items, |item| item), Ok("two")));
    match by_name("item", "Two", items, |item| item) {
        Err(Error::Unknown { kind, name, known }) => {
            assert_eq!((kind.as_str(), name.as_str()), ("item", "Two"));
            assert_eq!(known, items);
        }
        other => panic!("expected an unknown name, got {other:?}"),
    }
}

#[test]
fn what_a_message_repeats_is_escaped_and_shortened() {
    let text = Error::invalid("--x", "a number", "\u{1b}[31m\r\u{202e}").to_string();
    assert_eq!(text, "--x: expected a number, got \\u{1b}[31m\\r\\u{202e}");
    let long = "ä".repeat(100_000);
    for error in [
        Error::invalid(&long, &long, &long).advise(&long),
        Error::unknown(&long, &long, vec![long.clone(); 1000]),
        Error::File { path: long.clone().into(), line: 3, problem: long.clone() },
    ] {
        let message = error.to_string();
        assert!(message.chars().count() < 8000, "{}", message.len());
        assert!(message.contains("… (100000 characters)"), "{message}");
    }
}

#[test]
fn a_long_list_of_names_is_counted() {
    let known = (0..100_000).map(|number| format!("column {number}")).chain(["species".into()]);
    let message = Error::unknown("column", "spceies", known).to_string();
    assert!(message.contains("did you mean 'species'?"), "{message}");
    assert!(message.ends_with("column 59, and 99941 more"), "{message}");
}

#[cfg(unix)]
#[test]
fn a_quoted_path_is_one_word_of_a_shell_and_no_flag() {
    let words = [
        "runs/a-1", "my run", "it's", "$HOME", "a\"b", "a`b`", "x;y", "*", "~", "a\\b", "=x", "ä",
        "#1", "-x", "",
    ];
    for word in words {
        let command = format!("printf %s {}", quoted_path(Path::new(word)));
        let output = Command::new("sh").args(["-c", &command]).output().expect("a shell");
        let expected = if word.starts_with('-') { format!("./{word}") } else { word.into() };
        assert_eq!(String::from_utf8(output.stdout).expect("text"), expected, "{command}");
    }
    assert_eq!(quoted_word("runs/a-1"), "runs/a-1");
    assert_eq!(quoted_word("it's\u{1b}[0m\n"), r"$'it\'s\033[0m\012'");
    let exists = Error::Exists { path: "my runs/a $5".into(), is_same_run: true };
    assert!(exists.to_string().contains("deme resume 'my runs/a $5', or"), "{exists}");
}
