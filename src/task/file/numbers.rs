//! The numbers of a file, in the precision of the file until they are standardised.
//!
//! # Shapes
//!
//! Features are `[samples][inputs]`, row-major.
//!
//! # Standardisation
//!
//! Each feature is scaled to mean 0 and standard deviation 1 over the *training* samples. Held-out
//! samples are scaled by the same numbers. Features that share a unit, such as the bytes of an
//! image, share one mean and one standard deviation; otherwise a pixel that is black in all images
//! but one would become huge there. A constant feature becomes 0.

use std::io::Read;

/// The type of a number in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NumberType {
    Bool,
    U8,
    U16,
    U32,
    U64,
    I8,
    I16,
    I32,
    I64,
    F16,
    F32,
    F64,
}

impl NumberType {
    /// The size of a number in the file, in bytes.
    pub fn bytes_in_file(self) -> u64 {
        match self {
            Self::Bool | Self::U8 | Self::I8 => 1,
            Self::U16 | Self::I16 | Self::F16 => 2,
            Self::U32 | Self::I32 | Self::F32 => 4,
            Self::U64 | Self::I64 | Self::F64 => 8,
        }
    }

    /// The size of a number in [`Numbers`], in bytes.
    pub fn bytes_in_memory(self) -> u64 {
        match self {
            Self::Bool | Self::U8 => 1,
            Self::F16 | Self::F32 => 4,
            Self::U16
            | Self::U32
            | Self::U64
            | Self::I8
            | Self::I16
            | Self::I32
            | Self::I64
            | Self::F64 => 8,
        }
    }
}

/// The byte order of a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Endian {
    /// The least significant byte comes first.
    Little,
    /// The most significant byte comes first.
    Big,
}

/// Numbers in a type that holds them exactly.
#[derive(Clone, Debug, PartialEq)]
pub enum Numbers {
    Bytes(Vec<u8>),
    Signed(Vec<i64>),
    Unsigned(Vec<u64>),
    Singles(Vec<f32>),
    Doubles(Vec<f64>),
}

/// A number of any type as the double next to it.
trait ToDouble: Copy {
    fn to_double(self) -> f64;
}

/// Runs an expression on the vector of any variant.
macro_rules! for_any {
    ($numbers:expr, $vector:ident => $result:expr) => {
        match $numbers {
            Numbers::Bytes($vector) => $result,
            Numbers::Signed($vector) => $result,
            Numbers::Unsigned($vector) => $result,
            Numbers::Singles($vector) => $result,
            Numbers::Doubles($vector) => $result,
        }
    };
}

/// The means and scales that standardise features: `(x - mean) * scale`.
#[derive(Clone, Debug, PartialEq)]
pub struct FeatureScaling {
    /// `[inputs]`.
    pub means: Vec<f64>,
    /// `[inputs]`: one over the standard deviation; 0 for a constant, NaN if it is too large.
    pub scales: Vec<f64>,
}

impl Numbers {
    /// Reads `count` numbers.
    ///
    /// # Errors
    /// Returns an error if the reader fails or ends too early.
    pub fn read(
        reader: &mut impl Read,
        count: usize,
        kind: NumberType,
        endian: Endian,
    ) -> std::io::Result<Self> {
        // Reads a type of either byte order into a variant.
        macro_rules! read {
            ($variant:ident, $number:ty) => {{
                let number = match endian {
                    Endian::Little => |bytes| <$number>::from_le_bytes(bytes).into(),
                    Endian::Big => |bytes| <$number>::from_be_bytes(bytes).into(),
                };
                Self::$variant(decode(reader, count, number)?)
            }};
        }
        Ok(match kind {
            NumberType::Bool => {
                Self::Bytes(decode(reader, count, |[byte]: [u8; 1]| u8::from(byte != 0))?)
            }
            NumberType::U8 => read!(Bytes, u8),
            NumberType::U16 => read!(Unsigned, u16),
            NumberType::U32 => read!(Unsigned, u32),
            NumberType::U64 => read!(Unsigned, u64),
            NumberType::I8 => read!(Signed, i8),
            NumberType::I16 => read!(Signed, i16),
            NumberType::I32 => read!(Signed, i32),
            NumberType::I64 => read!(Signed, i64),
            NumberType::F16 => read!(Singles, half::f16),
            NumberType::F32 => read!(Singles, f32),
            NumberType::F64 => read!(Doubles, f64),
        })
    }

