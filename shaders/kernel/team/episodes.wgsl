// The inputs of a team that runs episodes: an observation for each of them.

// f32[TEAMS][INPUTS][COLUMNS]
var<workgroup> team_inputs: array<f32, TEAM_INPUT_WORDS>;

// Copies `network_inputs` to the inputs of an episode.
fn team_write_inputs(column: u32) {
    for (var i = 0u; i < INPUTS; i++) {
        team_inputs[(team_number * INPUTS + i) * COLUMNS + column] = network_inputs[i];
    }
}

// Input i of an episode.
fn team_read_input(i: u32, column: u32) -> f32 {
    return team_inputs[(team_number * INPUTS + i) * COLUMNS + column];
}
