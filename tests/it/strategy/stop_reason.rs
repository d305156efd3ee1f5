//! Stop reasons: each has its own sentence and its own word for scripts.

use std::collections::HashSet;

use deme::strategy::StopReason;

#[test]
fn every_reason_has_its_own_sentence_and_word() {
    let all = [
        (StopReason::FlatFitness, "\"flat-fitness\""),
        (StopReason::TinySteps, "\"tiny-steps\""),
        (StopReason::Diverging, "\"diverging\""),
        (StopReason::IllConditioned, "\"ill-conditioned\""),
        (StopReason::NoEffect, "\"no-effect\""),
        (StopReason::Stagnation, "\"stagnation\""),
        (StopReason::Plateau, "\"plateau\""),
    ];
    for (stop, word) in all {
        assert_eq!(serde_json::to_string(&stop).unwrap(), word);
    }
    let sentences: HashSet<String> = all.iter().map(|(stop, _)| stop.to_string()).collect();
    assert_eq!(sentences.len(), all.len());
}
