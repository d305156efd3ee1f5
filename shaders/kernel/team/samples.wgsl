// What goes into a team that is judged: samples of a data set, by their numbers.

var<workgroup> team_samples: array<u32, COLUMNS>;

// Input i of a sample.
fn team_shown(i: u32, column: u32) -> f32 {
    return features[team_samples[column] * INPUTS + i];
}
