//! Tracing: a function of naga's intermediate representation becomes a list of nodes.
//!
//! Every value is a row of scalars, each a constant or the result of a node. Calls are inlined;
//! variables are rows in an environment, so an index that is known costs nothing.
//!
//! # Lanes that part ways
//!
//! A program runs many lanes at once, and lanes may take different branches. Both arms of a branch
//! are traced, each with its own environment, and the leaves that differ are selected where the
//! arms meet. A `return`, `break` or `continue` leaves the flow: it stores the environment with a
//! mask of the lanes that took it, and the environments of all exits are merged where the exits
//! arrive. No store needs a mask, because a lane that has left never reads the flow again.

mod expressions;
mod loops;
mod math;
mod operators;
mod statements;

use std::collections::HashMap;

use naga::valid::{FunctionInfo, ModuleInfo};
use naga::{AddressSpace, Expression, Function, GlobalVariable, Handle, Module, TypeInner};

use super::arithmetic::Arithmetic;
use super::builder::{Builder, Value};
use super::leaves::{self, Kind};
use super::operation::Operation;
use super::shader::Refusal;

type Result<T> = std::result::Result<T, Refusal>;

/// The largest number of nodes of a program.
const MOST_NODES: usize = 400_000;
/// The deepest nesting of calls, branches and expressions.
const DEEPEST: usize = 200;
/// The largest number of scalars in the variables of all calls that are open.
const MOST_VARIABLES: usize = 65_536;
/// The largest number of scalars in the tables of a program.
const MOST_TABLED: usize = 1 << 21;
/// The largest number of scalars that are copied to trace a program.
const MOST_COPIED: usize = 1 << 26;

/// A value of naga: leaves, or a pointer to the leaves of a variable.
#[derive(Clone, Debug)]
enum Data {
    Leaves(Vec<Value>),
    Pointer(Place),
}

impl Data {
    /// The number of scalars.
    fn length(&self) -> usize {
        match self {
            Self::Leaves(leaves) => leaves.len(),
            Self::Pointer(_) => 1,
        }
    }
}

/// A place in the environment.
#[derive(Clone, Debug)]
struct Place {
    offset: usize,
    length: usize,
    /// Indices that are not constants: the index, and the count and stride of the elements.
    indices: Vec<(Value, usize, usize)>,
    /// False for private variables, which keep their first values.
    is_writable: bool,
}

/// The lanes that leave a flow, with the environment and the result that they have.
#[derive(Clone, Debug)]
struct Exit {
    mask: Value,
    environment: Vec<Value>,
    result: Vec<Value>,
}

/// The call of a function.
struct Frame<'m> {
    function: &'m Function,
    info: &'m FunctionInfo,
    values: Vec<Option<Data>>,
    arguments: Vec<Data>,
    /// The place of each local variable.
    locals: Vec<Place>,
    returns: Vec<Exit>,
    /// The exits of each construct around the current statement that `break` and `continue` leave.
    breaks: Vec<Vec<Exit>>,
    continues: Vec<Vec<Exit>>,
}

/// A trace in progress.
pub(super) struct Tracer<'m> {
    module: &'m Module,
    info: &'m ModuleInfo,
    natives: &'m HashMap<Handle<Function>, Operation>,
    pub builder: Builder,
    /// The leaves of all variables.
    environment: Vec<Value>,
    /// The lanes in the current flow; false if no lane can be in it.
    live: Value,
    globals: HashMap<Handle<GlobalVariable>, Place>,
    depth: usize,
    /// The scalars that were copied so far: a measure of time and of memory.
    copied: usize,
}

