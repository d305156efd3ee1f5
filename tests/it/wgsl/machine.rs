//! The machine: loops that do not end.

use deme::wgsl::{Arithmetic, Draft, Endless, Home, RegisterMachine, Shader};

#[test]
fn a_loop_without_an_end_is_an_error() {
    let refused = |text: &str| {
        let shader = Shader::parse(text, "f.wgsl").expect("a valid text");
        let mut draft = Draft::new(&shader, Arithmetic::Single).expect("a program");
        let x = draft.numbers(1);
        let error = draft.call("f", &[&x]).expect_err("it never ends").to_string();
        assert!(error.contains("f.wgsl:1: a loop without an end"), "{error}");
    };
    refused("fn f(x: f32) -> f32 { loop { } return x; }");
    refused("fn f(x: f32) -> f32 { var y = x; loop { y += 1.0; } return y; }");

    let text = "fn f(x: f32) -> f32 { var y = x; while (y < 1e9) { y = y * 0.5; } return y; }";
    let shader = Shader::parse(text, "f.wgsl").expect("a valid text");
    let mut draft = Draft::new(&shader, Arithmetic::Double).expect("a program");
    let x = draft.numbers(1);
    let y = draft.call("f", &[&x]).expect("it may end");
    let program = draft.finish(&[(y[0], Home::Output)]);
    let mut machine = RegisterMachine::<f64>::new(&program, 1);
    assert_eq!(machine.run(), Err(Endless));
    machine.input(0)[0] = 2e9;
    assert_eq!(machine.run(), Ok(()));
}
