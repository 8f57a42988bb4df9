//! Pseudonyms: the same for the same thing as long as the key lives, and nothing that the thing could be read from.

use std::path::Path;
use std::{fs, io};

use ring::{hmac, rand};

use crate::Kind;

/// What a pseudonym is spelled with: no vowel, no digit, so that none is a word, a name or a number.
pub const LETTERS: &[u8; 16] = b"bcdfghjkmnpqrstv";
/// How long a pseudonym is: 40 bits.
pub const LENGTH: usize = 10;
/// A key that is shorter could be guessed.
const SHORTEST: usize = 16;

/// What pseudonyms are made with.
pub struct Key(hmac::Key);

/// Why there is no key.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The file or folder could not be read.
    #[error(transparent)]
    Read(#[from] io::Error),
    /// The folder has no file with a key.
    #[error("there is no key")]
    None,
    /// The key is too short.
    #[error("a key has at least {SHORTEST} bytes")]
    Short,
}

impl Key {
    /// A key of this process alone.
    pub fn random() -> Self {
        let mut bytes = [0; 32];
        // Without randomness there is no secret to keep: pseudonyms of an all-zero key would be guessable.
        if rand::SecureRandom::fill(&rand::SystemRandom::new(), &mut bytes).is_err() {
            std::process::abort();
        }
        Self::of(&bytes)
    }

    /// A key that is known.
    pub fn of(bytes: &[u8]) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, bytes))
    }

    /// The key in a file; or, of a folder in which each file is a key, the one whose name comes last. Keys of a Secret are
    /// named for the day they begin, so that the newest is last; the older ones are for whoever has to find a value again.
    pub fn read(path: &Path) -> Result<Self, KeyError> {
        if !path.is_dir() {
            return Self::long_enough(&fs::read(path)?);
        }
        let mut files = Vec::new();
        for entry in fs::read_dir(path)? {
            let entry = entry?;
            // Kubernetes keeps a mounted Secret's versions beside its keys, in names that begin with dots.
            let hidden = entry.file_name().to_string_lossy().starts_with('.');
            if !hidden && entry.path().is_file() {
                files.push(entry.path());
            }
        }
        Self::long_enough(&fs::read(files.into_iter().max().ok_or(KeyError::None)?)?)
    }

    fn long_enough(bytes: &[u8]) -> Result<Self, KeyError> {
        let bytes = bytes.trim_ascii_end();
        if bytes.len() < SHORTEST {
            return Err(KeyError::Short);
        }
        Ok(Self::of(bytes))
    }

    /// The pseudonym of `value`, which is folded already.
    pub fn pseudonym(&self, kind: Kind, value: &str) -> String {
        let mut context = hmac::Context::with_key(&self.0);
        context.update(kind.as_str().as_bytes());
        context.update(&[0]);
        context.update(value.as_bytes());
        let tag = context.sign();
        let letters = tag.as_ref().iter().take(LENGTH / 2);
        letters
            .flat_map(|byte| [byte >> 4, byte & 15])
            .map(|half| char::from(LETTERS[usize::from(half)]))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_things_are_equal_within_a_key_and_a_kind() {
        let key = Key::of(b"a key of sixteen bytes");
        let name = key.pseudonym(Kind::Name, "ana ejemplo");
        assert_eq!(name, key.pseudonym(Kind::Name, "ana ejemplo"));
        assert_ne!(name, key.pseudonym(Kind::Other, "ana ejemplo"));
        assert_ne!(name, Key::random().pseudonym(Kind::Name, "ana ejemplo"));
        assert_eq!(name.len(), LENGTH);
    }

    #[test]
    fn of_a_folder_the_last_key_counts() {
        let folder = std::env::temp_dir().join(format!("icelocator-keys-{}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        assert!(matches!(Key::read(&folder), Err(KeyError::None)));
        fs::write(folder.join("2026-01"), b"an older key of its own\n").unwrap();
        fs::write(folder.join("2026-11"), b"the newest key of them all").unwrap();
        fs::write(folder.join("..data"), b"short").unwrap();
        let newest = Key::of(b"the newest key of them all").pseudonym(Kind::Name, "x");
        let read = Key::read(&folder).unwrap();
        assert_eq!(read.pseudonym(Kind::Name, "x"), newest);
        fs::write(folder.join("2026-12"), b"short").unwrap();
        assert!(matches!(Key::read(&folder), Err(KeyError::Short)));
        fs::remove_dir_all(&folder).unwrap();
    }
}