impl<'m> Tracer<'m> {
    /// Creates a tracer of a validated module. Calls of `natives` become single operations.
    pub fn new(
        module: &'m Module,
        info: &'m ModuleInfo,
        natives: &'m HashMap<Handle<Function>, Operation>,
        arithmetic: Arithmetic,
    ) -> Result<Self> {
        let mut tracer = Self {
            module,
            info,
            natives,
            builder: Builder::new(arithmetic),
            environment: Vec::new(),
            live: Value::TRUE,
            globals: HashMap::new(),
            depth: 0,
            copied: 0,
        };
        for (handle, variable) in module.global_variables.iter() {
            let span = module.global_variables.get_span(handle);
            if variable.space != AddressSpace::Private {
                let what = "a buffer or a workgroup variable";
                return Err(Refusal::new(span, what, "keep all data in the state or in constants"));
            }
            let leaves = match variable.init {
                Some(init) => tracer.constant(init)?,
                None => leaves::zero(module, variable.ty).map_err(|what| refuse(span, what))?,
            };
            let place = tracer.allocate(leaves, false);
            tracer.globals.insert(handle, place);
            tracer.check_variables(span)?;
        }
        Ok(tracer)
    }

    /// Replaces the first leaves of the private variable with a name.
    pub fn bind(&mut self, name: &str, leaves: &[Value]) {
        let mut variables = self.module.global_variables.iter();
        let found = variables.find(|(_, variable)| variable.name.as_deref() == Some(name));
        if let Some((handle, _)) = found {
            let Place { offset, length, .. } = self.globals[&handle];
            let count = leaves.len().min(length);
            self.environment[offset..][..count].copy_from_slice(&leaves[..count]);
        }
    }

    /// Traces a call of a function with the leaves of its arguments; returns those of its result.
    pub fn call_entry(
        &mut self,
        function: Handle<Function>,
        arguments: Vec<Vec<Value>>,
    ) -> Result<Vec<Value>> {
        let arguments = arguments.into_iter().map(Data::Leaves).collect();
        self.call(function, arguments)
    }

    fn allocate(&mut self, leaves: Vec<Value>, is_writable: bool) -> Place {
        let (offset, length) = (self.environment.len(), leaves.len());
        self.environment.extend(leaves);
        Place { offset, length, indices: Vec::new(), is_writable }
    }

    fn check_variables(&self, span: naga::Span) -> Result<()> {
        if self.environment.len() <= MOST_VARIABLES {
            return Ok(());
        }
        let what = "code with more than 65,536 numbers in its variables";
        Err(Refusal::new(span, what, "use smaller arrays, or fewer"))
    }

    fn call(&mut self, handle: Handle<Function>, arguments: Vec<Data>) -> Result<Vec<Value>> {
        if let Some(&operation) = self.natives.get(&handle) {
            let leaves = arguments.iter().flat_map(|argument| match argument {
                Data::Leaves(leaves) => leaves.as_slice(),
                Data::Pointer(_) => &[],
            });
            let sources: Vec<Value> = leaves.copied().collect();
            return Ok(vec![self.builder.unary(operation, sources[0])]);
        }
        let function = &self.module.functions[handle];
        let span = self.module.functions.get_span(handle);
        self.deeper(span)?;
        let (before, base) = (self.live, self.environment.len());
        let mut frame = Frame {
            function,
            info: &self.info[handle],
            values: vec![None; function.expressions.len()],
            arguments,
            locals: Vec::new(),
            returns: Vec::new(),
            breaks: Vec::new(),
            continues: Vec::new(),
        };
        for (handle, variable) in function.local_variables.iter() {
            let span = function.local_variables.get_span(handle);
            let leaves = match variable.init {
                Some(init) => self.leaves(&mut frame, init)?,
                None => {
                    leaves::zero(self.module, variable.ty).map_err(|what| refuse(span, what))?
                }
            };
            let place = self.allocate(leaves, true);
            frame.locals.push(place);
            self.check_variables(span)?;
        }
        self.block(&mut frame, &function.body)?;
        if self.live != Value::FALSE {
            let exit = self.exit(Vec::new());
            frame.returns.push(exit);
        }
        let result = self.merge(frame.returns);
        // All lanes that were in the call return from it.
        self.live = before;
        self.environment.truncate(base);
        self.depth -= 1;
        Ok(result)
    }

    /// The exit of all lanes of the current flow.
    fn exit(&mut self, result: Vec<Value>) -> Exit {
        Exit { mask: self.live, environment: self.copied_environment(), result }
    }

    /// Copies the leaves of all variables.
    fn copied_environment(&mut self) -> Vec<Value> {
        self.copied += self.environment.len();
        self.environment.clone()
    }

