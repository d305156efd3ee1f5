// Episodes: their start, their steps, and their storage between dispatches.
//
// `progress` is u32[STATE + 4 + HIDDEN_STATE + OBSERVATION_SUMS][invocations]: the bits of the
// state and of the reward, then the steps, the age and the number of the episode, then the bits of
// the hidden state and of the sums over observations. The rollouts of all variants use this layout.
// The Rust twin is src/task/rollout.rs.

struct RolloutParameters {
    seed: vec2<u32>,
    stream: u32,
    generation: u32,
    first_episode: u32,
    // The number of individuals, and the same rounded up to whole workgroups.
    individuals: u32,
    rows: u32,
    // The number of pairs of an individual, or padding, and an episode.
    invocations: u32,
    // 1 if this is the first dispatch of its episodes.
    begins: u32,
    // The steps of this dispatch, the steps of a whole rollout, and the step limit of an episode.
    steps: u32,
    count: u32,
    limit: u32,
    // 1 if an episode that ends is followed by another at once.
    restarts: u32,
    pad_0: u32,
    pad_1: u32,
    pad_2: u32,
}

@group(0) @binding(0) var<uniform> parameters: RolloutParameters;
// The genomes are at binding 1, which their part declares.
@group(0) @binding(2) var<storage, read_write> progress: array<u32>;

// Four uniforms of an episode.
fn episode_uniforms(episode: u32, block: u32) -> vec4<f32> {
    let counter = vec4<u32>(block, episode, parameters.generation, parameters.stream);
    return random_uniforms(random_words(counter, parameters.seed));
}

// Sets the parameters that an episode draws. Their uniforms follow those of its start.
fn episode_set_parameters(episode: u32) {
    if (PARAMETERS == 0u) {
        return;
    }
    var draws: Parameters;
    for (var i = 0u; i < PARAMETERS; i++) {
        draws[i] = episode_uniforms(episode, (DRAWS + i) / 4u)[(DRAWS + i) % 4u];
    }
    parameters_set(parameters_from_draws(draws));
}

// Draws the uniforms of a step, and sets its number.
fn episode_set_step(episode: u32, age: u32) {
    if (STEP_DRAWS > 0u) {
        const BLOCKS = (STEP_DRAWS + 3u) / 4u;
        for (var block = 0u; block < BLOCKS; block++) {
            let uniforms = episode_uniforms(episode, FIRST_STEP_BLOCK + age * BLOCKS + block);
            for (var n = 0u; n < 4u; n++) {
                if (block * 4u + n < STEP_DRAWS) {
                    step_draws[block * 4u + n] = uniforms[n];
                }
            }
        }
    }
    if (STEP_NUMBERS > 0u) {
        step_number = f32(age);
    }
}

// The initial state of an episode, which all individuals share.
fn episode_start(episode: u32) -> State {
    episode_set_parameters(episode);
    var draws: Draws;
    if (STARTS > 0u) {
        draws[0] = f32(episode % max(STARTS, 1u));
        return task_start(draws);
    }
    for (var block = 0u; block < (DRAWS + 3u) / 4u; block++) {
        let uniforms = episode_uniforms(episode, block);
        for (var n = 0u; n < 4u; n++) {
            if (block * 4u + n < DRAWS) {
                draws[block * 4u + n] = uniforms[n];
            }
        }
    }
    return task_start(draws);
}

// An episode in progress.
struct Episode {
    state: State,
    reward: f32,
    steps: u32,
    // The steps since the last start, and the number of the episode.
    age: u32,
    number: u32,
    over: bool,
}

// Starts an episode, or loads the one that the last dispatch stored, with the hidden state of the
// network and the sums over observations.
fn episode_resume(place: u32) -> Episode {
    var running: Episode;
    running.number = parameters.first_episode + place / parameters.rows;
    if (parameters.begins == 1u) {
        running.state = episode_start(running.number);
        return running;
    }
    for (var i = 0u; i < STATE; i++) {
        running.state[i] = bitcast<f32>(progress[i * parameters.invocations + place]);
    }
    running.reward = bitcast<f32>(progress[STATE * parameters.invocations + place]);
    running.steps = progress[(STATE + 1u) * parameters.invocations + place];
    running.age = progress[(STATE + 2u) * parameters.invocations + place];
    running.number = progress[(STATE + 3u) * parameters.invocations + place];
    episode_set_parameters(running.number);
    for (var m = 0u; m < HIDDEN_STATE; m++) {
        let word = progress[(STATE + 4u + m) * parameters.invocations + place];
        network_state_put(m, bitcast<f32>(word));
    }
    for (var s = 0u; s < OBSERVATION_SUMS; s++) {
        let word = progress[(STATE + 4u + HIDDEN_STATE + s) * parameters.invocations + place];
        observation_sums[s] = bitcast<f32>(word);
    }
    // An episode is over if it has no steps left, or if it ended and does not restart.
    let ended = running.age >= parameters.limit || task_terminated(running.state);
    running.over = running.steps >= parameters.count
        || parameters.restarts == 0u && running.steps > 0u && ended;
    return running;
}

// Writes the observation of an episode's state into the inputs of the network.
fn episode_observe(running: Episode) {
    network_inputs = task_observe(running.state);
    observation_normalise();
}

// The outputs of the network.
fn network_read_outputs() -> Outputs {
    var outputs: Outputs;
    for (var o = 0u; o < OUTPUTS; o++) {
        outputs[o] = network_outputs_at(o);
    }
    return outputs;
}

// The episode after one step, whose action the network's outputs choose.
fn episode_step(before: Episode) -> Episode {
    var running = before;
    episode_set_step(running.number, running.age);
    let result = task_step(running.state, action_decide(network_read_outputs()));
    running.state = result.state;
    running.reward += result.reward;
    running.steps += 1u;
    running.age += 1u;
    if (running.age >= parameters.limit || task_terminated(running.state)) {
        if (parameters.restarts == 1u) {
            running.number += 1u;
            running.age = 0u;
            running.state = episode_start(running.number);
            network_reset();
        } else {
            running.over = true;
        }
    }
    running.over = running.over || running.steps >= parameters.count;
    return running;
}

// Stores an episode for the next dispatch.
fn episode_store(running: Episode, place: u32) {
    for (var i = 0u; i < STATE; i++) {
        progress[i * parameters.invocations + place] = bitcast<u32>(running.state[i]);
    }
    progress[STATE * parameters.invocations + place] = bitcast<u32>(running.reward);
    progress[(STATE + 1u) * parameters.invocations + place] = running.steps;
    progress[(STATE + 2u) * parameters.invocations + place] = running.age;
    progress[(STATE + 3u) * parameters.invocations + place] = running.number;
    for (var m = 0u; m < HIDDEN_STATE; m++) {
        let at = (STATE + 4u + m) * parameters.invocations + place;
        progress[at] = bitcast<u32>(network_state_at(m));
    }
    for (var s = 0u; s < OBSERVATION_SUMS; s++) {
        let at = (STATE + 4u + HIDDEN_STATE + s) * parameters.invocations + place;
        progress[at] = bitcast<u32>(observation_sums[s]);
    }
}
