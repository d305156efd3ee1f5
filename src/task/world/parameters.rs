//! Parameters of worlds: the named numbers of a text, set for a run or drawn for each episode.
//!
//! Every line `const NAME: f32 = NUMBER;` that stands outside of functions is a parameter, if a
//! function uses it. Its name
//! on the command line is in lower case, with dashes: `HALF_LENGTH` is `half-length`. A setting
//! replaces the line, by another constant or by a variable that every episode draws.

use crate::error::{self, Error, Result};
use crate::task::DrawnParameter;

/// A named number of a text.
#[derive(Clone, Debug, PartialEq)]
pub struct Parameter {
    /// The name on the command line, such as "half-length".
    pub name: String,
    /// The name in WGSL, such as `HALF_LENGTH`.
    pub variable: String,
    /// The value in the text.
    pub value: f32,
    /// The comment at the end of the line: a unit, a meaning.
    pub note: String,
    /// The index of the line.
    line: usize,
}

/// The setting of a parameter: one value, or a range that each episode draws from.
#[derive(Clone, Debug, PartialEq)]
pub struct ParameterSetting {
    /// The name on the command line.
    pub name: String,
    /// The smallest and the largest value; equal if the value is fixed.
    pub range: [f32; 2],
}

impl ParameterSetting {
    /// Parses `NAME=VALUE` or `NAME=LOW..HIGH`.
    ///
    /// # Errors
    /// Returns an error if the text has another form, or if a number is not finite.
    pub fn parse(text: &str) -> Result<Self> {
        let refused = || {
            let expected = "NAME=NUMBER, or NAME=LOW..HIGH with LOW below HIGH";
            Error::invalid("--param", expected, format!("'{text}'"))
        };
        let (name, value) = text.split_once('=').ok_or_else(refused)?;
        let number =
            |text: &str| text.trim().parse().ok().filter(|number: &f32| number.is_finite());
        let range = match value.split_once("..") {
            None => number(value).map(|value| [value; 2]),
            Some((low, high)) => match (number(low), number(high)) {
                (Some(low), Some(high)) if low < high && (high - low).is_finite() => {
                    Some([low, high])
                }
                _ => None,
            },
        };
        let name = name.trim();
        let is_name = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if name.is_empty() || !name.chars().all(is_name) {
            return Err(refused());
        }
        Ok(Self { name: name.to_owned(), range: range.ok_or_else(refused)? })
    }

    /// True if each episode draws the value.
    pub fn is_drawn(&self) -> bool {
        self.range[0] != self.range[1]
    }

    /// Returns the name and the value as texts: `0.5`, or `0.25..0.75`.
    pub fn pair(&self) -> (String, String) {
        let [low, high] = self.range;
        let value = if self.is_drawn() { format!("{low}..{high}") } else { low.to_string() };
        (self.name.clone(), value)
    }
}

/// Returns the parameters of a text, in order: those that its functions use, and no number of
/// mathematics.
pub fn parameters(text: &str) -> Vec<Parameter> {
    let all = text.lines().enumerate().filter_map(|(line, text)| parameter(line, text));
    all.filter(|parameter| {
        let name = parameter.variable.as_str();
        let code = text.lines().map(|line| line.split("//").next().unwrap_or(""));
        let words = code.flat_map(|line| line.split(|c: char| !c.is_alphanumeric() && c != '_'));
        !["PI", "TAU", "E"].contains(&name) && words.filter(|&word| word == name).nth(1).is_some()
    })
    .collect()
}

fn parameter(line: usize, text: &str) -> Option<Parameter> {
    let (declaration, comment) = text.strip_prefix("const ")?.split_once(';')?;
    let (variable, value) = declaration.split_once(": f32 = ")?;
    let value: f32 = value.strip_suffix('f').unwrap_or(value).parse().ok()?;
    let is_constant = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
    let is_plain = variable.chars().all(is_constant) && value.is_finite();
    is_plain.then(|| Parameter {
        name: variable.to_ascii_lowercase().replace('_', "-"),
        variable: variable.to_owned(),
        value,
        note: comment.trim_start().trim_start_matches("//").trim().to_owned(),
        line,
    })
}

/// Returns a text with settings applied, and the parameters that each episode draws.
///
/// # Errors
/// Returns an error if the text has no parameter of a name, or if a name is set twice.
pub fn apply(
    text: &str,
    settings: &[ParameterSetting],
) -> Result<(String, &'static [DrawnParameter])> {
    let known = parameters(text);
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let mut drawn = Vec::new();
    for (index, setting) in settings.iter().enumerate() {
        if settings[..index].iter().any(|other| other.name == setting.name) {
            return Err(Error::invalid("--param", "each name once", format!("'{}'", setting.name)));
        }
        let parameter = error::by_name("parameter", &setting.name, &known, |known| &known.name)?;
        let [low, high] = setting.range;
        let variable = &parameter.variable;
        let keyword = if setting.is_drawn() { "var<private>" } else { "const" };
        let comment = lines[parameter.line].split_once(';').map_or("", |(_, comment)| comment);
        lines[parameter.line] = format!("{keyword} {variable}: f32 = {low:?}f;{comment}");
        if setting.is_drawn() {
            let (name, variable) = (keep(setting.name.clone()), keep(variable.clone()));
            drawn.push(DrawnParameter { name, variable, range: [low, high] });
        }
    }
    Ok((lines.join("\n") + "\n", keep_all(drawn)))
}

/// Splits the name of a task into the name of the world and the settings behind its colon:
/// `cartpole:gravity=3,force=5..15`. A name without settings is returned whole.
///
/// # Errors
/// Returns the errors of [`ParameterSetting::parse`].
pub fn split_settings(name: &str) -> Result<(&str, Vec<ParameterSetting>)> {
    match name.rsplit_once(':') {
        Some((world, settings)) if settings.contains('=') => {
            let settings = settings.split(',').map(ParameterSetting::parse);
            Ok((world, settings.collect::<Result<_>>()?))
        }
        _ => Ok((name, Vec::new())),
    }
}

/// Returns the name of a task with settings; those of the name that have the same parameter are
/// replaced.
///
/// # Errors
/// Returns an error if a setting, or one in the name, does not have the form of settings.
pub fn with_settings(name: &str, settings: &[ParameterSetting]) -> Result<String> {
    let (world, mut all) = split_settings(name)?;
    for setting in settings {
        all.retain(|other| other.name != setting.name);
    }
    all.extend_from_slice(settings);
    let pairs = all.iter().map(ParameterSetting::pair);
    let texts: Vec<String> = pairs.map(|(name, value)| format!("{name}={value}")).collect();
    Ok(match texts.is_empty() {
        true => world.to_owned(),
        false => format!("{world}:{}", texts.join(",")),
    })
}

/// Returns text that lives as long as the process. The definition of a task does: it is named in
/// champions, logs and reports, as those of built-in tasks are.
pub fn keep(text: String) -> &'static str {
    Box::leak(text.into_boxed_str())
}

/// Returns a list that lives as long as the process, see [`keep`].
pub fn keep_all<T>(list: Vec<T>) -> &'static [T] {
    Box::leak(list.into_boxed_slice())
}
