//! Finds all that is wrong with a profile. Reading ends at the first value that does not parse; then the shipped profile's value
//! is put in its place, and reading begins anew.

use icelocator_config::{Check as _, FieldError, FieldPath, LoadError, read_yaml};
use serde_json::Value;

use super::{Error, Profile, SHIPPED};

/// Most values that are put in place. Who has made more mistakes begins from another profile.
const MOST: usize = 50;

/// Reads a profile and all that is wrong with it. No profile where something could not be put right.
pub fn read(text: &str) -> Result<(Option<Profile>, Vec<FieldError>), Error> {
    let mut errors = Vec::new();
    let mut mended = text.to_owned();
    for _ in 0..MOST {
        match read_yaml::<Profile>(&mended) {
            Ok((profile, unknown)) => {
                errors.extend(unknown);
                profile.check(&FieldPath::root(), &mut errors);
                return Ok((Some(profile), errors));
            }
            Err(error) => {
                let Some(wrong) = named(&error) else {
                    return match error {
                        _ if !errors.is_empty() => Ok((None, errors)),
                        LoadError::Syntax(text) => Err(Error::Syntax(text)),
                        other => Err(Error::Syntax(other.to_string())),
                    };
                };
                let path = wrong.path.to_string();
                errors.push(wrong);
                match in_place(&mended, &path) {
                    Some(text) => mended = text,
                    None => break,
                }
            }
        }
    }
    Ok((None, errors))
}

/// The field that an error is about.
fn named(error: &LoadError) -> Option<FieldError> {
    let (parent, message) = match error {
        LoadError::Invalid(errors) => {
            let first = errors.first()?;
            (first.path.clone(), first.message.as_str())
        }
        LoadError::Syntax(message) => (FieldPath::root(), message.as_str()),
        _ => return None,
    };
    let missing = message.split_once("missing field `");
    match missing.and_then(|(_, after)| after.split_once('`')) {
        Some((field, _)) => {
            let field = parent.field(field);
            Some(field.error("missing: the shipped profile has an example"))
        }
        None if matches!(error, LoadError::Invalid(_)) => Some(parent.error(message)),
        None => None,
    }
}

/// The profile with the shipped one's value at this path. Nothing where the shipped one has none.
fn in_place(text: &str, path: &str) -> Option<String> {
    let mut profile: Value = serde_saphyr::from_str(text).ok()?;
    let shipped: Value = serde_saphyr::from_str(SHIPPED).ok()?;
    let pointer = format!("/{}", path.replace(['.', '['], "/").replace(']', ""));
    let (parent, last) = pointer.rsplit_once('/')?;
    // Of a list any entry will do: the others keep their places.
    let good = shipped
        .pointer(&pointer)
        .or_else(|| shipped.pointer(parent)?.get(0))?
        .clone();
    match profile.pointer_mut(parent)? {
        Value::Object(fields) => {
            if fields.insert(last.to_owned(), good.clone()) == Some(good) {
                return None;
            }
        }
        Value::Array(entries) => *entries.get_mut(last.parse::<usize>().ok()?)? = good,
        _ => return None,
    }
    serde_saphyr::to_string(&profile).ok()
}
