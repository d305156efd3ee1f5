//! The ladder, climbed by both paths.

use deme::verify::*;
use std::sync::Arc;

#[test]
fn cpu() {
    let report = Ladder::of(&[]).unwrap().climb(&CpuSubject::default()).unwrap();
    for r in &report.rungs {
        println!(
            "{} {} {}: {} of {} skipped {} worst {:.3} at {:.200}",
            if r.passed() { "ok  " } else { "FAIL" },
            r.name,
            r.subject,
            r.failed,
            r.checked,
            r.skipped,
            r.worst,
            r.at
        );
    }
    assert!(report.passed());
}
#[test]
fn gpu() {
    let device = Arc::new(deme::gpu::Device::open(Some("llvmpipe")).unwrap());
    let t = std::time::Instant::now();
    let report = Ladder::of(&[])
        .unwrap()
        .climb_watched(&GpuSubject::new(device), &mut |r| {
            println!(
                "{:?} {} {} {}: {} of {} skipped {} worst {:.3} at {:.200}",
                t.elapsed(),
                if r.passed() { "ok  " } else { "FAIL" },
                r.name,
                r.subject,
                r.failed,
                r.checked,
                r.skipped,
                r.worst,
                r.at
            )
        })
        .unwrap();
    assert!(report.passed());
}
