//! Headers from a Secret: every key is a header's name, what it says the value. Read anew for each push, so that a Secret that
//! comes late, or changes, is used from then on. No value is ever logged.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};

use crate::secret::read_secret;

/// Most headers.
const MOST: usize = 64;
/// Names that belong to the connection and the message itself.
const OURS: [&str; 9] = [
    "connection",
    "content-encoding",
    "content-length",
    "content-type",
    "host",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// Why there are no headers that could be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unusable {
    /// There is no such Secret.
    Missing,
    NoKeys,
    TooManyKeys,
    /// This key is not the name of a header that may be set.
    Name(String),
    /// What this key says cannot be sent: 1 to 16384 visible characters of ASCII can.
    Value(String),
}

/// The Secret's headers, where there is one.
#[derive(Clone, Debug)]
pub struct Headers(Option<PathBuf>);

impl Headers {
    /// Of the Secret in `folder`.
    pub fn new(folder: Option<PathBuf>) -> Self {
        Self(folder)
    }

    /// As they are now.
    pub async fn read(&self) -> Result<HeaderMap, Unusable> {
        let Some(folder) = self.0.clone() else {
            return Ok(HeaderMap::new());
        };
        tokio::task::spawn_blocking(move || read(&folder))
            .await
            .unwrap_or(Err(Unusable::Missing))
    }
}

fn read(folder: &Path) -> Result<HeaderMap, Unusable> {
    let keys = keys(folder).map_err(|_| Unusable::Missing)?;
    if keys.is_empty() {
        return Err(Unusable::NoKeys);
    }
    if keys.len() > MOST {
        return Err(Unusable::TooManyKeys);
    }
    let mut headers = HeaderMap::new();
    for key in keys {
        let (name, value) = header(folder, &key.to_string_lossy())?;
        headers.insert(name, value);
    }
    Ok(headers)
}

fn keys(folder: &Path) -> io::Result<Vec<OsString>> {
    let mut keys = Vec::new();
    for entry in fs::read_dir(folder)? {
        let name = entry?.file_name();
        // A cluster keeps the files themselves in such folders.
        if !name.to_string_lossy().starts_with("..") {
            keys.push(name);
        }
    }
    keys.sort_unstable();
    Ok(keys)
}

fn header(folder: &Path, key: &str) -> Result<(HeaderName, HeaderValue), Unusable> {
    let name: HeaderName = key.parse().map_err(|_| Unusable::Name(key.to_owned()))?;
    let is_reserved = OURS.contains(&name.as_str())
        || name.as_str().starts_with("grpc-")
        // Says over gRPC that the value is not text.
        || name.as_str().ends_with("-bin");
    if is_reserved {
        return Err(Unusable::Name(key.to_owned()));
    }
    let unusable = || Unusable::Value(key.to_owned());
    let text = read_secret(&folder.join(key)).ok_or_else(unusable)?;
    if !text.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
        return Err(unusable());
    }
    let mut value = HeaderValue::from_str(&text).map_err(|_| unusable())?;
    value.set_sensitive(true);
    Ok((name, value))
}
