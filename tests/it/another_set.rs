//! Tests of all SIMD code, repeated on every other instruction set of this processor.
//!
//! A process uses one set, so the test binary starts a process for each of the others.

use std::process::Command;

use deme::math::InstructionSet;

/// The environment variable that names the set of such a process.
const VARIABLE: &str = "DEME_TEST_VECTORS";

/// The tests of SIMD code.
const MODULES: [&str; 6] =
    ["backend::cpu::", "math::", "network::", "random::chunk::", "task::", "verify::the_cpu"];

/// Chooses the set of such a process. The test must run first, since a later choice is refused.
#[test]
fn is_chosen() {
    if let Ok(name) = std::env::var(VARIABLE) {
        InstructionSet::choose(&name).expect("no SIMD code ran before this");
        assert_eq!(InstructionSet::current().name(), name);
    }
}

#[test]
fn passes_the_same_tests() {
    let binary = std::env::current_exe().expect("a path");
    let used = InstructionSet::current();
    for set in InstructionSet::available().into_iter().filter(|&set| set != used) {
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
