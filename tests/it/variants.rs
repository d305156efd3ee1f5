//! Kernels that are laid out otherwise: they give the same bits, and their faults are caught.

use std::sync::Arc;

use deme::gpu::Edit;
use deme::network::Activation;
use deme::task;
use deme::verify::{GpuImplementation, Ladder};

use crate::gpu_device::on_gpu;
use crate::verify::{Shown, catch, failures, shown};

#[test]
fn kernels_that_are_laid_out_otherwise_have_the_same_bits() {
    on_gpu(|device| {
        let rungs = shown(&GpuImplementation::new(Arc::clone(device)), Shown::Variants);
        assert_eq!(failures(&rungs), Vec::<String>::new());
        assert!(rungs.iter().all(|rung| rung.checked > 100));
        // This much is more than the ladder asks; tiles round what no other variant does.
        let mut exact = rungs.iter().filter(|rung| !rung.subject.ends_with("tiles"));
        assert!(exact.all(|rung| rung.worst == 0.0), "{rungs:?}");
    });
}

#[test]
fn faults_of_kernels_that_are_laid_out_otherwise_are_caught() {
    on_gpu(|device| {
        const RUNG: &str = "5 variants";
        catch(
            device,
            Shown::Variants,
            &[
                (RUNG, "kernel/team/rollout.wgsl", "parameters.rows * COLUMNS", "parameters.rows * 1u"),
                (RUNG, "kernel/team/network.wgsl", "local / TEAM;", "local / TEAM / 2u;"),
                (RUNG, "kernel/team/forward.wgsl", "% strips * COLUMNS", "% strips"),
                (RUNG, "kernel/team/dense.wgsl", "i < 16u;", "i < 0u;"),
            ],
        );
    });
}

#[test]
fn one_variant_is_held_to_the_plainest_with_the_network_that_is_meant() {
    on_gpu(|device| {
        let task: Arc<dyn task::Task> = Arc::from(task::by_name("digits").expect("a known task"));
        let network = task.network("17-5", Activation::Tanh).expect("a good spec");
        let edit = Edit { part: "kernel/team/loss.wgsl", find: "sample_loss.hits;", replace: "sample_loss.loss;" };
        let faulty = GpuImplementation::with_faults(Arc::clone(device), &[edit]);
        let climbed = |name| {
            let rung = Ladder::check_variant(&faulty, &task, &network, name);
            rung.expect("a fault is no failure of the device")
        };
        assert!(climbed("loop").is_none(), "there is nothing to hold it to");
        let unrolled = climbed("unrolled").expect("it is another one");
        assert!(unrolled.failed == 0 && unrolled.checked > 100, "{unrolled:?}");
        let team = climbed("team-64").expect("it is another one");
        assert!(team.failed > 0, "{team:?}");
        assert!(team.at.contains("team-64, held-out score"), "{}", team.at);
    });
}
