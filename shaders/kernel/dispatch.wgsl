// Where an invocation stands in a dispatch that is folded into two dimensions.

const WORKGROUP: u32 = 64u;

// The workgroup's place in the fold.
fn dispatch_group(group: vec3<u32>, groups: vec3<u32>) -> u32 {
    return group.x + group.y * groups.x;
}
