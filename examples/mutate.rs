use deme::gpu::{Device, Edit};
use deme::verify::*;
use std::sync::Arc;
fn main() {
    let device = Arc::new(Device::open(Some("llvmpipe")).unwrap());
    let leak = |s: String| -> &'static str { Box::leak(s.into_boxed_str()) };
    let mut files = vec![];
    for dir in ["shaders", "shaders/network", "shaders/task", "shaders/kernel"] {
        for e in std::fs::read_dir(dir).unwrap() {
            let p = e.unwrap().path();
            if p.is_file() {
                files.push(p);
            }
        }
    }
    files.sort();
    let only: Vec<String> = std::env::args().skip(1).collect();
    let (mut total, mut missed) = (0, 0);
    for f in files {
        let part = leak(f.to_string_lossy().trim_start_matches("shaders/").to_string());
        if !only.is_empty() && !only.iter().any(|o| part.contains(o.as_str())) {
            continue;
        }
        let text = std::fs::read_to_string(&f).unwrap();
        let mut offset = 0;
        for line in text.split_inclusive('\n') {
            let code = line.split("//").next().unwrap();
            let bytes = code.as_bytes();
            let mut i = 0;
            while i < bytes.len() {
                let c = bytes[i];
                let prev = if i > 0 { bytes[i - 1] } else { b' ' };
                if c.is_ascii_digit()
                    && !(prev.is_ascii_alphanumeric()
                        || prev == b'_'
                        || prev == b'.'
                        || prev == b'$'
                        || prev == b'@')
                    && !code.contains("@binding")
                    && !code.contains("workgroup_size")
                    && !code.contains("pad_")
                {
                    let mut j = i;
                    while j < bytes.len()
                        && (bytes[j].is_ascii_alphanumeric()
                            || bytes[j] == b'.'
                            || (bytes[j] == b'-'
                                && (bytes[j - 1] == b'e')
                                && !code[i..j].starts_with("0x")))
                    {
                        j += 1;
                    }
                    let lit = &code[i..j];
                    let new = if lit.contains('.') {
                        let v: f64 = lit.parse().unwrap_or(f64::NAN);
                        if v == 0.0 { "0.001".to_string() } else { format!("{:?}", v * 1.001) }
                    } else if let Some(h) = lit.strip_prefix("0x") {
                        let v = u32::from_str_radix(h.trim_end_matches('u'), 16).unwrap();
                        format!("0x{:X}u", v ^ 4)
                            .replace('u', if lit.ends_with('u') { "u" } else { "" })
                    } else {
                        let v: u32 =
                            lit.trim_end_matches('u').trim_end_matches('i').parse().unwrap_or(0);
                        if code.contains("array<")
                            || code.contains("vec2<")
                            || code.contains("vec4<u32>(8u)")
                            || code.contains("case ")
                        {
                            i = j;
                            continue;
                        }
                        format!("{}{}", v + 1, if lit.ends_with('u') { "u" } else { "" })
                    };
                    let find = leak(text[..offset + j].to_string());
                    let replace = leak(format!("{}{}", &text[..offset + i], new));
                    total += 1;
                    let t = std::time::Instant::now();
                    let subject =
                        GpuSubject::with_faults(device.clone(), &[Edit { part, find, replace }]);
                    let names: Vec<String> = if part.starts_with("task/") {
                        let n = part
                            .trim_start_matches("task/")
                            .trim_end_matches(".wgsl")
                            .replace('_', "-");
                        if deme::task::named(&n).is_ok() {
                            vec![n]
                        } else {
                            vec![
                                "cartpole".into(),
                                "pendulum".into(),
                                "xor".into(),
                                "digits".into(),
                            ]
                        }
                    } else {
                        vec!["cartpole".into(), "xor".into()]
                    };
                    let names: Vec<&str> = names.iter().map(String::as_str).collect();
                    let result = Ladder::of(&names).unwrap().climb_without_faults(&subject);
                    let verdict = match &result {
                        Err(e) => format!("caught, error {e:.60}"),
                        Ok(r) if !r.passed() => {
                            let x = r.rungs.iter().find(|r| !r.passed()).unwrap();
                            format!("caught at {} {}", x.name, x.subject)
                        }
                        Ok(_) => {
                            missed += 1;
                            "MISSED".into()
                        }
                    };
                    println!(
                        "{part}: {lit} -> {new} in `{}`: {verdict} ({:.1?})",
                        code.trim(),
                        t.elapsed()
                    );
                    i = j;
                } else {
                    i += 1;
                }
            }
            offset += line.len();
        }
    }
    println!("{total} mutants, {missed} missed");
}
