//! Numbers of a file, as wide as the file has them, until they are standardised for a network.
//!
//! # Shapes
//!
//! Features are `[samples][inputs]`, row-major.
//!
//! # Standardising
//!
//! Each feature is scaled to mean 0 and deviation 1 over the *training* part; what is held out goes
//! through the same scaling. Features that share a unit, the bytes of an image, share one mean and
//! one deviation: a pixel that is black in all but one image would otherwise become huge there. A
//! constant feature becomes 0, wherever it was.

use std::io::Read;

/// How a number is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Bool,
    U8,
    U16,
    U32,
    U64,
    I8,
    I16,
    I32,
    I64,
    F32,
    F64,
}

impl Kind {
    /// Bytes of a number as [`Numbers`] keeps it.
    pub fn kept_bytes(self) -> u64 {
        match self {
            Self::Bool | Self::U8 => 1,
            Self::F32 => 4,
            _ => 8,
        }
    }
}

/// Which byte of a number comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Endian {
    /// The least significant one.
    Little,
    /// The most significant one.
    Big,
}

/// Numbers, in a width that holds them.
#[derive(Clone, Debug, PartialEq)]
pub enum Numbers {
    Bytes(Vec<u8>),
    Singles(Vec<f32>),
    Doubles(Vec<f64>),
}

/// What features are scaled by: `(x - mean) * scale`.
#[derive(Clone, Debug, PartialEq)]
pub struct Scaling {
    /// `[inputs]`.
    pub means: Vec<f64>,
    /// `[inputs]`: one over the deviation; 0 for a constant, NaN where it is too large.
    pub scales: Vec<f64>,
}

impl Numbers {
    /// Reads so many.
    ///
    /// # Errors
    /// A reader that fails or ends too early.
    pub fn read(
        reader: &mut impl Read,
        count: usize,
        kind: Kind,
        endian: Endian,
    ) -> std::io::Result<Self> {
        // Both orders of a type, widened.
        macro_rules! wide {
            ($number:ty) => {{
                let wide = match endian {
                    Endian::Little => |bytes| <$number>::from_le_bytes(bytes) as f64,
                    Endian::Big => |bytes| <$number>::from_be_bytes(bytes) as f64,
                };
                Self::Doubles(decode(reader, count, wide)?)
            }};
        }
        Ok(match kind {
            Kind::U8 => Self::Bytes(decode(reader, count, u8::from_le_bytes)?),
            Kind::Bool => {
                Self::Bytes(decode(reader, count, |byte| u8::from(u8::from_le_bytes(byte) != 0))?)
            }
            Kind::F32 => Self::Singles(match endian {
                Endian::Little => decode(reader, count, f32::from_le_bytes)?,
                Endian::Big => decode(reader, count, f32::from_be_bytes)?,
            }),
            Kind::I8 => wide!(i8),
            Kind::U16 => wide!(u16),
            Kind::I16 => wide!(i16),
            Kind::U32 => wide!(u32),
            Kind::I32 => wide!(i32),
            Kind::U64 => wide!(u64),
            Kind::I64 => wide!(i64),
            Kind::F64 => wide!(f64),
        })
    }

    /// These and then those.
    pub fn followed_by(self, more: Self) -> Self {
        match (self, more) {
            (Self::Bytes(mut numbers), Self::Bytes(more)) => {
                numbers.extend(more);
                Self::Bytes(numbers)
            }
            (Self::Singles(mut numbers), Self::Singles(more)) => {
                numbers.extend(more);
                Self::Singles(numbers)
            }
            (numbers, more) => {
                let mut numbers = numbers.into_doubles();
                numbers.extend(more.into_doubles());
                Self::Doubles(numbers)
            }
        }
    }

    /// All of them, widened.
    pub fn into_doubles(self) -> Vec<f64> {
        match self {
            Self::Bytes(numbers) => numbers.into_iter().map(f64::from).collect(),
            Self::Singles(numbers) => numbers.into_iter().map(f64::from).collect(),
            Self::Doubles(numbers) => numbers,
        }
    }

    /// Where the first one stands that is NaN or infinite.
    pub fn first_not_finite(&self) -> Option<usize> {
        match self {
            Self::Bytes(_) => None,
            Self::Singles(numbers) => numbers.iter().position(|number| !number.is_finite()),
            Self::Doubles(numbers) => numbers.iter().position(|number| !number.is_finite()),
        }
    }

    /// From the order in which the first index changes fastest to the one in which the last does.
    pub fn in_row_order(self, shape: &[usize]) -> Self {
        match self {
            Self::Bytes(numbers) => Self::Bytes(reordered(&numbers, shape)),
            Self::Singles(numbers) => Self::Singles(reordered(&numbers, shape)),
            Self::Doubles(numbers) => Self::Doubles(reordered(&numbers, shape)),
        }
    }

