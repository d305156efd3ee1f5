//! The arithmetic of a device's limits: shards, workgroups, steps per dispatch. It needs no device.
//!
//! A population that is larger than one storage binding is cut into *shards* of whole blocks. Each
//! shard has a binding of its own. Shards share a buffer up to the largest size that the device
//! allows.

use crate::error::{Error, Result};
use crate::population::Layout;

/// Invocations in every workgroup.
pub const WORKGROUP: usize = 64;

/// The largest number of multiply-adds in one dispatch. They take 50 ms at a tenth of a teraflop,
/// which integrated GPUs reach, so no driver's watchdog fires.
pub const WORK_PER_DISPATCH: u64 = 5_000_000_000;

/// The largest number of consecutive steps in one dispatch, for the same reason. Steps run one
/// after another even if there are few individuals; 10 us for each is slow for any device.
pub const STEPS_PER_DISPATCH: u32 = 4096;

/// The approximate cost of one normal number, in multiply-adds.
pub const WORK_PER_NORMAL: u64 = 32;

/// The limits of a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Largest size of a storage binding, in bytes.
    pub binding_bytes: u64,
    /// Largest size of a buffer, in bytes.
    pub buffer_bytes: u64,
    /// Largest number of workgroups in one dimension.
    pub workgroups: u32,
    /// Divisor of every binding's offset, in bytes.
    pub alignment: u64,
    /// Memory that the invocations of a workgroup share, in bytes.
    pub workgroup_bytes: u64,
    /// Largest number of multiply-adds in one dispatch.
    pub work_per_dispatch: u64,
    /// Largest number of loop iterations of one invocation in one dispatch, over all its loops.
    pub loop_rounds: u64,
    /// The tiles of the matrix multiplications, if the device has them.
    pub tile: Option<Tile>,
    /// Invocations of a subgroup, if all subgroups have that size and it divides a workgroup.
    pub subgroup: Option<usize>,
}

/// A square tile of numbers in half precision. Products of tiles are summed in single precision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tile {
    /// The number of rows, and of columns.
    pub side: usize,
    /// True if a subgroup multiplies tiles on tensor cores. If false, each invocation multiplies
    /// numbers one by one, which tests the surrounding code on devices without tensor cores.
    pub cooperative: bool,
}

impl Limits {
    /// Multiply-adds as a share of the work that one submission may hold. A watchdog times all
    /// dispatches of a submission together, so this is the work that one dispatch may hold.
    pub fn share(&self, work: u64) -> f64 {
        work as f64 / self.work_per_dispatch.max(1) as f64
    }

    /// The share of invocations that each read a few numbers, or draw one block of random numbers.
    pub fn light_share(&self, invocations: usize) -> f64 {
        const WORK: u64 = 256;
        self.share(WORK * invocations as u64)
    }
}

/// A range of individuals that one binding holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shard {
    /// The index of the buffer.
    pub buffer: usize,
    /// The offset in the buffer, in bytes.
    pub offset: u64,
    /// The size, in bytes.
    pub bytes: u64,
    /// The first individual.
    pub first: usize,
    /// The number of individuals.
    pub individuals: usize,
}

/// The buffers and shards of a packed population on a device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShardPlan {
    /// The packed layout, which all shards share.
    pub layout: Layout,
    /// The shards, in the order of the individuals.
    pub shards: Vec<Shard>,
    /// The size of each buffer, in bytes.
    pub buffers: Vec<u64>,
}

impl ShardPlan {
    /// Plans the shards of a population. If a block of the layout is larger than a binding, blocks
    /// of fewer individuals are used.
    ///
    /// # Errors
    /// Returns an error if one genome is larger than a binding.
    pub fn new(layout: Layout, limits: &Limits) -> Result<Self> {
        let Layout { individuals, genes, precision, .. } = layout;
        let one_genome = Layout { lanes: 1, ..layout };
        let (genome_bytes, gene_bytes) =
            (one_genome.block_bytes() as u64, precision.bytes() as u64);
        if genome_bytes > limits.binding_bytes {
            return Err(Error::TooLarge {
                what: format!("a genome of {genes} parameters on this GPU"),
                needed: format!("{gene_bytes} bytes x {genes} = {genome_bytes} bytes"),
                available: format!("one binding holds {} bytes", limits.binding_bytes),
                largest: format!("{} parameters", limits.binding_bytes / gene_bytes),
            });
        }
        let mut lanes = layout.lanes;
        while genome_bytes * lanes as u64 > limits.binding_bytes {
            lanes /= 2;
        }
        let layout = Layout { lanes, ..layout };
        let block_bytes = layout.block_bytes() as u64;
        let blocks_per_shard = (limits.binding_bytes / block_bytes) as usize;
        let mut plan = Self { layout, shards: Vec::new(), buffers: Vec::new() };
        for first_block in (0..layout.blocks()).step_by(blocks_per_shard) {
            let blocks = blocks_per_shard.min(layout.blocks() - first_block);
            let first = first_block * lanes;
            let individuals = (blocks * lanes).min(individuals - first);
            plan.place(first, individuals, blocks as u64 * block_bytes, limits);
        }
        Ok(plan)
    }

