// Actions: how a network's outputs become what a task is told to do.
//
// With ACTION_CHOICES above 0, the action is the index of the largest output, the first of equals;
// otherwise each is ACTION_LIMIT * tanh(output).

fn action_decide(numbers: Outputs) -> Action {
    var outputs = numbers;
    var action: Action;
    if (ACTION_CHOICES > 0u) {
        var best = outputs[0];
        for (var k = 1u; k < ACTION_CHOICES; k++) {
            if (outputs[k] > best) {
                best = outputs[k];
                action[0] = f32(k);
            }
        }
    } else {
        for (var k = 0u; k < ACTION_SIZE; k++) {
            action[k] = ACTION_LIMIT * math_tanh(outputs[k]);
        }
    }
    return action;
}
