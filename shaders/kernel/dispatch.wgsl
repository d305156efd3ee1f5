// The index of a workgroup in a dispatch that is folded into two dimensions.

const WORKGROUP: u32 = 64u;

// The index of a workgroup among all workgroups of the dispatch.
fn dispatch_group(group: vec3<u32>, groups: vec3<u32>) -> u32 {
    return group.x + group.y * groups.x;
}
