//! Buffers are reused: repeated work allocates nothing, and no old contents show through.

use std::sync::Arc;

use deme::backend::kernels::Kernels;
use deme::backend::{Backend, Gpu};
use deme::gpu::layout::CopyParameters;
use deme::gpu::{Binding, Buffer, Device, Dispatch, Injection, Readback, ResourceCounts};
use deme::population::{Crossover, Proposal};
use deme::task::Kind;

use crate::backend::{few_steps, gaussian, network, offspring, task_by_name, utilities};
use crate::gpu_device::on_own_gpu;

/// The number of generations until every buffer has had every use.
const WARM_UP: usize = 8;

/// Counts the resources that a generation creates after a warm-up.
fn created_by(device: &Device, mut generation: impl FnMut()) -> ResourceCounts {
    (0..WARM_UP).for_each(|_| generation());
    let before = device.resource_counts();
    (0..WARM_UP).for_each(|_| generation());
    let after = device.resource_counts();
    let each = |after: u64, before: u64| (after - before).div_ceil(WARM_UP as u64);
    ResourceCounts {
        buffers: each(after.buffers, before.buffers),
        groups: each(after.groups, before.groups),
        pipelines: each(after.pipelines, before.pipelines),
        submissions: each(after.submissions, before.submissions),
    }
}

#[test]
fn a_repeated_generation_creates_nothing_and_submits_once_per_readback() {
    on_own_gpu(|device| {
        let device = Arc::new(device);
        for (name, reads) in [("cartpole", 3), ("maze", 3), ("xor", 3), ("sphere", 3)] {
            let task = task_by_name(name);
            let network = network(task.as_ref());
            let genes = network.parameters();
            let episodes = match task.kind() {
                Kind::Control(_) if task.behaviour() > 0 => few_steps(3).with_behaviour(),
                _ => few_steps(3),
            };
            let mut gpu = Gpu::new(Arc::clone(&device), task, network).expect("a small network");
            let cloud = Proposal::Gaussian(gaussian(genes, 100));
            let created = created_by(&device, || {
                gpu.spawn(&cloud).expect("a recipe");
                gpu.score(&episodes).expect("a score");
                gpu.recombine(&utilities(100)).expect("moments");
                gpu.individual(7).expect("a genome");
            });
            let expected =
                ResourceCounts { buffers: 0, groups: 0, pipelines: 0, submissions: reads };
            assert_eq!(created, expected, "{name}");
            let bred = Proposal::Offspring(offspring(100, Crossover::Uniform(0.5), 3));
            let created = created_by(&device, || {
                gpu.spawn(&bred).expect("a recipe");
                gpu.score(&episodes).expect("a score");
            });
            let expected = ResourceCounts { submissions: 1, ..expected };
            assert_eq!(created, expected, "{name}, children");
        }
    });
}

const WORDS: usize = 4096;

fn words(device: &Device, buffer: &Buffer) -> Vec<u32> {
    let bytes = 4 * WORDS as u64;
    device.read(&[Readback { buffer, bytes }]).expect("a device that works").remove(0)
}

/// Enqueues a copy from one buffer to another.
fn copy(device: &Device, from: &Buffer, to: &Buffer) {
    let vectors = WORDS / 4;
    let parameters = CopyParameters { vectors: vectors as u32, ..Default::default() };
    let dispatch = Dispatch {
        source: &Kernels::roofline_copy(),
        parameters: bytemuck::bytes_of(&parameters),
        bindings: [from, to].map(Binding::whole).into(),
        workgroups: [vectors.div_ceil(64) as u32, 1, 1],
    };
    device.at_share(0.01).run(&[dispatch]).expect("a kernel that compiles");
}

