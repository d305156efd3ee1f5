//! Comparisons: each difference against its limit, and the worst difference with its location.

use serde::Serialize;

/// The result of one rung for one subject.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Rung {
    /// The number and name of the rung.
    pub name: &'static str,
    /// The subject of the comparison: a task, a kernel or a function.
    pub subject: String,
    /// The number of values compared.
    pub checked: u64,
    /// The number of values beyond their limit.
    pub failed: u64,
    /// The number of values that could not be compared; `at` has the reason.
    pub skipped: u64,
    /// The worst difference, divided by its limit. It is `f64::MAX` for a value that is not a
    /// number, and for one that had to be equal but was not.
    pub worst: f64,
    /// The limit of `worst`, always 1.
    pub limit: f64,
    /// The limit of the differences, in words.
    #[serde(rename = "held_to")]
    pub criterion: &'static str,
    /// The location of the worst difference.
    pub at: String,
}

/// The results of all rungs that were run.
#[derive(Clone, Debug, PartialEq)]
pub struct LadderReport {
    /// The device under test.
    pub adapter: String,
    /// The results, in order.
    pub rungs: Vec<Rung>,
}

impl Rung {
    /// True if at least one value was checked, and none failed.
    pub fn passed(&self) -> bool {
        self.checked > 0 && self.failed == 0
    }

    /// Counts a value that cannot be compared.
    pub(super) fn skip(&mut self, reason: &str) {
        self.skipped += 1;
        if self.at.is_empty() {
            self.at = format!("skipped: {reason}");
        }
    }
}

impl LadderReport {
    /// True if there is at least one rung, and every rung passed.
    #[must_use]
    pub fn passed(&self) -> bool {
        !self.rungs.is_empty() && self.rungs.iter().all(Rung::passed)
    }

    /// The number of values compared.
    pub fn checked(&self) -> u64 {
        self.rungs.iter().map(|rung| rung.checked).sum()
    }

    /// The number of values that could not be compared.
    pub fn skipped(&self) -> u64 {
        self.rungs.iter().map(|rung| rung.skipped).sum()
    }
}

/// The differences of one rung.
#[derive(Debug)]
#[must_use = "a comparison proves nothing until its rung is read"]
pub struct Comparison(Rung);

impl Comparison {
    /// Creates an empty comparison; `criterion` states the limit of the differences in words.
    pub fn new(name: &'static str, subject: impl Into<String>, criterion: &'static str) -> Self {
        let subject = subject.into();
        Self(Rung {
            name,
            subject,
            checked: 0,
            failed: 0,
            skipped: 0,
            worst: 0.0,
            limit: 1.0,
            criterion,
            at: String::new(),
        })
    }

    /// Checks that two numbers differ by `limit` at most. NaN always fails.
    pub fn check(&mut self, found: f64, expected: f64, limit: f64, at: impl FnOnce() -> String) {
        let difference = (found - expected).abs();
        let fits = found == expected || difference <= limit;
        let share = match (found == expected, difference / limit) {
            (true, _) => 0.0,
            (false, share) if share.is_nan() => f64::MAX,
            (false, share) => share.min(f64::MAX),
        };
        self.count(fits, share, || format!("{}: got {found}, expected {expected}", at()));
    }

    /// Checks that a condition is true.
    pub fn check_that(&mut self, truth: bool, at: impl FnOnce() -> String) {
        self.count(truth, if truth { 0.0 } else { f64::MAX }, at);
    }

    /// The number of checks that failed.
    pub fn failed(&self) -> u64 {
        self.0.failed
    }

    /// Counts a value that cannot be compared.
    pub fn skip(&mut self, reason: &str) {
        self.0.skip(reason);
    }

    fn count(&mut self, fits: bool, share: f64, at: impl FnOnce() -> String) {
        self.0.checked += 1;
        self.0.failed += u64::from(!fits);
        let first_failure = !fits && self.0.failed == 1;
        if share > self.0.worst || first_failure {
            self.0.worst = share.max(self.0.worst);
            self.0.at = at();
        }
    }

    /// Returns the result.
    pub fn into_rung(self) -> Rung {
        self.0
    }
}
