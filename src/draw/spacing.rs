//! Spacing: heights of labels and nodes that do not overlap.
//!
//! # Source
//!
//! Heights that are closest to the wanted ones: the isotonic regression of Ayer, Brunk, Ewing, Reid
//! and Silverman, The Annals of Mathematical Statistics 26(4), 1955.

/// The room that something needs above and below its centre, in pixels.
#[derive(Clone, Copy, Debug)]
pub struct Extent {
    /// Pixels above the centre.
    pub above: f64,
    /// Pixels below the centre.
    pub below: f64,
}

/// Returns the heights that are closest to the wanted ones by the sum of squares. They have the
/// same order, do not overlap, and are within the total height if they fit.
pub fn separate(wanted: &[f64], extents: &[Extent], height: f64) -> Vec<f64> {
    // Without the extents, two heights may be equal but not in the wrong order.
    let mut offset = 0.0;
    let offsets: Vec<f64> = extents
        .iter()
        .map(|extent| {
            let at = offset + extent.above;
            offset = at + extent.below;
            at
        })
        .collect();
    let slack = (height - offset).max(0.0);
    // Groups of slots that touch: their number, and their mean.
    let mut groups: Vec<(usize, f64)> = Vec::new();
    for (wanted, offset) in wanted.iter().zip(&offsets) {
        let mut group = (1, wanted - offset);
        while let Some(&(count, mean)) = groups.last().filter(|last| last.1 > group.1) {
            let total = count + group.0;
            let sum = count as f64 * mean + group.0 as f64 * group.1;
            group = (total, sum / total as f64);
            groups.pop();
        }
        groups.push(group);
    }
    let means = groups.iter().flat_map(|&(count, mean)| std::iter::repeat_n(mean, count));
    means.zip(&offsets).map(|(mean, offset)| mean.clamp(0.0, slack) + offset).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heights_are_the_wanted_ones_unless_they_would_overlap() {
        let extent = Extent { above: 5.0, below: 5.0 };
        assert_eq!(separate(&[20.0, 60.0], &[extent; 2], 100.0), [20.0, 60.0]);
        assert_eq!(separate(&[50.0, 50.0], &[extent; 2], 100.0), [45.0, 55.0]);
        assert_eq!(separate(&[50.0, 20.0, 90.0], &[extent; 3], 100.0), [30.0, 40.0, 90.0]);
        // Heights outside the range are moved inside.
        assert_eq!(separate(&[-9.0, 300.0], &[extent; 2], 40.0), [5.0, 35.0]);
    }
}
