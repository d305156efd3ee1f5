// Episodes: how one begins, goes on by a step, and is kept between dispatches.
//
// What an episode needs to go on stands in `progress`,
// u32[STATE + 4 + MEMORY + SEEN][invocations]: the bits of the state and of the reward, then steps,
// age, episode, and the bits of what the network remembers and of the sums of what it saw.
// A rollout of any variant keeps its episodes so. Its twin is src/task/rollout.rs.

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

// An episode that is being run.
struct Episode {
    state: State,
    reward: f32,
    steps: u32,
    // Steps since it began, or began again; its number.
    age: u32,
    number: u32,
    over: bool,
}

// An episode at its beginning, or where the last dispatch left it; with it come what the network
// remembers and what it saw.
fn episode_resume(place: u32) -> Episode {
    var running: Episode;
    running.number = rolling.first_episode + place / rolling.rows;
    if (rolling.begins == 1u) {
        running.state = episode_start(running.number);
        return running;
    }
    for (var i = 0u; i < STATE; i++) {
        running.state[i] = bitcast<f32>(progress[i * rolling.invocations + place]);
    }
    running.reward = bitcast<f32>(progress[STATE * rolling.invocations + place]);
    running.steps = progress[(STATE + 1u) * rolling.invocations + place];
    running.age = progress[(STATE + 2u) * rolling.invocations + place];
    running.number = progress[(STATE + 3u) * rolling.invocations + place];
    for (var m = 0u; m < MEMORY; m++) {
        let word = progress[(STATE + 4u + m) * rolling.invocations + place];
        network_memory_put(m, bitcast<f32>(word));
    }
    for (var s = 0u; s < SEEN; s++) {
        let word = progress[(STATE + 4u + MEMORY + s) * rolling.invocations + place];
        seen_sums[s] = bitcast<f32>(word);
    }
    // An episode that is over has no steps left.
    running.over = running.steps >= rolling.count || rolling.restarts == 0u && running.steps > 0u
        && (running.age >= rolling.limit || task_terminated(running.state));
    return running;
}

// Shows the network what is seen of an episode's state.
fn episode_observe(running: Episode) {
    network_inputs = task_observe(running.state);
    observation_normalise();
}

// What the network says.
fn network_said() -> Outputs {
    var outputs: Outputs;
    for (var o = 0u; o < OUTPUTS; o++) {
        outputs[o] = network_outputs_at(o);
    }
    return outputs;
}

// An episode a step on, as the network's outputs say.
fn episode_step(before: Episode) -> Episode {
    var running = before;
    let result = task_step(running.state, action_decide(network_said()));
    running.state = result.state;
    running.reward += result.reward;
    running.steps += 1u;
    running.age += 1u;
    if (running.age >= rolling.limit || task_terminated(running.state)) {
        if (rolling.restarts == 1u) {
            running.number += 1u;
            running.age = 0u;
            running.state = episode_start(running.number);
            network_forget();
        } else {
            running.over = true;
        }
    }
    running.over = running.over || running.steps >= rolling.count;
    return running;
}

// Keeps an episode for the next dispatch.
fn episode_keep(running: Episode, place: u32) {
    for (var i = 0u; i < STATE; i++) {
        progress[i * rolling.invocations + place] = bitcast<u32>(running.state[i]);
    }
    progress[STATE * rolling.invocations + place] = bitcast<u32>(running.reward);
    progress[(STATE + 1u) * rolling.invocations + place] = running.steps;
    progress[(STATE + 2u) * rolling.invocations + place] = running.age;
    progress[(STATE + 3u) * rolling.invocations + place] = running.number;
    for (var m = 0u; m < MEMORY; m++) {
        let at = (STATE + 4u + m) * rolling.invocations + place;
        progress[at] = bitcast<u32>(network_memory_at(m));
    }
    for (var s = 0u; s < SEEN; s++) {
        let at = (STATE + 4u + MEMORY + s) * rolling.invocations + place;
        progress[at] = bitcast<u32>(seen_sums[s]);
    }
}
