//! A control task that is defined outside the crate, as those of a user are: everything that the
//! library does with a built-in task works with it.

use std::borrow::Cow;
use std::sync::Arc;

use deme::champion::Champion;
use deme::export;
use deme::math::Real;
use deme::play::{self, HeldOutSet};
use deme::report::runs::RunReport;
use deme::run::{self, Request, ResumeRequest, SavedRun};
use deme::study::{Seeds, Study, StudyRequest};
use deme::task::{
    About, Actions, Body, Control, Defaults, Labels, Picture, Quantity, Task, write_observation,
};
use deme::verify::{CpuImplementation, Ladder};

/// A heavy wheel that a motor stops upright: state `[angle rad, speed rad/s]`.
struct Wheel;

static ABOUT: About = About {
    name: Cow::Borrowed("wheel"),
    summary: Cow::Borrowed("a wheel that a motor holds upright"),
    source: Cow::Borrowed("this test"),
    threshold: Some(-2.0),
    defaults: Defaults {
        strategy: "openai-es",
        network: "4",
        population: 32,
        generations: 60,
        episodes: 4,
        normalise_observations: false,
        settings: &[("sigma", "0.3"), ("learning-rate", "0.3")],
    },
};
static OBSERVATIONS: [Quantity; 2] = [
    Quantity::bounded("angle", "angle from upright", "rad", 4.0),
    Quantity::unbounded("speed", "angular speed", "rad/s"),
];
static ACTIONS: [Quantity; 1] = [Quantity::bounded("torque", "torque of the motor", "N m", 2.0)];

impl Control for Wheel {
    type State<R: Real> = [R; 2];
    const DRAWS: usize = 2;
    const OBSERVATIONS: usize = 2;
    const ACTIONS: Actions = Actions::Force { count: 1, limit: 2.0 };
    const STEP_LIMIT: u32 = 50;

    fn about(&self) -> &About {
        &ABOUT
    }
    fn picture(&self) -> Option<Picture> {
        Some(Picture { body: Body::Pendulum { length: 1.0 }, step_seconds: 0.05 })
    }
    fn labels(&self) -> Labels {
        Labels {
            observations: &OBSERVATIONS,
            actions: &ACTIONS,
            reward: "minus the square of the angle, a tenth of it.",
            ends: "the angle exceeds 4 rad.",
            returns: [-80.0, 0.0],
        }
    }
    fn start<R: Real>(&self, draws: &[R]) -> [R; 2] {
        let one = R::from_f64(1.0);
        [R::from_f64(2.0) * draws[0] - one, R::from_f64(2.0) * draws[1] - one]
    }
    fn observe<R: Real>(&self, state: &[R; 2], observation: &mut [R]) {
        write_observation(state, observation);
    }
    fn step<R: Real>(&self, &[angle, speed]: &[R; 2], action: &[R]) -> ([R; 2], R) {
        let seconds = R::from_f64(0.05);
        let speed = speed + seconds * action[0];
        let angle = angle + seconds * speed;
        ([angle, speed], R::from_f64(-0.1) * angle * angle)
    }
    fn terminated<R: Real>(&self, &[angle, _]: &[R; 2]) -> R::Mask {
        (angle * angle).above(R::from_f64(16.0))
    }
}

fn wheel() -> Arc<dyn Task> {
    Arc::new(Wheel)
}

fn request() -> Request {
    Request { seed: Some(3), backend: Some("cpu".into()), ..Request::default() }
}

#[test]
fn it_trains_resumes_plays_and_is_drawn() {
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().join("wheel");
    let first = Request {
        generations: Some(3),
        until: Some("never".into()),
        out: Some(out.clone()),
        ..request()
    };
    let config = first.check_with_task(wheel()).expect("a configuration");
    run::train(&config, &mut ()).expect("a run");
    let resume = ResumeRequest {
        generations: Some(60),
        until: Some("solved".into()),
        ..ResumeRequest::new(&out)
    };
    let summary = run::resume_with_task(&resume, wheel(), &mut ()).expect("a run");
    assert!(summary.solved && summary.generations > 3, "{:?}", summary.score);

    let mut champion = Champion::read(&out).expect("a champion");
    let held_out = HeldOutSet::new(wheel(), 3);
    assert!(held_out.score(&mut champion).expect("a score").score >= -2.0);
    let mut gif = Vec::new();
    play::write_animation(&held_out, &mut champion, 0, &mut gif).expect("an animation");
    assert!(gif.starts_with(b"GIF89a"));
    let strip = play::draw_film_strip(&held_out, &mut champion, 1).expect("a strip");
    assert!(strip.svg().contains("torque"), "its action has a name");
    let mut trace = Vec::new();
    play::write_trace(&held_out.with_episodes(1), &mut champion, &mut trace).expect("a trace");
    assert!(String::from_utf8(trace).expect("text").contains("observation_angle"));
    assert!(export::rust(&champion).expect("a program").contains("fn act"));

    let report = RunReport::from_runs(&[SavedRun::read(&out).expect("a run")]);
    assert_eq!(report.tasks(), ["wheel"]);
    RunReport::read(&[&out]).expect("a report with a network");
}

#[test]
fn strategies_are_compared_on_it_and_a_study_continues() {
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().join("study");
    let strategies = ["openai-es", "snes"].map(|name| name.parse().expect("a strategy"));
    let seeds = Seeds { first: 1, count: 2 };
    let few = Request { generations: Some(3), until: Some("never".into()), ..request() };
    let study = Study::with_task(&few, &strategies, seeds, wheel()).expect("a study");
    let results = study.with_folder(&out).expect("a new folder").run(&mut ()).expect("results");
    assert_eq!((results.task.as_str(), results.trials.len()), ("wheel", 4));
    assert!(results.trials.iter().all(|trial| trial.error.is_none()), "{:?}", results.trials);
    let last = results.trials[3].run_directory.as_ref().expect("a run folder");
    std::fs::remove_dir_all(last).expect("a run folder");
    let resume = StudyRequest::default();
    let study = Study::resume_with_task(&out, &resume, wheel()).expect("a study");
    assert_eq!(study.trials_done(), 3);
    assert_eq!(study.run(&mut ()).expect("results").trials.len(), 4);
}

#[test]
fn it_is_verified_and_described() {
    let ladder = Ladder::for_own_tasks([wheel()]);
    let rungs = ladder.check_tasks(&CpuImplementation::default()).expect("no device");
    for rung in &rungs {
        assert!(rung.passed(), "{rung:?}");
    }
    let steps = rungs.iter().find(|rung| rung.name == "4 steps").expect("single steps");
    assert!(steps.subject == "wheel" && steps.checked > 10_000, "{steps:?}");
    let description = wheel().description();
    assert_eq!(description.inputs[1].unit, "rad/s");
    assert_eq!(description.facts[0].0, "reward");
}