    fn place(&mut self, first: usize, individuals: usize, bytes: u64, limits: &Limits) {
        let used =
            self.buffers.last().map_or(u64::MAX, |used| used.next_multiple_of(limits.alignment));
        let offset = if used.saturating_add(bytes) <= limits.buffer_bytes {
            used
        } else {
            self.buffers.push(0);
            0
        };
        let buffer = self.buffers.len() - 1;
        self.buffers[buffer] = offset + bytes;
        self.shards.push(Shard { buffer, offset, bytes, first, individuals });
    }

    /// Returns the index of an individual's shard.
    pub fn shard_of(&self, individual: usize) -> usize {
        self.shards.partition_point(|shard| shard.first <= individual) - 1
    }
}

/// Distributes workgroups over two dimensions if one dimension does not have enough.
///
/// # Errors
/// Returns an error if two dimensions do not have enough either.
pub fn fold(workgroups: usize, limits: &Limits) -> Result<[u32; 3]> {
    let widest = limits.workgroups as usize;
    let rows = workgroups.div_ceil(widest).max(1);
    if rows > widest {
        return Err(Error::TooLarge {
            what: "a dispatch".into(),
            needed: format!("{workgroups} workgroups"),
            available: format!("this GPU runs {widest} x {widest}"),
            largest: format!("{} workgroups", widest * widest),
        });
    }
    Ok([workgroups.div_ceil(rows).max(1) as u32, rows as u32, 1])
}

/// The cost of a piece of work for one invocation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct InvocationCost {
    /// Multiply-adds.
    pub work: u64,
    /// Loop iterations.
    pub rounds: u64,
}

/// The size of the rollouts of one shard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RolloutWork {
    /// The number of individuals.
    pub individuals: usize,
    /// Episodes of each individual.
    pub episodes: u32,
    /// Steps of each episode.
    pub steps: u32,
    /// Words that store the state of one episode between dispatches.
    pub fields: usize,
    /// The cost at the beginning of a dispatch.
    pub beginning: InvocationCost,
    /// The cost of a step.
    pub step: InvocationCost,
}

/// The division of one shard's rollouts into dispatches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RolloutPlan {
    /// The number of individuals, rounded up to whole workgroups.
    pub rows: usize,
    /// Episodes that run side by side.
    pub episodes: u32,
    /// Steps in one dispatch.
    pub steps: u32,
}

impl RolloutPlan {
    /// Plans rollouts so that they fit the limits.
    pub fn new(rollouts: &RolloutWork, limits: &Limits) -> Self {
        let RolloutWork { beginning, step, .. } = rollouts;
        let rows = rollouts.individuals.next_multiple_of(WORKGROUP);
        let episode_bytes = 4 * (rows * rollouts.fields) as u64;
        let fitting = (limits.binding_bytes / episode_bytes.max(1)).max(1);
        let episodes = u64::from(rollouts.episodes).min(fitting) as u32;
        let invocations = rows as u64 * u64::from(episodes);
        let most = u64::from(rollouts.steps.clamp(1, STEPS_PER_DISPATCH));
        let rounds = limits.loop_rounds.saturating_sub(beginning.rounds);
        let unbroken = (rounds / step.rounds.max(1)).max(1);
        let work = limits.work_per_dispatch.saturating_sub(invocations * beginning.work);
        let affordable = work / (invocations * step.work.max(1));
        Self { rows, episodes, steps: affordable.clamp(1, most.min(unbroken)) as u32 }
    }

