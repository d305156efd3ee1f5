//! Descent: steps of `adam` and `sgd` worked out by hand, epochs, and what is refused.

use deme::error::Result;
use deme::gradient::{Lesson, LossGradient};
use deme::run::{self, Request, ResumeRequest};
use deme::strategy::{self, Fitness, Recommendation, Settings, Start, Strategy};
use tempfile::TempDir;

use super::{no_recombination, settings};

/// The loss `slope * x` in every gene, with a log of the samples of each step.
struct Ramp {
    slopes: Vec<f32>,
    samples: usize,
    batches: Vec<Vec<u32>>,
}

impl LossGradient for Ramp {
    fn samples(&self) -> usize {
        self.samples
    }
    fn descend(&mut self, _: &[f32], samples: &[u32], gradient: &mut [f32]) -> f64 {
        self.batches.push(samples.to_vec());
        gradient.copy_from_slice(&self.slopes);
        0.0
    }
}

fn begin(name: &str, pairs: &[(&str, &str)], centre: Vec<f32>) -> Result<Box<dyn Strategy>> {
    let start = Start { genes: centre.len(), centre, population: 1, seed: 3 };
    let settings: Settings = settings(pairs);
    strategy::by_name(name)?.begin(&settings, start)
}

/// Runs generations on a ramp, and returns the genome after each.
fn descend(strategy: &mut dyn Strategy, ramp: &mut Ramp, generations: usize) -> Vec<Vec<f32>> {
    let mut genomes = Vec::new();
    for _ in 0..generations {
        assert_eq!(strategy.ask().individuals(), 1);
        strategy.tell(&Fitness::new(vec![0.0]), &mut no_recombination).expect("one fitness");
        strategy.learn(Lesson::Loss(ramp)).expect("a step");
        let Recommendation::Genome(genome) = strategy.recommend() else { panic!("a genome") };
        genomes.push(genome);
    }
    genomes
}

fn ramp(slopes: &[f32], samples: usize) -> Ramp {
    Ramp { slopes: slopes.to_vec(), samples, batches: Vec::new() }
}

#[test]
fn adam_moves_every_gene_by_the_learning_rate_along_a_constant_slope() {
    let mut adam = begin("adam", &[("learning-rate", "0.25")], vec![1.0, -2.0]).expect("adam");
    let genomes = descend(&mut *adam, &mut ramp(&[5.0, -0.01], 1), 3);
    for (steps, genome) in (1..).zip(genomes) {
        assert!((genome[0] - (1.0 - 0.25 * steps as f32)).abs() < 1e-5, "{genome:?}");
        assert!((genome[1] - (-2.0 + 0.25 * steps as f32)).abs() < 1e-5, "{genome:?}");
    }
}

#[test]
fn sgd_sums_decaying_gradients() {
    let pairs = [("learning-rate", "0.5"), ("momentum", "0.5")];
    let mut sgd = begin("sgd", &pairs, vec![0.0]).expect("sgd");
    let genomes = descend(&mut *sgd, &mut ramp(&[4.0], 1), 3);
    // Velocities 4, 6 and 7.
    assert_eq!(genomes, [[-2.0], [-5.0], [-8.5]]);
}

#[test]
fn weight_decay_clip_and_noise_act_as_they_say() {
    let pairs = [("learning-rate", "0.5"), ("momentum", "0"), ("weight-decay", "0.5")];
    let mut sgd = begin("sgd", &pairs, vec![8.0]).expect("sgd");
    assert_eq!(descend(&mut *sgd, &mut ramp(&[0.0], 1), 2), [[6.0], [4.5]]);
    let pairs = [("learning-rate", "1"), ("momentum", "0"), ("clip", "5")];
    let mut sgd = begin("sgd", &pairs, vec![0.0, 0.0]).expect("sgd");
    assert_eq!(descend(&mut *sgd, &mut ramp(&[6.0, 8.0], 1), 1), [[-3.0, -4.0]]);
    let noisy = [("learning-rate", "1"), ("momentum", "0"), ("noise", "2")];
    let mut sgd = begin("sgd", &noisy, vec![0.0; 4096]).expect("sgd");
    let genome = descend(&mut *sgd, &mut ramp(&[0.0; 4096], 1), 1).remove(0);
    let mean_square = genome.iter().map(|x| x * x).sum::<f32>() / 4096.0;
    assert!((mean_square - 4.0).abs() < 0.4, "{mean_square}");
}

