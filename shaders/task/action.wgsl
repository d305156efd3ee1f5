// Actions: the conversion of network outputs to the action that a task takes.
//
// If ACTION_CHOICES is above 0, the action is the index of the largest output; the first of equal
// outputs wins. Otherwise each number of the action is ACTION_LIMIT * tanh(output). For actions of
// several kinds, src/task/action.rs writes this function.

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
