//! The fast CPU path: the results of the reference, with the same bits for any number of threads.

mod recombine;
mod spawn;

use std::sync::Arc;

use deme::backend::{Backend, Cpu, Episodes, ForwardBackend, Purpose, Reference};
use deme::population::{ExplicitGenomes, Proposal};
use deme::task::{Kind, Task};

use super::{
    DISAGREEMENT, POPULATIONS, assert_agree, assert_same_sums, bits, few_steps, gaussian, genomes,
    network, proposals, spawn_all, task_by_name, tasks, utilities,
};

fn opened(task: &Arc<dyn Task>) -> (Cpu, usize) {
    let network = network(task.as_ref());
    let genes = network.parameters();
    (Cpu::new(Arc::clone(task), network), genes)
}

/// Runs a function on a number of threads.
fn on_threads<T: Send>(threads: usize, work: impl FnOnce() -> T + Send) -> T {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
    pool.install(|| {
        assert_eq!(rayon::current_num_threads(), threads);
        work()
    })
}

/// All results for every proposal on a task, as bits.
fn results(task: &Arc<dyn Task>) -> Vec<Vec<u64>> {
    const INDIVIDUALS: usize = 300;
    let (mut cpu, genes) = opened(task);
    let narrow = |numbers: &[f32]| numbers.iter().map(|x| u64::from(x.to_bits())).collect();
    let wide = |numbers: &[f64]| numbers.iter().map(|x| x.to_bits()).collect();
    let mut all = Vec::new();
    for (_, proposals) in proposals(genes, INDIVIDUALS) {
        spawn_all(&mut cpu, &proposals);
        all.push(narrow(&genomes(&mut cpu, INDIVIDUALS)));
        let scores = cpu.score(&few_steps(3)).expect("a score");
        all.push(narrow(&scores.values));
        all.push(vec![scores.steps]);
        if !matches!(proposals.last(), Some(Proposal::Offspring(_))) {
            let moments = cpu.recombine(&utilities(INDIVIDUALS)).expect("moments");
            all.push(wide(&moments.first));
            all.push(wide(&moments.second.expect("both were asked for")));
        }
        if matches!(task.kind(), Kind::Data(_)) {
            all.push(narrow(&cpu.forward().expect("outputs")));
        }
    }
    all
}

#[test]
fn results_do_not_depend_on_threads() {
    for name in ["cartpole", "pendulum", "xor"] {
        let task = task_by_name(name);
        let alone = on_threads(1, || results(&task));
        for threads in [2, 3] {
            assert!(on_threads(threads, || results(&task)) == alone, "{name}, {threads} threads");
        }
    }
}

#[test]
fn a_single_individual_has_the_same_bits_for_any_number_of_threads() {
    let task = task_by_name("acrobot");
    let score = || {
        let (mut cpu, genes) = opened(&task);
        cpu.spawn(&Proposal::Gaussian(gaussian(genes, 1))).expect("a valid proposal");
        cpu.score(&Episodes::new(1, Purpose::HeldOut, 0, 100)).expect("a score")
    };
    let alone = on_threads(1, score);
    for threads in [2, 3] {
        assert_eq!(on_threads(threads, score), alone);
    }
}

#[test]
fn every_task_scores_as_the_reference_does() {
    for task in tasks() {
        let name = &task.about().name;
        let (mut cpu, genes) = opened(&task);
        let mut reference = Reference::new(Arc::clone(&task), network(task.as_ref()));
        let proposal = Proposal::Gaussian(gaussian(genes, 60));
        spawn_all(&mut cpu, std::slice::from_ref(&proposal));
        spawn_all(&mut reference, &[proposal]);
        let exact = Episodes { exact_steps: Some(50), ..few_steps(1) };
        let held_out =
            Episodes { step_limit: Some(30), ..Episodes::new(9, Purpose::HeldOut, 0, 2) };
        for episodes in [few_steps(2), exact, held_out] {
            let found = cpu.score(&episodes).expect("a score");
            let expected = reference.score(&episodes).expect("a score");
            assert_agree(&found.values, &expected.values, DISAGREEMENT, name);
        }
    }
}

