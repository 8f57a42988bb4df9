//! Secrets from files that may change at any time.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

/// Largest secret.
const LARGEST: u64 = 16 * 1024;

/// What a file says, without white space around it; nothing if it is not there, empty or not text.
pub fn read_secret(path: &Path) -> Option<String> {
    let mut text = String::new();
    let mut file = File::open(path).ok()?.take(LARGEST + 1);
    let read = file.read_to_string(&mut text).ok()?;
    let text = text.trim();
    (read as u64 <= LARGEST && !text.is_empty()).then(|| text.to_owned())
}
