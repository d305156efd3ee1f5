//! The arithmetic of a device's limits: shards, workgroups, steps a dispatch. No device is needed.
//!
//! A population that is larger than one storage binding is cut into *shards* of whole blocks; each
//! is bound by itself. Shards share a buffer as long as the device allows one so large.

use crate::error::{Error, Result};
use crate::population::Layout;

/// Invocations in every workgroup.
pub const WORKGROUP: usize = 64;

/// The most multiply-adds that one dispatch takes, so that no driver's watchdog fires: 50 ms at
/// a tenth of a teraflop, which integrated GPUs reach.
pub const WORK_A_DISPATCH: u64 = 5_000_000_000;

/// The most steps that one dispatch takes in a row, for the same reason: however few individuals
/// there are, steps come one after another, and 10 us each is much for any device.
pub const STEPS_A_DISPATCH: u32 = 4096;

/// A normal costs about as much as so many multiply-adds.
pub const WORK_A_NORMAL: u64 = 32;

/// What a device allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of one storage binding.
    pub binding_bytes: u64,
    /// Bytes of one buffer.
    pub buffer_bytes: u64,
    /// Workgroups in one dimension.
    pub workgroups: u32,
    /// What a binding's offset must be a multiple of.
    pub alignment: u64,
    /// Bytes that the invocations of a workgroup share.
    pub workgroup_bytes: u64,
    /// Multiply-adds that one dispatch may take.
    pub work_a_dispatch: u64,
    /// Rounds of loops, all together, that an invocation may take in one dispatch.
    pub loop_rounds: u64,
    /// The tiles that a device multiplies as a whole, where it does.
    pub tile: Option<Tile>,
    /// Invocations of a subgroup, where all of a device have as many, and a workgroup is some.
    pub subgroup: Option<usize>,
}

/// Square tiles of numbers in half precision, whose products are summed in single precision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tile {
    /// Numbers of a row, and of a column.
    pub side: usize,
    /// Whether a subgroup multiplies them together on tensor cores; else, for trials of all that
    /// stands around that, each invocation multiplies some number by number.
    pub cooperative: bool,
}

impl Limits {
    /// So many multiply-adds, as a share of what one submission may hold: the time of all its
    /// dispatches counts together for a watchdog, so that is what one dispatch may take.
    pub fn share(&self, work: u64) -> f64 {
        work as f64 / self.work_a_dispatch.max(1) as f64
    }

    /// The share of so many invocations that read a few numbers each, or draw a block of them.
    pub fn light_share(&self, invocations: usize) -> f64 {
        const WORK: u64 = 256;
        self.share(WORK * invocations as u64)
    }
}

/// Individuals that are bound together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shard {
    /// The buffer they are in.
    pub buffer: usize,
    /// Where they begin in it, in bytes.
    pub offset: u64,
    /// What they take, in bytes.
    pub bytes: u64,
    /// The first individual.
    pub first: usize,
    /// Individuals.
    pub individuals: usize,
}

/// Where a packed population stands on a device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// The packed layout, the same in every shard.
    pub layout: Layout,
    /// The shards, in order of individuals.
    pub shards: Vec<Shard>,
    /// The size of each buffer, in bytes.
    pub buffers: Vec<u64>,
}

impl Plan {
    /// Places a population. Where a block of as many individuals as the layout says is larger than
    /// a binding, it has fewer.
    ///
    /// # Errors
    /// A genome that is larger than a binding.
    pub fn new(layout: Layout, limits: &Limits) -> Result<Self> {
        let Layout { individuals, genes, precision, .. } = layout;
        let alone = Layout { lanes: 1, ..layout };
        let (genome_bytes, gene_bytes) = (alone.block_bytes() as u64, precision.bytes() as u64);
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
        let blocks_a_shard = (limits.binding_bytes / block_bytes) as usize;
        let mut plan = Self { layout, shards: Vec::new(), buffers: Vec::new() };
        for first_block in (0..layout.blocks()).step_by(blocks_a_shard) {
            let blocks = blocks_a_shard.min(layout.blocks() - first_block);
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

    /// The shard of an individual.
    pub fn shard_of(&self, individual: usize) -> usize {
        self.shards.partition_point(|shard| shard.first <= individual) - 1
    }
}

/// Workgroups for so many, folded into two dimensions where one does not reach.
///
/// # Errors
/// More than two dimensions reach.
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

/// What something takes of an invocation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Effort {
    /// Multiply-adds.
    pub work: u64,
    /// Rounds of loops.
    pub rounds: u64,
}

/// The rollouts of one shard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rollouts {
    /// Individuals.
    pub individuals: usize,
    /// Episodes of each.
    pub episodes: u32,
    /// Steps of each.
    pub steps: u32,
    /// Words that are kept of an individual in an episode.
    pub fields: usize,
    /// What each takes at the beginning of a dispatch.
    pub beginning: Effort,
    /// What each takes for a step.
    pub step: Effort,
}

