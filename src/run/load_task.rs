//! The task of a request: found by its name, or read from a file.

use std::path::Path;
use std::str::FromStr;
use std::sync::Arc;

use super::config::DEFAULT_SEED;
use super::{LoadedTask, Request, memory_budget};
use crate::error::{Error, Result};
use crate::task::{self, ColumnOptions, DataFile, FILE_FORMATS, Kind, ParameterSetting, Task};

impl Request {
    /// Finds the task by its name, or reads it from a data file.
    ///
    /// # Errors
    /// Returns an error if there is no task of this name, the file cannot be parsed, or a flag of
    /// data files is given with the name of a task.
    pub fn load_task(&self) -> Result<LoadedTask> {
        let expected = || format!("a task's name, the .wgsl file of a world, or {FILE_FORMATS}");
        let name = self.task_name()?;
        let name = name.as_deref();
        let name = name.ok_or_else(|| Error::invalid("TASK", expected(), "nothing"))?;
        if !task::is_data_file(name) {
            if !task::is_world_file(name) && Path::new(name).is_file() {
                return Err(Error::invalid("TASK", expected(), format!("the file '{name}'")));
            }
            let task: Arc<dyn Task> = task::by_name(name)?.into();
            self.refuse_data_file_flags(name)?;
            let notes = drawn_parameters_note(&*task).into_iter().collect();
            return Ok(LoadedTask { task, held_out: None, validation: None, notes });
        }
        if let Some((parameter, _)) = self.param.first_key_value() {
            let got = format!("'{parameter}' for {name}");
            return Err(Error::invalid("--param", "a control task", got));
        }
        let source = DataFile {
            path: Path::new(name),
            target: self.target.as_deref(),
            no_header: self.no_header.unwrap_or(false),
            goal: self.goal.as_deref().map(str::parse).transpose()?,
            held_out: self.held_out,
            validation: self.validation,
            columns: ColumnOptions {
                delimiter: self.delimiter.as_deref().map(str::parse).transpose()?,
                drop: self.drop.as_deref(),
                features: self.features.as_deref(),
                categories: parsed(self.categories.as_deref())?,
                missing: parsed(self.missing.as_deref())?,
            },
            seed: self.seed.unwrap_or(DEFAULT_SEED),
            memory: memory_budget::available_bytes(),
        };
        let task::LoadedDataSet { data, held_out, validation, notes } = source.read()?;
        Ok(LoadedTask { task: Arc::new(data), held_out, validation: Some(validation), notes })
    }

    /// Returns the name of the task with its parameters: `cartpole:gravity=3`.
    ///
    /// # Errors
    /// Returns an error if a parameter is neither a number nor a range.
    pub(super) fn task_name(&self) -> Result<Option<String>> {
        let settings = self.param.iter().map(|(name, value)| format!("{name}={value}"));
        let settings: Vec<ParameterSetting> =
            settings.map(|text| ParameterSetting::parse(&text)).collect::<Result<_>>()?;
        match &self.task {
            Some(name) if !settings.is_empty() && !task::is_data_file(name) => {
                task::with_settings(name, &settings).map(Some)
            }
            name => Ok(name.clone()),
        }
    }

    fn refuse_data_file_flags(&self, name: &str) -> Result<()> {
        match self.data_file_flags().first() {
            None => Ok(()),
            Some((flag, value)) => {
                let expected = format!("{FILE_FORMATS} as the task");
                Err(Error::invalid(*flag, expected, format!("'{value}' for {name}")))
            }
        }
    }

    /// Returns the flags of data files that are given, with their values.
    pub fn data_file_flags(&self) -> Vec<(&'static str, String)> {
        let flags = [
            ("--target", self.target.clone()),
            ("--no-header", self.no_header.map(|value| value.to_string())),
            ("--delimiter", self.delimiter.clone()),
            ("--goal", self.goal.clone()),
            ("--held-out", self.held_out.map(|share| share.to_string())),
            ("--validation", self.validation.map(|share| share.to_string())),
            ("--drop", self.drop.clone()),
            ("--features", self.features.clone()),
            ("--categories", self.categories.clone()),
            ("--missing", self.missing.clone()),
        ];
        flags.into_iter().filter_map(|(flag, value)| Some((flag, value?))).collect()
    }
}

/// Parses an option, or takes its default.
fn parsed<T: FromStr<Err = Error> + Default>(text: Option<&str>) -> Result<T> {
    text.map_or(Ok(T::default()), str::parse)
}

/// The note on the parameters that each episode draws, if there are any.
fn drawn_parameters_note(task: &dyn Task) -> Option<String> {
    let Kind::Control(simulation) = task.kind() else { return None };
    let drawn = simulation.shape().parameters.iter().map(|parameter| {
        let [low, high] = parameter.range;
        format!("{} from {low} to {high}", parameter.name)
    });
    let drawn: Vec<String> = drawn.collect();
    (!drawn.is_empty())
        .then(|| format!("every episode draws {}, in training and held out", drawn.join(" and ")))
}
