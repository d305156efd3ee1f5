// Swing-up: swing a hanging pole up on its cart and hold it there, begun close to rest.
//
// Every number of a start is normal with deviation 0.2, about a pole that hangs still. The physics
// stands before this, in shaders/task/swing.wgsl.

const DEVIATION: f32 = 0.2;

// Two independent normals from two uniforms in [0, 1) (Box and Muller 1958).
fn swingup_normals(distance: f32, direction: f32) -> vec2<f32> {
    // One minus the draw is never zero, whose logarithm there is not.
    let radius = sqrt(-2.0 * math_ln(1.0 - distance));
    let angle = 2.0 * PI * (direction - 0.5);
    return radius * vec2<f32>(math_cos(angle), math_sin(angle));
}

fn task_start(draws: Draws) -> State {
    let place = DEVIATION * swingup_normals(draws[0], draws[1]);
    let pole = DEVIATION * swingup_normals(draws[2], draws[3]);
    return State(place.x, place.y, PI + pole.x, pole.y);
}
