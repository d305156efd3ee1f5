// Teams: TEAM invocations compute one network together. A workgroup has TEAMS teams.
//
// A team computes COLUMNS episodes or samples at once, packed WIDTH to a Signal. An invocation
// computes several outputs for one Signal at a time, so a weight is read once for WIDTH columns,
// and a signal once for these outputs. Sums have the order of network/mlp.wgsl, and so the same
// bits.
//
// The generator copies kernel/team/dense.wgsl for each layer, and writes `team_forward`, which
// calls the copies. `team_read_input` reads the inputs.

// The number of Signals of a unit.
const QUADS: u32 = COLUMNS / WIDTH;

// Signal[TEAMS][TEAM_SIGNALS][QUADS]: the units of two layers.
var<workgroup> team_signals: array<Signal, TEAM_SIGNAL_WORDS>;
// Gene[TEAMS][GENES] if RESIDENT is 1, and otherwise one unused number. The files
// kernel/team/loaded_genome.wgsl and kernel/team/generated_genome.wgsl fill and read it.
var<workgroup> team_genomes: array<Gene, TEAM_GENOMES>;
// The team of this invocation, and the invocation's index in it.
var<private> team_number: u32;
var<private> team_lane: u32;

// Sets the team of an invocation, and its index in the team.
fn team_setup(local: u32) {
    team_number = local / TEAM;
    team_lane = local % TEAM;
}

// The index of the first Signal of a unit.
fn team_unit(unit: u32) -> u32 {
    return (team_number * TEAM_SIGNALS + unit) * QUADS;
}

// Copies the outputs for an episode or a sample to `network_outputs`.
fn team_write_outputs(column: u32) {
    for (var o = 0u; o < OUTPUTS; o++) {
        network_outputs_put(o, team_signal_number(team_unit(FIRST_OUTPUT + o), column));
    }
}
