// Rollouts: each invocation is one individual in one episode; network, task and return are fused.
//
// A dispatch runs at most `steps` steps; what an episode needs to go on stands in `progress`,
// u32[STATE + 4 + MEMORY + SEEN][invocations]: the bits of the state and of the reward, then steps,
// age, episode, and the bits of what the network remembers and of the sums of what it saw.
// An episode that is over leaves at once. Its twin is src/task/rollout.rs.

struct Rolling {
    seed: vec2<u32>,
    stream: u32,
    generation: u32,
    first_episode: u32,
    // Individuals of the shard, and the same rounded up to whole workgroups.
    individuals: u32,
    rows: u32,
    invocations: u32,
    // Whether this is the first dispatch of its episodes.
    begins: u32,
    // Steps of this dispatch; steps of a whole rollout; steps after which an episode is cut off.
    steps: u32,
    count: u32,
    limit: u32,
    // Whether an episode that ends starts again at once.
    restarts: u32,
    pad_0: u32,
    pad_1: u32,
    pad_2: u32,
}

@group(0) @binding(0) var<uniform> rolling: Rolling;
// The networks stand at binding 1; their part declares it.
@group(0) @binding(2) var<storage, read_write> progress: array<u32>;

// The start of an episode, the same for every individual.
fn episode_start(episode: u32) -> State {
    var draws: Draws;
    if (STARTS > 0u) {
        draws[0] = f32(episode % max(STARTS, 1u));
        return task_start(draws);
    }
    for (var block = 0u; block < (DRAWS + 3u) / 4u; block++) {
        let counter = vec4<u32>(block, episode, rolling.generation, rolling.stream);
        let units = random_units(random_words(counter, rolling.seed));
        for (var n = 0u; n < 4u; n++) {
            if (block * 4u + n < DRAWS) {
                draws[block * 4u + n] = units[n];
            }
        }
    }
    return task_start(draws);
}

@compute @workgroup_size(64)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) local: u32,
) {
    let place = dispatch_group(group, groups) * WORKGROUP + local;
    let individual = place % rolling.rows;
    if (place >= rolling.invocations || individual >= rolling.individuals) {
        return;
    }
    var state: State;
    var reward = 0.0;
    var steps = 0u;
    var age = 0u;
    var episode = rolling.first_episode + place / rolling.rows;
    if (rolling.begins == 1u) {
        state = episode_start(episode);
    } else {
        for (var i = 0u; i < STATE; i++) {
            state[i] = bitcast<f32>(progress[i * rolling.invocations + place]);
        }
        reward = bitcast<f32>(progress[STATE * rolling.invocations + place]);
        steps = progress[(STATE + 1u) * rolling.invocations + place];
        age = progress[(STATE + 2u) * rolling.invocations + place];
        episode = progress[(STATE + 3u) * rolling.invocations + place];
        for (var m = 0u; m < MEMORY; m++) {
            let word = progress[(STATE + 4u + m) * rolling.invocations + place];
            network_memory[m] = bitcast<f32>(word);
        }
        for (var s = 0u; s < SEEN; s++) {
            let word = progress[(STATE + 4u + MEMORY + s) * rolling.invocations + place];
            seen_sums[s] = bitcast<f32>(word);
        }
    }
    // An episode that is over has no steps left.
    var over = rolling.restarts == 0u && steps > 0u
        && (age >= rolling.limit || task_terminated(state));
    for (var s = 0u; s < rolling.steps && steps < rolling.count && !over; s++) {
        network_inputs = task_observe(state);
        observation_normalise();
        network_forward(individual);
        let result = task_step(state, action_decide(network_outputs));
        state = result.state;
        reward += result.reward;
        steps += 1u;
        age += 1u;
        if (age >= rolling.limit || task_terminated(state)) {
            if (rolling.restarts == 1u) {
                episode += 1u;
                age = 0u;
                state = episode_start(episode);
                network_forget();
            } else {
                over = true;
            }
        }
    }
    for (var i = 0u; i < STATE; i++) {
        progress[i * rolling.invocations + place] = bitcast<u32>(state[i]);
    }
    progress[STATE * rolling.invocations + place] = bitcast<u32>(reward);
    progress[(STATE + 1u) * rolling.invocations + place] = steps;
    progress[(STATE + 2u) * rolling.invocations + place] = age;
    progress[(STATE + 3u) * rolling.invocations + place] = episode;
    for (var m = 0u; m < MEMORY; m++) {
        progress[(STATE + 4u + m) * rolling.invocations + place] = bitcast<u32>(network_memory[m]);
    }
    for (var s = 0u; s < SEEN; s++) {
        let at = (STATE + 4u + MEMORY + s) * rolling.invocations + place;
        progress[at] = bitcast<u32>(seen_sums[s]);
    }
}
