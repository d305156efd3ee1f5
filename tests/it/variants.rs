//! Kernel variants: they give the same bits as `loop`, and their faults are caught.

use std::sync::Arc;

use deme::gpu::Edit;
use deme::network::Activation;
use deme::task;
use deme::verify::{GpuImplementation, Ladder, LadderPart};

use crate::gpu_device::on_gpu;
use crate::verify::{assert_caught, failures};

#[test]
fn all_exact_variants_have_the_same_bits() {
    on_gpu(|device| {
        let rungs = Ladder::check_variants(&GpuImplementation::new(Arc::clone(device)))
            .expect("a device that works");
        assert_eq!(failures(&rungs), Vec::<String>::new());
        assert!(rungs.iter().all(|rung| rung.checked > 100));
        // The ladder allows rounding errors, but this adapter has none. Only tiles round signals.
        let mut exact = rungs.iter().filter(|rung| !rung.subject.ends_with("tiles"));
        assert!(exact.all(|rung| rung.worst == 0.0), "{rungs:?}");
    });
}

#[test]
fn faults_of_variants_are_caught() {
    on_gpu(|device| {
        const RUNG: &str = "5 variants";
        assert_caught(
            device,
            LadderPart::Variants,
            &[
                (
                    RUNG,
                    "kernel/team/rollout.wgsl",
                    "parameters.rows * COLUMNS",
                    "parameters.rows * 1u",
                ),
                (RUNG, "kernel/team/network.wgsl", "local / TEAM;", "local / TEAM / 2u;"),
                (RUNG, "kernel/team/forward.wgsl", "% strips * COLUMNS", "% strips"),
                (RUNG, "kernel/team/dense.wgsl", "i < 16u;", "i < 0u;"),
            ],
        );
    });
}

#[test]
fn a_single_variant_is_compared_with_the_plainest_on_a_given_network() {
    on_gpu(|device| {
        let task: Arc<dyn task::Task> = Arc::from(task::by_name("digits").expect("a known task"));
        let network = task.network("17-5", Activation::Tanh).expect("a good spec");
        let edit = Edit {
            part: "kernel/team/loss.wgsl",
            find: "sample_loss.tally;",
            replace: "sample_loss.loss;",
        };
        let faulty = GpuImplementation::with_faults(Arc::clone(device), &[edit]);
        let check = |name| {
            let rung = Ladder::check_variant(&faulty, &task, &network, name);
            rung.expect("a fault does not break the device")
        };
        assert!(check("loop").is_none(), "the plainest variant has nothing to be compared with");
        let unrolled = check("unrolled").expect("another variant");
        assert!(unrolled.failed == 0 && unrolled.checked > 100, "{unrolled:?}");
        let team = check("team-64").expect("another variant");
        assert!(team.failed > 0, "{team:?}");
        assert!(team.at.contains("team-64, validation score"), "{}", team.at);
    });
}