/// How the rollouts of one shard are cut into dispatches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RolloutPlan {
    /// Individuals, rounded up to whole workgroups.
    pub rows: usize,
    /// Episodes that run side by side.
    pub episodes: u32,
    /// Steps of one dispatch.
    pub steps: u32,
}

impl RolloutPlan {
    /// Cuts rollouts.
    pub fn new(rollouts: &Rollouts, limits: &Limits) -> Self {
        let Rollouts { beginning, step, .. } = rollouts;
        let rows = rollouts.individuals.next_multiple_of(WORKGROUP);
        let episode_bytes = 4 * (rows * rollouts.fields) as u64;
        let fitting = (limits.binding_bytes / episode_bytes.max(1)).max(1);
        let episodes = u64::from(rollouts.episodes).min(fitting) as u32;
        let invocations = rows as u64 * u64::from(episodes);
        let most = u64::from(rollouts.steps.clamp(1, STEPS_A_DISPATCH));
        let rounds = limits.loop_rounds.saturating_sub(beginning.rounds);
        let unbroken = (rounds / step.rounds.max(1)).max(1);
        let work = limits.work_a_dispatch.saturating_sub(invocations * beginning.work);
        let affordable = work / (invocations * step.work.max(1));
        Self { rows, episodes, steps: affordable.clamp(1, most.min(unbroken)) as u32 }
    }

    /// One of its dispatches, as a share of what one submission may hold.
    pub fn share(&self, rollouts: &Rollouts, limits: &Limits) -> f64 {
        let invocations = self.rows as u64 * u64::from(self.episodes);
        let each = rollouts.beginning.work + rollouts.step.work.max(1) * u64::from(self.steps);
        let in_a_row = f64::from(self.steps) / f64::from(STEPS_A_DISPATCH);
        limits.share(invocations * each).max(in_a_row)
    }
}

/// A sum of many terms for each individual: the losses of samples, the numbers of a function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sum {
    /// Terms.
    pub terms: usize,
    /// Terms that must not be parted.
    pub strip: usize,
    /// Multiply-adds of a term.
    pub work: u64,
    /// Rounds of loops that an invocation takes for a strip.
    pub rounds: u64,
    /// Bytes that are kept of an individual from one dispatch to the next.
    pub kept_bytes: u64,
}

/// How such a sum is cut into dispatches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SumPlan {
    /// Individuals of one dispatch.
    pub individuals: usize,
    /// Terms of one dispatch: whole strips.
    pub terms: usize,
    /// Bytes that are kept between dispatches; 0 where one takes all terms.
    pub kept_bytes: u64,
}

impl SumPlan {
    /// Cuts the sums of so many individuals; rather among individuals than among terms.
    pub fn new(individuals: usize, sum: &Sum, limits: &Limits) -> Self {
        let strip_work = sum.work.saturating_mul(sum.strip as u64).max(1);
        let unbroken = limits.loop_rounds / sum.rounds.max(1);
        let affordable = limits.work_a_dispatch / strip_work;
        let strips = sum.terms.div_ceil(sum.strip).max(1) as u64;
        let strips = strips.min(unbroken.max(1)).min(affordable.max(1));
        let at_once = limits.work_a_dispatch / strips.saturating_mul(strip_work);
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

/// How the recombination of a population is cut into chunks of individuals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecombinePlan {
    /// Individuals whose noise one invocation sums.
    pub chunk: usize,
    /// Chunks.
    pub chunks: usize,
    /// Chunks of one dispatch.
    pub chunks_a_dispatch: usize,
}

impl RecombinePlan {
    /// Enough chunks to occupy a device, and for loops to go through each; few enough that their
    /// sums fit a binding.
    pub fn new(sources: usize, genes: usize, limits: &Limits) -> Self {
        const INVOCATIONS: usize = 1 << 16;
        const SHORTEST: usize = 64;
        // A source is ten rounds of Philox and eight genes.
        const ROUNDS_A_SOURCE: u64 = 32;
        let stretches = genes.div_ceil(8).max(1);
        let fitting = (limits.binding_bytes / (8 * genes.max(1) as u64)).min(limits.loop_rounds);
        let fitting = usize::try_from(fitting).unwrap_or(usize::MAX).max(1);
        let wanted = (INVOCATIONS / stretches).clamp(1, fitting);
        let unbroken = (limits.loop_rounds / ROUNDS_A_SOURCE).max(1);
        let longest = usize::try_from(unbroken).unwrap_or(usize::MAX);
        let chunk = sources.div_ceil(wanted).max(SHORTEST).min(longest);
        let chunk = chunk.max(sources.div_ceil(fitting));
        let chunks = sources.div_ceil(chunk).max(1);
        let chunk_work = WORK_A_NORMAL * (chunk * genes.max(1)) as u64;
        let chunks_a_dispatch =
            (limits.work_a_dispatch / chunk_work).clamp(1, chunks as u64) as usize;
        Self { chunk, chunks, chunks_a_dispatch }
    }
}
