//! Register programs: results that are the next inputs.

use deme::wgsl::{Arithmetic, Draft, Home, RegisterMachine, Shader};

#[test]
fn values_go_home_in_any_order() {
    let text = "fn turn(s: array<f32, 4>, x: f32) -> array<f32, 4> {
        return array<f32, 4>(s[1], s[2], s[0], s[3] + x);
    }";
    let shader = Shader::parse(text, "turn.wgsl").expect("a valid text");
    let mut draft = Draft::new(&shader, Arithmetic::Double).expect("a program");
    let (state, x) = (draft.numbers(4), draft.numbers(1));
    let next = draft.call("turn", &[&state, &x]).expect("a turn");
    let homes = next.iter().enumerate().map(|(k, &value)| (value, Home::Input(k)));
    let program = draft.finish(&homes.collect::<Vec<_>>());
    let mut machine = RegisterMachine::<f64>::new(&program, 1);
    for (k, number) in [1.0, 2.0, 3.0, 10.0, 5.0].into_iter().enumerate() {
        machine.input(k)[0] = number;
    }
    for expected in [[2.0, 3.0, 1.0, 15.0], [3.0, 1.0, 2.0, 20.0], [1.0, 2.0, 3.0, 25.0]] {
        machine.run().expect("there is no loop");
        assert_eq!(machine.outputs(0..4), expected);
    }
}

#[test]
fn a_thousand_values_change_places() {
    let text = "fn turn(s: array<f32, 1000>) -> array<f32, 1000> {
        var next: array<f32, 1000>;
        for (var k = 0; k < 250; k++) { next[k] = s[k / 2]; }
        for (var k = 0; k < 250; k++) { next[999 - k] = s[750 + (k + 1) % 250]; }
        for (var k = 250; k < 500; k++) { next[k] = s[749 - k]; }
        for (var k = 500; k < 750; k++) { next[k] = s[k - 1]; }
        return next;
    }";
    let expected = |k: usize| match k {
        0..250 => k / 2,
        250..500 => 749 - k,
        500..750 => k - 1,
        _ => 750 + (1000 - k) % 250,
    };
    let shader = Shader::parse(text, "turn.wgsl").expect("a valid text");
    let mut draft = Draft::new(&shader, Arithmetic::Double).expect("a program");
    let state = draft.numbers(1000);
    let next = draft.call("turn", &[&state]).expect("a turn");
    let homes = next.iter().enumerate().map(|(k, &value)| (value, Home::Input(k)));
    let program = draft.finish(&homes.collect::<Vec<_>>());
    let mut machine = RegisterMachine::<f64>::new(&program, 1);
    let mut state: Vec<usize> = (0..1000).collect();
    for (k, &number) in state.iter().enumerate() {
        machine.input(k)[0] = number as f64;
    }
    for _ in 0..3 {
        machine.run().expect("there is no loop");
        state = (0..1000).map(|k| state[expected(k)]).collect();
        let found: Vec<usize> = machine.outputs(0..1000).iter().map(|&x| x as usize).collect();
        assert_eq!(found, state);
    }
}
