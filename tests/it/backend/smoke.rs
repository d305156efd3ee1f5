use std::sync::Arc;
use deme::backend::*;
use deme::network::*;
use deme::population::*;
#[test]
fn smoke() {
    let device = Arc::new(deme::gpu::Device::open(Some("llvmpipe")).unwrap());
    for name in ["cartpole", "mountaincar", "mountaincar-continuous", "acrobot", "pendulum", "xor", "digits"] {
        let task: Arc<dyn deme::task::Task> = deme::task::named(name).unwrap().into();
        let network = Network::parse("16-16", task.inputs(), task.outputs(), Activation::Tanh).unwrap();
        let genes = network.parameters();
        let mut all: Vec<Box<dyn Backend>> = vec![
            Box::new(Reference::new(task.clone(), network.clone())),
            Box::new(Cpu::new(task.clone(), network.clone())),
            Box::new(Gpu::new(device.clone(), task.clone(), network.clone()).unwrap()),
        ];
        let n = 150;
        let p1 = Proposal::Gaussian(Gaussian { centre: vec![0.1; genes].into(), scale: Scale::Uniform(0.5), noise: NoiseKey { seed: 3, generation: 1 }, individuals: n, mirrored: true });
        let parents: Vec<Parents> = (0..n as u32).map(|i| Parents { first: i * 7 % n as u32, second: i * 13 % n as u32, mutates: i % 2 }).collect();
        let p2 = Proposal::Offspring(Offspring { parents: parents.into(), crossover: Crossover::Blend(0.2), mutation: 0.1, mutation_rate: 0.7, noise: NoiseKey { seed: 3, generation: 2 } });
        let w = Weights { first: (0..n).map(|i| (i as f32 * 0.7).sin()).collect(), second: Some((0..n).map(|i| (i as f32 * 0.3).cos()).collect()) };
        let mut out = vec![];
        for b in &mut all {
            let t = std::time::Instant::now();
            b.spawn(&p1).unwrap();
            let s = b.score(&Episodes::new(5, Purpose::Training, 1, 3)).unwrap();
            let m = b.recombine(&w).unwrap();
            b.spawn(&p2).unwrap();
            let s2 = b.score(&Episodes::new(5, Purpose::Training, 1, 3)).unwrap();
            let e = b.score(&Episodes { exact_steps: Some(300), ..Episodes::new(5, Purpose::Training, 1, 1) }).unwrap();
            let g = b.individual(77).unwrap();
            out.push((s, m, s2, e, g, t.elapsed()));
        }
        for k in 1..3 {
            let d = |a: &[f32], b: &[f32]| { let mut d: Vec<f32> = a.iter().zip(b).map(|(x, y)| (x - y).abs()).collect(); d.sort_by(f32::total_cmp); (d[d.len() / 2], d[d.len() - 1]) };
            let dm = out[0].1.first.iter().zip(&out[k].1.first).chain(out[0].1.second.as_ref().unwrap().iter().zip(out[k].1.second.as_ref().unwrap())).map(|(x, y)| (x - y).abs()).fold(0.0, f64::max);
            println!("{name} {k} {:?} {:?} {:?} steps {} {} / {} {} moments {dm:e} genome {:?} time {:?}", d(&out[0].0.values, &out[k].0.values), d(&out[0].2.values, &out[k].2.values), d(&out[0].3.values, &out[k].3.values), out[0].0.steps, out[k].0.steps, out[0].3.steps, out[k].3.steps, d(&out[0].4, &out[k].4), out[k].5);
        }
    }
}

#[test]
fn timing() {
    let device = Arc::new(deme::gpu::Device::open(Some("llvmpipe")).unwrap());
    for name in ["cartpole", "digits"] {
        let task: Arc<dyn deme::task::Task> = deme::task::named(name).unwrap().into();
        let network = Network::parse("32", task.inputs(), task.outputs(), Activation::Tanh).unwrap();
        let genes = network.parameters();
        let mut b = Gpu::new(device.clone(), task.clone(), network.clone()).unwrap();
        let n = 256;
        let p1 = Proposal::Gaussian(Gaussian { centre: vec![0.1; genes].into(), scale: Scale::Uniform(0.5), noise: NoiseKey { seed: 3, generation: 1 }, individuals: n, mirrored: true });
        b.spawn(&p1).unwrap();
        let e = Episodes { exact_steps: Some(100), ..Episodes::new(5, Purpose::Training, 1, 1) };
        let t = std::time::Instant::now();
        b.score(&e).unwrap();
        let first = t.elapsed();
        let t = std::time::Instant::now();
        let s = b.score(&e).unwrap();
        println!("{name} first {first:?} then {:?} steps {}", t.elapsed(), s.steps);
    }
}
