//! Rollouts: ends, counts and restarts.

use deme::network::{Activation, Network};
use deme::random::{Counter, Stream};
use deme::task::{self, Kind, Outcome, Simulation, Span};

const FIRST: Counter = Counter { seed: 6, stream: Stream::Training, generation: 2, individual: 10 };

/// Runs a network that always outputs its bias: the last action of a `Choice`, or a constant
/// `Force`.
fn roll(simulation: &dyn Simulation, first: Counter, span: Span) -> Outcome {
    let shape = simulation.shape();
    let outputs = shape.actions.outputs();
    let network = Network::parse("none", shape.observations, outputs, Activation::Tanh);
    let network = network.expect("a good spec");
    let mut genome = vec![0.0; network.parameters()];
    genome[network.parameters() - 1] = 1.0;
    simulation.rollout(&network, &genome, first, span, None)
}

fn with(name: &str, test: impl FnOnce(&dyn Simulation)) {
    let task = task::by_name(name).expect("a task of the registry");
    let Kind::Control(simulation) = task.kind() else { panic!("{name} is a data set") };
    test(simulation);
}

#[test]
fn an_episode_lasts_to_its_end_or_to_the_limit() {
    with("pendulum", |pendulum| {
        for limit in [1, 7, 200] {
            assert_eq!(roll(pendulum, FIRST, Span::Episode(limit)).steps, u64::from(limit));
        }
    });
    with("cartpole", |cartpole| {
        let whole = roll(cartpole, FIRST, Span::Episode(500));
        assert!((5..15).contains(&whole.steps), "a pole always pushed falls: {whole:?}");
        assert_eq!(whole.reward, whole.steps as f64);
        let cut = roll(cartpole, FIRST, Span::Episode(3));
        assert_eq!((cut.reward, cut.steps), (3.0, 3));
    });
}

#[test]
fn exact_steps_continue_with_the_next_episode() {
    with("pendulum", |pendulum| {
        // Two whole episodes of 30 steps, and 11 of a third.
        let found = roll(pendulum, FIRST, Span::Steps { count: 71, limit: 30 });
        let part = |number: u32, steps| {
            let first = Counter { individual: FIRST.individual + number, ..FIRST };
            roll(pendulum, first, Span::Episode(steps)).reward
        };
        assert_eq!(found.steps, 71);
        let expected = part(0, 30) + part(1, 30) + part(2, 11);
        approx::assert_relative_eq!(found.reward, expected, max_relative = 1e-12);
        let first = Counter { individual: FIRST.individual + 1, ..FIRST };
        assert_ne!(part(0, 30), roll(pendulum, first, Span::Episode(30)).reward);
    });
    with("cartpole", |cartpole| {
        let found = roll(cartpole, FIRST, Span::Steps { count: 333, limit: 500 });
        assert_eq!((found.steps, found.reward), (333, 333.0));
    });
}
