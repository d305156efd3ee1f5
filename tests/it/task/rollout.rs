//! Rollouts: where they end, what they count, and how they start again.

use deme::math::{LANES, Lanes, Real};
use deme::network::{Activation, Network, Scratch};
use deme::random::{Place, Stream};
use deme::task::{self, Kind, Outcome, Simulation, Span};

const FIRST: Place = Place { seed: 6, stream: Stream::Training, generation: 2, individual: 10 };

/// A rollout of a network that always gives its bias: with `Choice` the last action, with `Force`
/// a constant push.
fn roll(simulation: &dyn Simulation, first: Place, span: Span) -> Outcome<f64> {
    let shape = simulation.shape();
    let outputs = shape.actions.outputs();
    let network = Network::parse("none", shape.observations, outputs, Activation::Tanh);
    let network = network.expect("a good spec");
    let mut genome = vec![0.0; network.parameters()];
    genome[network.parameters() - 1] = 1.0;
    simulation.rollout_reference(&network, &genome, first, span)
}

fn with(name: &str, test: impl FnOnce(&dyn Simulation)) {
    let task = task::named(name).expect("a task of the registry");
    let Kind::Control(simulation) = task.kind() else { panic!("{name} is a data set") };
    test(simulation);
}

#[test]
fn an_episode_lasts_to_its_end_or_to_the_limit() {
    with("pendulum", |pendulum| {
        for limit in [1, 7, 200] {
            assert_eq!(roll(pendulum, FIRST, Span::Episode(limit)).steps, f64::from(limit));
        }
    });
    with("cartpole", |cartpole| {
        let whole = roll(cartpole, FIRST, Span::Episode(500));
        assert!((5.0..15.0).contains(&whole.steps), "a pole always pushed falls: {whole:?}");
        assert_eq!(whole.reward, whole.steps);
        let cut = roll(cartpole, FIRST, Span::Episode(3));
        assert_eq!((cut.reward, cut.steps), (3.0, 3.0));
    });
}

#[test]
fn exact_steps_go_on_with_the_next_episode() {
    with("pendulum", |pendulum| {
        // Two whole episodes of 30 steps, and 11 of a third.
        let found = roll(pendulum, FIRST, Span::Steps { count: 71, limit: 30 });
        let part = |number: u32, steps| {
            let first = Place { individual: FIRST.individual + number, ..FIRST };
            roll(pendulum, first, Span::Episode(steps)).reward
        };
        assert_eq!(found.steps, 71.0);
        let expected = part(0, 30) + part(1, 30) + part(2, 11);
        approx::assert_relative_eq!(found.reward, expected, max_relative = 1e-12);
        let first = Place { individual: FIRST.individual + 1, ..FIRST };
        assert_ne!(part(0, 30), roll(pendulum, first, Span::Episode(30)).reward);
    });
    with("cartpole", |cartpole| {
        let found = roll(cartpole, FIRST, Span::Steps { count: 333, limit: 500 });
        assert_eq!((found.steps, found.reward), (333.0, 333.0));
    });
}

/// Lanes whose individuals end at different times have the outcomes of each alone.
#[test]
fn a_lane_that_is_over_waits_without_counting() {
    with("cartpole", |cartpole| {
        let network = Network::parse("3", 4, 2, Activation::Tanh).expect("a good spec");
        let genes = network.parameters();
        let weight = |gene: usize, lane: usize| ((gene * 7 + lane * 31) as f32).sin();
        let genomes: Vec<Lanes> =
            (0..genes).map(|gene| Lanes::from_lanes(|lane| weight(gene, lane))).collect();
        for span in [Span::Episode(60), Span::Steps { count: 60, limit: 500 }] {
            let mut scratch = Scratch::of(&network);
            let found = cartpole.rollout_lanes(&network, &genomes, FIRST, span, &mut scratch);
            let mut met = Vec::new();
            for lane in 0..LANES {
                let genome: Vec<f64> = (0..genes).map(|g| f64::from(weight(g, lane))).collect();
                let alone = cartpole.rollout_reference(&network, &genome, FIRST, span);
                assert_eq!(found.steps.lane(lane), alone.steps, "{span:?}, lane {lane}");
                assert_eq!(found.reward.lane(lane), alone.reward, "{span:?}, lane {lane}");
                met.push(alone.steps);
            }
            met.dedup();
            assert_eq!(met.len() > 1, matches!(span, Span::Episode(_)), "{met:?}");
        }
    });
}

#[test]
fn episodes_side_by_side_are_episodes_in_order() {
    with("cartpole", |cartpole| {
        let network = Network::parse("none", 4, 2, Activation::Tanh).expect("a good spec");
        let genome: Vec<f64> = (0..10).map(|gene| f64::from(gene).sin()).collect();
        let genomes: Vec<Lanes> = genome.iter().map(|&gene| Lanes::of(gene)).collect();
        let (span, mut scratch) = (Span::Episode(100), Scratch::of(&network));
        let found = cartpole.episodes_lanes(&network, &genomes, FIRST, span, &mut scratch);
        for lane in 0..LANES {
            let first = Place { individual: FIRST.individual + lane as u32, ..FIRST };
            let alone = cartpole.rollout_reference(&network, &genome, first, span);
            assert_eq!(found.steps.lane(lane), alone.steps, "lane {lane}");
        }
    });
}
