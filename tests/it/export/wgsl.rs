//! WGSL on a device: the exported function computes what the champion does.

use deme::champion::{Champion, Readout, StandardisationPrecision};
use deme::export;
use deme::gpu::source::ShaderSource;
use deme::gpu::{Binding, Device, Dispatch, Readback};

use super::{champion, champion_of_table, graph_champion, observations, wide_champions};
use crate::gpu_device::on_gpu;

/// A kernel that runs the exported function on each observation.
fn kernel(champion: &Champion) -> ShaderSource {
    let is_wide = |precision| precision != StandardisationPrecision::Single;
    let number = if is_wide(champion.observation_precision()) { "vec2<f32>" } else { "f32" };
    let answer = match champion.readout() {
        Readout::Number if is_wide(champion.answer_precision()) => "answer",
        Readout::Number => "vec2<f32>(answer, 0.0)",
        Readout::Force { .. } => "vec2<f32>(answer[0], 0.0)",
        Readout::Side => "vec2<f32>(select(0.0, 1.0, answer), 0.0)",
        _ => "vec2<f32>(f32(answer), 0.0)",
    };
    let (text, inputs) = (export::wgsl(champion).expect("a shader"), champion.inputs());
    let entry = format!(
        "@group(0) @binding(0) var<uniform> size: vec4<u32>;
@group(0) @binding(1) var<storage, read> numbers: array<{number}>;
@group(0) @binding(2) var<storage, read_write> answers: array<vec2<f32>>;
@compute @workgroup_size(1)
fn main(@builtin(workgroup_id) id: vec3<u32>) {{
    if id.x >= size.x {{
        return;
    }}
    var observation: array<{number}, {inputs}>;
    for (var i = 0u; i < {inputs}u; i++) {{
        observation[i] = numbers[id.x * {inputs}u + i];
    }}
    let answer = act(observation);
    answers[id.x] = {answer};
}}
"
    );
    ShaderSource { label: "export".into(), text: format!("{text}\n{entry}"), is_trusted: true }
}

/// The answers of the exported function.
fn answers(device: &Device, champion: &Champion, observations: &[Vec<f64>]) -> Vec<f64> {
    let is_wide = champion.observation_precision() != StandardisationPrecision::Single;
    let split = |&number: &f64| {
        let high = number as f32;
        if is_wide { vec![high, (number - f64::from(high)) as f32] } else { vec![high] }
    };
    let numbers: Vec<f32> = observations.iter().flatten().flat_map(split).collect();
    let numbers = device.upload("numbers", &numbers).expect("a small buffer");
    let (count, source) = (observations.len() as u32, kernel(champion));
    let bytes = 8 * u64::from(count);
    let results = device.storage("answers", bytes).expect("a small buffer");
    let size = [count, 0, 0, 0];
    let dispatch = Dispatch {
        source: &source,
        parameters: bytemuck::bytes_of(&size),
        bindings: [&numbers, &results].map(Binding::whole).into(),
        workgroups: [count, 1, 1],
    };
    device.at_share(0.01).run(&[dispatch]).expect("a kernel that compiles");
    let words = device.read(&[Readback { buffer: &results, bytes }]).expect("answers").remove(0);
    let number = |word: u32| f64::from(f32::from_bits(word));
    words.as_chunks::<2>().0.iter().map(|pair| number(pair[0]) + number(pair[1])).collect()
}

#[test]
fn the_exported_function_answers_as_the_champion_does() {
    on_gpu(|device| {
        let mut champions = wide_champions();
        let plain: String = (0..40).map(|i| format!("{i},{}\n", (i * i) % 17)).collect();
        champions.push(champion_of_table(&format!("a,b\n{plain}")));
        champions.extend([champion("cartpole", "5-4:relu"), champion("xor", "4:sigmoid")]);
        champions.push(graph_champion("mountaincar-continuous", false));
        for champion in &mut champions {
            let observations = observations(champion);
            let found = answers(device, champion, &observations);
            let scale = champion.output_scalings().first().copied();
            // A pair of f32 holds an answer to within a thousandth of a deviation.
            let share = match champion.answer_precision() {
                StandardisationPrecision::Single => 2e-5,
                _ => 1e-3,
            };
            let limit = share * scale.map_or(1.0, |by| by.deviation);
            for (observation, found) in observations.iter().zip(found) {
                let expected = champion.act_on(observation).expect("an action")[0];
                let name = champion.shape();
                assert!((found - expected).abs() <= limit, "{name}: {found}, not {expected}");
            }
        }
    });
}
