//! Functions: tasks without a network. A genome is a point.
//!
//! The fitness of a built-in function is minus the value of a [`Formula`] at the point, so 0 is the
//! best possible fitness. [`Function::from_fitness`] makes a task of a fitness of one's own, which
//! is any Rust function of a point. It has no WGSL, so the CPU and the reference score it.
//!
//! # Names
//!
//! `FORMULA[-DIMENSIONS][-rotated][-shifted]`: `sphere` has ten dimensions, `ellipsoid-30-rotated`
//! thirty. Rotation and shift depend only on the dimensions, so they are the same in every run.
//!
//! # Starts
//!
//! A run on a benchmark function starts at the same number in every gene, whatever the shift. A run
//! on a trap ([`Formula::trap`]) starts in the trap: its first point moves with shift and rotation.
//!
//! # Precision
//!
//! A genome has single precision. Its value is computed in double precision on the CPU, and in
//! single precision on a GPU. The minima of the formulas are exact numbers, so the CPU can
//! distinguish values down to 1e-12. A shifted minimum can lie between two single-precision
//! numbers, which are about 1e-7 apart.
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
use std::fmt;
use std::sync::Arc;

use super::coordinate_frame::CoordinateFrame;
use super::{About, Defaults, Formula};
use crate::draw::number::counted;
use crate::error::{Error, Result};

/// The largest number of dimensions of a rotated function; the size of the matrix is its square.
pub const LARGEST_ROTATED: usize = 1024;
/// The largest number of dimensions.
pub const LARGEST_DIMENSIONS: usize = 100_000_000;
/// The number of dimensions if the name has none.
const DIMENSIONS: usize = 10;

/// A task whose genome is a point: a formula in some number of dimensions, optionally rotated and
/// shifted, or a fitness of one's own.
#[derive(Clone, Debug)]
pub struct Function {
    about: About,
    definition: Definition,
    dimensions: usize,
    first_point: FirstPoint,
    deviation: f32,
    frame: CoordinateFrame,
}

/// The point at which a run starts.
#[derive(Clone, Debug)]
enum FirstPoint {
    /// One number for every gene.
    Uniform(f32),
    /// `f32[dimensions]`.
    Listed(Vec<f32>),
}

/// A fitness of one's own, which is maximised.
pub(super) type OwnFitness = dyn Fn(&[f32]) -> f32 + Send + Sync;

/// The definition of a function's fitness.
#[derive(Clone)]
enum Definition {
    /// Minus the value of a formula.
    Formula(Formula),
    /// A Rust function.
    Own(Arc<OwnFitness>),
}

impl FirstPoint {
    fn at(point: Vec<f32>) -> Self {
        match point.iter().all(|gene| *gene == point[0]) {
            true => Self::Uniform(point[0]),
            false => Self::Listed(point),
        }
    }
}

impl fmt::Debug for Definition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Formula(formula) => formula.fmt(f),
            Self::Own(_) => f.write_str("own"),
        }
    }
}

impl Function {
    /// Creates a task of a fitness of one's own, see [`Function::from_fitness`].
    pub(super) fn from_own(
        name: &str,
        dimensions: usize,
        fitness: Arc<OwnFitness>,
    ) -> Result<Self> {
        check_dimensions("dimensions", 1, LARGEST_DIMENSIONS, dimensions, name)?;
        let about = About {
            name: Cow::Owned(name.to_owned()),
            summary: Cow::Owned(format!(
                "a point of {} with the highest fitness",
                counted(dimensions as u64, "numbers")
            )),
            source: Cow::Borrowed(""),
            threshold: None,
            defaults: Defaults { generations: 1000, ..defaults(dimensions, &[]) },
        };
        Ok(Self {
            about,
            definition: Definition::Own(fitness),
            dimensions,
            first_point: FirstPoint::Uniform(0.0),
            deviation: 1.0,
            frame: CoordinateFrame::new(dimensions, false, false),
        })
    }

    /// Sets the value of every gene at the start of a run.
    #[must_use]
    pub fn with_initial_gene(self, initial_gene: f32) -> Self {
        Self { first_point: FirstPoint::Uniform(initial_gene), ..self }
    }

