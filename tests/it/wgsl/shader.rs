//! Shaders: what is refused, by name and place.

use deme::wgsl::{Arithmetic, Draft, Shader};

#[test]
fn what_is_refused_is_named_with_its_place() {
    let cases = [
        (
            "@group(0) @binding(0) var<storage> b: array<f32>;\n\
             fn f(x: f32) -> f32 { return b[0]; }",
            "a buffer",
        ),
        ("var<private> p: f32;\nfn f(x: f32) -> f32 { p = x; return p; }", "a private variable"),
        ("fn f(x: f32) -> f32 {\n return asin(x); }", "the function asin"),
        ("fn f(x: f32) -> f32 {\n return sinh(x); }", "write it with exp"),
    ];
    for (text, expected) in cases {
        let shader = Shader::parse(text, "f.wgsl").unwrap_or_else(|error| panic!("{error}"));
        let error = Draft::new(&shader, Arithmetic::Single)
            .and_then(|mut draft| {
                let x = draft.numbers(1);
                draft.call("f", &[&x]).map(|_| ())
            })
            .expect_err("it is refused")
            .to_string();
        assert!(error.contains(expected) && error.contains("f.wgsl:"), "{error}");
        assert!(error.contains('^'), "{error}");
    }
    for text in ["fn f(x: f32) -> f32 { return y; }", "fn f(", "enable f16;\nconst a: f16 = 1.0h;"]
    {
        let error = Shader::parse(text, "f.wgsl").expect_err("it is not valid").to_string();
        assert!(error.contains("f.wgsl") && error.contains("error: "), "{error}");
    }
}

#[test]
fn code_that_is_too_much_to_compile_is_refused_in_good_time() {
    let calls: String = (0..40)
        .map(|k| format!("fn g{k}(x: f32) -> f32 {{ return g{0}(x) + g{0}(-x); }}\n", k + 1))
        .collect();
    let calls = format!("{calls}fn g40(x: f32) -> f32 {{ return x; }}\nfn f(x: f32) -> f32 {{\n");
    let loops = "while (y < x) { y += 1.0; ".repeat(30);
    let loops =
        format!("fn f(x: f32) -> f32 {{ var y = 0.0; {loops} {} return y; }}", "}".repeat(30));
    let arrays: String = (0..9).map(|k| format!("var a{k}: array<f32, 16000>;\n")).collect();
    let table = "a[3] += a[u32(x)]; a[2] += a[u32(a[3])];\n".repeat(200);
    let refused = [
        (format!("{calls} return g0(x); }}"), "takes so long to compile"),
        (loops, "takes so long to compile"),
        (format!("fn f(x: f32) -> f32 {{ {arrays} return a0[u32(x)]; }}"), "more than 65,536"),
        (
            format!(
                "fn f(x: f32) -> f32 {{
                    var a: array<f32, 16000>; a[1] = x;\n{table} return a[2];
                }}"
            ),
            "numbers to choose from",
        ),
    ];
    for (text, expected) in refused {
        let shader = Shader::parse(&text, "f.wgsl").unwrap_or_else(|error| panic!("{error}"));
        let mut draft = Draft::new(&shader, Arithmetic::Single).expect("a program");
        let x = draft.numbers(1);
        let error = draft.call("f", &[&x]).expect_err("it is refused").to_string();
        assert!(error.contains(expected) && error.contains("f.wgsl:"), "{error}");
    }
}