    /// The work of one dispatch as a share of the work that one submission may hold.
    pub fn share(&self, rollouts: &RolloutWork, limits: &Limits) -> f64 {
        let invocations = self.rows as u64 * u64::from(self.episodes);
        let each = rollouts.beginning.work + rollouts.step.work.max(1) * u64::from(self.steps);
        let in_a_row = f64::from(self.steps) / f64::from(STEPS_PER_DISPATCH);
        limits.share(invocations * each).max(in_a_row)
    }
}

/// The size of a sum of many terms for each individual: losses of samples, or terms of a function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SumWork {
    /// The number of terms.
    pub terms: usize,
    /// Terms of a strip, which one dispatch always sums together.
    pub strip: usize,
    /// Multiply-adds of a term.
    pub work: u64,
    /// Loop iterations of one invocation for a strip.
    pub rounds: u64,
    /// Bytes kept for one individual from one dispatch to the next.
    pub kept_bytes: u64,
}

/// The division of a sum into dispatches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SumPlan {
    /// Individuals in one dispatch.
    pub individuals: usize,
    /// Terms in one dispatch: whole strips.
    pub terms: usize,
    /// Bytes kept between dispatches; 0 if one dispatch sums all terms.
    pub kept_bytes: u64,
}

impl SumPlan {
    /// Plans the sums of a population. It splits the individuals first, and the terms only if the
    /// sum of a single individual does not fit one dispatch.
    pub fn new(individuals: usize, sum: &SumWork, limits: &Limits) -> Self {
        let strip_work = sum.work.saturating_mul(sum.strip as u64).max(1);
        let unbroken = limits.loop_rounds / sum.rounds.max(1);
        let affordable = limits.work_per_dispatch / strip_work;
        let strips = sum.terms.div_ceil(sum.strip).max(1) as u64;
        let strips = strips.min(unbroken.max(1)).min(affordable.max(1));
        let at_once = limits.work_per_dispatch / strips.saturating_mul(strip_work);
        let at_once = usize::try_from(at_once).unwrap_or(usize::MAX).clamp(1, individuals.max(1));
        let terms = (strips as usize * sum.strip).min(sum.terms.max(1));
        if terms >= sum.terms {
            return Self { individuals: at_once, terms, kept_bytes: 0 };
        }
        let fitting = (limits.binding_bytes / sum.kept_bytes.max(1)).max(1);
        let individuals = at_once.min(usize::try_from(fitting).unwrap_or(usize::MAX));
        Self { individuals, terms, kept_bytes: sum.kept_bytes * individuals as u64 }
    }
}

/// The division of a recombination into chunks of individuals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecombinePlan {
    /// Individuals whose noise one invocation sums.
    pub chunk: usize,
    /// The number of chunks.
    pub chunks: usize,
    /// Chunks in one dispatch.
    pub chunks_per_dispatch: usize,
}

impl RecombinePlan {
    /// Plans enough chunks to occupy the device and to keep the loop of each within the limit, but
    /// few enough for their sums to fit a binding.
    pub fn new(sources: usize, genes: usize, limits: &Limits) -> Self {
        const INVOCATIONS: usize = 1 << 16;
        const SHORTEST_CHUNK: usize = 64;
        // The noise of one source takes ten rounds of Philox and a loop over eight genes.
        const ROUNDS_PER_SOURCE: u64 = 32;
        let gene_blocks = genes.div_ceil(8).max(1);
        let fitting = (limits.binding_bytes / (8 * genes.max(1) as u64)).min(limits.loop_rounds);
        let fitting = usize::try_from(fitting).unwrap_or(usize::MAX).max(1);
        let wanted = (INVOCATIONS / gene_blocks).clamp(1, fitting);
        let unbroken = (limits.loop_rounds / ROUNDS_PER_SOURCE).max(1);
        let longest = usize::try_from(unbroken).unwrap_or(usize::MAX);
        let chunk = sources.div_ceil(wanted).max(SHORTEST_CHUNK).min(longest);
        let chunk = chunk.max(sources.div_ceil(fitting));
        let chunks = sources.div_ceil(chunk).max(1);
        let chunk_work = WORK_PER_NORMAL * (chunk * genes.max(1)) as u64;
        let chunks_per_dispatch =
            (limits.work_per_dispatch / chunk_work).clamp(1, chunks as u64) as usize;
        Self { chunk, chunks, chunks_per_dispatch }
    }
}
