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
//!     └──────── Moments (two genomes long) ◀── Backend.recombine ◀── utilities ─────┘
//! ```
//!
//! # Examples
//!
//! Train with a task's defaults:
//!
//! ```
//! use deme::run::{self, Request};
//! let summary = run::train(&Request::for_task("xor").check()?, &mut ())?;
//! assert!(summary.solved);
//! # Ok::<(), deme::error::Error>(())
//! ```
//!
//! The loop by hand:
//!
//! ```
//! use std::sync::Arc;
//! use deme::backend::{Backend, Cpu, Episodes, Purpose};
//! use deme::network::{Activation, Initialisation, Network};
//! use deme::strategy::{self, Fitness, Settings, Start};
//!
//! let task: Arc<dyn deme::task::Task> = deme::task::by_name("cartpole")?.into();
//! let network = Network::parse("8", task.inputs(), task.outputs(), Activation::Tanh)?;
//! let (genes, population, seed) = (network.parameters(), 32, 1);
//! let centre = network.initialise(Initialisation::Xavier, seed);
//! let start = Start { genes, centre, population, seed };
//! let mut strategy = strategy::by_name("openai-es")?.begin(&Settings::default(), start)?;
//! let mut backend = Cpu::new(task, network);
//! for generation in 0..3 {
//!     backend.spawn(&strategy.ask())?;
//!     let scores = backend.score(&Episodes::new(seed, Purpose::Training, generation, 1))?;
//!     let fitness = Fitness::new(scores.values);
//!     strategy.tell(&fitness, &mut |utilities| backend.recombine(utilities))?;
//! }
//! # Ok::<(), deme::error::Error>(())
//! ```
//!
//! # The rooms
//!
//! Imports point downward: a room imports only rooms that stand above it in this list.
//!
//! | room | contents |
//! |---|---|
//! | [`error`] | one enum, with a variant for each thing that a caller can act on |
//! | [`files`] | files opened without following links, and replaced as a whole |
//! | [`random`] | counter-based random words and normals, the same bits in Rust and WGSL |
//! | [`math`] | arithmetic over `f64` and over lanes of `f32`; matrices |
//! | [`wgsl`] | WGSL on the CPU: compiled to programs over lanes of `f32`, or in `f64` |
//! | [`tensor_file`] | safetensors files with a checksum |
//! | [`draw`] | scenes, axes, SVG, pixels and GIF: every picture, with one palette |
//! | [`network`] | layers, graphs, the order of genes, the forward pass |
//! | [`gradient`] | backpropagation, and what strategies that follow a gradient learn from |
//! | [`task`] | control tasks, data sets and functions |
//! | [`population`] | proposals, and the packed layout of a population |
//! | [`strategy`] | evolution strategies and genetic algorithms, each in one file |
//! | [`gpu`] | adapters, devices, and shaders as text |
//! | [`backend`] | the places where a population lives: GPU, CPU and reference |
//! | [`champion`] | the trained network of a run |
//! | [`run`] | the training loop, its configuration and its folder |
//! | [`play`] | a champion on held-out episodes: scored, traced and drawn |
//! | [`export`] | a champion for other programs: ONNX, JSON, WGSL, Rust |
//! | [`verify`] | the ladder of checks against the reference |
//! | [`measure`] | benchmarks and the roofline |
//! | [`study`] | comparisons of strategies over many seeds |
//! | [`report`] | results as JSON, CSV, Markdown, SVG and HTML |
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
pub mod draw;
pub mod error;
pub mod export;
pub mod files;
pub mod gpu;
pub mod gradient;
pub mod math;
pub mod measure;
pub mod network;
pub mod play;
pub mod population;
pub mod random;
pub mod report;
pub mod run;
pub mod strategy;
pub mod study;
pub mod task;
pub mod tensor_file;
pub mod verify;
pub mod wgsl;

/// The README's example, compiled and run.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

/// The guide's example of an environment, compiled and run.
#[cfg(doctest)]
#[doc = include_str!("../docs/src/own-world.md")]
struct OwnWorld;
