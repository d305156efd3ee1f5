//! Types as leaves: every value of WGSL is a row of scalars.
//!
//! A scalar has one leaf, a vector one for each component, a matrix one for each component, column
//! by column; arrays and structures have those of their elements, in order.

use naga::{ArraySize, Handle, Literal, Module, Scalar, ScalarKind, Type, TypeInner};

use super::builder::Value;

/// The kind of a scalar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Number,
    Signed,
    Unsigned,
    Boolean,
}

impl Kind {
    /// The kind of a scalar, or the name of a scalar type that there is no kind for.
    pub fn new(scalar: Scalar) -> Result<Self, &'static str> {
        match (scalar.kind, scalar.width) {
            (ScalarKind::Float, 4) | (ScalarKind::AbstractFloat, _) => Ok(Self::Number),
            (ScalarKind::Sint, 4) | (ScalarKind::AbstractInt, _) => Ok(Self::Signed),
            (ScalarKind::Uint, 4) => Ok(Self::Unsigned),
            (ScalarKind::Bool, _) => Ok(Self::Boolean),
            (ScalarKind::Float, 2) => Err("f16"),
            (ScalarKind::Float, _) => Err("f64"),
            (ScalarKind::Sint, _) => Err("integers of a size other than 32 bits"),
            (ScalarKind::Uint, _) => Err("integers of a size other than 32 bits"),
        }
    }

    /// The zero of the kind.
    pub fn zero(self) -> Value {
        match self {
            Self::Number => Value::number(0.0),
            Self::Signed | Self::Unsigned | Self::Boolean => Value::Word(0),
        }
    }
}

/// The leaves of an element of a composite type, and the distance between elements.
pub(super) struct Elements {
    pub count: usize,
    pub stride: usize,
}

/// The largest number of leaves of a type.
pub(super) const MOST_LEAVES: usize = 16_384;

/// Returns the kinds of the leaves of a type.
///
/// # Errors
/// Returns the name of a type that has no leaves, such as a texture.
pub(super) fn kinds(module: &Module, inner: &TypeInner) -> Result<Vec<Kind>, &'static str> {
    let repeated = |kind: Kind, count: usize| Ok(vec![kind; count]);
    match *inner {
        TypeInner::Scalar(scalar) => repeated(Kind::new(scalar)?, 1),
        TypeInner::Vector { size, scalar } => repeated(Kind::new(scalar)?, size as usize),
        TypeInner::Matrix { columns, rows, scalar } => {
            repeated(Kind::new(scalar)?, columns as usize * rows as usize)
        }
        TypeInner::Array { base, size: ArraySize::Constant(count), .. } => {
            let element = kinds(module, &module.types[base].inner)?;
            let count = count.get() as usize;
            if element.len().saturating_mul(count) > MOST_LEAVES {
                return Err("arrays of more than 16,384 numbers");
            }
            Ok(element.repeat(count))
        }
        TypeInner::Array { .. } => Err("arrays without a constant length"),
        TypeInner::Struct { ref members, .. } => {
            let mut all = Vec::new();
            for member in members {
                all.extend(kinds(module, &module.types[member.ty].inner)?);
                if all.len() > MOST_LEAVES {
                    return Err("structures of more than 16,384 numbers");
                }
            }
            Ok(all)
        }
        TypeInner::Atomic(_) => Err("atomics"),
        TypeInner::Pointer { .. } | TypeInner::ValuePointer { .. } => Err("pointers in a value"),
        TypeInner::CooperativeMatrix { .. } => Err("cooperative matrices"),
        TypeInner::Image { .. } | TypeInner::Sampler { .. } => Err("textures and samplers"),
        TypeInner::AccelerationStructure { .. } | TypeInner::RayQuery { .. } => Err("ray queries"),
        TypeInner::BindingArray { .. } => Err("binding arrays"),
    }
}

/// Returns the zero of a type, leaf by leaf.
pub(super) fn zero(module: &Module, ty: Handle<Type>) -> Result<Vec<Value>, &'static str> {
    Ok(kinds(module, &module.types[ty].inner)?.into_iter().map(Kind::zero).collect())
}

/// Returns the first leaf of the member or element with a constant index, and its leaves.
pub(super) fn member(
    module: &Module,
    inner: &TypeInner,
    index: usize,
) -> Result<(usize, usize), &'static str> {
    if let TypeInner::Struct { members, .. } = inner {
        let mut first = 0;
        for member in &members[..index] {
            first += kinds(module, &module.types[member.ty].inner)?.len();
        }
        return Ok((first, kinds(module, &module.types[members[index].ty].inner)?.len()));
    }
    let Elements { count, stride } = elements(module, inner)?;
    Ok((index.min(count - 1) * stride, stride))
}

/// Returns the elements of a type that can be indexed.
pub(super) fn elements(module: &Module, inner: &TypeInner) -> Result<Elements, &'static str> {
    match *inner {
        TypeInner::Vector { size, .. } => Ok(Elements { count: size as usize, stride: 1 }),
        TypeInner::Matrix { columns, rows, .. } => {
            Ok(Elements { count: columns as usize, stride: rows as usize })
        }
        TypeInner::Array { base, size: ArraySize::Constant(count), .. } => {
            let stride = kinds(module, &module.types[base].inner)?.len();
            Ok(Elements { count: count.get() as usize, stride })
        }
        _ => Err("an index into this type"),
    }
}

/// The value of a literal.
///
/// # Errors
/// Returns the name of a type that programs do not have.
pub(super) fn literal(literal: Literal) -> Result<Value, &'static str> {
    match literal {
        Literal::F32(number) => Ok(Value::number(f64::from(number))),
        Literal::U32(word) => Ok(Value::Word(word)),
        Literal::I32(word) => Ok(Value::Word(word as u32)),
        Literal::Bool(truth) => Ok(Value::boolean(truth)),
        Literal::AbstractInt(number) => Ok(Value::Word(number as u32)),
        Literal::AbstractFloat(number) => Ok(Value::number(f64::from(number as f32))),
        Literal::F64(_) => Err("f64"),
        Literal::F16(_) => Err("f16"),
        Literal::U16(_) | Literal::I16(_) | Literal::U64(_) | Literal::I64(_) => {
            Err("integers of a size other than 32 bits")
        }
    }
}