#[test]
fn an_epoch_takes_every_sample_once_in_another_order_each_time() {
    for name in ["adam", "sgd"] {
        let mut strategy = begin(name, &[("batch", "16")], vec![0.0]).expect("a descent");
        let mut ramp = ramp(&[0.0], 50);
        descend(&mut *strategy, &mut ramp, 2);
        let sizes: Vec<usize> = ramp.batches.iter().map(Vec::len).collect();
        assert_eq!(sizes, [16, 16, 16, 2, 16, 16, 16, 2]);
        let epochs = ramp.batches.chunks(4).map(|epoch| epoch.concat());
        let epochs: Vec<Vec<u32>> = epochs.collect();
        assert_ne!(epochs[0], epochs[1]);
        for mut epoch in epochs {
            epoch.sort_unstable();
            assert_eq!(epoch, (0..50).collect::<Vec<_>>());
        }
    }
}

#[test]
fn a_loss_that_diverges_names_the_learning_rate() {
    let pairs = [("learning-rate", "1e30"), ("momentum", "0")];
    let mut sgd = begin("sgd", &pairs, vec![0.0]).expect("sgd");
    let error = sgd.learn(Lesson::Loss(&mut ramp(&[1e30], 1))).expect_err("it diverges");
    assert!(error.to_string().contains("--set learning-rate"), "{error}");
}

#[test]
fn only_one_network_is_trained_and_only_where_there_is_a_gradient() {
    let check = |task: &str, strategy: &str, change: &dyn Fn(&mut Request)| {
        let mut request = Request { strategy: Some(strategy.into()), ..Request::for_task(task) };
        change(&mut request);
        match request.check().and_then(|config| run::dry_run(&config).map(|_| ())) {
            Ok(()) => String::new(),
            Err(error) => error.to_string(),
        }
    };
    let nothing = |_: &mut Request| {};
    for (task, strategy) in [("digits", "adam"), ("xor", "sgd"), ("saddle-3", "sgd")] {
        assert_eq!(check(task, strategy, &nothing), "");
    }
    assert_eq!(check("cartpole", "ppo", &nothing), "");
    for (task, strategy, word) in [
        ("cartpole", "adam", "a data set or a function"),
        ("xor", "ppo", "a control task"),
        ("sphere", "ppo", "a control task"),
    ] {
        let problem = check(task, strategy, &nothing);
        assert!(problem.contains(word) && problem.contains(strategy), "{problem}");
    }
    let several = |request: &mut Request| request.population = Some(8);
    assert!(check("xor", "adam", &several).contains("--population"));
    let elman = |request: &mut Request| request.network = Some("4:elman".into());
    assert!(check("cartpole", "ppo", &elman).contains("elman"));
    let normalised = |request: &mut Request| request.normalise_observations = Some(true);
    assert!(check("cartpole", "ppo", &normalised).contains("--normalise-observations"));
}

#[test]
fn a_stopped_run_continues_to_the_same_bits() {
    for (task, strategy) in [("xor", "adam"), ("saddle", "sgd"), ("cartpole", "ppo")] {
        let folder = TempDir::new().expect("a temporary folder");
        let train = |name: &str, generations: u64| {
            let request = Request {
                strategy: Some(strategy.into()),
                generations: Some(generations),
                until: Some("never".into()),
                backend: Some("cpu".into()),
                seed: Some(7),
                ..Request::for_task(task)
            };
            let config = request.check().expect("a configuration");
            run::train(&config.with_folder(folder.path().join(name)), &mut ()).expect("a run")
        };
        let whole = train("whole", 6);
        train("parts", 2);
        let request = ResumeRequest {
            generations: Some(6),
            ..ResumeRequest::new(folder.path().join("parts"))
        };
        let resumed = run::resume(&request, &mut ()).expect("it continues");
        assert_eq!(resumed.champion, whole.champion, "{strategy}");
        assert_eq!(resumed.evaluations, whole.evaluations, "{strategy}");
        assert_eq!(resumed.environment_steps, whole.environment_steps, "{strategy}");
        let log = |name: &str| {
            let text = std::fs::read_to_string(folder.path().join(name).join("log.jsonl"));
            text.expect("a log")
        };
        let (parts, whole) = (log("parts"), log("whole"));
        assert_eq!(parts.lines().count(), 6);
        assert_eq!(parts, whole, "{strategy}");
    }
}
