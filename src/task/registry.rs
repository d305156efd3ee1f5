//! The registry: the built-in tasks, by name.

use std::path::Path;

use super::{
    Acrobot, COLLECTION, CartPole, CollectedWorld, DoublePole, DoublePoleHidden, Formula, Function,
    Maze, MountainCar, MountainCarContinuous, Pendulum, SinglePole, SwingUp, Task, World, digits,
    is_world_file, split_settings, xor,
};
use crate::error::{Error, Result};

/// The constructor of a task. A data set is read only when its task is constructed.
type Constructor = fn() -> Box<dyn Task>;

/// The number of control tasks in Rust, which come first.
const CONTROLS: usize = 11;

/// The built-in tasks by name, in the order of the documentation, without the [`COLLECTION`].
const REGISTRY: &[(&str, Constructor)] = &[
    ("cartpole", || Box::new(CartPole)),
    ("mountaincar", || Box::new(MountainCar)),
    ("mountaincar-continuous", || Box::new(MountainCarContinuous)),
    ("acrobot", || Box::new(Acrobot)),
    ("pendulum", || Box::new(Pendulum)),
    ("swingup", || Box::new(SwingUp::<false>)),
    ("swingup-hard", || Box::new(SwingUp::<true>)),
    ("single-pole", || Box::new(SinglePole)),
    ("double-pole", || Box::new(DoublePole::<false>)),
    ("double-pole-hidden", || Box::new(DoublePoleHidden)),
    ("maze", || Box::new(Maze)),
    ("xor", || Box::new(xor())),
    ("digits", || Box::new(digits())),
    ("sphere", || function(Formula::Sphere)),
    ("ellipsoid", || function(Formula::Ellipsoid)),
    ("cigar", || function(Formula::Cigar)),
    ("rosenbrock", || function(Formula::Rosenbrock)),
    ("rastrigin", || function(Formula::Rastrigin)),
    ("ackley", || function(Formula::Ackley)),
    ("saddle", || function(Formula::Saddle)),
    ("degenerate-saddle", || function(Formula::DegenerateSaddle)),
    ("monkey-saddle", || function(Formula::MonkeySaddle)),
    ("plateau", || function(Formula::Plateau)),
    ("gap", || function(Formula::Gap)),
    ("cliff", || function(Formula::Cliff)),
    ("deceptive-trap", || function(Formula::DeceptiveTrap)),
];

/// Returns the function that the name of a formula alone stands for.
fn function(formula: Formula) -> Box<dyn Task> {
    let function = Function::parse(formula.name()).expect("a formula's name");
    Box::new(function.expect("a name without dimensions"))
}

/// Returns the names of the built-in tasks, in the order of the documentation.
pub fn names() -> impl Iterator<Item = &'static str> {
    let (controls, others) = REGISTRY.split_at(CONTROLS);
    let names = |list: &'static [(&'static str, Constructor)]| list.iter().map(|&(name, _)| name);
    names(controls).chain(COLLECTION.iter().map(|world| world.name)).chain(names(others))
}

/// Returns the built-in tasks, in the order of the documentation.
pub fn all() -> Vec<Box<dyn Task>> {
    names().map(|name| by_name(name).expect("a built-in task")).collect()
}

/// Checks the name of a task of the caller's own: a folder can have the name, and no built-in task
/// or file has it.
pub(super) fn check_new_name(name: &str) -> Result<()> {
    let is_plain = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | ' ');
    if name.is_empty() || !name.chars().all(is_plain) {
        let expected = "letters, digits, hyphens, underscores and spaces, at least one";
        return Err(Error::invalid("the name of a task", expected, format!("'{name}'")));
    }
    if Function::parse(name).is_some() || names().any(|known| known == name) {
        let expected = "one that no built-in task has";
        return Err(Error::invalid("the name of a task", expected, format!("'{name}'")));
    }
    Ok(())
}

/// Returns the built-in task with a name, or the world of a file. Settings of parameters may follow
/// a colon: `cartpole:gravity=3,force=5..15`. The name of a function may have
/// further parts, see [`Function::parse`].
///
/// # Errors
/// Returns [`Error::Unknown`] with the known names and the closest one, or
/// an error if the parts of a function's name make no sense.
pub fn by_name(name: &str) -> Result<Box<dyn Task>> {
    if let Some(function) = Function::parse(name) {
        return Ok(Box::new(function?));
    }
    let (world, settings) = split_settings(name)?;
    if is_world_file(world) {
        return Ok(Box::new(World::read(Path::new(world), &settings)?));
    }
    if let Some(collected) = CollectedWorld::by_name(world) {
        return Ok(Box::new(collected.open(&settings)?));
    }
    if !settings.is_empty() {
        return Ok(Box::new(World::from_task(&*by_name(world)?, &settings)?));
    }
    match REGISTRY.iter().find(|(known, _)| *known == name) {
        Some((_, make)) => Ok(make()),
        None => Err(Error::unknown("task", name, names().map(String::from).collect::<Vec<_>>())),
    }
}
