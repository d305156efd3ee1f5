//! stub
/// stub
pub struct Limits;
/// stub
pub struct Plan;
/// stub
pub struct Shard;