    /// The scaling that gives some samples mean 0 and deviation 1: each feature of them, or all
    /// features together.
    pub fn scaling(&self, inputs: usize, samples: &[usize], together: bool) -> Scaling {
        match self {
            Self::Bytes(numbers) => scaling(numbers, inputs, samples, together),
            Self::Singles(numbers) => scaling(numbers, inputs, samples, together),
            Self::Doubles(numbers) => scaling(numbers, inputs, samples, together),
        }
    }

    /// Some samples, scaled; where a number leaves the range of `f32`, its place in the result.
    ///
    /// # Errors
    /// That place.
    pub fn scaled(&self, samples: &[usize], scaling: &Scaling) -> Result<Vec<f32>, usize> {
        let scaled = match self {
            Self::Bytes(numbers) => scaled(numbers, samples, scaling),
            Self::Singles(numbers) => scaled(numbers, samples, scaling),
            Self::Doubles(numbers) => scaled(numbers, samples, scaling),
        };
        match scaled.iter().position(|number| !number.is_finite()) {
            None => Ok(scaled),
            Some(place) => Err(place),
        }
    }
}

/// Numbers of so many bytes each, read through a small buffer.
fn decode<const BYTES: usize, T>(
    reader: &mut impl Read,
    count: usize,
    number: impl Fn([u8; BYTES]) -> T,
) -> std::io::Result<Vec<T>> {
    const AT_ONCE: usize = 1 << 16;
    let mut numbers = Vec::with_capacity(count);
    let mut buffer = vec![0; AT_ONCE.min(count) * BYTES];
    while numbers.len() < count {
        let bytes = &mut buffer[..AT_ONCE.min(count - numbers.len()) * BYTES];
        reader.read_exact(bytes)?;
        let (chunks, _) = bytes.as_chunks::<BYTES>();
        numbers.extend(chunks.iter().map(|&bytes| number(bytes)));
    }
    Ok(numbers)
}

fn reordered<T: Copy>(numbers: &[T], shape: &[usize]) -> Vec<T> {
    let samples = shape.first().copied().unwrap_or(1);
    let inputs: usize = shape.iter().skip(1).product();
    // Where a sample's features lie, counted in samples.
    let places: Vec<usize> = (0..inputs)
        .map(|input| {
            let (mut rest, mut place) = (input, 0);
            let mut stride = inputs;
            for &length in shape[1..].iter().rev() {
                stride /= length;
                place += (rest % length) * stride;
                rest /= length;
            }
            place
        })
        .collect();
    let mut rows = Vec::with_capacity(numbers.len());
    for sample in 0..samples {
        rows.extend(places.iter().map(|place| numbers[place * samples + sample]));
    }
    rows
}

fn scaling<T: Copy + Into<f64>>(
    numbers: &[T],
    inputs: usize,
    samples: &[usize],
    together: bool,
) -> Scaling {
    let row = |sample: usize| &numbers[sample * inputs..][..inputs];
    let count = samples.len() as f64;
    // Distances from a number of the column itself: those of a constant are 0 to the bit.
    let mut origin: Vec<f64> = row(samples[0]).iter().map(|&x| x.into()).collect();
    if together {
        origin = vec![origin[0]; inputs];
    }
    let mean_of = |sums: Vec<f64>| -> Vec<f64> {
        let means = sums.iter().map(|sum| sum / count);
        if together {
            return vec![means.sum::<f64>() / inputs as f64; inputs];
        }
        means.collect()
    };
    let mut sums = vec![0.0; inputs];
    for &sample in samples {
        let row = row(sample);
        for i in 0..inputs {
            sums[i] += row[i].into() - origin[i];
        }
    }
    let offsets = mean_of(sums);
    let means: Vec<f64> = (0..inputs).map(|i| origin[i] + offsets[i]).collect();
    let mut squares = vec![0.0; inputs];
    for &sample in samples {
        let row = row(sample);
        for i in 0..inputs {
            let distance = row[i].into() - origin[i] - offsets[i];
            squares[i] += distance * distance;
        }
    }
    let scale = |variance: f64| match variance {
        0.0 => 0.0,
        _ if variance.is_finite() => variance.sqrt().recip(),
        // Squares that are too large for a double: there is no scale.
        _ => f64::NAN,
    };
    Scaling { means, scales: mean_of(squares).into_iter().map(scale).collect() }
}

fn scaled<T: Copy + Into<f64>>(numbers: &[T], samples: &[usize], scaling: &Scaling) -> Vec<f32> {
    let Scaling { means, scales } = scaling;
    let inputs = means.len();
    let mut scaled = vec![0.0; samples.len() * inputs];
    for (target, &sample) in scaled.chunks_exact_mut(inputs).zip(samples) {
        let source = &numbers[sample * inputs..][..inputs];
        for i in 0..inputs {
            target[i] = ((source[i].into() - means[i]) * scales[i]) as f32;
        }
    }
    scaled
}