#[test]
fn the_score_of_an_individual_does_not_depend_on_others() {
    for task in tasks() {
        let (mut cpu, genes) = opened(&task);
        let (mut crowd, _) = opened(&task);
        cpu.spawn(&Proposal::Gaussian(gaussian(genes, 1))).expect("a valid proposal");
        crowd.spawn(&Proposal::Gaussian(gaussian(genes, 32))).expect("a valid proposal");
        // The lanes hold sixteen episodes of the single individual, in more than two blocks. In the
        // larger population they hold individuals.
        let episodes = few_steps(37);
        let (alone, crowd) = (cpu.score(&episodes), crowd.score(&episodes));
        let (alone, crowd) = (alone.expect("a score"), crowd.expect("a score"));
        assert_eq!(alone.values[0].to_bits(), crowd.values[0].to_bits(), "{}", task.about().name);
    }
}

#[test]
fn a_proposal_and_its_explicit_genomes_have_the_same_scores() {
    for name in ["cartpole", "xor"] {
        let task = task_by_name(name);
        for individuals in POPULATIONS {
            let (mut generated, genes) = opened(&task);
            let (mut explicit_cpu, _) = opened(&task);
            for (kind, proposals) in proposals(genes, individuals) {
                spawn_all(&mut generated, &proposals);
                let all = (0..individuals).flat_map(|i| generated.individual(i).expect("a genome"));
                let explicit = ExplicitGenomes { genomes: all.collect(), genes };
                explicit_cpu.spawn(&Proposal::Explicit(explicit)).expect("genomes");
                let found = generated.score(&few_steps(2)).expect("a score");
                let expected = explicit_cpu.score(&few_steps(2)).expect("a score");
                let what = format!("{name}, {individuals} individuals, {kind}");
                assert_eq!(bits(&found.values), bits(&expected.values), "{what}");
                assert_eq!(found.steps, expected.steps, "{what}");
            }
        }
    }
}

#[test]
fn sums_of_noise_are_those_of_the_reference() {
    let task = task_by_name("cartpole");
    for individuals in POPULATIONS {
        let (mut cpu, genes) = opened(&task);
        let mut reference = Reference::new(Arc::clone(&task), network(task.as_ref()));
        for (kind, proposals) in proposals(genes, individuals) {
            if matches!(proposals.last(), Some(Proposal::Offspring(_))) {
                continue;
            }
            spawn_all(&mut cpu, &proposals);
            spawn_all(&mut reference, &proposals);
            let found = cpu.recombine(&utilities(individuals)).expect("moments");
            let expected = reference.recombine(&utilities(individuals)).expect("moments");
            // A weight is at most 1, a normal or its square at most 20.
            let magnitude = 20.0 * individuals as f64;
            assert_same_sums(&found.first, &expected.first, magnitude, kind);
            let (found, expected) = (found.second, expected.second);
            let (found, expected) = (found.expect("both"), expected.expect("both"));
            assert_same_sums(&found, &expected, magnitude, kind);
        }
    }
}

#[test]
fn outputs_are_those_of_the_reference() {
    let task = task_by_name("digits");
    let (mut cpu, genes) = opened(&task);
    let mut reference = Reference::new(Arc::clone(&task), network(task.as_ref()));
    let proposal = Proposal::Gaussian(gaussian(genes, 3));
    spawn_all(&mut cpu, std::slice::from_ref(&proposal));
    spawn_all(&mut reference, &[proposal]);
    let (found, expected) = (cpu.forward(), reference.forward());
    let (found, expected) = (found.expect("outputs"), expected.expect("outputs"));
    assert_eq!(found.len(), expected.len());
    for (found, expected) in found.iter().zip(&expected) {
        // Sums of 64 products of magnitude below 2, and of 7.
        approx::assert_abs_diff_eq!(found, expected, epsilon = 1e-4);
    }
}
