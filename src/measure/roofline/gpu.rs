//! The roofline of a GPU, by its own clock if it has one.

use std::time::Instant;

use super::bandwidth::Bandwidth;
use super::chain::{FACTOR, SUMMAND, check_end, end_of, wrong_result};
use crate::backend::kernels::{Kernels, ROOFLINE_CHAINS, ROOFLINE_ROUNDS};
use crate::backend::plan::{WORKGROUP, fold};
use crate::backend::{Gpu, Limits};
use crate::error::Result;
use crate::gpu::layout::{ArithmeticParameters, CopyParameters};
use crate::gpu::{Binding, Device, DeviceKind, Dispatch, Readback};

/// The number of bursts, of which the best counts.
const BURSTS: usize = 5;
/// The seconds of a burst that is not dominated by its beginning and end. No burst takes much
/// longer, so that no driver's watchdog fires.
const LONG_SECONDS: f64 = 5e-3;
/// The smallest grid, and one that is large enough for any device.
const MIN_INVOCATIONS: usize = 1 << 10;
const MAX_INVOCATIONS: usize = 1 << 22;
/// The bytes of the source of a copy. The largest is beyond the caches of a hardware GPU; a
/// software adapter has the caches of the CPU.
const HARDWARE_BYTES: [u64; 3] = [16 << 20, 64 << 20, 256 << 20];
const SOFTWARE_BYTES: [u64; 3] = [1 << 20, 8 << 20, 64 << 20];

/// Returns billions of operations per second. It doubles the grid until a burst is long enough; the
/// best of all bursts counts.
pub(super) fn arithmetic(device: &Device) -> Result<f64> {
    let limits = Gpu::limits_of(device);
    let ends = device.storage("ends", 4 * MAX_INVOCATIONS as u64)?;
    let source = Kernels::roofline_arithmetic();
    let burst = |invocations: usize| -> Result<f64> {
        let invocations_word = invocations as u32;
        let parameters = ArithmeticParameters {
            invocations: invocations_word,
            factor: FACTOR,
            summand: SUMMAND,
            pad_0: 0,
        };
        let dispatch = Dispatch {
            source: &source,
            parameters: bytemuck::bytes_of(&parameters),
            bindings: vec![Binding::whole(&ends)],
            workgroups: fold(invocations / WORKGROUP, &limits)?,
        };
        let operations = (2 * ROOFLINE_CHAINS * ROOFLINE_ROUNDS * invocations) as f64;
        Ok(operations / seconds(device, &[dispatch])? / 1e9)
    };
    let mut invocations = MIN_INVOCATIONS;
    let mut best = burst(invocations)?.max(burst(invocations)?);
    let operations =
        |invocations: usize| (2 * ROOFLINE_CHAINS * ROOFLINE_ROUNDS * invocations) as f64;
    while invocations < MAX_INVOCATIONS && operations(invocations) / best < LONG_SECONDS * 1e9 {
        invocations *= 2;
        best = best.max(burst(invocations)?);
    }
    for _ in 0..BURSTS {
        best = best.max(burst(invocations)?);
    }
    let bytes = 4 * invocations as u64;
    let words = device.read(&[Readback { buffer: &ends, bytes }])?;
    for (place, &word) in words[0].iter().enumerate() {
        let chains = ROOFLINE_CHAINS as f64;
        let first = (place % 64) as f64 / 64.0;
        let starts = chains * (chains - 1.0) / 2.0 + chains * first;
        let expected = end_of(starts, chains, ROOFLINE_ROUNDS as i32);
        check_end(f32::from_bits(word), expected, device.name())?;
    }
    Ok(best)
}

/// Returns the bandwidths of copies, smallest memory first.
pub(super) fn bandwidths(device: &Device) -> Result<Vec<Bandwidth>> {
    let limits = Gpu::limits_of(device);
    let sizes = match device.kind() {
        DeviceKind::Hardware => HARDWARE_BYTES,
        DeviceKind::Software => SOFTWARE_BYTES,
    };
    let most = limits.binding_bytes.min(limits.buffer_bytes);
    let mut found = Vec::new();
    for bytes in sizes.into_iter().filter(|&bytes| bytes <= most) {
        match copy(device, &limits, bytes) {
            Ok(bandwidth) => found.push(bandwidth),
            // The device has no memory for a larger copy, but the smaller ones exceed its caches.
            Err(_) if !found.is_empty() => break,
            Err(problem) => return Err(problem),
        }
    }
    Ok(found)
}

fn copy(device: &Device, limits: &Limits, bytes: u64) -> Result<Bandwidth> {
    // Every word differs from its neighbours (Knuth's multiplicative hash).
    let word = |place: u32| place.wrapping_mul(2_654_435_761);
    let words: Vec<u32> = (0..(bytes / 4) as u32).map(word).collect();
    let source = device.upload("copied", &words)?;
    drop(words);
    let target = device.storage("copy", bytes)?;
    let vectors = (bytes / 16) as usize;
    let parameters = CopyParameters { vectors: vectors as u32, ..Default::default() };
    let kernel = Kernels::roofline_copy();
    let mut best = f64::INFINITY;
    // The first copy also waits for the upload.
    for burst in 0..=BURSTS {
        let dispatch = Dispatch {
            source: &kernel,
            parameters: bytemuck::bytes_of(&parameters),
            bindings: [&source, &target].map(Binding::whole).into(),
            workgroups: fold(vectors.div_ceil(WORKGROUP), limits)?,
        };
        let seconds = seconds(device, &[dispatch])?;
        if burst > 0 {
            best = best.min(seconds);
        }
    }
    let copied = device.read(&[Readback { buffer: &target, bytes }])?;
    match copied[0].iter().enumerate().find(|(place, found)| **found != word(*place as u32)) {
        None => {
            Ok(Bandwidth { bytes: 2 * bytes, gbytes_per_second: 2.0 * bytes as f64 / best / 1e9 })
        }
        Some((place, _)) => Err(wrong_result(
            device.name(),
            format!("a copy differs from its source in word {place}"),
        )),
    }
}

/// Returns the seconds of dispatches, by the device's clock if it has one.
fn seconds(device: &Device, dispatches: &[Dispatch<'_>]) -> Result<f64> {
    let (host, on_device) = device.timed(|| {
        let started_at = Instant::now();
        device.run(dispatches)?;
        device.wait()?;
        Ok(started_at.elapsed().as_secs_f64())
    })?;
    Ok(on_device.unwrap_or(host))
}
