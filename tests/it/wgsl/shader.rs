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
