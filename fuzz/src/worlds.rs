//! Worlds: the seeds and the dictionary of their language.

use deme::task::{self, ActionPart, Actions, Kind, WORLD_TEMPLATE};

use crate::text::Dictionary;

/// The words and lines of worlds.
pub const WORLD_DICTIONARY: Dictionary = Dictionary {
    words: &[
        "abs",
        "acos",
        "action",
        "alias",
        "all",
        "any",
        "array",
        "array<f32, 16384>",
        "atan2",
        "barrier",
        "bitcast<u32>",
        "bool",
        "break",
        "case",
        "clamp",
        "const",
        "const_assert",
        "continue",
        "continuing",
        "countOneBits",
        "cross",
        "default",
        "determinant",
        "dot",
        "draws",
        "else",
        "enable",
        "exp",
        "extractBits",
        "f16",
        "f32",
        "false",
        "firstLeadingBit",
        "floor",
        "fn",
        "for",
        "fract",
        "frexp",
        "i32",
        "if",
        "let",
        "length",
        "ldexp",
        "loop",
        "mat2x2f",
        "mat4x4f",
        "math_exp",
        "math_ln",
        "math_sin",
        "max",
        "min",
        "mix",
        "modf",
        "normalize",
        "override",
        "pack4x8snorm",
        "pow",
        "private",
        "ptr<function, f32>",
        "return",
        "reverseBits",
        "round",
        "select",
        "sign",
        "smoothstep",
        "sqrt",
        "state",
        "step",
        "step_draws",
        "step_number",
        "struct",
        "switch",
        "transpose",
        "true",
        "u32",
        "unpack4x8snorm",
        "var",
        "var<private>",
        "vec2f",
        "vec3<bool>",
        "vec4u",
        "while",
        "workgroup",
        "workgroupBarrier()",
        "Action",
        "Draws",
        "Observation",
        "Shape",
        "State",
        "Step",
        "task_observe",
        "task_picture",
        "task_start",
        "task_step",
        "task_terminated",
        "&&",
        "||",
        "<<",
        ">>",
        "->",
        "++",
        "+=",
        "%",
        "/",
        "&",
        "*",
        "@",
        "(",
        ")",
        "{",
        "}",
        "[0]",
        "[1]",
        "[i]",
        ";",
        "//!",
        "/*",
        "*/",
        "\"",
        "é",
        "\t",
        "\r\n",
        "state = 1",
        "draws = 1",
        "step-draws = 3",
        "starts = 5",
        "behaviour = 2",
        "count = 100",
        "step-limit",
        "threshold",
        "returns",
        "low",
        "high",
        "choices",
        "name",
        "[0.0, 1.0]",
    ],
    lines: &[
        "loop { if (state[0] > 0.5) { break; } }",
        "loop { continuing { break if state[0] > 0.5; } }",
        "while (state[0] < 1.0) { }",
        "for (var i = 0u; i < 1000u; i++) { more += state[0]; }",
        "for (var i = 0u; i < u32(state[0]); i++) { for (var j = i; j < 40u; j++) { } }",
        "for (var i = 0u; i < 8u; i++) { if (state[i] > 0.0) { continue; } next[i] = 1.0; }",
        "var more = 0.0;",
        "var many: array<f32, 16384>;",
        "var grid: array<array<f32, 100>, 100>;",
        "many[u32(state[0])] = state[1];",
        "more += many[u32(more)];",
        "var next = state;",
        "next[u32(state[0] * 10.0)] += 1.0;",
        "if (state[0] < 0.0) { return state; }",
        "switch u32(state[0]) { case 0u, 1u: { more = 1.0; } default: { more = 2.0; } }",
        "let pointer = &next[0]; *pointer = 1.0;",
        "fn helper(x: f32) -> f32 { return helper_2(x) + helper_2(x); }",
        "fn helper_2(x: f32) -> f32 { var y = x; while (y < 100.0) { y *= 2.0; } return y; }",
        "const GRAVITY: f32 = 10.0; // m/s^2",
        "const TABLE = array<f32, 4>(1.0, 2.0, 3.0, 4.0);",
        "var<private> table: array<f32, 4> = array<f32, 4>(1.0, 2.0, 3.0, 4.0);",
        "struct Pair { a: vec3f, b: array<i32, 5> }",
        "//! [parameters]",
        "//! gravity = [1.0, 10.0]",
        "//! [training]",
        "//! gravity = 5.0",
        "//! [[observations]]",
        "//! [[actions]]",
        "//! name = \"more\"",
        "//! choices = [\"left\", \"right\"]",
        "//! count = 1000",
        "//! step-draws = 2",
        "//! draws = 1000",
        "//! state = 1000",
        "//! starts = 4294967295",
        "//! behaviour = 4",
        "//! [picture]",
        "//! left = -1.0",
        "//! right = 1.0",
        "//! bottom = -1.0",
        "//! top = 1.0",
        "//! step-seconds = 0.05",
        "//! texts = [\"one\", \"two\"]",
        "//! [defaults]",
        "//! [defaults.settings]",
        "//! sigma = 0.1",
        "fn task_picture(state: State) -> array<Shape, 1> { return array<Shape, 1>(picture_text(vec2f(0.0, 0.0), 0.0, COLOUR_BLUE)); }",
    ],
};

