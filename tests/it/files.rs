//! Tests of files: no link is followed, and a file is replaced completely or not at all.

use std::fs;
use std::path::Path;

use deme::error::Error;
use deme::files;
use tempfile::TempDir;

fn folder() -> TempDir {
    TempDir::new().expect("a temporary folder")
}

fn text(path: &Path) -> String {
    fs::read_to_string(path).expect("a file")
}

/// The names in a folder, in order.
fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("a folder");
    let mut names: Vec<String> = entries
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

#[test]
fn a_file_is_replaced_completely_or_not_at_all() {
    let folder = folder();
    files::replace(folder.path(), "file", b"old").expect("a new file");
    // The draft cannot be created, because a folder has its name.
    fs::create_dir(folder.path().join(".file.part")).expect("a folder");
    let refused = files::replace(folder.path(), "file", b"new").expect_err("no draft");
    assert!(!refused.is_input() && refused.to_string().contains(".file.part"), "{refused}");
    assert_eq!(fs::read(folder.path().join("file")).expect("the file"), b"old");
    fs::remove_dir(folder.path().join(".file.part")).expect("the folder");
    files::replace(folder.path(), "file", b"new").expect("a file");
    assert_eq!(fs::read(folder.path().join("file")).expect("the file"), b"new");
    assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 1);
}

#[test]
fn outputs_are_written_all_or_none() {
    let folder = folder();
    let at = |name: &str| folder.path().join(name);
    fs::write(at("a"), "old").expect("a file");
    let nowhere = at("none/b");
    let refused =
        files::write_all(&[(&at("a"), b"new"), (&nowhere, b"new")]).expect_err("no folder");
    assert!(refused.is_input() && refused.to_string().contains("none/b"), "{refused}");
    let (twice, again) = (at("a"), folder.path().join(".").join("a"));
    let refused = files::write_all(&[(&twice, b"x"), (&again, b"y")]).expect_err("one file");
    assert!(matches!(refused, Error::Invalid { .. }), "{refused}");
    assert_eq!((text(&at("a")), names(folder.path())), ("old".into(), vec!["a".into()]));
    files::write_all(&[(&at("a"), b"new"), (&at("b"), b"b")]).expect("two files");
    assert_eq!((text(&at("a")), text(&at("b"))), ("new".into(), "b".into()));

    let failed = files::stream(&at("a"), |to| {
        to.write_all(b"half").expect("room");
        Err(Error::invalid("a", "b", "c"))
    });
    assert!(failed.is_err() && text(&at("a")) == "new");
    files::stream(&at("c"), |to| {
        to.write_all(b"c").expect("room");
        Ok(())
    })
    .expect("a file");
    assert_eq!((text(&at("c")), names(folder.path()).len()), ("c".into(), 3));
}

#[cfg(unix)]
mod unix {
    use std::os::unix::fs::{PermissionsExt, symlink};
    use std::process::Command;

    use super::*;

    #[test]
    fn links_pipes_devices_and_files_with_other_names_are_not_opened() {
        let folder = folder();
        let at = |name: &str| folder.path().join(name);
        fs::write(at("victim"), "precious").expect("a file");
        symlink(at("victim"), at("link")).expect("a link");
        symlink(at("nowhere"), at("dangling")).expect("a link");
        symlink("/dev/zero", at("device")).expect("a link");
        fs::create_dir(at("folder")).expect("a folder");
        assert!(Command::new("mkfifo").arg(at("pipe")).status().expect("mkfifo").success());
        let kinds = [
            ("link", "a symbolic link"),
            ("dangling", "a symbolic link"),
            ("device", "a symbolic link"),
            ("folder", "a folder"),
            ("pipe", "a named pipe"),
        ];
        for (name, kind) in kinds {
            for error in [files::read(&at(name)).err(), files::open_to_append(&at(name)).err()] {
                let error = error.expect("a refusal");
                assert!(error.is_input() && error.to_string().contains(kind), "{name}: {error}");
            }
        }
        let null = files::read(Path::new("/dev/null")).expect_err("a device");
        assert!(null.to_string().contains("got a device"), "{null}");
        fs::hard_link(at("victim"), at("second name")).expect("a link");
        assert!(files::read(&at("victim")).expect("a file").is_some());
        let shared = files::open_to_append(&at("victim")).expect_err("two names");
        assert!(shared.to_string().contains("2 names (hard links)"), "{shared}");
        assert!(files::read(&at("none")).expect("no error").is_none());
        assert!(files::exists(&at("dangling")) && !files::exists(&at("none")));
    }

    #[test]
    fn a_replaced_link_and_a_link_in_place_of_a_draft_lead_nowhere() {
        let folder = folder();
        let at = |name: &str| folder.path().join(name);
        fs::write(at("victim"), "precious").expect("a file");
        symlink(at("victim"), at("file")).expect("a link");
        symlink(at("victim"), at(".file.part")).expect("a link");
        files::replace(folder.path(), "file", b"new").expect("a file");
        assert_eq!((text(&at("victim")), text(&at("file"))), ("precious".into(), "new".into()));
        assert_eq!(names(folder.path()), ["file", "victim"]);
    }

    #[test]
    fn outputs_follow_links_and_keep_permissions() {
        let folder = folder();
        let at = |name: &str| folder.path().join(name);
        fs::write(at("real"), "old").expect("a file");
        fs::set_permissions(at("real"), fs::Permissions::from_mode(0o600)).expect("permissions");
        symlink(at("real"), at("link")).expect("a link");
        files::write(&at("link"), b"new").expect("a file");
        assert_eq!(text(&at("real")), "new");
        assert!(at("link").symlink_metadata().expect("a link").is_symlink());
        assert_eq!(at("real").metadata().expect("a file").permissions().mode() & 0o777, 0o600);
        files::write(Path::new("/dev/null"), b"gone").expect("a device");
        // A full disk is the machine's failure, not the input's.
        if cfg!(target_os = "linux") {
            let full = files::write(Path::new("/dev/full"), b"no room").expect_err("no room");
            assert!(!full.is_input(), "{full}");
        }
    }
}