    /// Appends numbers.
    pub fn followed_by(self, more: Self) -> Self {
        // Two vectors of one type stay in that type.
        macro_rules! joined {
            ($($variant:ident),*) => {
                match (self, more) {
                    $((Self::$variant(mut numbers), Self::$variant(more)) => {
                        numbers.extend(more);
                        Self::$variant(numbers)
                    })*
                    (numbers, more) => {
                        let mut numbers = numbers.into_doubles();
                        numbers.extend(more.into_doubles());
                        Self::Doubles(numbers)
                    }
                }
            };
        }
        joined!(Bytes, Signed, Unsigned, Singles, Doubles)
    }

    /// Converts all numbers to f64. Whole numbers beyond 2^53 are rounded.
    pub fn into_doubles(self) -> Vec<f64> {
        match self {
            Self::Doubles(numbers) => numbers,
            others => for_any!(others, numbers => {
                numbers.into_iter().map(ToDouble::to_double).collect()
            }),
        }
    }

    /// Returns the index of the first number that is NaN or infinite.
    pub fn first_not_finite(&self) -> Option<usize> {
        for_any!(self, numbers => {
            numbers.iter().position(|number| !number.to_double().is_finite())
        })
    }

    /// Converts from column-major to row-major order.
    pub fn in_row_order(self, shape: &[usize]) -> Self {
        match self {
            Self::Bytes(numbers) => Self::Bytes(reordered(&numbers, shape)),
            Self::Signed(numbers) => Self::Signed(reordered(&numbers, shape)),
            Self::Unsigned(numbers) => Self::Unsigned(reordered(&numbers, shape)),
            Self::Singles(numbers) => Self::Singles(reordered(&numbers, shape)),
            Self::Doubles(numbers) => Self::Doubles(reordered(&numbers, shape)),
        }
    }

    /// Replaces each NaN by the mean of its feature over some samples. Only numbers of the type
    /// `f64` have gaps.
    ///
    /// # Errors
    /// Returns the first feature of which none of the samples has a number.
    pub fn fill_gaps(&mut self, inputs: usize, samples: &[usize]) -> Result<(), usize> {
        let Self::Doubles(numbers) = self else { return Ok(()) };
        for input in 0..inputs {
            let has_gaps = numbers.iter().skip(input).step_by(inputs).any(|x| x.is_nan());
            if !has_gaps {
                continue;
            }
            let known = samples.iter().map(|sample| numbers[sample * inputs + input]);
            let known: Vec<f64> = known.filter(|x| !x.is_nan()).collect();
            let origin = *known.first().ok_or(input)?;
            // Offsets are small where the numbers are alike, so that their sum is exact.
            let offset = known.iter().map(|x| x - origin).sum::<f64>() / known.len() as f64;
            for x in numbers.iter_mut().skip(input).step_by(inputs).filter(|x| x.is_nan()) {
                *x = origin + offset;
            }
        }
        Ok(())
    }

    /// Returns the scaling that gives some samples mean 0 and standard deviation 1, for each
    /// feature separately or for all features together.
    pub fn scaling(&self, inputs: usize, samples: &[usize], shared_unit: bool) -> FeatureScaling {
        for_any!(self, numbers => scaling(numbers, inputs, samples, shared_unit))
    }

    /// Returns some samples, scaled.
    ///
    /// # Errors
    /// Returns the index in the result of the first number that leaves the range of `f32`.
    pub fn scaled(&self, samples: &[usize], scaling: &FeatureScaling) -> Result<Vec<f32>, usize> {
        let scaled = for_any!(self, numbers => scaled(numbers, samples, scaling));
        match scaled.iter().position(|number| !number.is_finite()) {
            None => Ok(scaled),
            Some(position) => Err(position),
        }
    }
}

impl ToDouble for u8 {
    fn to_double(self) -> f64 {
        self.into()
    }
}

impl ToDouble for i64 {
    fn to_double(self) -> f64 {
        self as f64
    }
}

impl ToDouble for u64 {
    fn to_double(self) -> f64 {
        self as f64
    }
}