/// A world with a loop, a choice and a picture that is smaller than all others.
const SMALL: &str = r#"//! summary = "s"
//! state = 2
//! draws = 1
//! step-draws = 1
//! step-limit = 5
//! [[observations]]
//! name = "o"
//! [[actions]]
//! name = "a"
//! choices = ["l", "r"]
//! [picture]
//! left = 0
//! right = 1
//! bottom = 0
//! top = 1
//! step-seconds = 1
const SPEED: f32 = 0.5; // m/s
fn task_start(draws: Draws) -> State { return State(draws[0], 0.0); }
fn task_observe(state: State) -> Observation { return Observation(state[0]); }
fn task_step(state: State, action: Action) -> Step {
    var next = state;
    while (next[0] < action[0]) { next[0] += SPEED + step_draws[0]; next[1] += 1.0; }
    return Step(next, next[1] + step_number);
}
fn task_terminated(state: State) -> bool { return state[1] > 9.0; }
fn task_picture(state: State) -> array<Shape, 2> {
    var shapes: array<Shape, 2>;
    for (var i = 0u; i < 2u; i++) { shapes[i] = picture_number(vec2f(state[i], 0.0), 1.0, 1.0); }
    return shapes;
}
"#;

/// Returns worlds with their names: the template, the collection, and all other texts of control
/// tasks behind a header.
pub fn world_seeds() -> Vec<(String, String)> {
    let mut seeds = vec![
        ("template".to_owned(), WORLD_TEMPLATE.to_owned()),
        ("small".to_owned(), SMALL.to_owned()),
    ];
    for task in task::all() {
        let Kind::Control(simulation) = task.kind() else { continue };
        let shape = simulation.shape();
        let Some(text) = shape.wgsl else { continue };
        let mut header = String::new();
        if !simulation.is_world() {
            header = format!(
                "//! summary = \"s\"\n//! state = {}\n//! draws = {}\n//! step-limit = {}\n\
                 //! [[observations]]\n//! name = \"o\"\n//! count = {}\n",
                shape.state, shape.draws, shape.step_limit, shape.observations
            );
            if let Some(starts) = shape.starts {
                header = format!("//! starts = {starts}\n{header}");
            }
            header += &action_lines(shape.actions);
        }
        seeds.push((task.about().name.to_string(), header + text));
    }
    seeds
}

/// The lines of a header for actions.
fn action_lines(actions: Actions) -> String {
    let one = |part: &ActionPart| match *part {
        ActionPart::Choice { count } => {
            let names: Vec<String> = (0..count).map(|index| format!("\"c{index}\"")).collect();
            format!("//! choices = [{}]\n", names.join(", "))
        }
        ActionPart::Range { low, high } => format!("//! low = {low:?}\n//! high = {high:?}\n"),
        ActionPart::Output => String::new(),
    };
    let parts = match actions {
        Actions::Choice(count) => vec![ActionPart::Choice { count }],
        Actions::Force { count, limit } => {
            vec![ActionPart::Range { low: -limit, high: limit }; count]
        }
        Actions::Mixed(parts) => parts.to_vec(),
    };
    let lines =
        parts.iter().map(|part| format!("//! [[actions]]\n//! name = \"a\"\n{}", one(part)));
    lines.collect()
}
