//! Registry entries: texts and settings, and the starts that every strategy refuses.

use deme::error::Error;
use deme::population::Proposal;
use deme::strategy::{self, Entry, Settings};

use super::{complaint, settings, start};

const POPULATION: usize = 24;

#[test]
fn every_default_lies_in_its_domain_and_every_key_is_unique_and_explained() {
    for entry in strategy::all() {
        for (index, setting) in entry.settings.iter().enumerate() {
            setting.domain.check(setting.key, setting.default).unwrap();
            assert!(!setting.meaning.is_empty());
            let earlier = &entry.settings[..index];
            assert!(earlier.iter().all(|other| other.key != setting.key), "{}", setting.key);
        }
    }
}

/// The command line and the guide print these texts.
#[test]
fn every_entry_explains_its_strategy() {
    for entry in strategy::all() {
        let name = entry.name;
        assert!(!name.is_empty() && !entry.summary.is_empty() && !entry.source.is_empty());
        let sentences = entry.idea.matches(". ").count() + 1;
        assert!((2..=6).contains(&sentences), "{name}: {sentences} sentences");
        for text in [entry.idea, entry.when] {
            assert!(text.ends_with('.') && !text.contains("  "), "{name}: {text}");
        }
        assert!(entry.when.starts_with("Use it ") && entry.when.contains("Avoid it "), "{name}");
    }
}

#[test]
fn a_preset_changes_the_defaults_of_settings_that_are_not_set() {
    let entry = strategy::by_name("neat").unwrap();
    let complete = |pairs: &[(&str, &str)]| entry.complete(&settings(pairs)).unwrap();
    assert_eq!(complete(&[]).word("activation"), "tanh");
    assert_eq!(complete(&[("paper", "true")]).word("activation"), "sigmoid");
    let both = complete(&[("paper", "true"), ("activation", "relu")]);
    assert_eq!((both.word("activation"), both.word("ties")), ("relu", "random"));
}

/// The population of a strategy's start.
fn population(entry: &Entry) -> usize {
    if entry.follows_gradient() { 1 } else { POPULATION }
}

/// A run relies on this before it allocates a population.
#[test]
fn an_entry_says_whether_proposals_are_written_out() {
    for entry in strategy::all() {
        let proposal =
            entry.begin(&Settings::default(), start(population(entry), 1)).unwrap().ask();
        let is_written = matches!(proposal, Proposal::Explicit(_) | Proposal::Cppn(_));
        // Each gene takes four bytes, and as many for the next generation or for a graph's output.
        let counted = if is_written { entry.written_bytes >= 8 } else { entry.written_bytes == 0 };
        assert!(counted, "{}: {} bytes a gene", entry.name, entry.written_bytes);
    }
}

#[test]
fn an_invalid_start_is_refused() {
    for entry in strategy::all() {
        let refused = |change: &dyn Fn(&mut strategy::Start)| {
            let mut start = start(population(entry), 1);
            change(&mut start);
            complaint(entry.begin(&Settings::default(), start))
        };
        assert_eq!(refused(&|start| start.population = 0), "--population");
        let wrong = if entry.follows_gradient() { 2 } else { 1 };
        assert_eq!(refused(&|start| start.population = wrong), "--population");
        assert_eq!(refused(&|start| start.genes += 1), "a strategy's first guess");
        assert_eq!(refused(&|start| start.centre[3] = f32::NAN), "a strategy's first guess");
        assert_eq!(
            refused(&|start| (start.genes, start.centre) = (0, vec![])),
            "a strategy's start"
        );
    }
}

#[test]
fn an_unknown_setting_lists_the_known() {
    for entry in strategy::all() {
        let mut settings = Settings::default();
        settings.set("sgima", "0.1");
        match entry.begin(&settings, start(POPULATION, 1)) {
            Err(Error::Unknown { name, known, .. }) => {
                assert_eq!(name, "sgima");
                assert!(entry.settings.iter().map(|setting| setting.key).eq(known));
            }
            _ => panic!("{}: it should be unknown", entry.name),
        }
    }
}
