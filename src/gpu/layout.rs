//! The structures that Rust and WGSL share.
//!
//! Each is `repr(C)` plain data, whose fields have the same offsets as in the WGSL structure of the
//! same name. Verification compares the two by reflection. The fields are documented in the WGSL
//! files.

use bytemuck::{Pod, Zeroable};

/// The name of a field, and its offset in bytes.
pub type StructField = (&'static str, usize);

/// A structure that Rust and WGSL share.
pub trait ShaderStruct: Pod {
    /// The name in WGSL.
    const NAME: &'static str;
    /// The fields in order.
    const FIELDS: &'static [StructField];
}

macro_rules! shader_struct {
    ($(#[$meta:meta])* $name:ident { $($(#[$doc:meta])* $field:ident: $kind:ty,)* }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, Default, Pod, Zeroable)]
        #[repr(C)]
        #[allow(missing_docs)]
        pub struct $name { $($(#[$doc])* pub $field: $kind,)* }

        impl ShaderStruct for $name {
            const NAME: &'static str = stringify!($name);
            const FIELDS: &'static [StructField] =
                &[$((stringify!($field), std::mem::offset_of!($name, $field)),)*];
        }
    };
}

shader_struct! {
    /// The recipe of `kernel/gaussian.wgsl`.
    GaussianParameters {
        seed: [u32; 2],
        generation: u32,
        first_individual: u32,
        individuals: u32,
        mirrored: u32,
        per_gene: u32,
        scale: f32,
    }
}

shader_struct! {
    /// The parameters of `kernel/breed.wgsl`.
    BreedParameters {
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

shader_struct! {
    /// The parameters of `kernel/decode.wgsl`.
    DecodeParameters {
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

shader_struct! {
    /// The parameters of `kernel/gather.wgsl`.
    GatherParameters { individual: u32, pad_0: u32, pad_1: u32, pad_2: u32, }
}

shader_struct! {
    /// The parameters of `kernel/rollout.wgsl`.
    RolloutParameters {
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

shader_struct! {
    /// The parameters of `kernel/average.wgsl`.
    AverageParameters {
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

shader_struct! {
    /// The parameters of `kernel/observation_sums.wgsl`.
    ObservationSumParameters {
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

shader_struct! {
    /// The parameters of `kernel/behaviour.wgsl`.
    BehaviourParameters {
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

shader_struct! {
    /// The parameters of `kernel/loss.wgsl`.
    LossParameters {
        first_individual: u32,
        first_in_shard: u32,
        individuals: u32,
        first_sample: u32,
        samples: u32,
        all_samples: u32,
        begins: u32,
        ends: u32,
        metric: u32,
        first_weight: u32,
        pad_0: u32,
        pad_1: u32,
    }
}

shader_struct! {
    /// The parameters of `kernel/function.wgsl`.
    FunctionParameters {
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

shader_struct! {
    /// The parameters of `kernel/forward.wgsl`.
    ForwardParameters { individuals: u32, samples: u32, first_individual: u32, pad_0: u32, }
}

shader_struct! {
    /// The parameters of `kernel/recombine.wgsl`.
    RecombineParameters {
        seed: [u32; 2],
        generation: u32,
        sources: u32,
        chunk: u32,
        first_chunk: u32,
        chunks: u32,
        squares: u32,
    }
}

shader_struct! {
    /// The parameters of `kernel/recombine_reduction.wgsl`.
    ReductionParameters { chunks: u32, pad_0: u32, pad_1: u32, pad_2: u32, }
}

shader_struct! {
    /// The parameters of the kernels in `kernel/probe/`.
    ProbeParameters { seed: [u32; 2], count: u32, function: u32, }
}

shader_struct! {
    /// The parameters of `kernel/roofline/arithmetic.wgsl`.
    ArithmeticParameters { invocations: u32, factor: f32, summand: f32, pad_0: u32, }
}

shader_struct! {
    /// The parameters of `kernel/roofline/copy.wgsl`.
    CopyParameters { vectors: u32, pad_0: u32, pad_1: u32, pad_2: u32, }
}

/// Every shared structure, as its name, its fields and its size in bytes.
pub fn all() -> Vec<(&'static str, &'static [StructField], usize)> {
    fn entry<S: ShaderStruct>() -> (&'static str, &'static [StructField], usize) {
        (S::NAME, S::FIELDS, size_of::<S>())
    }
    vec![
        entry::<GaussianParameters>(),
        entry::<DecodeParameters>(),
        entry::<BreedParameters>(),
        entry::<GatherParameters>(),
        entry::<RolloutParameters>(),
        entry::<AverageParameters>(),
        entry::<ObservationSumParameters>(),
        entry::<BehaviourParameters>(),
        entry::<LossParameters>(),
        entry::<FunctionParameters>(),
        entry::<ForwardParameters>(),
        entry::<RecombineParameters>(),
        entry::<ReductionParameters>(),
        entry::<ProbeParameters>(),
        entry::<ArithmeticParameters>(),
        entry::<CopyParameters>(),
    ]
}
