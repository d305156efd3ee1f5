//! Settings of `neat`: every key with its meaning, our defaults, and the paper's values.
//!
//! `hyperneat` takes the same settings for its graphs, with two other defaults.

use super::super::{Domain, Setting};
use crate::network::{Activation, Aggregation};

/// The values of the paper where they differ from our defaults, under `paper=true`.
pub(super) const PAPER: &[(&str, &str)] = &[
    ("sharing", "fitness"),
    ("ties", "random"),
    ("elite-species", "0"),
    ("refocus", "20"),
    ("survivors", "0.2"),
    ("activation", "sigmoid"),
    ("response", "4.9"),
    ("output-response", "4.9"),
    ("weight-mutation", "0.8"),
    ("weight-power", "8"),
    ("weight-range", "8"),
    ("weight-share", "1"),
    ("weight-limit", "8"),
];

/// The word that lets each node draw its function from all.
pub(super) const ANY: &str = "any";

const ACTIVATIONS: &[&str] = &{
    let mut names = [ANY; Activation::ALL.len() + 1];
    let mut i = 0;
    while i < Activation::ALL.len() {
        names[i] = Activation::ALL[i].name();
        i += 1;
    }
    names
};

const AGGREGATIONS: &[&str] = &{
    let mut names = [ANY; Aggregation::ALL.len() + 1];
    let mut i = 0;
    while i < Aggregation::ALL.len() {
        names[i] = Aggregation::ALL[i].name();
        i += 1;
    }
    names
};

/// The number of settings.
pub(in crate::strategy) const COUNT: usize = 36;

const fn setting(
    key: &'static str,
    default: &'static str,
    domain: Domain,
    meaning: &'static str,
) -> Setting {
    Setting { key, meaning, default, domain }
}

/// Every setting, with the defaults of the two in which `neat` and `hyperneat` differ.
#[rustfmt::skip] // One setting a paragraph: key, default and domain, then the meaning.
pub(in crate::strategy) const fn settings(
    activation: &'static str,
    activation_mutation: &'static str,
) -> [Setting; COUNT] {
    use Domain::{Count, NonNegative, Positive, PositiveShare, Share, Word};
    [
        setting("paper", "false", Word(&["true", "false"]),
            "true gives every setting that is not set the value of the paper"),

        // Compatibility distance and species.
        setting("excess", "1", NonNegative,
            "c1, the weight of excess genes in the distance between two genomes"),
        setting("disjoint", "1", NonNegative,
            "c2, the weight of disjoint genes in the distance"),
        setting("weights", "0.4", NonNegative,
            "c3, the weight of the mean weight difference of matching genes in the distance"),
        setting("small", "20", Count(0, u32::MAX),
            "number of genes below which the distance is not divided by the genome's length"),
        setting("threshold", "3", Positive,
            "distance below which two genomes belong to one species"),
        setting("species", "0", Count(0, u32::MAX),
            "number of species that the threshold is adjusted to; 0 keeps the threshold fixed"),
        setting("threshold-step", "0.1", Positive,
            "distance by which the threshold is adjusted after a generation"),

        // Selection.
        setting("sharing", "ranks", Word(&["ranks", "shifted", "fitness"]),
            "value that members share in a species: their rank, their fitness above the lowest \
             one, or their fitness, which must not be negative"),
        setting("survivors", "0.1", PositiveShare,
            "share of a species, best first, that may have offspring"),
        setting("champion", "5", Count(0, u32::MAX),
            "number of members above which the best of a species is copied unchanged"),
        setting("stagnation", "15", Count(1, u32::MAX),
            "generations without improvement after which a species has no offspring"),
        setting("refocus", "1000", Count(1, u32::MAX),
            "generations without improvement of the population after which only the two best \
             species have offspring"),
        setting("restart", "0", Count(0, u32::MAX),
            "generations without improvement of the population after which the search restarts; 0 \
             never does"),
        setting("elite-species", "1", Count(0, u32::MAX),
            "number of best species that may stagnate"),

        // Crossover.
        setting("mutate-only", "0.25", Share,
            "share of the offspring that have one parent, without crossover"),
        setting("interspecies", "0.001", Share,
            "probability that the second parent comes from another species"),
        setting("disabled", "0.75", Share,
            "probability that a gene stays disabled that is disabled in either parent"),
        setting("ties", "smaller", Word(&["smaller", "random"]),
            "parent of equal fitness whose excess and disjoint genes are inherited: the smaller \
             one, or one drawn for each gene"),

        // Mutation of weights.
        setting("weight-mutation", "0.9", Share,
            "probability that the weights of an offspring mutate"),
        setting("weight-new", "0.1", Share,
            "share of the mutated weights that are drawn anew; the others are perturbed"),
        setting("weight-power", "2", Positive,
            "largest perturbation of a weight, drawn uniformly up to it"),
        setting("weight-share", "0.5", Share,
            "share of the weights of a mutating offspring that mutate"),
        setting("weight-range", "2.5", Positive,
            "largest magnitude of a weight that is drawn anew"),
        setting("weight-limit", "30", Positive,
            "largest magnitude of a weight that is perturbed"),

        // Mutation of the topology.
        setting("add-connection", "0.05", Share,
            "probability that an offspring gets a new connection"),
        setting("add-node", "0.03", Share,
            "probability that a connection of an offspring is split by a new node"),
        setting("recurrent", "0.2", Share,
            "share of new connections that are recurrent, on tasks whose steps have an order"),
        setting("hidden-nodes", "500", Count(0, u32::MAX),
            "number of hidden nodes at which a genome gets no more"),
        setting("connections", "2000", Count(1, u32::MAX),
            "number of connections at which a genome gets no more"),

        // Functions of nodes.
        setting("activation", activation, Word(ACTIVATIONS),
            "activation of hidden nodes; any draws one for each node"),
        setting("activation-mutation", activation_mutation, Share,
            "probability that a hidden node of an offspring draws a new activation, with any"),
        setting("aggregation", "sum", Word(AGGREGATIONS),
            "function by which hidden nodes combine their inputs; any draws one for each node"),
        setting("aggregation-mutation", "0", Share,
            "probability that a hidden node of an offspring draws a new aggregation, with any"),
        setting("response", "2.5", Positive,
            "factor on the combined inputs of a hidden node, before its activation"),
        setting("output-response", "1", Positive,
            "factor on the combined inputs of an output, before its activation"),
    ]
}
