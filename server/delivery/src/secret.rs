//! The file of a secret, which may change at any time.

use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use icelocator_telemetry::read_secret;
use tokio::time::Instant;

/// How soon a change is seen: to open a file for each of thousands of requests a second costs more than it tells.
const FRESH: Duration = Duration::from_secs(1);

/// What a file says, read once a second at most while it says something.
pub struct SecretFile {
    path: PathBuf,
    read: Mutex<Option<(Instant, String)>>,
}

impl SecretFile {
    /// Of this file, which may come later.
    pub fn new(path: PathBuf) -> Self {
        Self {
            path,
            read: Mutex::default(),
        }
    }

    /// What it says; nothing if it says nothing that could be a secret.
    pub fn says(&self) -> Option<String> {
        self.known().or_else(|| {
            let secret = read_secret(&self.path);
            *self.read() = secret.clone().map(|secret| (Instant::now(), secret));
            secret
        })
    }

    /// What it said a moment ago.
    pub(crate) fn known(&self) -> Option<String> {
        let read = self.read();
        let (at, secret) = read.as_ref()?;
        (at.elapsed() < FRESH).then(|| secret.clone())
    }

    /// Has it read again.
    pub(crate) fn forget(&self) {
        *self.read() = None;
    }

    fn read(&self) -> MutexGuard<'_, Option<(Instant, String)>> {
        self.read.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn what_it_says_is_read_once_a_second_and_when_it_is_doubted() {
        let path = std::env::temp_dir().join(format!("icelocator-secret-{}", std::process::id()));
        let file = SecretFile::new(path.clone());
        assert_eq!(file.says(), None);
        std::fs::write(&path, "one\n").unwrap();
        assert_eq!(file.says().as_deref(), Some("one"));
        std::fs::write(&path, "two").unwrap();
        assert_eq!(file.known().as_deref(), Some("one"));
        file.forget();
        assert_eq!(file.says().as_deref(), Some("two"));
        std::fs::remove_file(&path).unwrap();
        assert_eq!(file.says().as_deref(), Some("two"));
        tokio::time::advance(FRESH).await;
        assert_eq!(file.says(), None);
    }
}