    /// Sets the point at which a run starts, `f32[dimensions]`.
    ///
    /// # Errors
    /// Returns an error if the point has another length or a number that is not finite.
    pub fn with_initial_point(self, point: Vec<f32>) -> Result<Self> {
        if point.len() == self.dimensions && point.iter().all(|gene| gene.is_finite()) {
            return Ok(Self { first_point: FirstPoint::Listed(point), ..self });
        }
        let expected = counted(self.dimensions as u64, "finite numbers");
        let got = match point.iter().position(|gene| !gene.is_finite()) {
            Some(index) => format!("{} as number {index}", point[index]),
            None => format!("{}", point.len()),
        };
        Err(Error::invalid("the first point of a function", expected, got))
    }

    /// Sets the distance from the start, in each dimension, within which the best point is
    /// expected: the first standard deviation of a search.
    #[must_use]
    pub fn with_deviation(self, deviation: f32) -> Self {
        Self { deviation, ..self }
    }

    /// Sets the fitness at which the task counts as solved.
    #[must_use]
    pub fn with_threshold(mut self, threshold: f64) -> Self {
        self.about.threshold = Some(threshold);
        self
    }

    /// Sets the summary, which is shown to people.
    #[must_use]
    pub fn with_summary(mut self, summary: impl Into<Cow<'static, str>>) -> Self {
        self.about.summary = summary.into();
        self
    }

    /// Sets the defaults of a run.
    #[must_use]
    pub fn with_defaults(mut self, defaults: Defaults) -> Self {
        self.about.defaults = defaults;
        self
    }

    /// Parses the name of a function. Returns `None` if it does not begin with the name of a
    /// formula.
    ///
    /// # Errors
    /// Returns an error if the rest of the name is not valid.
    pub fn parse(name: &str) -> Option<Result<Self>> {
        let (formula, rest) = Formula::ALL.into_iter().find_map(|formula| {
            let rest = name.strip_prefix(formula.name())?;
            (rest.is_empty() || rest.starts_with('-')).then_some((formula, rest))
        })?;
        let mut words = rest.split('-').skip(1).peekable();
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

    /// Creates a function.
    ///
    /// # Errors
    /// Returns an error if there are too few or too many dimensions.
    pub fn new(formula: Formula, dimensions: usize, rotated: bool, shifted: bool) -> Result<Self> {
        let least = formula.least_dimensions();
        let most = if rotated { LARGEST_ROTATED } else { LARGEST_DIMENSIONS };
        let subject = if rotated { "dimensions of a rotated function" } else { "dimensions" };
        check_dimensions(subject, least, most, dimensions, formula.name())?;
        let about = about(formula, dimensions, rotated, shifted);
        // A benchmark's first gene is as far from the minimum as the deviation says.
        let deviation = match formula {
            Formula::Sphere | Formula::Ellipsoid | Formula::Cigar | Formula::Rosenbrock => 0.1,
            Formula::Saddle | Formula::DegenerateSaddle | Formula::MonkeySaddle => 1.0,
            Formula::DeceptiveTrap => 1.0,
            Formula::Gap | Formula::Cliff => 3.0,
            Formula::Rastrigin | Formula::Ackley | Formula::Plateau => 5.0,
        };
        let mut function = Self {
            about,
            definition: Definition::Formula(formula),
            dimensions,
            first_point: FirstPoint::Uniform(deviation),
            deviation,
            frame: CoordinateFrame::new(dimensions, rotated, shifted),
        };
        if let Some(first) = formula.start(0) {
            let start = |index: usize| formula.start(index).unwrap_or(first);
            function.first_point = FirstPoint::at(function.frame.genome(start));
        }
        Ok(function)
    }

    /// Returns the name, source, threshold and defaults.
    pub fn about(&self) -> &About {
        &self.about
    }

    /// Returns the formula; `None` for a fitness of one's own.
    pub fn formula(&self) -> Option<Formula> {
        match self.definition {
            Definition::Formula(formula) => Some(formula),
            Definition::Own(_) => None,
        }
    }

    /// The smallest and the largest fitness. That of a formula is minus a value, which is at least
    /// 0.
    pub(super) fn range(&self) -> [f64; 2] {
        match self.definition {
            Definition::Formula(_) => [f64::NEG_INFINITY, 0.0],
            Definition::Own(_) => [f64::NEG_INFINITY, f64::INFINITY],
        }
    }

    /// The name of the score, for people.
    pub(super) fn score_name(&self) -> &'static str {
        match self.definition {
            Definition::Formula(_) => "best value, negated",
            Definition::Own(_) => "best fitness",
        }
    }

    /// The number of genes of a point.
    pub fn dimensions(&self) -> usize {
        self.dimensions
    }

