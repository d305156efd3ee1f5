//! Functions of any number of genes, minimised in double precision, and helpers that run strategies
//! on them.

use deme::backend::recombine_on_cpu;
use deme::population::{Gaussian, Proposal, Scale};
use deme::random::{NORMALS_PER_BLOCK, Stream};
use deme::strategy::{Fitness, Recommendation, Strategy};

/// A function whose smallest value is 0.
pub type Function = fn(&[f64]) -> f64;

/// Returns the function of a name.
pub fn by_name(name: &str) -> Function {
    match name {
        "sphere" => sphere,
        "ellipsoid" => ellipsoid,
        "rosenbrock" => rosenbrock,
        other => panic!("no function {other}"),
    }
}

pub fn sphere(x: &[f64]) -> f64 {
    x.iter().map(|x| x * x).sum()
}

/// An ellipsoid whose axes differ by factors of up to 1000 in length.
pub fn ellipsoid(x: &[f64]) -> f64 {
    let last = (x.len() - 1) as f64;
    let one_gene = |(i, x): (usize, &f64)| 10f64.powf(6.0 * i as f64 / last) * x * x;
    x.iter().enumerate().map(one_gene).sum()
}

pub fn rosenbrock(x: &[f64]) -> f64 {
    let one_pair = |x: &[f64]| 100.0 * (x[1] - x[0] * x[0]).powi(2) + (1.0 - x[0]).powi(2);
    x.windows(2).map(one_pair).sum()
}

/// Returns the genomes of a proposal that needs no earlier population.
pub fn genomes(proposal: &Proposal) -> Vec<Vec<f64>> {
    match proposal {
        Proposal::Gaussian(gaussian) => {
            (0..gaussian.individuals).map(|i| sample(gaussian, i)).collect()
        }
        Proposal::Explicit(explicit) => {
            let rows = explicit.genomes.chunks(explicit.genes);
            rows.map(|row| row.iter().copied().map(f64::from).collect()).collect()
        }
        Proposal::Offspring(_) => panic!("children have parents"),
        Proposal::Graphs(_) => panic!("graphs have no genomes of one length"),
        Proposal::Cppn(_) => panic!("backends decode these genomes"),
    }
}

/// Returns the genome of an individual.
pub fn sample(gaussian: &Gaussian, individual: usize) -> Vec<f64> {
    let (source, sign) = match (gaussian.mirrored, individual % 2) {
        (false, _) => (individual, 1.0),
        (true, 0) => (individual / 2, 1.0),
        (true, _) => (individual / 2, -1.0),
    };
    let counter = gaussian.noise.counter(Stream::Noise, source);
    let mut genome = Vec::with_capacity(gaussian.centre.len());
    for (block, centres) in gaussian.centre.chunks(NORMALS_PER_BLOCK).enumerate() {
        let normals = counter.normals(block as u32);
        for (n, centre) in centres.iter().enumerate() {
            let sigma = match &gaussian.scale {
                Scale::Uniform(sigma) => *sigma,
                Scale::PerGene(sigma) => sigma[block * NORMALS_PER_BLOCK + n],
            };
            let sample = f64::from(sigma) * sign * f64::from(normals[n]) + f64::from(*centre);
            genome.push(f64::from(sample as f32));
        }
    }
    genome
}

/// Tells a strategy the fitness of a proposal, with the recombination of the CPU.
pub fn tell(strategy: &mut dyn Strategy, proposal: &Proposal, values: Vec<f32>) {
    let fitness = Fitness::new(values);
    strategy.tell(&fitness, &mut |utilities| recombine_on_cpu(proposal, utilities)).unwrap();
}

/// Minimises a function until it reaches the target or has used its budget. Returns the evaluations
/// and the best value after each generation that improved it.
pub fn minimise(
    strategy: &mut dyn Strategy,
    function: impl Fn(&[f64]) -> f64,
    target: f64,
    budget: usize,
) -> Vec<(usize, f64)> {
    let (mut evaluations, mut curve, mut best) = (0, Vec::new(), f64::INFINITY);
    while best > target {
        let proposal = strategy.ask();
        evaluations += proposal.individuals();
        if evaluations > budget {
            break;
        }
        let values: Vec<f64> = genomes(&proposal).iter().map(|genome| function(genome)).collect();
        let least = values.iter().copied().fold(f64::INFINITY, f64::min);
        if least < best {
            best = least;
            curve.push((evaluations, best));
        }
        tell(strategy, &proposal, values.iter().map(|&value| -value as f32).collect());
    }
    curve
}

/// Returns the centre of the distribution.
pub fn centre(strategy: &dyn Strategy) -> Vec<f32> {
    match strategy.recommend() {
        Recommendation::Genome(centre) => centre,
        Recommendation::Individual(_) | Recommendation::Graph(_) => {
            panic!("its centre is what it recommends")
        }
    }
}

/// Returns the standard deviation of each gene of a proposal.
pub fn deviations(strategy: &dyn Strategy) -> Vec<f32> {
    match strategy.ask() {
        Proposal::Gaussian(Gaussian { scale: Scale::PerGene(scale), .. }) => scale.to_vec(),
        other => panic!("no deviations for each gene: {other:?}"),
    }
}
