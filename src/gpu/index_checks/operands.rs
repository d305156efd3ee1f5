//! The operands of expressions and statements, for those that kernels of deme have.

use naga::{AtomicFunction, Expression, GatherMode, Handle, Statement};

type Operands<'a> = Vec<&'a mut Handle<Expression>>;

/// Returns the operands of an expression, or `None` if kernels of deme have no such expression.
pub(super) fn of_expression(expression: &mut Expression) -> Option<Operands<'_>> {
    use Expression as E;
    Some(match expression {
        E::Literal(_)
        | E::Constant(_)
        | E::Override(_)
        | E::ZeroValue(_)
        | E::FunctionArgument(_)
        | E::GlobalVariable(_)
        | E::LocalVariable(_)
        | E::CallResult(_)
        | E::AtomicResult { .. }
        | E::WorkGroupUniformLoadResult { .. }
        | E::SubgroupBallotResult
        | E::SubgroupOperationResult { .. } => Vec::new(),
        E::Compose { components, .. } => components.iter_mut().collect(),
        E::Access { base, index } => vec![base, index],
        E::AccessIndex { base, .. } => vec![base],
        E::Splat { value, .. } => vec![value],
        E::Swizzle { vector, .. } => vec![vector],
        E::Load { pointer } => vec![pointer],
        E::Unary { expr, .. } | E::As { expr, .. } | E::ArrayLength(expr) => vec![expr],
        E::Binary { left, right, .. } => vec![left, right],
        E::Select { condition, accept, reject } => vec![condition, accept, reject],
        E::Relational { argument, .. } => vec![argument],
        E::Math { arg, arg1, arg2, arg3, .. } => {
            std::iter::once(arg).chain(arg1).chain(arg2).chain(arg3).collect()
        }
        E::CooperativeLoad { data, .. } => vec![&mut data.pointer, &mut data.stride],
        E::CooperativeMultiplyAdd { a, b, c } => vec![a, b, c],
        E::ImageSample { .. }
        | E::ImageLoad { .. }
        | E::ImageQuery { .. }
        | E::Derivative { .. }
        | E::RayQueryVertexPositions { .. }
        | E::RayQueryProceedResult
        | E::RayQueryGetIntersection { .. } => return None,
    })
}

/// Returns the operands of a statement without those of its blocks, or `None` if kernels of deme
/// have no such statement.
pub(super) fn of_statement(statement: &mut Statement) -> Option<Operands<'_>> {
    use Statement as S;
    Some(match statement {
        S::Emit(_)
        | S::Block(_)
        | S::Break
        | S::Continue
        | S::Kill
        | S::ControlBarrier(_)
        | S::MemoryBarrier(_) => Vec::new(),
        S::If { condition, .. } => vec![condition],
        S::Switch { selector, .. } => vec![selector],
        S::Loop { break_if, .. } => break_if.iter_mut().collect(),
        S::Return { value } => value.iter_mut().collect(),
        S::Store { pointer, value } => vec![pointer, value],
        S::Atomic { pointer, fun, value, result } => {
            let compared = match fun {
                AtomicFunction::Exchange { compare } => compare.as_mut(),
                _ => None,
            };
            [pointer, value].into_iter().chain(compared).chain(result).collect()
        }
        S::WorkGroupUniformLoad { pointer, result } => vec![pointer, result],
        S::Call { arguments, result, .. } => arguments.iter_mut().chain(result).collect(),
        S::SubgroupBallot { result, predicate } => {
            std::iter::once(result).chain(predicate).collect()
        }
        S::SubgroupGather { mode, argument, result } => {
            let source = match mode {
                GatherMode::BroadcastFirst | GatherMode::QuadSwap(_) => None,
                GatherMode::Broadcast(index)
                | GatherMode::Shuffle(index)
                | GatherMode::ShuffleDown(index)
                | GatherMode::ShuffleUp(index)
                | GatherMode::ShuffleXor(index)
                | GatherMode::QuadBroadcast(index) => Some(index),
            };
            [argument, result].into_iter().chain(source).collect()
        }
        S::SubgroupCollectiveOperation { argument, result, .. } => vec![argument, result],
        S::CooperativeStore { target, data } => {
            vec![target, &mut data.pointer, &mut data.stride]
        }
        S::ImageStore { .. }
        | S::ImageAtomic { .. }
        | S::RayQuery { .. }
        | S::RayPipelineFunction(_) => return None,
    })
}
