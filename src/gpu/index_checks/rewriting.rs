//! The rewriting of a module, so that every index passes through a function.
//!
//! An expression may refer only to earlier ones, so the expressions of a function are written
//! anew, with those of the checks in between. A check is a call, and a call is a statement: the
//! evaluation of expressions before an index is cut there.

use std::collections::HashMap;

use naga::valid::{FunctionInfo, ModuleInfo};
use naga::{
    Arena, ArraySize, Block, Constant, CooperativeData, Expression, Function, Handle, Literal,
    Module, Range, ScalarKind, Span, Statement, Type, TypeInner, UniqueArena,
};

use super::operands;

/// The description of an operation that the checks do not cover.
type Unsupported = String;

/// Adds a check to every index of a module except those in the function `check` itself. Returns
/// the span of each index.
pub(super) fn add_checks(
    module: &mut Module,
    info: &ModuleInfo,
    check: &str,
) -> Result<Vec<Span>, Unsupported> {
    let is_check = |function: &Function| function.name.as_deref() == Some(check);
    let found = module.functions.iter().find(|(_, function)| is_check(function));
    let check = found.map(|(handle, _)| handle).ok_or("a shader without the check")?;
    let tables = Tables {
        types: &module.types,
        constants: &module.constants,
        values: &module.global_expressions,
        check,
    };
    let mut spans = Vec::new();
    for (handle, function) in module.functions.iter_mut().filter(|(handle, _)| *handle != check) {
        rewrite(function, &info[handle], &tables, &mut spans)?;
    }
    for (place, entry) in module.entry_points.iter_mut().enumerate() {
        let info = info.get_entry_point(place);
        rewrite(&mut entry.function, info, &tables, &mut spans)?;
    }
    Ok(spans)
}

/// Adds a check to every index of a function.
fn rewrite(
    function: &mut Function,
    info: &FunctionInfo,
    tables: &Tables<'_>,
    spans: &mut Vec<Span>,
) -> Result<(), Unsupported> {
    let old = function.expressions.take();
    let mut rewriter = Rewriter {
        info,
        tables,
        reaches: HashMap::new(),
        new: Arena::new(),
        handles: Vec::with_capacity(old.len()),
        calls: HashMap::new(),
    };
    for (_, expression) in old.iter() {
        if let Expression::CooperativeLoad { rows, role: _, columns, data } = expression {
            rewriter.add_reach(&old, data, (*rows).max(*columns) as u32)?;
        }
    }
    rewriter.add_reaches_of_stores(&old, &function.body)?;
    for (handle, expression) in old.iter() {
        let span = old.get_span(handle);
        rewriter.add(handle, expression, span, spans)?;
    }
    for (_, variable) in function.local_variables.iter_mut() {
        variable.init = variable.init.map(|init| rewriter.handles[init.index()]);
    }
    function.body = rewriter.block(std::mem::take(&mut function.body))?;
    // Names of values serve debuggers only.
    function.named_expressions.clear();
    function.expressions = rewriter.new;
    Ok(())
}

/// The parts of a module that all functions refer to.
struct Tables<'a> {
    types: &'a UniqueArena<Type>,
    constants: &'a Arena<Constant>,
    /// The values of the constants.
    values: &'a Arena<Expression>,
    /// The function that every index passes through.
    check: Handle<Function>,
}

/// The rewriting of one function.
struct Rewriter<'a> {
    info: &'a FunctionInfo,
    tables: &'a Tables<'a>,
    /// The distance from the element of an old pointer to the last one that is accessed from it.
    reaches: HashMap<Handle<Expression>, u32>,
    new: Arena<Expression>,
    /// The new handle of each old expression.
    handles: Vec<Handle<Expression>>,
    /// The call before each old expression that has an index.
    calls: HashMap<Handle<Expression>, CheckCall>,
}

/// The call of a check.
struct CheckCall {
    /// The first and the last expression to evaluate for its arguments, if there are any.
    evaluated: Option<[Handle<Expression>; 2]>,
    arguments: Vec<Handle<Expression>>,
    result: Handle<Expression>,
}

/// The index of an expression.
enum Index {
    Dynamic(Handle<Expression>),
    Constant(u32),
}

