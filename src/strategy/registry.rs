//! The registry: every strategy, by name.

use super::{
    Entry, ars, cem, cma_es, cosyne, cr_fm_nes, descent, ga, hyperneat, lm_ma_es, neat, openai_es,
    pgpe, ppo, random_search, sep_cma_es, simple_ga, snes, xnes,
};
use crate::error::{self, Result};

/// Returns every strategy, in the order of the documentation.
pub fn all() -> &'static [Entry] {
    const ALL: &[Entry] = &[
        openai_es::ENTRY,
        pgpe::ENTRY,
        ars::ENTRY,
        snes::ENTRY,
        xnes::ENTRY,
        cma_es::ENTRY,
        sep_cma_es::ENTRY,
        cr_fm_nes::ENTRY,
        lm_ma_es::ENTRY,
        cem::ENTRY,
        simple_ga::ENTRY,
        ga::ENTRY,
        cosyne::ENTRY,
        neat::ENTRY,
        hyperneat::ENTRY,
        random_search::ENTRY,
        descent::adam::ENTRY,
        descent::sgd::ENTRY,
        ppo::ENTRY,
    ];
    ALL
}

/// Returns the strategy of a name.
///
/// # Errors
/// Returns [`Error::Unknown`](error::Error::Unknown), which lists the known names, if there is no
/// such strategy.
pub fn by_name(name: &str) -> Result<&'static Entry> {
    error::by_name("strategy", name, all(), |entry| entry.name)
}
