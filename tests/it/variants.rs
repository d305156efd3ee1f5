//! Kernels that are laid out otherwise: they give the same bits, and their faults are caught.

use std::sync::Arc;

use deme::verify::GpuSubject;

use crate::gpu_device::on_gpu;
use crate::verify::{Shown, catch, failures, shown};

#[test]
fn kernels_that_are_laid_out_otherwise_have_the_same_bits() {
    on_gpu(|device| {
        let rungs = shown(&GpuSubject::new(Arc::clone(device)), Shown::Variants);
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
                (RUNG, "kernel/team/rollout.wgsl", "rolling.rows * COLUMNS", "rolling.rows * 1u"),
                (RUNG, "kernel/team/network.wgsl", "local / TEAM;", "local / TEAM / 2u;"),
                (RUNG, "kernel/team/forward.wgsl", "% strips * COLUMNS", "% strips"),
                (RUNG, "kernel/team/dense.wgsl", "i < 16u;", "i < 0u;"),
            ],
        );
    });
}
