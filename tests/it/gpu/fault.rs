//! Device faults: errors say what to do, and runs continue with the same result.

use std::fs;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;

use deme::backend::kernels::Kernels;
use deme::backend::{Backend, Gpu};
use deme::error::{Error, Result};
use deme::gpu::layout::CopyParameters;
use deme::gpu::{Binding, Device, DeviceOptions, Dispatch, Injection};
use deme::population::Proposal;
use deme::run::{self, Observer, Record, Request};

use crate::backend::{bits, few_steps, gaussian, network, task_by_name, utilities};
use crate::gpu_device::{adapter_name, on_own_gpu};

/// Runs every operation of a generation on a device, on a backend of its own.
fn generation(device: &Arc<Device>) -> Result<Vec<u32>> {
    let task = task_by_name("cartpole");
    let network = network(task.as_ref());
    let cloud = Proposal::Gaussian(gaussian(network.parameters(), 100));
    let mut gpu = Gpu::new(Arc::clone(device), task, network)?;
    gpu.spawn(&cloud)?;
    let scores = gpu.score(&few_steps(2))?;
    gpu.recombine(&utilities(100))?;
    gpu.individual(3)?;
    Ok(bits(&scores.values))
}

#[test]
fn running_out_of_memory_anywhere_is_reported_and_the_device_stays_usable() {
    on_own_gpu(|device| {
        let device = Arc::new(device);
        let whole = generation(&device).expect("a device that works");
        let mut refused = 0;
        for after in 0.. {
            // A fresh device has no buffers to reuse, and the second attempt is refused too.
            let device = Arc::new(device.reopen().expect("the same adapter"));
            device.inject(&[Injection::OutOfMemory { after }; 2]);
            match generation(&device) {
                Ok(_) => break,
                Err(error) => {
                    refused += 1;
                    assert!(matches!(error, Error::OutOfMemory { .. }), "{after}: {error}");
                    assert!(!error.is_input());
                    let message = error.to_string();
                    for word in ["out of memory", "allocating", "--population", "--backend cpu"] {
                        assert!(message.contains(word), "{after}: {message}");
                    }
                }
            }
            device.inject(&[]);
            assert_eq!(generation(&device).expect("a device that works"), whole, "{after}");
        }
        assert!(refused >= 10, "only {refused} allocations were refused");
    });
}

#[test]
fn every_operation_on_a_destroyed_device_reports_that_it_is_lost() {
    on_own_gpu(|device| {
        let device = Arc::new(device);
        generation(&device).expect("a device that works");
        for after in 0..4 {
            let device = Arc::new(device.reopen().expect("the same adapter"));
            device.inject(&[Injection::Lost { after }]);
            let error = generation(&device).expect_err("a lost device");
            assert!(matches!(error, Error::DeviceLost { .. }), "{after}: {error}");
            assert!(error.to_string().contains("--backend cpu"), "{error}");
            // The device stays lost.
            let error = device.wait().expect_err("a lost device");
            assert!(matches!(error, Error::DeviceLost { .. }), "{after}: {error}");
            let error = device.storage("test", 64).err().expect("a lost device");
            assert!(matches!(error, Error::DeviceLost { .. }), "{after}: {error}");
            assert!(generation(&Arc::new(device.reopen().expect("the same adapter"))).is_ok());
        }
    });
}

#[test]
fn an_invalid_command_is_reported_as_a_fault_of_deme() {
    on_own_gpu(|device| {
        let source = Kernels::roofline_copy();
        let buffer = device.storage("test", 64).expect("a small buffer");
        let parameters = CopyParameters { vectors: 4, ..Default::default() };
        let dispatch = Dispatch {
            source: &source,
            parameters: bytemuck::bytes_of(&parameters),
            bindings: vec![Binding::whole(&buffer)],
            workgroups: [1; 3],
        };
        let error = device.run(&[dispatch]).and_then(|()| device.wait());
        let error = error.expect_err("a kernel without its target");
        assert!(matches!(error, Error::Rejected { .. }), "{error}");
        assert!(error.to_string().contains("a bug in deme"), "{error}");
    });
}

