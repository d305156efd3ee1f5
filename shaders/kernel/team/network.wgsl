// Teams: TEAM invocations of a workgroup, which is TEAMS of them, compute one network together.
//
// What goes through the network stands in `team_signals`,
// Signal[TEAMS][TEAM_SIGNALS][COLUMNS / WIDTH]: of each unit a number for each of COLUMNS episodes
// or samples, WIDTH to a Signal. An invocation takes several outputs for one Signal at a time, so
// that a weight is read once for WIDTH columns and a signal once for those outputs. Sums run in the
// order of network/mlp.wgsl, and have its bits.
//
// The generator makes the layers from kernel/team/dense.wgsl, and `team_forward`, which calls them;
// `team_shown` is what goes in.

const QUADS: u32 = COLUMNS / WIDTH;

var<workgroup> team_signals: array<Signal, TEAM_SIGNAL_WORDS>;
// Where RESIDENT is 1: the genomes of the teams; room for one number otherwise. What fills it, and
// `team_gene`, which reads it, stand in kernel/team/read.wgsl or kernel/team/made.wgsl.
var<workgroup> team_genomes: array<Gene, TEAM_GENOMES>;
var<private> team_number: u32;
var<private> team_lane: u32;

// Finds out which team an invocation is in, and its place there.
fn team_join(local: u32) {
    team_number = local / TEAM;
    team_lane = local % TEAM;
}

// Where the signals of a unit stand.
fn team_unit(unit: u32) -> u32 {
    return (team_number * TEAM_SIGNALS + unit) * QUADS;
}

// Writes what came out for an episode or a sample into `network_outputs`.
fn team_tell(column: u32) {
    for (var o = 0u; o < OUTPUTS; o++) {
        network_outputs_put(o, team_number_of(team_unit(FIRST_OUTPUT + o), column));
    }
}