/// The length that an index must stay below.
enum Length {
    Fixed(u32),
    /// The length of the binding.
    Bound,
}

impl Rewriter<'_> {
    /// Adds an expression, preceded by the check of its index if it has one.
    fn add(
        &mut self,
        handle: Handle<Expression>,
        expression: &Expression,
        span: Span,
        spans: &mut Vec<Span>,
    ) -> Result<(), Unsupported> {
        let new = match *expression {
            Expression::Access { base, index } => {
                let length = self.length(base)?;
                self.add_checked(handle, base, Index::Dynamic(index), length, spans.len())
            }
            Expression::AccessIndex { base, index } if self.is_bound(base) => {
                let index = Index::Constant(index);
                self.add_checked(handle, base, index, Length::Bound, spans.len())
            }
            _ => {
                let mut copy = expression.clone();
                let all = operands::of_expression(&mut copy);
                for operand in all.ok_or_else(|| format!("{expression:?}"))? {
                    *operand = self.handles[operand.index()];
                }
                copy
            }
        };
        if self.calls.contains_key(&handle) {
            spans.push(span);
        }
        self.handles.push(self.new.append(new, span));
        Ok(())
    }

    /// Adds the arguments and the result of a check, and returns the expression that uses it.
    fn add_checked(
        &mut self,
        handle: Handle<Expression>,
        base: Handle<Expression>,
        index: Index,
        length: Length,
        place: usize,
    ) -> Expression {
        let whole = |number: u32| Expression::Literal(Literal::U32(number));
        let reach = self.reaches.get(&handle).copied().unwrap_or(0);
        let base_handle = self.handles[base.index()];
        let reach = self.append(whole(reach));
        let place = self.append(whole(place as u32));
        let mut evaluated: Option<[Handle<Expression>; 2]> = None;
        let mut evaluate = |handle| {
            evaluated = Some([evaluated.map_or(handle, |[first, _]| first), handle]);
            handle
        };
        // Literals are not evaluated, so they come first.
        let fixed = match length {
            Length::Fixed(length) => Some(self.append(whole(length))),
            Length::Bound => None,
        };
        let index = match index {
            Index::Constant(index) => self.append(whole(index)),
            Index::Dynamic(index) => {
                let new = self.handles[index.index()];
                let kind = self.info[index].ty.inner_with(self.tables.types).scalar_kind();
                if kind == Some(ScalarKind::Uint) {
                    new
                } else {
                    // A negative index becomes a large one.
                    let kind = ScalarKind::Uint;
                    evaluate(self.append(Expression::As { expr: new, kind, convert: None }))
                }
            }
        };
        let length =
            fixed.unwrap_or_else(|| evaluate(self.append(Expression::ArrayLength(base_handle))));
        let result = self.append(Expression::CallResult(self.tables.check));
        let arguments = vec![index, length, reach, place];
        self.calls.insert(handle, CheckCall { evaluated, arguments, result });
        Expression::Access { base: base_handle, index: result }
    }

    fn append(&mut self, expression: Expression) -> Handle<Expression> {
        self.new.append(expression, Span::UNDEFINED)
    }

    /// Returns the type that an old expression is, or points to.
    fn target(&self, base: Handle<Expression>) -> &TypeInner {
        match self.info[base].ty.inner_with(self.tables.types) {
            TypeInner::Pointer { base, .. } => &self.tables.types[*base].inner,
            other => other,
        }
    }

    /// True if an old expression points to an array whose length is that of its binding.
    fn is_bound(&self, base: Handle<Expression>) -> bool {
        matches!(self.target(base), TypeInner::Array { size: ArraySize::Dynamic, .. })
    }

    /// Returns the length of an old expression that is indexed.
    fn length(&self, base: Handle<Expression>) -> Result<Length, Unsupported> {
        match self.target(base) {
            TypeInner::Array { size: ArraySize::Dynamic, .. } => Ok(Length::Bound),
            TypeInner::Array { size: ArraySize::Constant(length), .. } => {
                Ok(Length::Fixed(length.get()))
            }
            TypeInner::Vector { size, .. } | TypeInner::ValuePointer { size: Some(size), .. } => {
                Ok(Length::Fixed(*size as u32))
            }
            TypeInner::Matrix { columns, .. } => Ok(Length::Fixed(*columns as u32)),
            other => Err(format!("an index into {other:?}")),
        }
    }

    /// Notes the last element of a square matrix that tensor cores load or store.
    fn add_reach(
        &mut self,
        old: &Arena<Expression>,
        data: &CooperativeData,
        side: u32,
    ) -> Result<(), Unsupported> {
        let is_index = matches!(old[data.pointer], Expression::Access { .. });
        let stride = match old[data.stride] {
            Expression::Constant(constant) => {
                &self.tables.values[self.tables.constants[constant].init]
            }
            ref other => other,
        };
        match (is_index, stride) {
            (true, Expression::Literal(Literal::U32(stride))) => {
                let reach = self.reaches.entry(data.pointer).or_default();
                *reach = (*reach).max((side - 1) * stride + side - 1);
                Ok(())
            }
            (_, stride) => Err(format!("a matrix at a computed stride, {stride:?},")),
        }
    }

    /// Notes the last elements of all matrices that tensor cores store.
    fn add_reaches_of_stores(
        &mut self,
        old: &Arena<Expression>,
        block: &Block,
    ) -> Result<(), Unsupported> {
        for statement in block {
            match statement {
                Statement::CooperativeStore { target, data } => {
                    match self.info[*target].ty.inner_with(self.tables.types) {
                        TypeInner::CooperativeMatrix { columns, rows, .. } => {
                            self.add_reach(old, data, (*rows).max(*columns) as u32)?;
                        }
                        other => return Err(format!("a store of {other:?}")),
                    }
                }
                Statement::Block(inner) => self.add_reaches_of_stores(old, inner)?,
                Statement::If { accept, reject, .. } => {
                    self.add_reaches_of_stores(old, accept)?;
                    self.add_reaches_of_stores(old, reject)?;
                }
                Statement::Loop { body, continuing, .. } => {
                    self.add_reaches_of_stores(old, body)?;
                    self.add_reaches_of_stores(old, continuing)?;
                }
                Statement::Switch { cases, .. } => {
                    for case in cases {
                        self.add_reaches_of_stores(old, &case.body)?;
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Rewrites a block.
    fn block(&self, old: Block) -> Result<Block, Unsupported> {
        let mut new = Block::with_capacity(old.len());
        for (mut statement, span) in old.span_into_iter() {
            let name = format!("{statement:?}");
            for operand in operands::of_statement(&mut statement).ok_or(name)? {
                *operand = self.handles[operand.index()];
            }
            let take = |block: &mut Block| self.block(std::mem::take(block));
            match &mut statement {
                Statement::Emit(range) => {
                    self.evaluate(range.clone(), span, &mut new);
                    continue;
                }
                Statement::Block(inner) => *inner = take(inner)?,
                Statement::If { accept, reject, .. } => {
                    (*accept, *reject) = (take(accept)?, take(reject)?);
                }
                Statement::Loop { body, continuing, .. } => {
                    (*body, *continuing) = (take(body)?, take(continuing)?);
                }
                Statement::Switch { cases, .. } => {
                    for case in cases {
                        case.body = take(&mut case.body)?;
                    }
                }
                _ => {}
            }
            new.push(statement, span);
        }
        Ok(new)
    }

    /// Evaluates a range of old expressions, with the checks of their indices in between.
    fn evaluate(&self, range: Range<Expression>, span: Span, block: &mut Block) {
        let emit = |[first, last]: [Handle<Expression>; 2], block: &mut Block| {
            block.push(Statement::Emit(Range::new_from_bounds(first, last)), span);
        };
        let mut run: Option<[Handle<Expression>; 2]> = None;
        for old in range {
            if let Some(CheckCall { evaluated, arguments, result }) = self.calls.get(&old) {
                run.take().into_iter().chain(*evaluated).for_each(|run| emit(run, block));
                let (arguments, result) = (arguments.clone(), Some(*result));
                block
                    .push(Statement::Call { function: self.tables.check, arguments, result }, span);
            }
            let new = self.handles[old.index()];
            run = Some([run.map_or(new, |[first, _]| first), new]);
        }
        run.into_iter().for_each(|run| emit(run, block));
    }
}
