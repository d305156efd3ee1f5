//! WGSL on the CPU: functions of a shader, compiled to a register program that runs over lanes of
//! `f32`, or in `f64`.
//!
//! [`Shader::parse`] checks a text. A [`Draft`] calls its functions one after another and names
//! what they compute; [`Draft::finish`] compiles all of it to one [`Program`]. A
//! [`RegisterMachine`] runs the program: over sixteen lanes times any number of chunks for the fast
//! CPU path, or over one `f64` for the reference.
//!
//! # Language
//!
//! `f32`, `i32`, `u32`, `bool`, vectors, matrices, arrays and structures of them; constants,
//! private variables that keep their first values, local variables, pointers to them; calls, `if`,
//! `switch`, all loops; operators, conversions, and the functions that
//! `src/wgsl/trace/math.rs` lists. Everything else is refused, with its place in the text.
//!
//! # Meaning
//!
//! Cases that WGSL leaves open have one result. An index that is out of range is that of the last
//! element, an integer division that has no result returns the dividend, shifts are modulo 32, a
//! conversion to an integer takes the nearest one, and a lane whose loops take more than
//! [`MOST_LOOP_OPERATIONS`] in a run fails. Functions such as `math_sin` are those of
//! [`math`](crate::math), and so are the built-in ones.
//!
//! # Example
//!
//! ```
//! use deme::wgsl::{Arithmetic, Draft, Home, RegisterMachine, Shader};
//! let text = "fn twice(x: f32) -> f32 { var y = x; if (x > 1.0) { y = 2.0 * x; } return y; }";
//! let shader = Shader::parse(text, "twice.wgsl")?;
//! let mut draft = Draft::new(&shader, Arithmetic::Double)?;
//! let x = draft.numbers(1);
//! let y = draft.call("twice", &[&x])?;
//! let program = draft.finish(&[(y[0], Home::Output)]);
//! let mut machine = RegisterMachine::<f64>::new(&program, 1);
//! machine.input(0)[0] = 3.0;
//! machine.run().expect("there is no loop");
//! assert_eq!(machine.output(0), [6.0]);
//! # Ok::<(), deme::error::Error>(())
//! ```

mod arithmetic;
mod builder;
mod chunk;
mod compile;
mod draft;
mod execute;
mod leaves;
mod machine;
mod operation;
mod program;
mod shader;
mod trace;

pub use arithmetic::Arithmetic;
pub use builder::Value;
pub use chunk::{Chunk, Words};
pub use draft::Draft;
pub use execute::{Endless, MOST_LOOP_OPERATIONS};
pub use machine::RegisterMachine;
pub use operation::Operation;
pub use program::{Home, Program};
pub use shader::Shader;