fn request(task: &str, strategy: &str, generations: u64) -> Request {
    Request {
        strategy: Some(strategy.into()),
        population: Some(12),
        network: (strategy != "neat").then(|| "3".into()),
        // The variant is fixed, because faults are counted from the first generation.
        variant: (strategy != "neat").then(|| "loop".into()),
        generations: Some(generations),
        until: Some("never".into()),
        backend: Some("gpu".into()),
        adapter: Some(adapter_name()),
        seed: Some(5),
        ..Request::for_task(task)
    }
}

/// An observer that records notes.
#[derive(Default)]
struct Notes(Vec<String>);

impl Observer for Notes {
    fn noted(&mut self, note: &str) {
        self.0.push(note.into());
    }

    fn generation(&mut self, _: &Record) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }
}

/// Trains into a folder with injected faults, and returns the notes.
fn train(request: &Request, injections: &[Injection], out: &Path) -> Result<Vec<String>> {
    let options = DeviceOptions { injections: injections.to_vec(), ..DeviceOptions::default() };
    let config = request.clone().check()?.with_folder(out).with_device(options);
    let mut notes = Notes::default();
    run::train(&config, &mut notes).map(|_| notes.0)
}

fn bytes(folder: &Path) -> [Vec<u8>; 3] {
    ["log.jsonl", "champion.safetensors", "config.toml"]
        .map(|name| fs::read(folder.join(name)).expect("a file of the run"))
}

#[test]
fn a_run_that_loses_its_device_writes_the_same_bytes_as_one_that_does_not() {
    on_own_gpu(|_| {
        let cases = [
            ("cartpole", "openai-es", vec![0, 9]),
            ("xor", "ga", vec![12, 31]),
            ("cartpole", "cosyne", vec![14]),
            ("xor", "neat", vec![5]),
            ("pendulum", "ars", vec![17]),
        ];
        for (task, strategy, losses) in cases {
            let folder = tempfile::tempdir().expect("a temporary folder");
            let at = |name: &str| folder.path().join(name);
            let normalise_observations = (strategy == "ars").then_some(true);
            let request = Request { normalise_observations, ..request(task, strategy, 12) };
            let notes = train(&request, &[], &at("whole")).expect("a run");
            assert!(notes.is_empty(), "{notes:?}");
            for after in losses {
                let name = format!("lost after {after}");
                let notes = train(&request, &[Injection::Lost { after }], &at(&name));
                let notes = notes.unwrap_or_else(|error| panic!("{strategy}, {name}: {error}"));
                assert_eq!(notes.len(), 1, "{strategy}, {name}: {notes:?}");
                assert!(notes[0].contains("lost") && notes[0].contains("reopened"));
                assert_eq!(bytes(&at("whole")), bytes(&at(&name)), "{strategy}, {name}");
            }
        }
    });
}

#[test]
fn a_second_loss_ends_the_run_only_in_the_same_generation() {
    on_own_gpu(|_| {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let at = |name: &str| folder.path().join(name);
        let request = request("xor", "ga", 12);
        train(&request, &[], &at("whole")).expect("a run");
        // The second loss counts from the time when the device was opened again.
        let separate = [Injection::Lost { after: 5 }, Injection::Lost { after: 20 }];
        let notes = train(&request, &separate, &at("separate")).expect("a run");
        assert_eq!(notes.len(), 2, "{notes:?}");
        assert_eq!(bytes(&at("whole")), bytes(&at("separate")));
        let at_once = [Injection::Lost { after: 9 }, Injection::Lost { after: 0 }];
        let error = train(&request, &at_once, &at("at once")).expect_err("two losses");
        assert!(matches!(error, Error::DeviceLost { .. }), "{error}");
        assert!(!error.is_input());
        let message = error.to_string();
        for word in ["in this generation", "deme resume", "--population"] {
            assert!(message.contains(word), "{message}");
        }
    });
}