    /// The value of every gene at the start of a run; `None` if the genes start at different
    /// values.
    pub fn initial_gene(&self) -> Option<f32> {
        match self.first_point {
            FirstPoint::Uniform(gene) => Some(gene),
            FirstPoint::Listed(_) => None,
        }
    }

    /// Returns the point at which a run starts, `f32[dimensions]`.
    pub fn initial_point(&self) -> Vec<f32> {
        match &self.first_point {
            FirstPoint::Uniform(gene) => vec![*gene; self.dimensions],
            FirstPoint::Listed(point) => point.clone(),
        }
    }

    /// Returns a point of the smallest value, rounded to `f32[dimensions]`. `None` for a fitness of
    /// one's own, whose best point is not known.
    pub fn best_point(&self) -> Option<Vec<f32>> {
        let formula = self.formula()?;
        Some(self.frame.genome(|index| formula.minimum(index)))
    }

    /// The distance from the start, in each dimension, within which the minimum is expected: the
    /// first standard deviation of a search.
    pub fn deviation(&self) -> f32 {
        self.deviation
    }

    /// Returns the fitness of a point: minus the value of a formula, in double precision.
    pub fn fitness(&self, genome: &[f32]) -> f64 {
        let formula = match &self.definition {
            Definition::Formula(formula) => formula,
            Definition::Own(fitness) => return f64::from(fitness(genome)),
        };
        // Adding 0 turns -0 into 0.
        -formula.value(&self.frame.coordinates(genome)) + 0.0
    }

    /// Returns the gradient of the fitness at a point, `f64[dimensions]`; `None` for a fitness of
    /// one's own. See [`Formula::gradient`] for edges and flat ground.
    pub fn gradient(&self, genome: &[f32]) -> Option<Vec<f64>> {
        let slopes = self.formula()?.gradient(&self.frame.coordinates(genome));
        Some(self.frame.rotate_back(slopes.into_iter().map(|slope| -slope).collect()))
    }

    /// True if points are shifted.
    pub fn is_shifted(&self) -> bool {
        self.frame.is_shifted()
    }

    /// True if points are rotated.
    pub fn is_rotated(&self) -> bool {
        self.frame.is_rotated()
    }

    /// The length of [`Function::frame`], all of which the evaluation of a point reads.
    pub fn frame_numbers(&self) -> usize {
        self.frame.numbers()
    }

    /// Returns the coordinate frame in the layout of the GPU: `f32[dimensions]`, the shift,
    /// followed by the rows of the rotation if there is one.
    pub fn frame(&self) -> Vec<f32> {
        self.frame.layout()
    }
}

/// Checks the number of dimensions of the function `name`.
fn check_dimensions(
    subject: &str,
    least: usize,
    most: usize,
    dimensions: usize,
    name: &str,
) -> Result<()> {
    if (least..=most).contains(&dimensions) {
        return Ok(());
    }
    Err(Error::invalid(subject, format!("{least} to {most} for {name}"), dimensions))
}

/// Returns the defaults of a run on a function.
fn defaults(dimensions: usize, settings: &'static [(&'static str, &'static str)]) -> Defaults {
    Defaults {
        strategy: "cma-es",
        network: "none",
        population: 4 + (3.0 * (dimensions as f64).ln()) as u32,
        generations: 100_000,
        episodes: 1,
        normalise_observations: false,
        settings,
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
        // Only ever larger populations find the global minimum among the local ones.
        Formula::Rastrigin => &[("restarts", "ipop")],
        Formula::Sphere
        | Formula::Ellipsoid
        | Formula::Cigar
        | Formula::Rosenbrock
        | Formula::Ackley
        | Formula::Saddle
        | Formula::DegenerateSaddle
        | Formula::MonkeySaddle
        | Formula::Plateau
        | Formula::Gap
        | Formula::Cliff
        | Formula::DeceptiveTrap => &[],
    };
    About {
        name: Cow::Owned(name),
        summary: Cow::Owned(format!(
            "a point of {} at the {} function's minimum{}",
            counted(dimensions as u64, "numbers"),
            formula.name(),
            words.iter().map(|word| format!(", {word}")).collect::<String>()
        )),
        source: Cow::Borrowed(match formula.trap() {
            None => "Hansen et al. 2009, RR-6829, without its transformations",
            Some(_) => {
                "made for deme, after landscapes of the literature that formula/trap.rs names"
            }
        }),
        threshold: Some(if shifted { -1e-6 } else { -1e-12 }),
        defaults: defaults(dimensions, settings),
    }
}
