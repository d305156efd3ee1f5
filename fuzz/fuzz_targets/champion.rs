//! A champion's file: read, then used for everything that a champion is for.
#![no_main]

use deme::champion::{Champion, FILE};
use deme::export::FORMATS;
use deme::play;
use deme_fuzz::{mutate_tensors, save_seed, small_runs, write};
use libfuzzer_sys::{fuzz_mutator, fuzz_target};

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    mutate_tensors(data, size, max_size, seed)
});

fuzz_target!(
    init: {
        for run in small_runs(&["cartpole", "pendulum", "xor", "sphere-2"]) {
            save_seed(&run.name, &run.file(FILE));
        }
    },
    |file: &[u8]| {
        let Ok(mut champion) = Champion::read(&write(FILE, file)) else { return };
        champion.begin_episode();
        let mut observation = vec![0.5; champion.inputs()];
        for _ in 0..2 {
            champion.act_on(&observation).expect("a champion that was read acts");
        }
        observation.push(0.5);
        champion.act_on(&observation).expect_err("an observation that is too long");
        if let Ok(scene) = play::draw_network(&champion) {
            scene.svg();
        }
        for format in FORMATS {
            let _ = (format.encode)(&champion);
        }
    }
);
