//! `adam` on data sets: it learns what the literature's networks of that size learn.

use deme::run::{self, Request};

#[test]
fn digits_are_learned_on_every_seed() {
    let mut scores: Vec<f32> = (1..=5)
        .map(|seed| {
            let request = Request {
                strategy: Some("adam".into()),
                generations: Some(60),
                until: Some("never".into()),
                backend: Some("cpu".into()),
                seed: Some(seed),
                ..Request::for_task("digits")
            };
            let summary = run::train(&request.check().expect("a configuration"), &mut ());
            summary.expect("a run").score.expect("a held-out score")
        })
        .collect();
    scores.sort_by(f32::total_cmp);
    assert!(scores[0] > 0.96 && scores[2] >= 0.97, "{scores:?}");
}
