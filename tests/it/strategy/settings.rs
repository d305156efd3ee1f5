//! Settings: known keys, domains, and error messages.

use deme::error::Error;
use deme::strategy::{Domain, Setting, Settings};

use super::settings;

const KNOWN: &[Setting] = &[
    Setting { key: "sigma", meaning: "width", default: "0.1", domain: Domain::Positive },
    Setting { key: "elites", meaning: "copies", default: "1", domain: Domain::Count(0, u32::MAX) },
];

#[test]
fn complete_settings_have_the_set_values_and_the_defaults_of_the_rest() {
    let complete = settings(&[("elites", "3")]).complete("ga", KNOWN).unwrap();
    let pairs: Vec<_> = complete.pairs().collect();
    assert_eq!(pairs, [("sigma", "0.1"), ("elites", "3")]);
    assert_eq!((complete.number("sigma"), complete.count("elites")), (0.1, 3));
}

#[test]
fn the_last_of_two_values_counts() {
    let settings = settings(&[("sigma", "1"), ("sigma", "2")]);
    assert_eq!(settings.pairs().collect::<Vec<_>>(), [("sigma", "2")]);
}

#[test]
fn an_unknown_key_lists_the_known() {
    let error = settings(&[("sgima", "1")]).complete("ga", KNOWN).unwrap_err();
    assert_eq!(
        error.to_string(),
        "unknown setting of ga 'sgima' (did you mean 'sigma'?); known: sigma, elites"
    );
    assert!(matches!(error, Error::Unknown { .. }) && error.is_input());
}

#[test]
fn a_value_out_of_its_domain_names_its_key() {
    let error = settings(&[("sigma", "-1")]).complete("ga", KNOWN).unwrap_err();
    assert_eq!(
        error.to_string(),
        "--set sigma: expected a number above 0, from 1.4e-45 to 3.4e38, got '-1'"
    );
    assert!(settings(&[("elites", "1.5")]).complete("ga", KNOWN).is_err());
    assert!(Settings::default().complete("ga", KNOWN).is_ok());
}

#[test]
fn domains_have_the_stated_limits() {
    let fits = |domain: Domain, value: &str| domain.check("key", value).is_ok();
    let words = Domain::Word(&["adam", "sgd"]);
    let inside = [
        (Domain::Positive, "1e-30"),
        (Domain::Positive, "3e38"),
        (Domain::NonNegative, "0"),
        (Domain::Share, "0"),
        (Domain::Share, "1"),
        (Domain::Count(2, 9), "2"),
        (words, "sgd"),
        (Domain::Positive, "1.4e-45"),
        (Domain::Positive, "3.4e38"),
        (Domain::NonNegative, "3.4e38"),
        (Domain::PositiveShare, "1"),
        (Domain::PositiveShare, "1e-9"),
        (Domain::ShareBelowOne, "0"),
        (Domain::ShareBelowOne, "0.999999"),
        (Domain::Count(0, u32::MAX), "4294967295"),
    ];
    let outside = [
        (Domain::Positive, "0"),
        (Domain::Positive, "-0.1"),
        (Domain::Positive, "NaN"),
        (Domain::Positive, "inf"),
        (Domain::Positive, "1e-60"),
        (Domain::Positive, "1e60"),
        (Domain::Positive, ""),
        (Domain::NonNegative, "-1e-9"),
        (Domain::NonNegative, "nan"),
        (Domain::Share, "1.0001"),
        (Domain::Share, "-0.1"),
        (Domain::Count(2, 9), "1"),
        (Domain::Count(2, 9), "10"),
        (Domain::Count(2, 9), "4294967296"),
        (Domain::Count(0, u32::MAX), "-1"),
        (Domain::Count(0, u32::MAX), "2.5"),
        (words, "Adam"),
        (Domain::NonNegative, "1e39"),
        (Domain::PositiveShare, "0"),
        (Domain::PositiveShare, "1.1"),
        (Domain::ShareBelowOne, "1"),
        (Domain::ShareBelowOne, "0.999999999"),
    ];
    for (domain, value) in inside {
        assert!(fits(domain, value), "{domain}: {value}");
    }
    for (domain, value) in outside {
        assert!(!fits(domain, value), "{domain}: {value}");
    }
}
