//! Functions of any number of genes, minimised in double precision, and strategies let loose on
//! them.

use deme::backend::recombine_on_cpu;
use deme::population::{Gaussian, Proposal, Scale};
use deme::random::{NORMALS_A_BLOCK, Stream};
use deme::strategy::{Fitness, Recommendation, Strategy};

/// A function whose least value is 0.
pub type Function = fn(&[f64]) -> f64;

/// The function of a name.
pub fn named(name: &str) -> Function {
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

/// Axes from 1 to 1000 times as steep.
pub fn ellipsoid(x: &[f64]) -> f64 {
    let last = (x.len() - 1) as f64;
    let one_gene = |(i, x): (usize, &f64)| 10f64.powf(6.0 * i as f64 / last) * x * x;
    x.iter().enumerate().map(one_gene).sum()
}

pub fn rosenbrock(x: &[f64]) -> f64 {
    let one_pair = |x: &[f64]| 100.0 * (x[1] - x[0] * x[0]).powi(2) + (1.0 - x[0]).powi(2);
    x.windows(2).map(one_pair).sum()
}

/// The genomes of a proposal that needs no population before it.
pub fn genomes(proposal: &Proposal) -> Vec<Vec<f64>> {
    match proposal {
        Proposal::Gaussian(gaussian) => {
            (0..gaussian.individuals).map(|i| strayed(gaussian, i)).collect()
        }
        Proposal::Explicit(explicit) => {
            let rows = explicit.genomes.chunks(explicit.genes);
            rows.map(|row| row.iter().copied().map(f64::from).collect()).collect()
        }
        Proposal::Offspring(_) => panic!("children have parents"),
        Proposal::Graphs(_) => panic!("graphs have no genomes of one length"),
        Proposal::Painted(_) => panic!("graphs paint genomes on a backend"),
    }
}

/// The genome of an individual.
pub fn strayed(gaussian: &Gaussian, individual: usize) -> Vec<f64> {
    let (source, sign) = match (gaussian.mirrored, individual % 2) {
        (false, _) => (individual, 1.0),
        (true, 0) => (individual / 2, 1.0),
        (true, _) => (individual / 2, -1.0),
    };
    let place = gaussian.noise.place(Stream::Noise, source);
    let mut genome = Vec::with_capacity(gaussian.centre.len());
    for (block, centres) in gaussian.centre.chunks(NORMALS_A_BLOCK).enumerate() {
        let normals = place.normals(block as u32);
        for (n, centre) in centres.iter().enumerate() {
            let sigma = match &gaussian.scale {
                Scale::Uniform(sigma) => *sigma,
                Scale::PerGene(sigma) => sigma[block * NORMALS_A_BLOCK + n],
            };
            let strayed = f64::from(sigma) * sign * f64::from(normals[n]) + f64::from(*centre);
            genome.push(f64::from(strayed as f32));
        }
    }
    genome
}

/// Tells a strategy the fitness of a proposal.
pub fn tell(strategy: &mut dyn Strategy, proposal: &Proposal, values: Vec<f32>) {
    let fitness = Fitness::new(values);
    let weights = strategy.weights(&fitness);
    let moments = weights.map(|weights| recombine_on_cpu(proposal, &weights).unwrap());
    strategy.tell(&fitness, moments.as_ref()).unwrap();
}

/// The evaluations and the best value so far after every generation that improved it, until it is
/// at the target or the budget is spent.
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

/// The centre of the distribution.
pub fn centre(strategy: &dyn Strategy) -> Vec<f32> {
    match strategy.recommend() {
        Recommendation::Genome(centre) => centre,
        Recommendation::Individual(_) | Recommendation::Graph(_) => {
            panic!("its centre is what it recommends")
        }
    }
}

/// The deviations of a proposal, a gene each.
pub fn deviations(strategy: &dyn Strategy) -> Vec<f32> {
    match strategy.ask() {
        Proposal::Gaussian(Gaussian { scale: Scale::PerGene(scale), .. }) => scale.to_vec(),
        other => panic!("no deviations for each gene: {other:?}"),
    }
}
