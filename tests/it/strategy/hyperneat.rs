//! HyperNEAT: the weights that its graphs generate, and a task that they solve.

use std::sync::Arc;

use deme::network::{Activation, COORDINATES_PER_GENE, Network};
use deme::population::Proposal;
use deme::run::{self, Request};
use deme::strategy::{self, Recommendation, Start, Strategy};
use deme::task::{self, Task};

use super::{complaint, settings};

fn begun(spec: &str, pairs: &[(&str, &str)]) -> deme::error::Result<Box<dyn Strategy>> {
    let task: Arc<dyn Task> = task::by_name("cartpole").expect("a task").into();
    let network: Network = task.network(spec, Activation::Tanh).expect("a network");
    let genes = network.parameters();
    let start = Start { genes, centre: vec![0.5; genes], population: 20, seed: 1 };
    let entry = strategy::by_name("hyperneat").expect("it is in the registry");
    entry.begin_for_network(&settings(pairs), start, task.ports(), &network)
}

#[test]
fn it_generates_weights_for_the_given_network() {
    let strategy = begun("6-3", &[("weight-scale", "2")]).expect("good settings");
    let Proposal::Cppn(cppns) = strategy.ask() else { panic!("no CPPNs") };
    assert_eq!(cppns.substrate.genes(), 4 * 6 + 6 + 6 * 3 + 3 + 3 * 2 + 2);
    assert_eq!(cppns.substrate.scale(), (0.2, 2.0));
    assert_eq!(cppns.graphs.individuals.len(), 20);
    for graph in cppns.graphs.individuals.iter() {
        assert_eq!((graph.inputs as usize, graph.outputs), (COORDINATES_PER_GENE, 1));
    }
    let Recommendation::Genome(guess) = strategy.recommend() else { panic!("no genome") };
    assert_eq!(guess, vec![0.5; cppns.substrate.genes()]);
}

#[test]
fn networks_without_a_substrate_are_refused() {
    assert_eq!(complaint(begun("4:gru", &[])), "a substrate");
    assert_eq!(complaint(begun("4", &[("columns", "3")])), "a substrate");
    assert_eq!(complaint(begun("4", &[("weight-threshold", "1")])), "--set weight-threshold");
}

#[test]
fn it_balances_a_pole_with_many_more_weights_than_its_graphs_have_genes() {
    let mut evaluations = Vec::new();
    for seed in 1..=5 {
        let request = Request {
            strategy: Some("hyperneat".into()),
            network: Some("32-32".into()),
            backend: Some("cpu".into()),
            generations: Some(60),
            seed: Some(seed),
            ..Request::for_task("cartpole")
        };
        let summary = run::train(&request.check().expect("a request"), &mut ()).expect("a run");
        assert!(summary.solved, "seed {seed}");
        evaluations.push(summary.evaluations);
    }
    evaluations.sort_unstable();
    assert!(evaluations[2] <= 1_500, "{evaluations:?}");
}
