//! Every structure that crosses the seam between Rust and WGSL.
//!
//! Each is `repr(C)` plain data whose fields stand at the offsets that WGSL gives the structure of
//! the same name; verification compares the two by reflection.

use bytemuck::{Pod, Zeroable};

/// A field: its name, and its offset in bytes.
pub type Field = (&'static str, usize);

/// A structure that crosses the seam.
pub trait Crossing: Pod {
    /// Its name in WGSL.
    const NAME: &'static str;
    /// Its fields, in order.
    const FIELDS: &'static [Field];
}

macro_rules! crossing {
    ($(#[$meta:meta])* $name:ident { $($(#[$doc:meta])* $field:ident: $kind:ty,)* }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, Default, Pod, Zeroable)]
        #[repr(C)]
        #[allow(missing_docs)]
        pub struct $name { $($(#[$doc])* pub $field: $kind,)* }

        impl Crossing for $name {
            const NAME: &'static str = stringify!($name);
            const FIELDS: &'static [Field] =
                &[$((stringify!($field), std::mem::offset_of!($name, $field)),)*];
        }
    };
}

crossing! {
    /// The recipe of `kernel/gaussian.wgsl`.
    Straying {
        seed: [u32; 2],
        generation: u32,
        first_individual: u32,
        individuals: u32,
        mirrored: u32,
        per_gene: u32,
        scale: f32,
    }
}

crossing! {
    /// The parameters of `kernel/breed.wgsl`.
    Breeding {
        seed: [u32; 2],
        generation: u32,
        first_child: u32,
        children: u32,
        first_parent: u32,
        first_parents: u32,
        second_parent: u32,
        second_parents: u32,
        crossover: u32,
        crossover_amount: f32,
        mutation: f32,
        mutation_rate: f32,
        first_pair: u32,
        pad_0: u32,
        pad_1: u32,
    }
}

crossing! {
    /// The parameters of `kernel/paint.wgsl`.
    Painting {
        first_individual: u32,
        first_in_shard: u32,
        individuals: u32,
        first_graph: u32,
        graphs: u32,
        threshold: f32,
        range: f32,
        pad_0: u32,
    }
}

crossing! {
    /// The parameters of `kernel/gather.wgsl`.
    Gathering { individual: u32, pad_0: u32, pad_1: u32, pad_2: u32, }
}

crossing! {
    /// The parameters of `kernel/rollout.wgsl`.
    Rolling {
        seed: [u32; 2],
        stream: u32,
        generation: u32,
        first_episode: u32,
        individuals: u32,
        rows: u32,
        invocations: u32,
        begins: u32,
        steps: u32,
        count: u32,
        limit: u32,
        restarts: u32,
        pad_0: u32,
        pad_1: u32,
        pad_2: u32,
    }
}

crossing! {
    /// The parameters of `kernel/average.wgsl`.
    Averaging {
        first_individual: u32,
        first_group: u32,
        individuals: u32,
        rows: u32,
        invocations: u32,
        episodes: u32,
        all_episodes: u32,
        begins: u32,
        ends: u32,
        pad_0: u32,
        pad_1: u32,
        pad_2: u32,
    }
}

crossing! {
    /// The parameters of `kernel/tally.wgsl`.
    Tallying {
        first_individual: u32,
        individuals: u32,
        rows: u32,
        invocations: u32,
        episodes: u32,
        begins: u32,
        pad_0: u32,
        pad_1: u32,
    }
}

crossing! {
    /// The parameters of `kernel/behaviour.wgsl`.
    Behaving {
        first_individual: u32,
        individuals: u32,
        rows: u32,
        invocations: u32,
        episodes: u32,
        all_episodes: u32,
        begins: u32,
        ends: u32,
    }
}

crossing! {
    /// The parameters of `kernel/judge.wgsl`.
    Judging {
        first_individual: u32,
        first_in_shard: u32,
        individuals: u32,
        first_sample: u32,
        samples: u32,
        all_samples: u32,
        begins: u32,
        ends: u32,
        wanted: u32,
        variance: f32,
        pad_0: u32,
        pad_1: u32,
    }
}

crossing! {
    /// The parameters of `kernel/function.wgsl`.
    Evaluating {
        first_individual: u32,
        first_in_shard: u32,
        individuals: u32,
        first_gene: u32,
        end_gene: u32,
        pad_0: u32,
        pad_1: u32,
        pad_2: u32,
    }
}

crossing! {
    /// The parameters of `kernel/forward.wgsl`.
    Forward { individuals: u32, samples: u32, first_individual: u32, pad_0: u32, }
}

crossing! {
    /// The parameters of `kernel/recombine.wgsl`.
    Recombining {
        seed: [u32; 2],
        generation: u32,
        sources: u32,
        chunk: u32,
        first_chunk: u32,
        chunks: u32,
        squares: u32,
    }
}

crossing! {
    /// The parameters of `kernel/total.wgsl`.
    Totalling { chunks: u32, pad_0: u32, pad_1: u32, pad_2: u32, }
}

crossing! {
    /// The parameters of the kernels in `kernel/probe/`.
    Probing { seed: [u32; 2], count: u32, function: u32, }
}

crossing! {
    /// The parameters of `kernel/roofline/arithmetic.wgsl`.
    Multiplying { invocations: u32, factor: f32, summand: f32, pad_0: u32, }
}

crossing! {
    /// The parameters of `kernel/roofline/copy.wgsl`.
    Copying { vectors: u32, pad_0: u32, pad_1: u32, pad_2: u32, }
}

/// Every structure that crosses, as (name, fields, size in bytes).
pub fn all() -> Vec<(&'static str, &'static [Field], usize)> {
    fn entry<C: Crossing>() -> (&'static str, &'static [Field], usize) {
        (C::NAME, C::FIELDS, size_of::<C>())
    }
    vec![
        entry::<Straying>(),
        entry::<Painting>(),
        entry::<Breeding>(),
        entry::<Gathering>(),
        entry::<Rolling>(),
        entry::<Averaging>(),
        entry::<Tallying>(),
        entry::<Behaving>(),
        entry::<Judging>(),
        entry::<Evaluating>(),
        entry::<Forward>(),
        entry::<Recombining>(),
        entry::<Totalling>(),
        entry::<Probing>(),
        entry::<Multiplying>(),
        entry::<Copying>(),
    ]
}
