//! `icelocator-server profile`: shows the shipped profile, and says what a profile reads from a saved page.

use std::fs::File;
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use serde_json::json;

use super::reading::Reading;
use super::{Error, Profile, SHIPPED};
use crate::cli::{ProfileCheck, ProfileCommand};
use crate::locator::fetch::LARGEST;

/// Why nothing could be said.
#[derive(Debug, thiserror::Error)]
pub enum Failed {
    /// The profile is wrong.
    #[error(transparent)]
    Profile(#[from] Error),
    /// The page could not be read.
    #[error("cannot read the page {path}: {source}")]
    Page {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Nobody takes what is said.
    #[error("cannot write: {0}")]
    Write(#[from] io::Error),
}

/// Does what was asked. `Ok(false)`: it was done, and the page is none that the profile reads.
pub fn run(command: &ProfileCommand) -> Result<bool, Failed> {
    match command {
        ProfileCommand::Show => {
            io::stdout().write_all(SHIPPED.as_bytes())?;
            Ok(true)
        }
        ProfileCommand::Check(arguments) => check(arguments),
    }
}

fn check(arguments: &ProfileCheck) -> Result<bool, Failed> {
    let profile = match &arguments.file {
        None => Profile::shipped(),
        Some(path) => Profile::load(path),
    };
    let profile = match profile {
        Ok(profile) => profile,
        Err(Error::Invalid(errors)) if arguments.json => {
            let errors: Vec<_> = errors
                .iter()
                .map(|error| json!({"field": error.path.to_string(), "message": error.message}))
                .collect();
            say(&json!({"valid": false, "errors": errors}).to_string())?;
            return Ok(false);
        }
        Err(error) if arguments.json => {
            let errors = [json!({"message": error.to_string()})];
            say(&json!({"valid": false, "errors": errors}).to_string())?;
            return Ok(false);
        }
        Err(error) => return Err(error.into()),
    };
    let reading = arguments
        .page
        .as_deref()
        .map(|path| {
            saved(path)
                .map(|page| Reading::new(&profile, page, arguments.kind, arguments.show_values))
        })
        .transpose()?;
    if arguments.json {
        say(&json!({"valid": true, "version": profile.version, "page": reading}).to_string())?;
    } else {
        say("the profile is well formed")?;
        if let Some(reading) = &reading {
            say(reading.text().trim_end())?;
        }
    }
    Ok(reading.is_none_or(|reading| reading.verdict().is_read()))
}

fn say(text: &str) -> io::Result<()> {
    writeln!(io::stdout(), "{text}")
}

/// A page, as far as the server would read it.
fn saved(path: &Path) -> Result<Vec<u8>, Failed> {
    let mut body = Vec::new();
    File::open(path)
        .and_then(|file| file.take(LARGEST as u64 + 1).read_to_end(&mut body))
        .map_err(|source| Failed::Page {
            path: path.to_owned(),
            source,
        })?;
    Ok(body)
}
