//! Everything vectorised, tried again on every other instruction set of this processor.
//!
//! A process uses one set, so each of the others has a process of its own, of the same binary.

use std::process::Command;

use deme::math::Vectors;

/// Names the set of such a process.
const VARIABLE: &str = "DEME_TEST_VECTORS";

/// The tests of what is vectorised.
const MODULES: [&str; 6] =
    ["backend::cpu::", "math::", "network::", "random::stretch::", "task::", "verify::the_cpu"];

/// In such a process, the first test of all; were it not, the choice would come too late and be
/// refused.
#[test]
fn is_chosen() {
    if let Ok(name) = std::env::var(VARIABLE) {
        Vectors::choose(&name).expect("nothing was vectorised before this");
        assert_eq!(Vectors::in_use().name(), name);
    }
}

#[test]
fn passes_the_same_tests() {
    let binary = std::env::current_exe().expect("a path");
    let used = Vectors::in_use();
    for set in Vectors::all_available().into_iter().filter(|&set| set != used) {
        let output = Command::new(&binary)
            .env(VARIABLE, set.name())
            .args(["--test-threads=1", "another_set::is_chosen"])
            .args(MODULES)
            .output()
            .expect("the binary that runs this test");
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{}:\n{said}", set.name());
        for module in MODULES.iter().chain(&["another_set::is_chosen"]) {
            assert!(said.contains(&format!("test {module}")), "{}:\n{said}", set.name());
        }
    }
}
