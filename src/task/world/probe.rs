//! Single steps of a world in lanes, for verification.

use super::programs::Programs;
use crate::math::{Instructions, Lanes, SimdWork};
use crate::task::{ControlShape, ProbeInput, ProbeOutput};
use crate::wgsl::{Program, RegisterMachine};

/// The single steps of [`Simulation::probe`](crate::task::Simulation::probe).
pub struct WorldProbe<'a> {
    pub shape: &'a ControlShape,
    pub programs: &'a Programs,
    pub probe: &'a ProbeInput,
}

impl SimdWork for WorldProbe<'_> {
    type Output = ProbeOutput;

    #[inline(always)]
    fn run<I: Instructions>(self) -> ProbeOutput {
        let Self { shape, programs, probe } = self;
        let ControlShape { state, observations, actions, .. } = *shape;
        let plain = |lanes: &[Lanes<I>]| lanes.iter().map(|lanes| lanes.cast()).collect();
        let outputs: Vec<Lanes<I>> = probe.outputs.iter().map(|lanes| lanes.cast()).collect();
        let mut decision = vec![Lanes::default(); actions.size()];
        actions.decide(&outputs, &mut decision);

        let start = run::<I>(&programs.start, &[&probe.draws]);
        let seen = run::<I>(&programs.observe, &[&probe.state]);
        let step = run::<I>(&programs.step, &[&probe.state, &probe.action]);
        let outputs = |machine: &RegisterMachine<'_, Lanes<I>>, count: usize| {
            (0..count).map(|output| machine.output(output)[0].cast()).collect()
        };
        ProbeOutput {
            start: outputs(&start, state),
            observation: outputs(&seen, observations),
            decision: plain(&decision),
            next: outputs(&step, state),
            reward: step.output(state)[0].cast(),
            next_ends: step.word_output(state + 1)[0],
            state_ends: seen.word_output(observations)[0],
        }
    }
}

/// Runs a program once in sixteen lanes.
fn run<'p, I: Instructions>(
    program: &'p Program,
    inputs: &[&[Lanes]],
) -> RegisterMachine<'p, Lanes<I>> {
    let mut machine = RegisterMachine::new(program, 1);
    for (input, lanes) in inputs.iter().copied().flatten().enumerate() {
        machine.input(input)[0] = lanes.cast();
    }
    // A lane whose loops take too many operations has NaN, which no comparison accepts.
    let _ = machine.run_lanes();
    machine
}
