//! Outside witnesses of the strategies for large genomes: searches are compared with
//! golden/large.json, made by golden/large.py.

use approx::assert_relative_eq;
use deme::population::Proposal;
use deme::strategy::{Fitness, Recommendation, Start, StopReason, Strategy};
use serde_json::Value;

use super::{begin, no_recombination};

/// A function to be minimised.
pub type Function = fn(&[f64]) -> f64;

fn sphere(x: &[f64]) -> f64 {
    x.iter().map(|x| x * x).sum()
}

fn ellipsoid(x: &[f64]) -> f64 {
    let last = (x.len() - 1) as f64;
    x.iter().enumerate().map(|(i, x)| 1e6f64.powf(i as f64 / last) * x * x).sum()
}

fn rosenbrock(x: &[f64]) -> f64 {
    x.windows(2).map(|x| 100.0 * (x[1] - x[0] * x[0]).powi(2) + (1.0 - x[0]).powi(2)).sum()
}

fn function(name: &str) -> Function {
    match name {
        "sphere" => sphere,
        "ellipsoid" => ellipsoid,
        "rosenbrock" => rosenbrock,
        other => panic!("no function '{other}'"),
    }
}

fn golden(strategy: &str) -> Value {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/golden/large.json");
    let text = std::fs::read_to_string(path).unwrap();
    serde_json::from_str::<Value>(&text).unwrap()[strategy].take()
}

/// Returns the genomes of a proposal that writes them out.
pub fn explicit_genomes(strategy: &dyn Strategy) -> Vec<Vec<f32>> {
    match strategy.ask() {
        Proposal::Explicit(explicit) => {
            explicit.genomes.chunks(explicit.genes).map(<[f32]>::to_vec).collect()
        }
        other => panic!("genomes were expected, not {other:?}"),
    }
}

/// Returns the recommended genome.
pub fn centre(strategy: &dyn Strategy) -> Vec<f32> {
    match strategy.recommend() {
        Recommendation::Genome(centre) => centre,
        Recommendation::Individual(_) | Recommendation::Graph(_) => {
            panic!("its centre is what it recommends")
        }
    }
}

/// Runs one generation on a function in double precision, and returns the lowest value.
pub fn descend(strategy: &mut dyn Strategy, function: impl Fn(&[f64]) -> f64) -> f64 {
    let genomes = explicit_genomes(strategy);
    let doubles = |genome: &Vec<f32>| genome.iter().copied().map(f64::from).collect::<Vec<_>>();
    let values: Vec<f64> = genomes.iter().map(|genome| function(&doubles(genome))).collect();
    let fitness = Fitness::new(values.iter().map(|&value| -value as f32).collect());
    strategy.tell(&fitness, &mut no_recombination).unwrap();
    values.into_iter().fold(f64::INFINITY, f64::min)
}

/// Compares a search with one of the witness, generation by generation, on the same noise.
pub fn assert_follows(name: &str) {
    let path = &golden(name)["path"];
    let number = |key: &str| path[key].as_f64().unwrap();
    let genes = number("genes") as usize;
    let start = Start {
        genes,
        centre: vec![number("start") as f32; genes],
        population: number("population") as usize,
        seed: number("seed") as u64,
    };
    let sigma = number("sigma").to_string();
    let mut strategy = begin(name, &[("sigma", &sigma)], start).unwrap();
    let centres = path["centres"].as_array().unwrap();
    assert!(centres.len() >= 20);
    for (generation, expected) in centres.iter().enumerate() {
        descend(&mut *strategy, ellipsoid);
        let sigma = path["sigmas"][generation].as_f64().unwrap();
        // The witness computes the table of normals with another program. A few of its entries,
        // which have single precision, may differ in the last bit.
        assert_relative_eq!(strategy.step_size(), sigma, max_relative = 1e-6);
        for (gene, expected) in centre(&*strategy).into_iter().zip(expected.as_array().unwrap()) {
            let (gene, expected) = (f64::from(gene), expected.as_f64().unwrap());
            assert_relative_eq!(gene, expected, max_relative = 1e-5, epsilon = 1e-6);
        }
    }
}

/// Returns the evaluations to a target.
fn evaluations(name: &str, f: Function, case: &Value, genes: usize, seed: u64) -> f64 {
    const LIMIT: usize = 2_000_000;
    let number = |key: &str| case[key].as_f64().unwrap();
    let population = number("population") as usize;
    let start = Start { genes, centre: vec![number("start") as f32; genes], population, seed };
    let sigma = number("sigma").to_string();
    let mut strategy = begin(name, &[("sigma", &sigma)], start).unwrap();
    for generation in 1..=LIMIT / population {
        if descend(&mut *strategy, f) <= number("target") {
            return (generation * population) as f64;
        }
    }
    f64::INFINITY
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// Checks that the median evaluations to each target exceed the witness's by at most a tenth.
pub fn assert_as_fast(name: &str, genes: usize) {
    let golden = golden(name);
    let cases = golden["evaluations"].as_object().unwrap();
    let mut slower = Vec::new();
    let mut compared = 0;
    for (case, expected) in cases {
        let (f, size) = case.split_once('-').unwrap();
        if size.parse() != Ok(genes) {
            continue;
        }
        let runs = expected["runs"].as_array().unwrap();
        let theirs = median(runs.iter().map(|r| r.as_f64().unwrap_or(f64::INFINITY)).collect());
        assert!(theirs.is_finite(), "{case}: the witness has not reached the target");
        let seeds = 1..=runs.len() as u64;
        let ours = seeds.map(|seed| evaluations(name, function(f), expected, genes, seed));
        let ours = median(ours.collect());
        compared += 1;
        println!("{name} {case}: {ours} evaluations, witness {theirs}, {:.3}", ours / theirs);
        if ours > 1.1 * theirs {
            slower.push(format!("{case}: {ours} evaluations, the witness {theirs}"));
        }
    }
    assert_eq!(compared, 3);
    assert!(slower.is_empty(), "{slower:?}");
}

/// Returns the stop reason of a search with default settings, and its generations.
pub fn run_to_end(name: &str, f: impl Fn(&[f64]) -> f64) -> (StopReason, usize) {
    let start = Start { genes: 10, centre: vec![0.75; 10], population: 10, seed: 3 };
    let mut strategy = begin(name, &[], start).unwrap();
    for generation in 0..5000 {
        if let Some(stop) = strategy.stop_reason() {
            return (stop, generation);
        }
        descend(&mut *strategy, &f);
    }
    panic!("{name} has not stopped");
}

/// Checks the stop rules of a search whose step size adapts.
pub fn assert_stops(name: &str) {
    assert_eq!(run_to_end(name, sphere).0, StopReason::TinySteps);
    assert_eq!(run_to_end(name, |x| -x.iter().sum::<f64>()).0, StopReason::Diverging);
    // Near 1 the resolution of single precision is 2^-23, and smaller steps have no effect.
    assert_eq!(
        run_to_end(name, |x| x.iter().map(|x| (x - 1.25).powi(2)).sum()).0,
        StopReason::NoEffect
    );
    let (stop, generations) = run_to_end(name, |x| x[0].signum());
    assert_eq!(stop, StopReason::FlatFitness);
    // 10 + 30 genes / population generations, after a few with another best fitness.
    assert!((40..=45).contains(&generations), "{generations}");
}
