//! The description of a language that programs are written in.

use super::activation::ActivationExport;
use crate::champion::Scaling;

/// The syntax of a language, as far as programs differ in it.
pub(super) struct Language {
    /// The start of the comment line at the top of the file, of those that follow, and of those
    /// before a function. No name from data stands in a comment that a tool renders.
    pub title_comment: &'static str,
    pub fact_comment: &'static str,
    pub comment: &'static str,
    /// Lines between the comment at the top and the function.
    pub preamble: &'static str,
    /// The keyword of a variable that changes, and of an array that is indexed by a variable.
    pub variable: &'static str,
    pub array_binding: &'static str,
    /// The suffix of a whole number.
    pub whole_suffix: &'static str,
    /// The type of an index.
    pub index_type: &'static str,
    /// The conversion of an index in parentheses to a number.
    pub to_number: fn(&str) -> String,
    /// The observation, and the hidden state, as expressions.
    pub observation: &'static str,
    pub state: &'static str,
    /// The type of a number of an observation, and of one that `f32` cannot hold.
    pub number_type: &'static str,
    pub wide: WideNumbers,
    /// The head of the function, from the type of an observation, the number of states and the type
    /// of the result.
    pub signature: fn(&str, usize, &str) -> String,
    /// The type of an array, from the type and the number of its items.
    pub array_type: fn(&str, usize) -> String,
    /// An array of a number of items.
    pub array: fn(usize, &str) -> String,
    /// The declaration of an array of zeros, from its name and length.
    pub zeros: fn(&str, usize) -> String,
    /// The head of a loop: variable, first value, and the value after the last.
    pub loop_head: fn(&str, usize, usize) -> String,
    /// The name of a constant, and its definition from name, length and items.
    pub constant_name: fn(&str) -> String,
    pub constant: fn(&str, usize, &str) -> String,
    /// The larger, and the smaller, of two numbers, and a number within a limit of either sign.
    pub larger: fn(&str, &str) -> String,
    pub smaller: fn(&str, &str) -> String,
    pub clamp: fn(&str, f32) -> String,
    /// The statement that returns a value.
    pub give_back: fn(&str) -> String,
    /// The exponential function, and the function of an activation.
    pub exp: &'static str,
    pub activation: fn(&ActivationExport) -> &'static str,
}

/// The numbers of a language that hold more digits than `f32`.
pub(super) struct WideNumbers {
    /// The type of a number.
    pub number_type: &'static str,
    /// Sentences about an observation, and about an answer, of such numbers.
    pub observation_note: &'static str,
    pub answer_note: &'static str,
    /// The statements that standardise `observation` into `x`, an array of `f32`.
    pub standardise: fn(&Scaling) -> String,
    /// The answer: a mean, plus a deviation times an expression of `f32`.
    pub answer: fn(f64, f64, &str) -> String,
}
