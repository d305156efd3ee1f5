//! Comparisons: every difference against its limit, the worst of them and where it is.

use serde::Serialize;

/// One rung climbed for one subject.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Rung {
    /// The rung: its number and name.
    pub name: &'static str,
    /// What was on trial: a task, a kernel, a function.
    pub subject: String,
    /// Values compared.
    pub checked: u64,
    /// Values that were too far off.
    pub failed: u64,
    /// Values that could not be compared, and why is said in `at`.
    pub skipped: u64,
    /// The worst difference, divided by what was allowed there; a value that is no number, or that
    /// had to be equal and was not, has `f64::MAX`.
    pub worst: f64,
    /// What `worst` may be: 1.
    pub limit: f64,
    /// What a difference was held to, in words.
    pub held_to: &'static str,
    /// Where the worst difference is.
    pub at: String,
}

/// Everything that was climbed.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    /// The device on trial.
    pub adapter: String,
    /// The rungs, in order.
    pub rungs: Vec<Rung>,
}

impl Rung {
    /// Whether something was checked, and nothing failed.
    pub fn passed(&self) -> bool {
        self.checked > 0 && self.failed == 0
    }

    /// Counts a value that cannot be compared.
    pub(super) fn skip(&mut self, why: &str) {
        self.skipped += 1;
        if self.at.is_empty() {
            self.at = format!("skipped: {why}");
        }
    }
}

impl Report {
    /// Whether every rung passed.
    #[must_use]
    pub fn passed(&self) -> bool {
        !self.rungs.is_empty() && self.rungs.iter().all(Rung::passed)
    }

    /// Values compared.
    pub fn checked(&self) -> u64 {
        self.rungs.iter().map(|rung| rung.checked).sum()
    }

    /// Values that could not be compared.
    pub fn skipped(&self) -> u64 {
        self.rungs.iter().map(|rung| rung.skipped).sum()
    }
}

/// Collects the differences of one rung.
#[derive(Debug)]
#[must_use = "a comparison proves nothing until its rung is read"]
pub struct Comparison(Rung);

impl Comparison {
    /// An empty comparison; `held_to` says in words what the differences are held to.
    pub fn new(name: &'static str, subject: impl Into<String>, held_to: &'static str) -> Self {
        let subject = subject.into();
        Self(Rung {
            name,
            subject,
            checked: 0,
            failed: 0,
            skipped: 0,
            worst: 0.0,
            limit: 1.0,
            held_to,
            at: String::new(),
        })
    }

    /// Checks that two numbers differ by `limit` at most. Written so that NaN fails.
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

    /// Checks that something holds.
    pub fn holds(&mut self, truth: bool, at: impl FnOnce() -> String) {
        self.count(truth, if truth { 0.0 } else { f64::MAX }, at);
    }

    /// Counts a value that cannot be compared.
    pub fn skip(&mut self, why: &str) {
        self.0.skip(why);
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

    /// The rung that came of it.
    pub fn rung(self) -> Rung {
        self.0
    }
}
