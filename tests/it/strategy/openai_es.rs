//! OpenAI-ES: the gradient of Algorithm 1, its decay, and its schedules.

use approx::{assert_abs_diff_eq, assert_relative_eq};
use deme::backend::recombine_on_cpu;
use deme::population::{Moments, Proposal, Scale};
use deme::strategy::{Fitness, Recommendation, Start, Strategy};

use super::{GENES, begin, complaint, requested_utilities, start, tell_moments};

/// Plain gradient ascent, whose step is the gradient itself.
const PLAIN: [(&str, &str); 3] = [("optimiser", "sgd"), ("momentum", "0"), ("learning-rate", "1")];

fn centre(strategy: &dyn Strategy) -> Vec<f32> {
    match strategy.recommend() {
        Recommendation::Genome(centre) => centre,
        Recommendation::Individual(_) | Recommendation::Graph(_) => {
            panic!("its centre is what it recommends")
        }
    }
}

fn plain(more: &[(&'static str, &'static str)], start: Start) -> Box<dyn Strategy> {
    begin("openai-es", &[PLAIN.as_slice(), more].concat(), start).unwrap()
}

fn moments(first: f64, genes: usize) -> Moments {
    Moments { first: vec![first; genes], second: None }
}

#[test]
fn it_asks_for_mirrored_pairs_around_the_centre() {
    let strategy = plain(&[("sigma", "0.25")], start(8, 3));
    let Proposal::Gaussian(gaussian) = strategy.ask() else { panic!("no Gaussian") };
    assert!(gaussian.mirrored);
    assert_eq!(gaussian.scale, Scale::Uniform(0.25));
    assert_eq!((gaussian.noise.seed, gaussian.noise.generation), (3, 0));
}

#[test]
fn an_odd_population_is_refused() {
    assert_eq!(complaint(begin("openai-es", &[], start(7, 1))), "--population");
}

#[test]
fn a_momentum_of_1_which_would_never_move_is_refused() {
    let begun = begin("openai-es", &[("momentum", "1")], start(8, 1));
    assert_eq!(complaint(begun), "--set momentum");
}

/// The fitness of an individual on `f(x) = a . x` is the projection z of its noise on a, a standard
/// normal. Its centred rank tends to `Phi(z) - 1/2`, and E[(Phi(z) - 1/2) z] = E[phi(z)] =
/// 1 / (2 sqrt(pi)). The gradient is therefore a / |a| / (2 sqrt(pi) sigma), whatever |a|.
#[test]
fn on_a_linear_function_the_gradient_has_the_analytic_direction_and_size() {
    const POPULATION: usize = 1 << 16;
    const SIGMA: f64 = 0.5;
    let slope = [3.0f64, 0.0, -4.0];
    let start = Start { genes: 3, centre: vec![1.0; 3], population: POPULATION, seed: 5 };
    let mut strategy = plain(&[("sigma", "0.5")], start);
    let proposal = strategy.ask();
    let Proposal::Gaussian(gaussian) = &proposal else { panic!("no Gaussian") };
    let value = |i: usize| {
        let noise = gaussian.noise.counter(deme::random::Stream::Noise, i / 2).normals(0);
        let sign = if i.is_multiple_of(2) { 1.0 } else { -1.0 };
        let rise: f64 = slope.iter().zip(noise).map(|(a, z)| a * f64::from(z)).sum();
        (sign * SIGMA * rise) as f32
    };
    let fitness = Fitness::new((0..POPULATION).map(value).collect());
    strategy.tell(&fitness, &mut |utilities| recombine_on_cpu(&proposal, utilities)).unwrap();

    // A mirrored pair contributes 2 u z with E[u^2] = 1/12, so that the sum over n has a standard
    // error of sqrt(1 / (6 n)) a gene before it is divided by sigma; five of them are allowed.
    let allowed = 5.0 * (1.0 / (6.0 * POPULATION as f64)).sqrt() / SIGMA;
    let length = 1.0 / (2.0 * std::f64::consts::PI.sqrt() * SIGMA);
    for (gene, direction) in centre(&*strategy).into_iter().zip([0.6, 0.0, -0.8]) {
        assert_abs_diff_eq!(f64::from(gene) - 1.0, direction * length, epsilon = allowed);
    }
}

#[test]
fn a_step_is_the_sum_over_n_sigma_less_the_weight_decay() {
    let more = [("sigma", "0.5"), ("weight-decay", "0.125")];
    let mut strategy = plain(&more, start(4, 1));
    let fitness = Fitness::new(vec![1.0, 2.0, 3.0, 4.0]);
    tell_moments(&mut *strategy, &fitness, &moments(3.0, GENES)).unwrap();
    // 1 + 3 / (4 * 0.5) - 0.125 * 1
    assert_eq!(centre(&*strategy), [2.375; GENES]);
}

#[test]
fn the_utilities_are_the_centred_ranks() {
    let mut strategy = plain(&[], start(4, 1));
    let utilities = requested_utilities(&mut *strategy, &[1.0, 4.0, f32::NAN, 4.0]);
    assert_eq!(utilities.second, None);
    let expected = [-1.0 / 6.0, 1.0 / 3.0, -0.5, 1.0 / 3.0];
    for (utility, expected) in utilities.first.iter().zip(expected) {
        assert_relative_eq!(*utility, expected);
    }
}

#[test]
fn momentum_and_decay_pause_in_a_flat_generation() {
    let more = [("momentum", "0.9"), ("weight-decay", "0.1")];
    let mut strategy = plain(&more, start(4, 1));
    let ranked = Fitness::new(vec![1.0, 2.0, 3.0, 4.0]);
    tell_moments(&mut *strategy, &ranked, &moments(3.0, GENES)).unwrap();
    let before = centre(&*strategy);
    tell_moments(&mut *strategy, &Fitness::new(vec![2.0; 4]), &moments(0.0, GENES)).unwrap();
    tell_moments(&mut *strategy, &Fitness::new(vec![f32::NAN; 4]), &moments(0.0, GENES)).unwrap();
    assert_eq!(centre(&*strategy), before);
}

#[test]
fn a_step_that_overflows_is_an_error_and_not_a_population_of_infinities() {
    let begun = begin("openai-es", &[PLAIN[0], PLAIN[1], ("learning-rate", "3e38")], start(4, 1));
    let mut strategy = begun.unwrap();
    let fitness = Fitness::new(vec![1.0, 2.0, 3.0, 4.0]);
    let result = tell_moments(&mut *strategy, &fitness, &moments(100.0, GENES));
    assert_eq!(complaint(result), "--set learning-rate");
    assert_eq!(centre(&*strategy), [1.0; GENES]);
}

#[test]
fn the_centre_gathers_steps_too_small_for_single_precision() {
    let start = Start { genes: 1, centre: vec![1.0], population: 4, seed: 1 };
    let mut strategy = plain(&[("sigma", "0.25")], start);
    let fitness = Fitness::new(vec![1.0, 2.0, 3.0, 4.0]);
    for _ in 0..1000 {
        tell_moments(&mut *strategy, &fitness, &moments(1e-8, 1)).unwrap();
    }
    assert_abs_diff_eq!(centre(&*strategy)[0], 1.00001, epsilon = 1e-7);
}