    /// Continues with the lanes of all exits, and returns the results that they have. The flow is
    /// dead if there are none.
    fn merge(&mut self, mut exits: Vec<Exit>) -> Vec<Value> {
        exits.retain(|exit| exit.mask != Value::FALSE);
        let Some(last) = exits.pop() else {
            self.live = Value::FALSE;
            return Vec::new();
        };
        let mut merged = last;
        for exit in exits.into_iter().rev() {
            self.overlay(exit.mask, &exit.environment, &mut merged.environment);
            self.overlay(exit.mask, &exit.result, &mut merged.result);
            merged.mask = self.builder.or(merged.mask, exit.mask);
        }
        self.environment = merged.environment;
        self.live = merged.mask;
        merged.result
    }

    /// Replaces leaves in the lanes of a mask.
    fn overlay(&mut self, mask: Value, above: &[Value], below: &mut [Value]) {
        self.copied += above.len();
        for (&above, below) in above.iter().zip(below) {
            *below = self.builder.select(mask, above, *below);
        }
    }

    /// Counts a level of nesting, and refuses a program that has become too large.
    fn deeper(&mut self, span: naga::Span) -> Result<()> {
        self.depth += 1;
        if self.depth > DEEPEST {
            let what = "code nested deeper than 200 levels";
            return Err(Refusal::new(span, what, "split it into functions, or call fewer"));
        }
        if self.builder.nodes.len() > MOST_NODES {
            let what = "a program of more than 400,000 operations";
            let instead = "use loops whose number of rounds is not a constant, or smaller arrays";
            return Err(Refusal::new(span, what, instead));
        }
        if self.builder.tabled > MOST_TABLED {
            let what = "a program with more than 2,097,152 numbers to choose from";
            let instead = "use smaller arrays, or fewer indices that are not constant";
            return Err(Refusal::new(span, what, instead));
        }
        self.copied += 1;
        if self.copied > MOST_COPIED {
            let what = "code that takes so long to compile";
            let instead = "use smaller arrays, fewer loops in loops, and fewer calls in calls";
            return Err(Refusal::new(span, what, instead));
        }
        Ok(())
    }

    /// The leaves of a constant expression of the module.
    fn constant(&mut self, handle: Handle<Expression>) -> Result<Vec<Value>> {
        let expressions = &self.module.global_expressions;
        let span = expressions.get_span(handle);
        match expressions[handle] {
            Expression::Literal(literal) => {
                Ok(vec![leaves::literal(literal).map_err(|what| refuse(span, what))?])
            }
            Expression::Constant(constant) => self.constant(self.module.constants[constant].init),
            Expression::ZeroValue(ty) => {
                leaves::zero(self.module, ty).map_err(|what| refuse(span, what))
            }
            Expression::Compose { ref components, .. } => {
                let mut all = Vec::new();
                for &component in components {
                    all.extend(self.constant(component)?);
                }
                Ok(all)
            }
            Expression::Splat { size, value } => Ok(self.constant(value)?.repeat(size as usize)),
            _ => Err(Refusal::new(span, "this constant expression", "write its value")),
        }
    }

    /// The kind of the scalars of an expression.
    fn kind(&self, frame: &Frame, handle: Handle<Expression>) -> Result<Kind> {
        let span = frame.function.expressions.get_span(handle);
        let inner = self.inner(frame, handle);
        let scalar = match inner {
            TypeInner::ValuePointer { scalar, .. } => Some(*scalar),
            other => other.scalar(),
        };
        let scalar = scalar.ok_or_else(|| refuse(span, "this operation on a composite value"))?;
        Kind::new(scalar).map_err(|what| refuse(span, what))
    }

    /// The type of an expression; of a pointer, that of what it points to.
    fn inner<'a>(&'a self, frame: &'a Frame, handle: Handle<Expression>) -> &'a TypeInner {
        match frame.info[handle].ty.inner_with(&self.module.types) {
            TypeInner::Pointer { base, .. } => &self.module.types[*base].inner,
            other => other,
        }
    }
}

/// A refusal of a construct that has no replacement.
fn refuse(span: naga::Span, what: &str) -> Refusal {
    Refusal::new(span, what, "write it with f32, i32, u32, bool, vectors, arrays and structures")
}
