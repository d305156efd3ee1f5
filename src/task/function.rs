//! Functions: tasks without a network. A genome is a point, and its fitness is minus the value of a
//! [`Formula`] there, so that 0 is the best there is.
//!
//! # Names
//!
//! `FORMULA[-DIMENSIONS][-rotated][-shifted]`: `sphere` has ten dimensions, `ellipsoid-30-rotated`
//! thirty. A rotation and a shift depend on nothing but the dimensions, so they are the same in
//! every run.
//!
//! # Precision
//!
//! A genome is single precision; its value is computed in double precision on the CPU, and in
//! single precision on a GPU. The formulas' own minima are exact numbers, and values down to 1e-12
//! can be told apart on the CPU; a shifted minimum lies anywhere, and single precision ends some
//! 1e-7 beside it.
//!
//! # Example
//!
//! ```
//! use deme::task::Function;
//! let function = Function::parse("ellipsoid-3-shifted").expect("a function's name")?;
//! assert_eq!(function.dimensions(), 3);
//! assert!(function.fitness(&[0.0; 3]) < 0.0);
//! # Ok::<(), deme::error::Error>(())
//! ```

use std::borrow::Cow;

use super::{About, Defaults, Formula};
use crate::error::{Error, Result};
use crate::random::{NORMALS_A_BLOCK, Place, Stream, WORDS_A_BLOCK};

/// The most dimensions that a rotation is made for; its matrix is their square.
pub const LARGEST_ROTATED: usize = 1024;
/// The most dimensions.
pub const LARGEST_DIMENSIONS: usize = 100_000_000;
/// Dimensions where a name says none.
const DIMENSIONS: usize = 10;
/// A shift's numbers lie in [-SHIFT, SHIFT), as in the source of the formulas.
const SHIFT: f64 = 4.0;

/// A function of any dimension.
#[derive(Clone, Debug)]
pub struct Function {
    about: About,
    formula: Formula,
    dimensions: usize,
    /// `f64[dimensions]`, or nothing.
    shift: Vec<f64>,
    /// `f64[dimensions][dimensions]`, orthogonal, or nothing.
    rotation: Vec<f64>,
}

impl Function {
    /// The function of a name; none where the name does not begin with a formula's.
    ///
    /// # Errors
    /// Dimensions that are none, or words that say nothing about a function.
    pub fn parse(name: &str) -> Option<Result<Self>> {
        let mut words = name.split('-');
        let first = words.next().expect("a split has a first part");
        let formula = Formula::ALL.into_iter().find(|formula| formula.name() == first)?;
        let mut words = words.peekable();
        let dimensions = words.next_if(|word| word.starts_with(|c: char| c.is_ascii_digit()));
        let (mut rotated, mut shifted) = (false, false);
        for word in words {
            let flag = match word {
                "rotated" => &mut rotated,
                "shifted" => &mut shifted,
                _ => return Some(Err(misnamed(name))),
            };
            if std::mem::replace(flag, true) {
                return Some(Err(misnamed(name)));
            }
        }
        Some(match dimensions.map_or(Ok(DIMENSIONS), str::parse) {
            Ok(dimensions) => Self::new(formula, dimensions, rotated, shifted),
            Err(_) => Err(misnamed(name)),
        })
    }

    /// A function.
    ///
    /// # Errors
    /// No dimensions, or too many of them.
    pub fn new(formula: Formula, dimensions: usize, rotated: bool, shifted: bool) -> Result<Self> {
        // A valley needs a second dimension to bend into.
        let least = if formula == Formula::Rosenbrock { 2 } else { 1 };
        let most = if rotated { LARGEST_ROTATED } else { LARGEST_DIMENSIONS };
        if !(least..=most).contains(&dimensions) {
            let subject = if rotated { "dimensions of a rotated function" } else { "dimensions" };
            let expected = format!("{least} to {most} for {}", formula.name());
            return Err(Error::invalid(subject, expected, dimensions));
        }
        let shift = if shifted { shift(dimensions) } else { Vec::new() };
        let rotation = if rotated { rotation(dimensions) } else { Vec::new() };
        let about = about(formula, dimensions, rotated, shifted);
        Ok(Self { about, formula, dimensions, shift, rotation })
    }

    /// What it is.
    pub fn about(&self) -> &About {
        &self.about
    }

    /// The formula.
    pub fn formula(&self) -> Formula {
        self.formula
    }

    /// Genes of a point.
    pub fn dimensions(&self) -> usize {
        self.dimensions
    }

    /// Every gene of a run's first guess.
    pub fn start(&self) -> f32 {
        match self.formula {
            Formula::Rastrigin | Formula::Ackley => 5.0,
            _ => 0.1,
        }
    }

