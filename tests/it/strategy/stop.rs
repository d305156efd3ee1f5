//! Stop rules: each has a sentence of its own and a word for scripts.

use std::collections::HashSet;

use deme::strategy::Stop;

#[test]
fn every_reason_has_a_sentence_and_a_word_of_its_own() {
    let all = [
        (Stop::FlatFitness, "\"flat-fitness\""),
        (Stop::TinySteps, "\"tiny-steps\""),
        (Stop::Diverging, "\"diverging\""),
        (Stop::IllConditioned, "\"ill-conditioned\""),
        (Stop::NoEffect, "\"no-effect\""),
        (Stop::Stagnation, "\"stagnation\""),
    ];
    for (stop, word) in all {
        assert_eq!(serde_json::to_string(&stop).unwrap(), word);
    }
    let sentences: HashSet<String> = all.iter().map(|(stop, _)| stop.to_string()).collect();
    assert_eq!(sentences.len(), all.len());
}
