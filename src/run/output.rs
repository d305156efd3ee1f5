//! The output of a run: its checkpoints, its champion and its summary.

use std::sync::Arc;

use super::checkpoint::CheckpointContents;
use super::folder::Folder;
use super::machine::MachineRecord;
use super::progress::RunProgress;
use super::validation::Candidate;
use super::{Divergence, EndReason, Observer, PartScore, PartScores, Run, Summary};
use crate::backend::Variant;
use crate::champion::{Champion, Origin, Scaling};
use crate::error::Result;
use crate::population::{ExplicitGenomes, Individual, Proposal};
use crate::task::{Kind, Split};

impl Run<'_> {
    /// Writes a checkpoint and the champion.
    pub(super) fn save(&mut self, folder: &mut Folder, observer: &mut dyn Observer) -> Result<()> {
        let population = self.parents()?;
        let Some(champion) = self.validator.champion() else { return Ok(()) };
        let progress = RunProgress { wall_seconds: self.wall_seconds(), ..self.progress.clone() };
        let generation = progress.generations;
        let contents = CheckpointContents {
            config: self.config,
            progress,
            strategy: &*self.strategy,
            champion,
            population,
            statistics: self.statistics.as_ref(),
            novelty: self.novelty.as_ref(),
            variant: self.backend.kernel_variant(),
            machine: MachineRecord::current(&*self.backend),
        };
        folder.save(contents, &self.to_champion(champion)?)?;
        observer.saved(folder.path(), generation);
        Ok(())
    }

    /// Returns the genomes that the next generation's parents are among, if the strategy breeds.
    fn parents(&mut self) -> Result<Option<Vec<f32>>> {
        let Proposal::Offspring(offspring) = self.strategy.ask() else { return Ok(None) };
        let indices = offspring.parents.iter().map(|parents| parents.first.max(parents.second));
        // Individuals beyond the last parent are left out. Those before it are kept even if they
        // have no offspring, so that the indices of the parents stay valid.
        let count = indices.max().map_or(0, |last| last as usize + 1);
        self.backend.genomes(count).map(Some)
    }

    /// Returns the proposal that spawns the saved genomes again.
    pub(super) fn parents_proposal(&self, genomes: Vec<f32>) -> Proposal {
        let genes = self.config.network.parameters();
        Proposal::Explicit(ExplicitGenomes { genomes: genomes.into(), genes })
    }

    fn to_champion(&self, candidate: &Candidate) -> Result<Champion> {
        let config = self.config;
        let origin = Origin {
            task: config.task.about().name.to_string(),
            strategy: config.strategy.name.into(),
            generation: candidate.generation,
            seed: config.seed,
        };
        let task = config.task.as_ref();
        let champion = match &candidate.individual {
            Individual::Genome(genome) => {
                Champion::new(origin, task, config.network.clone(), genome.clone())
            }
            Individual::Graph(graph) => Champion::from_graph(origin, task, Arc::clone(graph)),
        };
        match &candidate.normalisation {
            Some(by) => champion.with_scaling(Scaling::from_normalisation(by)),
            None => Ok(champion),
        }
    }

    /// Returns the seconds of this process and of the earlier processes of the run.
    pub(super) fn wall_seconds(&self) -> f64 {
        self.progress.wall_seconds + self.config.started_at.elapsed().as_secs_f64()
    }

    /// Returns the condition that ends the run before its budget is used up, if one holds.
    pub(super) fn early_end(&self) -> Option<EndReason> {
        let holds = [
            (self.validator.reaches_target(), EndReason::Target),
            (self.progress.stop_reason.is_some(), EndReason::Strategy),
            (self.is_out_of_patience(), EndReason::Patience),
        ];
        holds.into_iter().find(|(holds, _)| *holds).map(|(_, reason)| reason)
    }

    /// Returns the condition that ended the run.
    fn end_reason(&mut self) -> EndReason {
        if let Some(reason) = self.early_end() {
            return reason;
        }
        let done = self.progress.generations;
        match self.propose() {
            Some(_) => EndReason::Caller,
            None if self.config.generations.is_some_and(|budget| done >= budget) => {
                EndReason::Generations
            }
            None => EndReason::Evaluations,
        }
    }

    /// True if no better champion was found for as many generations as the run's patience.
    pub(super) fn is_out_of_patience(&self) -> bool {
        let since = self.progress.generations - self.progress.improved_in;
        self.config.patience.is_some_and(|patience| since >= patience)
    }

    /// Scores the champion on held-out episodes and writes the summary.
    pub(super) fn finish(mut self, folder: Option<Folder>) -> Result<Summary> {
        let champion = self.validator.score_champion()?;
        let parts = self.part_scores(&champion)?;
        let ended_by = self.end_reason();
        let summary = self.summary(champion, parts, ended_by);
        if let Some(folder) = folder {
            folder.finish(&summary)?;
        }
        Ok(summary)
    }

    /// Returns the champion's score on each part of the task.
    fn part_scores(&self, champion: &Candidate) -> Result<PartScores> {
        let finite = |score: Option<f32>| score.filter(|score| score.is_finite());
        let episodes = |count: u32, score| {
            let (count, score) = (u64::from(count), finite(score));
            Some(PartScore { count, score, errors: Vec::new() })
        };
        let data = match self.config.task.kind() {
            Kind::Data(data) => data,
            Kind::Function(_) => return Ok(PartScores::default()),
            Kind::Control(_) => {
                return Ok(PartScores {
                    training: None,
                    validation: episodes(
                        self.validator.validation_episodes(),
                        Some(champion.score),
                    ),
                    held_out: episodes(self.validator.held_out_episodes(), champion.held_out),
                });
            }
        };
        let network = self.to_champion(champion)?;
        let part = |split: Split, score| {
            let exists = data.served_by(split) == split;
            exists.then(|| PartScore {
                count: data.indices(split).len() as u64,
                score: finite(score),
                errors: data.target_errors(&mut *network.policy(), split),
            })
        };
        Ok(PartScores {
            training: part(Split::Training, champion.training),
            validation: part(Split::Validation, Some(champion.score)),
            held_out: part(Split::HeldOut, champion.held_out),
        })
    }

    /// Returns the summary of the run with its champion.
    fn summary(&self, champion: Candidate, parts: PartScores, ended_by: EndReason) -> Summary {
        let held_out = champion.held_out.unwrap_or(f32::NAN);
        let config = self.config;
        let name = self.backend.name();
        let mut notes = Vec::new();
        if self.progress.failed > 0 {
            let all = self.progress.individuals;
            notes.push(format!(
                "{} of {all} individuals had a fitness that was NaN or infinite; they ranked last",
                self.progress.failed
            ));
        }
        if let Some(stop) = self.progress.stop_reason {
            notes.push(format!("{} ended its search: {stop}", config.strategy.name));
        }
        let last = self.progress.last_training.zip(self.progress.last_validation);
        let divergence = Divergence::find(config.task.score_name(), last, &parts);
        notes.extend(divergence.map(|divergence| divergence.to_string()));
        if config.target().is_none() {
            let note = "this task has no threshold, so 'solved' is false; set one with --until";
            notes.push(note.into());
        }
        let (parameters, graph) = (champion.individual.parameters(), champion.individual.graph());
        let solved =
            config.has_reached_target(Some(held_out)) && self.validator.can_solve(champion.score);
        if !solved && config.could_search_novelty() {
            notes.push(
                "rewards may lead into a dead end; --novelty optimises novelty instead of fitness"
                    .into(),
            );
        }
        Summary {
            task: config.task.about().name.to_string(),
            strategy: config.strategy.name.into(),
            network: graph.map_or(config.network_name(), |graph| graph.to_string()),
            parameters: parameters.len() as u64,
            population: config.population,
            generations: self.progress.generations,
            evaluations: self.progress.evaluations,
            environment_steps: self.progress.environment_steps,
            solved,
            score: held_out.is_finite().then_some(held_out),
            score_episodes: match config.task.kind() {
                Kind::Control(_) => u64::from(self.validator.held_out_episodes()),
                Kind::Data(data) => data.indices(Split::HeldOut).len() as u64,
                Kind::Function(_) => 1,
            },
            parts,
            champion_generation: champion.generation,
            ended_by,
            best_fitness: self.progress.best_fitness,
            wall_seconds: self.wall_seconds(),
            setup_seconds: self.setup_seconds,
            phase_seconds: self.progress.seconds,
            backend: name.into(),
            adapter: (name == "gpu").then(|| self.backend.adapter()),
            variant: self.backend.kernel_variant().map(Variant::name),
            precision: config.network.precision().name(),
            stop_reason: self.progress.stop_reason,
            interrupted: self.is_interrupted,
            seed: config.seed,
            run_directory: self.setup.folder.as_ref().map(|path| path.display().to_string()),
            score_name: config.task.score_name(),
            evaluation_unit: config.task.evaluation_unit(),
            graph: graph.cloned(),
            champion: parameters,
            normalisation: champion.normalisation,
            target: config.target(),
            patience: config.patience,
            notes,
        }
    }
}
