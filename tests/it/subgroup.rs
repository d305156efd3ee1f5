//! The `subgroup` variant: its shaders, and the networks that it supports.

use deme::backend::kernels::{Kernels, Subgroup};
use deme::backend::{Limits, Variant};
use deme::network::{Activation, Network, Precision};
use deme::task::{self, Kind};

use crate::tensor::LIMITS;

fn of_size(size: usize) -> Limits {
    Limits { subgroup: Some(size), ..LIMITS }
}

fn cartpole(spec: &str) -> Network {
    Network::parse(spec, 4, 2, Activation::Tanh).expect("a good spec")
}

/// Validation needs no device, so it covers subgroups of sizes that this machine lacks.
#[test]
fn shaders_of_subgroups_validate_under_naga() {
    let task = task::by_name("cartpole").expect("a task of the registry");
    for spec in ["16-16", "none", "5:relu-7:nobias-6:sin", "33-9:gelu:nobias"] {
        for precision in Precision::ALL {
            let network = cartpole(spec).with_precision(precision);
            let kernels = Kernels::new(Some(task.as_ref()), &network, 1, &LIMITS, &[]);
            for size in [4, 8, 16, 32, 64] {
                let Some(subgroup) = Subgroup::for_network(&network, &of_size(size)) else {
                    assert!(size < 16, "{spec} fits subgroups of {size}");
                    continue;
                };
                for kernels in [kernels.clone(), kernels.clone().normalised()] {
                    let source = kernels.subgroup_rollout(&network, &subgroup);
                    if let Err(problem) = source.validate() {
                        panic!("{spec}, {size}: {problem}");
                    }
                    assert!(!source.text.contains('$'), "{spec}: a placeholder is left");
                }
            }
        }
    }
}

/// An invocation of a subgroup of 8 holds 2 x 5 + 2 x 17 + 17 weights of cartpole's 16-16.
#[test]
fn an_invocation_holds_no_more_weights_than_it_has_registers() {
    let fits = |spec: &str, size| Subgroup::for_network(&cartpole(spec), &of_size(size)).is_some();
    assert!(fits("16-16", 8) && fits("64-64", 32) && fits("64-64", 64));
    // An invocation would hold 8 x 5 + 8 x 65 + 65 weights of 64-64, or 3 x 5 + 3 x 97 + 97 of
    // 96-96.
    assert!(!fits("64-64", 8) && !fits("96-96", 32));
    assert!(!fits("8:elman", 32) && !fits("8:gru", 32));
}

#[test]
fn it_supports_control_tasks_on_devices_whose_subgroups_have_one_size() {
    let [control, data] = ["cartpole", "digits"].map(|name| task::by_name(name).expect("a task"));
    let supports = |task: &dyn task::Task, limits| {
        let network = task.network("8", Activation::Tanh).expect("a good spec");
        Variant::Subgroup.supports(&network, task.kind(), &limits)
    };
    assert!(matches!(data.kind(), Kind::Data(_)));
    assert!(supports(control.as_ref(), of_size(32)));
    assert!(!supports(control.as_ref(), LIMITS) && !supports(data.as_ref(), of_size(32)));
}