#[test]
fn a_reused_buffer_is_cleared() {
    on_own_gpu(|device| {
        let storage = || device.storage("test", 4 * WORDS as u64).expect("a small buffer");
        let ones = device.upload("test", &[1u32; WORDS]).expect("a small buffer");
        assert_eq!(words(&device, &ones), [1; WORDS]);
        drop(ones);
        let created = device.resource_counts().buffers;
        let reused = storage();
        assert_eq!(device.resource_counts().buffers, created, "the buffer is not reused");
        assert_eq!(words(&device, &reused), [0; WORDS]);
        // A write before the next dispatch is kept, and the rest of the buffer is cleared.
        device.write(&reused, 0, bytemuck::cast_slice(&[2u32; WORDS]));
        drop(reused);
        let reused = storage();
        device.write(&reused, 8, &3u32.to_le_bytes());
        let found = words(&device, &reused);
        assert_eq!((found[2], found.iter().sum::<u32>()), (3, 3));
        // The padding of a short upload is cleared.
        drop(reused);
        drop(device.upload("test", &[u32::MAX; 4]).expect("a small buffer"));
        let short = device.upload("test", &[7u32]).expect("a small buffer");
        let found = device.read(&[Readback { buffer: &short, bytes: 16 }]).expect("words");
        assert_eq!(found, [[7, 0, 0, 0]]);
    });
}

#[test]
fn a_write_between_dispatches_affects_only_later_dispatches() {
    on_own_gpu(|device| {
        let storage = || device.storage("test", 4 * WORDS as u64).expect("a small buffer");
        let source = device.upload("test", &[5u32; WORDS]).expect("a small buffer");
        let (first, second) = (storage(), storage());
        copy(&device, &source, &first);
        device.write(&source, 0, bytemuck::cast_slice(&[6u32; WORDS]));
        copy(&device, &source, &second);
        // The buffer is dropped before its use is submitted, so it must not be reused until then.
        drop(source);
        let third = device.upload("test", &[9u32; WORDS]).expect("a small buffer");
        assert_eq!(words(&device, &first), [5; WORDS]);
        assert_eq!(words(&device, &second), [6; WORDS]);
        assert_eq!(words(&device, &third), [9; WORDS]);
    });
}

#[test]
fn a_submission_holds_no_more_work_than_it_may() {
    on_own_gpu(|device| {
        let storage = || device.storage("test", 4 * WORDS as u64).expect("a small buffer");
        let (a, b) = (storage(), storage());
        copy(&device, &a, &b);
        device.wait().expect("a device that works");
        let submissions = |share: f64, count: usize| {
            let before = device.resource_counts().submissions;
            let parameters = CopyParameters::default();
            let source = Kernels::roofline_copy();
            let dispatch = || Dispatch {
                source: &source,
                parameters: bytemuck::bytes_of(&parameters),
                bindings: [&a, &b].map(Binding::whole).into(),
                workgroups: [1; 3],
            };
            for _ in 0..count {
                device.at_share(share).run(&[dispatch()]).expect("a kernel that compiles");
            }
            device.wait().expect("a device that works");
            device.resource_counts().submissions - before
        };
        assert_eq!(submissions(0.125, 32), 4);
        assert_eq!(submissions(1.0, 5), 5);
        assert_eq!(submissions(0.6, 4), 4, "two are more than one submission holds");
        // If the device aligns to 256 bytes, the parameters of 256 dispatches fit the buffer.
        let alignment = u64::from(device.limits().min_uniform_buffer_offset_alignment.max(16));
        assert_eq!(submissions(0.0, 1000), (1000 * alignment).div_ceil(1 << 16));
    });
}

#[test]
fn free_buffers_are_released_if_memory_runs_out() {
    on_own_gpu(|device| {
        const LARGE: u64 = 1 << 20;
        let free = device.allocated_bytes() + 2 * LARGE;
        device.inject(&[Injection::Memory { bytes: free }]);
        for round in 1..6 {
            let bytes = LARGE + 4096 * round;
            drop(device.storage("test", bytes).expect("room for one"));
        }
        let one = device.storage("test", LARGE).expect("room for one");
        let two = device.storage("test", LARGE).expect("room for two");
        let refused = device.storage("test", LARGE).err().expect("no room for three");
        assert!(refused.to_string().contains("1.0 MiB are needed"), "{refused}");
        drop((one, two));
        assert!(device.storage("test", 2 * LARGE).is_ok(), "both make room for one twice as large");
    });
}
