//! The machine: loops that do not end.

use deme::math::{LANES, Lanes, Plain};
use deme::wgsl::{
    Arithmetic, Draft, Endless, Home, MOST_LOOP_OPERATIONS, Program, RegisterMachine, Shader,
};

/// Compiles `fn f(x: f32) -> f32` of a text.
fn program(text: &str, arithmetic: Arithmetic) -> Program {
    let shader = Shader::parse(text, "f.wgsl").expect("a valid text");
    let mut draft = Draft::new(&shader, arithmetic).expect("a program");
    let x = draft.numbers(1);
    let y = draft.call("f", &[&x]).expect("it may end");
    draft.finish(&[(y[0], Home::Output)])
}

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
    let program = program(text, Arithmetic::Double);
    let mut machine = RegisterMachine::<f64>::new(&program, 1);
    assert_eq!(machine.run(), Err(Endless));
    assert!(machine.output(0)[0].is_nan());
    machine.input(0)[0] = 2e9;
    assert_eq!(machine.run(), Ok(()));
}

#[test]
fn all_loops_of_a_run_share_one_limit_in_each_lane() {
    // One loop of x rounds, two of them, and one of x rounds in rounds of another.
    let one = "for (var k = 0.0; k < x; k += 1.0) { sum += 1.0; }";
    let nested = "for (var k = 0.0; k < x / 1000.0; k += 1.0) {
        for (var l = 0.0; l < 1000.0; l += 1.0) { sum += 1.0; }
    }";
    let ends = |loops: &str, x: f64| {
        let text = format!("fn f(x: f32) -> f32 {{ var sum = 0.0; {loops} return sum; }}");
        let program = program(&text, Arithmetic::Double);
        let mut machine = RegisterMachine::<f64>::new(&program, 1);
        machine.input(0)[0] = x;
        let ends = machine.run().is_ok();
        assert_eq!(machine.output(0)[0].is_nan(), !ends, "{x} {loops}");
        ends
    };
    // The number of rounds of one loop that is just too large.
    let [mut low, mut high] = [1000.0, f64::from(MOST_LOOP_OPERATIONS)];
    assert!(ends(one, low) && !ends(one, high));
    while high - low > 1.0 {
        let middle = (0.5 * (low + high)).floor();
        if ends(one, middle) { low = middle } else { high = middle }
    }
    assert!(low > 50_000.0, "{low} rounds of a short loop");
    let two = format!("{one} {one}");
    assert!(ends(&two, 0.49 * low) && !ends(&two, 0.51 * low));
    assert!(ends(nested, 0.2 * low) && !ends(nested, 1.5 * low));
}

#[test]
fn a_lane_without_an_end_fails_alone() {
    let text = "fn f(x: f32) -> f32 {
        var y = x;
        while (y < 10.0 && x > 0.0) { y += x; }
        while (y < 0.0) { y -= 1.0; }
        return y;
    }";
    let program = program(text, Arithmetic::Single);
    for chunks in [1, 2, 8] {
        let mut machine = RegisterMachine::<Lanes<Plain>>::new(&program, chunks);
        let numbers: Vec<f32> = (0..chunks * LANES).map(|lane| 1.0 + lane as f32).collect();
        let set = |machine: &mut RegisterMachine<'_, Lanes<Plain>>, endless: &[usize]| {
            for (lane, &x) in numbers.iter().enumerate() {
                let x = if endless.contains(&lane) { -1.0 } else { x };
                machine.input(0)[lane / LANES].0[lane % LANES] = x;
            }
        };
        let results = |machine: &RegisterMachine<'_, Lanes<Plain>>| -> Vec<f32> {
            machine.output(0).iter().flat_map(|lanes| lanes.0).collect()
        };
        set(&mut machine, &[]);
        assert_eq!(machine.run_lanes(), Ok(()));
        let expected = results(&machine);
        set(&mut machine, &[0, 5]);
        assert_eq!(machine.run_lanes(), Err(Endless));
        for (lane, (found, expected)) in results(&machine).iter().zip(&expected).enumerate() {
            match lane {
                0 | 5 => assert!(found.is_nan(), "lane {lane}: {found}"),
                _ => assert_eq!(found, expected, "lane {lane}"),
            }
        }
        // Nobody waits for lanes that were released.
        machine.release(0);
        machine.release(5);
        set(&mut machine, &[0, 5]);
        assert_eq!(machine.run_lanes(), Ok(()));
    }
}
