//! Tests of the reference against the definitions, written a second time.

use std::sync::Arc;

use deme::backend::{Backend, Episodes, ForwardBackend, Purpose, Reference};
use deme::network::Scratch;
use deme::population::{Proposal, Scale};
use deme::random::Stream;
use deme::task::{Actions, Kind, Split};

use super::{bits, few_steps, gaussian, network, task_by_name, tasks, utilities};

#[test]
fn a_score_is_the_mean_return_of_episodes_stepped_by_hand() {
    for task in tasks() {
        let Kind::Control(simulation) = task.kind() else { continue };
        let (shape, dynamics) = (simulation.shape(), simulation.reference().expect("dynamics"));
        let network = network(task.as_ref());
        let mut reference = Reference::new(Arc::clone(&task), network.clone());
        reference
            .spawn(&Proposal::Gaussian(gaussian(network.parameters(), 3)))
            .expect("a valid proposal");
        let episodes = few_steps(2);
        let scores = reference.score(&episodes).expect("a score");
        let mut scratch = Scratch::for_network(&network);
        let mut steps = 0;
        for (individual, found) in scores.values.into_iter().enumerate() {
            let genome = reference.individual(individual).expect("an individual");
            let genome: Vec<f64> = genome.into_iter().map(f64::from).collect();
            let mut sum = 0.0;
            for episode in 0..episodes.count {
                let mut counter = episodes.first_counter();
                counter.individual = episode;
                let draws = (0..).flat_map(|block| counter.uniforms(block)).map(f64::from);
                let draws: Vec<f64> = draws.take(shape.draws).collect();
                let (mut state, mut reward) = (dynamics.start(&draws), 0.0);
                for _ in 0..super::FEW_STEPS {
                    let seen = dynamics.observe(&state);
                    let outputs = network.forward(genome.as_slice(), &seen, &mut scratch);
                    let mut action = vec![0.0; shape.actions.size()];
                    Actions::decide(shape.actions, outputs, &mut action);
                    let (next, earned) = dynamics.step(&state, &action);
                    (state, reward, steps) = (next, reward + earned, steps + 1);
                    if dynamics.terminated(&state) {
                        break;
                    }
                }
                sum += reward;
            }
            assert_eq!(found, (sum / 2.0) as f32, "{}", task.about().name);
        }
        assert_eq!(scores.steps, steps, "{}", task.about().name);
    }
}

#[test]
fn a_gaussian_genome_is_centre_and_scaled_noise_and_moments_are_its_sums() {
    let task = task_by_name("xor");
    let network = network(task.as_ref());
    let genes = network.parameters();
    for mirrored in [false, true] {
        let mut proposal = gaussian(genes, 10);
        proposal.mirrored = mirrored;
        proposal.scale = Scale::PerGene((0..genes).map(|gene| 0.1 * gene as f32).collect());
        let mut reference = Reference::new(Arc::clone(&task), network.clone());
        reference.spawn(&Proposal::Gaussian(proposal.clone())).expect("a valid proposal");
        let noise = |individual: usize, gene: usize| {
            let (source, sign) = match (mirrored, individual % 2) {
                (false, _) => (individual, 1.0),
                (true, 0) => (individual / 2, 1.0),
                (true, _) => (individual / 2, -1.0),
            };
            let counter = proposal.noise.counter(Stream::Noise, source);
            sign * f64::from(counter.normals((gene / 8) as u32)[gene % 8])
        };
        for individual in 0..10 {
            let expected: Vec<f32> = (0..genes)
                .map(|gene| {
                    let scale = f64::from(0.1 * gene as f32);
                    (f64::from(proposal.centre[gene]) + scale * noise(individual, gene)) as f32
                })
                .collect();
            let found = reference.individual(individual).expect("an individual");
            assert_eq!(bits(&found), bits(&expected));
        }
        let utilities = utilities(10);
        let moments = reference.recombine(&utilities).expect("moments");
        let squares = utilities.second.as_ref().expect("both");
        let found_squares = moments.second.expect("both were asked for");
        for (gene, (&first, &second)) in moments.first.iter().zip(&found_squares).enumerate() {
            let sum = |utilities: &[f32], power| -> f64 {
                (0..10).map(|i| f64::from(utilities[i]) * noise(i, gene).powi(power)).sum()
            };
            approx::assert_relative_eq!(first, sum(&utilities.first, 1));
            approx::assert_relative_eq!(second, sum(squares, 2));
        }
    }
}

#[test]
fn moments_of_explicit_genomes_are_sums_of_the_genomes() {
    let task = task_by_name("xor");
    let network = network(task.as_ref());
    let proposal = super::explicit(network.parameters(), 6);
    let mut reference = Reference::new(task, network);
    reference.spawn(&Proposal::Explicit(proposal.clone())).expect("a valid proposal");
    let moments = reference.recombine(&utilities(6)).expect("moments");
    for (gene, found) in moments.first.into_iter().enumerate() {
        let terms = (0..6).map(|i| {
            f64::from(utilities(6).first[i])
                * f64::from(proposal.genomes[i * proposal.genes + gene])
        });
        approx::assert_relative_eq!(found, terms.sum::<f64>(), max_relative = 1e-12);
    }
    assert!(moments.second.is_some());
}

#[test]
fn the_fitness_on_a_data_set_is_the_mean_loss_of_its_samples() {
    let task = task_by_name("digits");
    let Kind::Data(data) = task.kind() else { panic!("digits are a data set") };
    let network = network(task.as_ref());
    let mut reference = Reference::new(Arc::clone(&task), network.clone());
    reference
        .spawn(&Proposal::Gaussian(gaussian(network.parameters(), 2)))
        .expect("a valid proposal");
    let outputs = reference.forward().expect("outputs");
    let samples = data.indices(Split::Training);
    assert_eq!(outputs.len(), 2 * samples.len() * 10);
    let fitness = reference.score(&Episodes::new(1, Purpose::Training, 0, 1)).expect("a score");
    for (individual, outputs) in outputs.chunks(samples.len() * 10).enumerate() {
        let losses = outputs.chunks(10).zip(samples.clone()).map(|(outputs, sample)| {
            let sum: f64 = outputs.iter().map(|&y| f64::from(y).exp()).sum();
            sum.ln() - f64::from(outputs[data.targets[sample] as usize])
        });
        let expected = -losses.sum::<f64>() / samples.len() as f64;
        // Outputs are returned in single precision.
        let found = f64::from(fitness.values[individual]);
        approx::assert_relative_eq!(found, expected, max_relative = 1e-5);
    }
}
