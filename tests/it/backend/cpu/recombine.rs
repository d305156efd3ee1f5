//! Sums of noise on the CPU: those of the reference, with the same bits for any number of threads.

use std::sync::Arc;

use deme::backend::{Backend, Reference, recombine_on_cpu};
use deme::population::{Gaussian, Moments, Proposal, Utilities};

use super::super::{assert_same_sums, explicit, gaussian, utilities};
use super::on_threads;
use super::spawn::{GENES, with_genes};

/// Sources of noise that one task sums.
const TASK_SOURCES: usize = 16_384;

fn gaussian_proposal(genes: usize, individuals: usize, mirrored: bool) -> Proposal {
    Proposal::Gaussian(Gaussian { mirrored, ..gaussian(genes, individuals) })
}

fn bits(moments: &Moments) -> Vec<u64> {
    let second = moments.second.as_deref().unwrap_or_default();
    moments.first.iter().chain(second).map(|sum| sum.to_bits()).collect()
}

/// Fails if sums differ from the reference, or depend on the number of threads.
fn check(genes: usize, proposal: &Proposal) {
    let individuals = proposal.individuals();
    let utilities = utilities(individuals);
    let found = on_threads(1, || recombine_on_cpu(proposal, &utilities).expect("moments"));
    for threads in [2, 3] {
        let others = on_threads(threads, || recombine_on_cpu(proposal, &utilities));
        assert_eq!(bits(&others.expect("moments")), bits(&found), "{threads} threads");
    }
    let (task, network) = with_genes(genes);
    let mut reference = Reference::new(task, network);
    reference.spawn(proposal).expect("a valid proposal");
    let expected = reference.recombine(&utilities).expect("moments");
    // A weight is at most 1, a normal or its square 1 on average, and never above 20.
    let magnitude = 20.0 * (individuals as f64).min(64.0) + individuals as f64;
    let what = format!("{individuals} individuals, {genes} genes");
    assert_same_sums(&found.first, &expected.first, magnitude, &what);
    let (second, expected) = (found.second.expect("both"), expected.second.expect("both"));
    assert_same_sums(&second, &expected, magnitude, &what);

    // The first sum does not depend on the second.
    let alone = Utilities { second: None, ..utilities };
    let alone = recombine_on_cpu(proposal, &alone).expect("moments");
    assert!(alone.second.is_none());
    assert_eq!(bits(&alone), bits(&Moments { first: found.first, second: None }));
}

#[test]
fn any_number_with_genes_can_be_summed() {
    for genes in GENES {
        for individuals in [1, 2, 255, 256, 257, 1000] {
            check(genes, &gaussian_proposal(genes, individuals, false));
            check(genes, &Proposal::Explicit(explicit(genes, individuals)));
        }
        check(genes, &gaussian_proposal(genes, 514, true));
    }
}

#[test]
fn populations_larger_than_one_task_are_summed() {
    for individuals in [TASK_SOURCES, TASK_SOURCES + 1, 2 * TASK_SOURCES + 300] {
        check(9, &gaussian_proposal(9, individuals, false));
    }
    check(9, &gaussian_proposal(9, 2 * TASK_SOURCES + 2, true));
    check(129, &gaussian_proposal(129, TASK_SOURCES + 5, false));
}

#[test]
fn each_utility_belongs_to_its_individual() {
    for (genes, individuals, mirrored) in
        [(9, TASK_SOURCES + 3, false), (129, 300, false), (9, 2 * TASK_SOURCES + 4, true)]
    {
        let proposal = gaussian_proposal(genes, individuals, mirrored);
        let (task, network) = with_genes(genes);
        let unit = Arc::new(Gaussian {
            centre: vec![0.0; genes].into(),
            scale: deme::population::Scale::Uniform(1.0),
            mirrored,
            ..gaussian(genes, individuals)
        });
        let mut noise = deme::backend::Cpu::new(task, network);
        noise.spawn(&Proposal::Gaussian(unit.as_ref().clone())).expect("a valid proposal");
        for chosen in [0, 1, 255, 256, individuals - 2, individuals - 1] {
            let mut first = vec![0.0; individuals];
            first[chosen] = 1.0;
            let utilities = Utilities { second: Some(first.clone()), first };
            let moments = recombine_on_cpu(&proposal, &utilities).expect("moments");
            let expected = noise.individual(chosen).expect("an individual");
            let squares = moments.second.expect("both");
            for (gene, &z) in expected.iter().enumerate() {
                assert_eq!(moments.first[gene], f64::from(z), "{chosen} of {individuals}");
                assert_eq!(squares[gene], f64::from(z * z), "{chosen} of {individuals}");
            }
        }
    }
}