    /// Minus the value at a point, in double precision.
    pub fn fitness(&self, genome: &[f32]) -> f64 {
        let mut point: Vec<f64> = genome.iter().copied().map(f64::from).collect();
        for (x, shift) in point.iter_mut().zip(&self.shift) {
            *x -= shift;
        }
        if !self.rotation.is_empty() {
            let rows = self.rotation.chunks(self.dimensions);
            point = rows.map(|row| dot(row, &point)).collect();
        }
        // Adding zero makes one zero of the two.
        -self.formula.value(&point) + 0.0
    }

    /// Whether points are rotated.
    pub fn is_rotated(&self) -> bool {
        !self.rotation.is_empty()
    }

    /// Numbers of [`Function::frame`]: what evaluating one point reads.
    pub fn frame_numbers(&self) -> usize {
        self.dimensions + self.rotation.len()
    }

    /// As the GPU reads it: `f32[dimensions]`, the shift, and behind it the rotation if there is
    /// one, row by row.
    pub fn frame(&self) -> Vec<f32> {
        let mut frame = vec![0.0; self.dimensions];
        for (number, &shift) in frame.iter_mut().zip(&self.shift) {
            *number = shift as f32;
        }
        frame.extend(self.rotation.iter().map(|&number| number as f32));
        frame
    }
}

fn misnamed(name: &str) -> Error {
    let expected = "FORMULA[-DIMENSIONS][-rotated][-shifted], such as ellipsoid-30-rotated";
    Error::invalid("TASK", expected, format!("'{name}'"))
}

fn about(formula: Formula, dimensions: usize, rotated: bool, shifted: bool) -> About {
    let mut name = formula.name().to_owned();
    if dimensions != DIMENSIONS {
        name += &format!("-{dimensions}");
    }
    let words = [(rotated, "rotated"), (shifted, "shifted")];
    let words: Vec<&str> = words.iter().filter(|(is, _)| *is).map(|&(_, word)| word).collect();
    for word in &words {
        name += &format!("-{word}");
    }
    let settings: &[_] = match formula {
        // Of its minima only larger and larger populations find the one.
        Formula::Rastrigin => &[("sigma", "5"), ("restarts", "ipop")],
        Formula::Ackley => &[("sigma", "5")],
        _ => &[("sigma", "0.1")],
    };
    About {
        name: Cow::Owned(name),
        summary: Cow::Owned(format!(
            "a point of {dimensions} numbers at the {} function's minimum{}",
            formula.name(),
            words.iter().map(|word| format!(", {word}")).collect::<String>()
        )),
        source: Cow::Borrowed("Hansen et al. 2009, RR-6829, as formulas"),
        threshold: Some(if shifted { -1e-6 } else { -1e-12 }),
        defaults: Defaults {
            strategy: "cma-es",
            network: "none",
            population: 4 + (3.0 * (dimensions as f64).ln()) as u32,
            generations: 100_000,
            episodes: 1,
            settings,
        },
    }
}

/// The place of a shift's or a rotation's numbers: the same for every run.
fn place(row: usize) -> Place {
    Place { seed: 0, stream: Stream::Instance, generation: 0, individual: row as u32 }
}

fn shift(dimensions: usize) -> Vec<f64> {
    let unit = |k: usize| place(0).units((k / WORDS_A_BLOCK) as u32)[k % WORDS_A_BLOCK];
    // Rounded as the GPU has it, so that both sides know the same minimum.
    (0..dimensions).map(|k| f64::from((SHIFT * (2.0 * f64::from(unit(k)) - 1.0)) as f32)).collect()
}

/// Rows of normals, each made orthogonal to those before it, twice, against what rounding leaves.
fn rotation(dimensions: usize) -> Vec<f64> {
    let mut rotation: Vec<f64> = Vec::with_capacity(dimensions * dimensions);
    for row in 0..dimensions {
        let normal =
            |k: usize| place(row + 1).normals((k / NORMALS_A_BLOCK) as u32)[k % NORMALS_A_BLOCK];
        let mut fresh: Vec<f64> = (0..dimensions).map(|k| f64::from(normal(k))).collect();
        for _ in 0..2 {
            for earlier in rotation.chunks(dimensions) {
                let along = dot(earlier, &fresh);
                fresh.iter_mut().zip(earlier).for_each(|(x, y)| *x -= along * y);
            }
        }
        let length = dot(&fresh, &fresh).sqrt();
        rotation.extend(fresh.iter().map(|x| x / length));
    }
    rotation
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}