impl ToDouble for f32 {
    fn to_double(self) -> f64 {
        self.into()
    }
}

impl ToDouble for f64 {
    fn to_double(self) -> f64 {
        self
    }
}

/// Reads numbers of `BYTES` bytes each through a small buffer. The memory grows with what was read,
/// not with what a header announces.
fn decode<const BYTES: usize, T>(
    reader: &mut impl Read,
    count: usize,
    number: impl Fn([u8; BYTES]) -> T,
) -> std::io::Result<Vec<T>> {
    const CHUNK: usize = 1 << 16;
    let mut numbers = Vec::with_capacity(CHUNK.min(count));
    let mut buffer = vec![0; CHUNK.min(count) * BYTES];
    while numbers.len() < count {
        let bytes = &mut buffer[..CHUNK.min(count - numbers.len()) * BYTES];
        reader.read_exact(bytes)?;
        let (chunks, _) = bytes.as_chunks::<BYTES>();
        numbers.extend(chunks.iter().map(|&bytes| number(bytes)));
    }
    Ok(numbers)
}

/// Converts from column-major to row-major order.
fn reordered<T: Copy>(numbers: &[T], shape: &[usize]) -> Vec<T> {
    let samples = shape.first().copied().unwrap_or(1);
    let inputs: usize = shape.iter().skip(1).product();
    // The positions of a sample's features, in units of samples.
    let positions: Vec<usize> = (0..inputs)
        .map(|input| {
            let (mut rest, mut position) = (input, 0);
            let mut stride = inputs;
            for &length in shape[1..].iter().rev() {
                stride /= length;
                position += (rest % length) * stride;
                rest /= length;
            }
            position
        })
        .collect();
    let mut rows = Vec::with_capacity(numbers.len());
    for sample in 0..samples {
        rows.extend(positions.iter().map(|position| numbers[position * samples + sample]));
    }
    rows
}

fn scaling<T: ToDouble>(
    numbers: &[T],
    inputs: usize,
    samples: &[usize],
    shared_unit: bool,
) -> FeatureScaling {
    let row = |sample: usize| &numbers[sample * inputs..][..inputs];
    let count = samples.len() as f64;
    // Sums are relative to a number of the column itself, so those of a constant are exactly 0.
    let mut origin: Vec<f64> = row(samples[0]).iter().map(|x| x.to_double()).collect();
    if shared_unit {
        origin = vec![origin[0]; inputs];
    }
    let mean_of = |sums: Vec<f64>| -> Vec<f64> {
        let means = sums.iter().map(|sum| sum / count);
        if shared_unit {
            return vec![means.sum::<f64>() / inputs as f64; inputs];
        }
        means.collect()
    };
    let mut sums = vec![0.0; inputs];
    for &sample in samples {
        let row = row(sample);
        for i in 0..inputs {
            sums[i] += row[i].to_double() - origin[i];
        }
    }
    let offsets = mean_of(sums);
    let means: Vec<f64> = (0..inputs).map(|i| origin[i] + offsets[i]).collect();
    let mut squares = vec![0.0; inputs];
    for &sample in samples {
        let row = row(sample);
        for i in 0..inputs {
            let distance = row[i].to_double() - origin[i] - offsets[i];
            squares[i] += distance * distance;
        }
    }
    let scale = |variance: f64| match variance {
        0.0 => 0.0,
        _ if variance.is_finite() => variance.sqrt().recip(),
        // The squares overflow an f64: there is no scale.
        _ => f64::NAN,
    };
    FeatureScaling { means, scales: mean_of(squares).into_iter().map(scale).collect() }
}

fn scaled<T: ToDouble>(numbers: &[T], samples: &[usize], scaling: &FeatureScaling) -> Vec<f32> {
    let FeatureScaling { means, scales } = scaling;
    let inputs = means.len();
    let mut scaled = vec![0.0; samples.len() * inputs];
    for (target, &sample) in scaled.chunks_exact_mut(inputs).zip(samples) {
        let source = &numbers[sample * inputs..][..inputs];
        for i in 0..inputs {
            target[i] = ((source[i].to_double() - means[i]) * scales[i]) as f32;
        }
    }
    scaled
}
