//! Reading a settings file: the form, then the version, then unknown fields, then what the values mean together. Every
//! error names its field.

#[cfg(test)]
mod tests;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::check::{Check, FieldError, FieldPath};
use crate::server::{CONFIG_VERSION, ServerConfig};

/// Why settings were not taken.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The file could not be read.
    #[error("cannot read the settings file {path}: {source}")]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The text is not YAML.
    #[error("the settings are not YAML: {0}")]
    Syntax(String),
    /// The version is missing or newer than this build.
    #[error("configVersion: {0}")]
    Version(String),
    /// Fields that are unknown, do not parse or make no sense, one a line.
    #[error("{}", lines(.0))]
    Invalid(Vec<FieldError>),
    /// The settings could not be written.
    #[error("cannot write the settings as YAML: {0}")]
    Write(String),
}

fn lines(errors: &[FieldError]) -> String {
    let lines: Vec<String> = errors.iter().map(ToString::to_string).collect();
    lines.join("\n")
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Version {
    #[serde(default)]
    config_version: Option<u32>,
}

impl ServerConfig {
    /// Reads and checks a settings file.
    pub fn load(path: &Path) -> Result<Self, LoadError> {
        let text = fs::read_to_string(path).map_err(|source| LoadError::Read {
            path: path.to_owned(),
            source,
        })?;
        Self::from_yaml(&text)
    }

    /// Reads and checks settings.
    pub fn from_yaml(text: &str) -> Result<Self, LoadError> {
        // The version comes first: a newer file is told apart from a mistaken one.
        let (version, _) = read_yaml::<Version>(text)?;
        match version.config_version {
            None => {
                return Err(LoadError::Version(format!(
                    "missing: write configVersion: {CONFIG_VERSION}"
                )));
            }
            Some(found) if found == 0 || found > CONFIG_VERSION => {
                return Err(LoadError::Version(format!(
                    "{found} is not known to this version, which reads 1 to {CONFIG_VERSION}: use a newer image"
                )));
            }
            Some(_) => {}
        }
        let (config, unknown) = read_yaml::<Self>(text)?;
        let mut errors = unknown;
        config.check(&FieldPath::root(), &mut errors);
        if errors.is_empty() {
            Ok(config)
        } else {
            Err(LoadError::Invalid(errors))
        }
    }

    /// The settings as a file.
    pub fn to_yaml(&self) -> Result<String, LoadError> {
        serde_saphyr::to_string(self).map_err(|error| LoadError::Write(error.to_string()))
    }
}

/// Reads a `T` from YAML and lists the fields that it does not know. A field that does not parse is named by its path.
pub fn read_yaml<T: for<'de> Deserialize<'de>>(
    text: &str,
) -> Result<(T, Vec<FieldError>), LoadError> {
    let options = serde_saphyr::options! { with_snippet: false };
    let mut unknown = Vec::new();
    let mut misplaced = None;
    let result =
        serde_saphyr::with_deserializer_from_str_with_options(text, options, |deserializer| {
            let mut note =
                |path: serde_ignored::Path<'_>| unknown.push(path_of(&path).error("unknown field"));
            let deserializer = serde_ignored::Deserializer::new(deserializer, &mut note);
            serde_path_to_error::deserialize(deserializer).map_err(|error| {
                misplaced = Some(error.path().to_string());
                error.into_inner()
            })
        });
    match (result, misplaced) {
        (Ok(value), _) => Ok((value, unknown)),
        // "." is the whole document: there is no field to name.
        (Err(error), Some(path)) if path != "." => {
            let at = FieldPath::root().field(&path);
            let message = error.to_string();
            // Some errors name the field already.
            let message = message
                .strip_prefix(&format!("{path}: "))
                .unwrap_or(&message);
            Err(LoadError::Invalid(vec![at.error(message)]))
        }
        (Err(error), _) => Err(LoadError::Syntax(error.to_string())),
    }
}

fn path_of(path: &serde_ignored::Path<'_>) -> FieldPath {
    use serde_ignored::Path as Ignored;
    match path {
        Ignored::Root => FieldPath::root(),
        Ignored::Seq { parent, index } => path_of(parent).index(*index),
        Ignored::Map { parent, key } => path_of(parent).field(key),
        Ignored::Some { parent }
        | Ignored::NewtypeStruct { parent }
        | Ignored::NewtypeVariant { parent } => path_of(parent),
    }
}
