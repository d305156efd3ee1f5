//! Actors: their episodes are those of rollouts, and their actions are in the task's units.

use deme::gradient::{Actors, StepEnd};
use deme::network::{Activation, Network};
use deme::random::{Counter, Stream};
use deme::task::{self, Kind, Span, TaskActors};

const FIRST: Counter = Counter { seed: 6, stream: Stream::Training, generation: 2, individual: 10 };

#[test]
fn episodes_and_rewards_are_those_of_a_rollout() {
    for (name, action, bias) in [("cartpole", 1.0, 9.0), ("pendulum", 5.0, 20.0)] {
        let task = task::by_name(name).expect("a task");
        let Kind::Control(simulation) = task.kind() else { panic!("a control task") };
        let shape = simulation.shape();
        let outputs = shape.actions.outputs();
        let network = Network::parse("none", shape.observations, outputs, Activation::Tanh);
        let network = network.expect("a network");
        // The network always decides for its last choice, or for the largest number.
        let mut genome = vec![0.0; network.parameters()];
        genome[network.parameters() - 1] = bias;
        let mut actors = TaskActors::new(simulation, &network, FIRST, 3);
        assert_eq!(actors.count(), 3);
        let mut steps = 0;
        for actor in 0..3u32 {
            let counter = Counter { individual: FIRST.individual + actor, ..FIRST };
            let span = Span::Episode(shape.step_limit);
            let expected = simulation.rollout(&network, &genome, counter, span, None);
            let mut sum = 0.0;
            let end = loop {
                // Numbers beyond the range are clamped to it.
                let step = actors.step(actor as usize, &[action]).expect("a finite reward");
                sum += step.reward;
                steps += 1;
                if step.end != StepEnd::None {
                    break step.end;
                }
            };
            assert!((sum - expected.reward).abs() < 1e-6, "{name}: {sum}, {expected:?}");
            let is_cut = expected.steps == u64::from(shape.step_limit);
            assert_eq!(end == StepEnd::Truncated, is_cut, "{name}");
        }
        assert_eq!(actors.steps(), steps);
    }
}
