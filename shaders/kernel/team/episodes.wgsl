// What goes into a team that plays: an observation for each of its episodes.

var<workgroup> team_inputs: array<f32, TEAM_INPUT_WORDS>;

// Shows the team what stands in `network_inputs`.
fn team_show(column: u32) {
    for (var i = 0u; i < INPUTS; i++) {
        team_inputs[(team_number * INPUTS + i) * COLUMNS + column] = network_inputs[i];
    }
}

// Input i of an episode.
fn team_shown(i: u32, column: u32) -> f32 {
    return team_inputs[(team_number * INPUTS + i) * COLUMNS + column];
}
