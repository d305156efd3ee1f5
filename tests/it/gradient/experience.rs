//! Experience: advantages worked out by hand for an episode that ends and one that is cut off.

use deme::error::Result;
use deme::gradient::{ActionKind, ActorStep, Actors, Backpropagation, Experience, StepEnd};
use deme::network::{Activation, Network};
use deme::random::{Counter, Stream};

/// Two actors: the first ends after two steps, the second is cut off after three.
struct Two {
    network: Network,
    ages: [usize; 2],
}

impl Actors for Two {
    fn network(&self) -> &Network {
        &self.network
    }
    fn actions(&self) -> &[ActionKind] {
        &[ActionKind::Choice(2)]
    }
    fn count(&self) -> usize {
        2
    }
    fn observe(&self, actor: usize, observation: &mut [f32]) {
        observation[0] = (10 * actor + self.ages[actor]) as f32;
    }
    fn step(&mut self, actor: usize, _: &[f32]) -> Result<ActorStep> {
        self.ages[actor] += 1;
        let end = match (actor, self.ages[actor]) {
            (0, 2) => StepEnd::Terminated,
            (1, 3) => StepEnd::Truncated,
            _ => StepEnd::None,
        };
        Ok(ActorStep { reward: 1.0, end })
    }
}

#[test]
fn advantages_are_those_of_equation_16() {
    let network = Network::parse("none", 1, 2, Activation::Tanh).expect("a network");
    let mut passes = Backpropagation::new(&network).expect("dense layers");
    let mut actors = Two { network: network.clone(), ages: [0; 2] };
    let place = |actor: usize| {
        let individual = actor as u32;
        Counter { seed: 1, stream: Stream::Noise, generation: 0, individual }.generator()
    };
    let genome = vec![0.0; network.parameters()];
    let experience = Experience::collect(&mut actors, &genome, &[0.0], &mut passes, place);
    let experience = experience.expect("finite rewards");
    assert_eq!(experience.observations, [0.0, 10.0, 1.0, 11.0, 12.0]);
    assert_eq!(experience.discounted_returns(0.5), [1.5, 1.75, 1.0, 1.5, 1.0]);

    // All values are 2, also that of the observation 13 at which the second episode is cut off.
    let value = |observations: &[f32]| {
        assert_eq!(observations, [13.0]);
        vec![2.0]
    };
    let (advantages, targets) = experience.advantages(&[2.0; 5], 1.0, 0.5, 0.5, value);
    // First: 1 - 2 at the end; 1 + 1 - 2 before, plus a quarter of it. Second: 0 throughout.
    assert_eq!(advantages, [-0.25, 0.0, -1.0, 0.0, 0.0]);
    assert_eq!(targets, [1.75, 2.0, 1.0, 2.0, 2.0]);
}
