//! Run folders that somebody else packed: what is in them reaches no file outside.

use std::fs;
#[cfg(unix)]
use std::process::Command;

use super::resume::{folder, outcome, run, run_successfully};

#[test]
fn a_folder_of_somebody_else_is_not_trusted_with_the_files_around_it() {
    let folder = folder();
    run_successfully(folder.path(), &run(&["--generations", "3", "--out", "run"]));
    let lock = folder.path().join("run/.lock");
    fs::write(&lock, "precious").expect("a file");
    let (code, message) = outcome(folder.path(), &["resume", "run", "--generations", "5"]);
    assert!(code == Some(2) && message.contains("expected the number of a process"), "{message}");
    assert_eq!(fs::read_to_string(&lock).expect("the file"), "precious");
}

#[cfg(unix)]
#[test]
fn no_link_in_a_run_folder_is_followed() {
    use std::os::unix::fs::symlink;
    let folder = folder();
    run_successfully(folder.path(), &run(&["--generations", "3", "--out", "run"]));
    let victim = folder.path().join("victim");
    let drafts = ["config.toml", "champion.safetensors", "checkpoint.safetensors"];
    let drafts = drafts.iter().chain(&["summary.json", "curve.svg", "log.jsonl"]);
    let drafts = drafts.map(|name| format!(".{name}.part"));
    let names = [".lock", "log.jsonl", "config.toml", "checkpoint.safetensors", "curve.svg"];
    for name in names.map(str::to_owned).into_iter().chain(drafts) {
        for has_checkpoint in [true, false] {
            let evil = folder.path().join("evil");
            let _ = fs::remove_dir_all(&evil);
            fs::create_dir(&evil).expect("a folder");
            for entry in fs::read_dir(folder.path().join("run")).expect("the folder") {
                let path = entry.expect("an entry").path();
                fs::copy(&path, evil.join(path.file_name().expect("a name"))).expect("a copy");
            }
            if !has_checkpoint {
                fs::remove_file(evil.join("checkpoint.safetensors")).expect("a checkpoint");
            }
            let _ = fs::remove_file(evil.join(&name));
            fs::write(&victim, "precious").expect("a file");
            symlink(&victim, evil.join(&name)).expect("a link");
            let (code, message) = outcome(folder.path(), &["resume", "evil", "--generations", "5"]);
            let is_read = names.contains(&&*name) && name != "curve.svg";
            assert_eq!(code, Some(if is_read { 2 } else { 0 }), "{name}: {message}");
            assert!(!is_read || message.contains("got a symbolic link"), "{name}: {message}");
            assert_eq!(fs::read_to_string(&victim).expect("the file"), "precious", "{name}");
        }
    }
    // The folder itself may be reached through a link.
    symlink(folder.path().join("run"), folder.path().join("alias")).expect("a link");
    run_successfully(folder.path(), &["resume", "alias", "--generations", "5"]);
}

#[cfg(unix)]
#[test]
fn a_pipe_in_a_run_folder_is_refused_at_once() {
    let folder = folder();
    run_successfully(folder.path(), &run(&["--generations", "3", "--out", "run"]));
    for name in ["config.toml", "log.jsonl", "checkpoint.safetensors", ".lock", "summary.json"] {
        let path = folder.path().join("run").join(name);
        let saved = fs::read(&path).expect("a file of the run");
        fs::remove_file(&path).expect("a file of the run");
        assert!(Command::new("mkfifo").arg(&path).status().expect("mkfifo").success());
        let command: &[&str] = match name {
            "summary.json" => &["report", "run"],
            _ => &["resume", "run", "--generations", "5"],
        };
        let (code, message) = outcome(folder.path(), command);
        assert!(code == Some(2) && message.contains("got a named pipe"), "{name}: {message}");
        fs::remove_file(&path).expect("the pipe");
        fs::write(&path, saved).expect("a file of the run");
    }
}
