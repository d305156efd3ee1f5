//! Trains neural networks by evolution: whole populations at once, on any GPU, proven against the
//! CPU.
//!
//! A *deme* is a population that breeds together. The weights of all its networks are packed into
//! one buffer; one dispatch of a WGSL compute shader runs every network on its task; between
//! dispatches the CPU ranks, selects and recombines.
//!
//! # The loop
//!
//! ```text
//!           Proposal (a recipe: kilobytes)              Fitness (one f32 each)
//! Strategy ──────── ask ────────▶ Backend.spawn ─▶ Backend.score ──── tell ────▶ Strategy
//!     ▲                             (packed population stays here)                  │
//!     └──────── Moments (two genomes long) ◀── Backend.recombine ◀── weights ───────┘
//! ```
//!
//! # Examples
//!
//! Train with a task's defaults:
//!
//! ```
//! use deme::run::{self, Request};
//! let summary = run::train(&Request::of("xor").check()?, &mut ())?;
//! assert!(summary.solved);
//! # Ok::<(), deme::error::Error>(())
//! ```
//!
//! The loop by hand:
//!
//! ```
//! use std::sync::Arc;
//! use deme::backend::{Backend, Cpu, Episodes, Purpose};
//! use deme::network::{Activation, Initial, Network};
//! use deme::strategy::{self, Fitness, Settings, Start};
//!
//! let task: Arc<dyn deme::task::Task> = deme::task::named("cartpole")?.into();
//! let network = Network::parse("8", task.inputs(), task.outputs(), Activation::Tanh)?;
//! let (genes, population, seed) = (network.parameters(), 32, 1);
//! let centre = network.initial(Initial::Xavier, seed);
//! let start = Start { genes, centre, population, seed };
//! let mut strategy = strategy::named("openai-es")?.begin(&Settings::default(), start)?;
//! let mut backend = Cpu::new(task, network);
//! for generation in 0..3 {
//!     backend.spawn(&strategy.ask())?;
//!     let scores = backend.score(&Episodes::new(seed, Purpose::Training, generation, 1))?;
//!     let fitness = Fitness::new(scores.values);
//!     let weights = strategy.weights(&fitness);
//!     let moments = weights.map(|weights| backend.recombine(&weights)).transpose()?;
//!     strategy.tell(&fitness, moments.as_ref())?;
//! }
//! # Ok::<(), deme::error::Error>(())
//! ```
//!
//! # The rooms
//!
//! Imports point downward only: a room knows those above it in this list.
//!
//! | room | what it is |
//! |---|---|
//! | [`error`] | one enum, a variant for each thing a caller can act on |
//! | [`random`] | counter-based words and normals, the same bits in Rust and WGSL |
//! | [`math`] | arithmetic for networks and tasks, over `f64` and over lanes of `f32` |
//! | [`network`] | shapes, the order of genes, the forward pass |
//! | [`task`] | control tasks and data sets, a file each |
//! | [`population`] | recipes, and the packed layout |
//! | [`strategy`] | ask and tell; a paper a file |
//! | [`gpu`] | adapters, devices, shaders as text |
//! | [`backend`] | where a population lives: GPU, CPU, reference |
//! | [`packed`] | files that are whole and checked |
//! | [`champion`] | the network that a run hands over, and how it acts |
//! | [`run`] | the training loop, its configuration and its folder |
//! | [`play`] | a champion on held-out episodes: scored, traced, drawn |
//! | [`export`] | a champion for other programs: ONNX, JSON, WGSL, Rust |
//! | [`verify`] | the ladder that a wrong kernel cannot climb |
//! | [`measure`] | the stopwatch, the roofline, the benchmarks |
//! | [`study`] | several strategies on one task, by many seeds |
//! | [`report`] | measurements and studies as JSON, CSV, Markdown, SVG |
//!
//! # What never happens
//!
//! - Strategies never see a task or a device; tasks never see a device.
//! - Nothing is random but by (seed, stream, generation, individual, gene), so results do not
//!   depend on threads or on what ran before.
//! - The library never prints, and never corrects input silently.
//! - The reference shares no arithmetic with the GPU path.

#![warn(missing_docs)]

pub mod backend;
pub mod champion;
pub mod error;
pub mod export;
pub mod gpu;
pub mod math;
pub mod measure;
pub mod network;
pub mod packed;
pub mod play;
pub mod population;
pub mod random;
pub mod report;
pub mod run;
pub mod strategy;
pub mod study;
pub mod task;
pub mod verify;

/// The README's example, compiled and run.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
