//! Tokens from a list: a Secret's folder, in which each file is called like a caller and holds that caller's token.
//!
//! The list is read again and again, as a cluster swaps the whole folder at once. A Secret that is not there lets nobody
//! in, until it is. An entry that cannot be used is left out, and does not keep others' changes (a token withdrawn) from
//! taking effect. What is kept of a token is a digest under a key of this process.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use ring::hmac::{HMAC_SHA256, Key, sign};
use subtle::{ConditionallySelectable as _, ConstantTimeEq as _};
use tokio::time::MissedTickBehavior;

use super::header::{LONGEST_TOKEN, is_token};
use super::pseudonym::Pseudonyms;

/// How often the folder is read.
const INTERVAL: Duration = Duration::from_secs(3);
/// Shortest token: with fewer characters guessing has a chance.
const SHORTEST_TOKEN: usize = 16;
/// Most callers on a list.
const MOST_CALLERS: usize = 1_000;

type Digest = [u8; 32];

/// Why an entry is left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Wrong {
    Unreadable,
    Length,
    Characters,
    Duplicate,
    TooMany,
}

impl Wrong {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Unreadable => "cannot be read",
            Self::Length => "shorter than 16 characters, or far too long",
            Self::Characters => "not only letters, digits and -._~+/ with = at the end",
            Self::Duplicate => "the same token as another caller's",
            Self::TooMany => "more than 1000 callers",
        }
    }
}

/// Who is on the list, and which entries are left out.
#[derive(Default, PartialEq)]
struct List {
    callers: Vec<(Digest, String)>,
    /// Counted from one, by name. A name may be somebody's, so it is not told.
    wrong: Vec<(usize, Wrong)>,
}

/// A list of tokens that is kept up to date.
#[derive(Clone)]
pub struct Bearer(Arc<Inner>);

struct Inner {
    folder: PathBuf,
    key: Key,
    pseudonyms: Pseudonyms,
    /// `None` where there is no folder.
    list: RwLock<Option<List>>,
}

impl Bearer {
    /// The list in this folder. Reads it.
    pub fn new(folder: PathBuf, pseudonyms: Pseudonyms) -> Self {
        let key: Digest = rand::random();
        let bearer = Self(Arc::new(Inner {
            folder,
            key: Key::new(HMAC_SHA256, &key),
            pseudonyms,
            list: RwLock::new(Some(List::default())),
        }));
        bearer.0.refresh();
        bearer
    }

    /// The pseudonym of who has this token. Takes as long for every token.
    pub fn caller(&self, token: &str) -> Option<String> {
        let shown = self.0.digest(token);
        let list = self.0.list.read().unwrap_or_else(PoisonError::into_inner);
        let callers = &list.as_ref()?.callers;
        // No way out of the loop: nothing is to be learnt from the time until an answer.
        let mut found = u32::MAX;
        for (number, (digest, _)) in (0..).zip(callers) {
            found.conditional_assign(&number, digest.ct_eq(&shown));
        }
        let (_, pseudonym) = callers.get(found as usize)?;
        Some(pseudonym.clone())
    }

    /// How many callers are on the list; `None` where there is none.
    pub fn callers(&self) -> Option<usize> {
        let list = self.0.list.read().unwrap_or_else(PoisonError::into_inner);
        Some(list.as_ref()?.callers.len())
    }

    /// Keeps the list up to date. Never ends.
    pub async fn run(&self) {
        let mut ticks = tokio::time::interval(INTERVAL);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            let inner = Arc::clone(&self.0);
            // A panic within is a bug, and has been logged; the list stays.
            let _ = tokio::task::spawn_blocking(move || inner.refresh()).await;
        }
    }
}

impl Inner {
    fn digest(&self, token: &str) -> Digest {
        let mut digest = Digest::default();
        digest.copy_from_slice(sign(&self.key, token.as_bytes()).as_ref());
        digest
    }

    fn refresh(&self) {
        let list = self.read().ok();
        let mut kept = self.list.write().unwrap_or_else(PoisonError::into_inner);
        if *kept == list {
            return;
        }
        *kept = list;
        match &*kept {
            None => tracing::error!(
                "the Secret with the callers' tokens is not there: until it is, tokens from the list are refused"
            ),
            Some(list) => {
                tracing::info!(
                    icelocator.callers = list.callers.len(),
                    "callers' tokens were read"
                );
                for (position, wrong) in &list.wrong {
                    tracing::error!(
                        icelocator.secret.position = position,
                        icelocator.reason = wrong.as_str(),
                        "a caller's token cannot be used and is left out; which key of the Secret, counted by name, is its position"
                    );
                }
            }
        }
    }

    fn read(&self) -> io::Result<List> {
        let mut names: Vec<String> = fs::read_dir(&self.folder)?
            .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
            // The folders behind the links that a cluster makes.
            .filter(|name| !name.starts_with(".."))
            .collect();
        names.sort();
        let mut list = List::default();
        let mut entries: HashMap<Digest, Vec<(usize, String)>> = HashMap::new();
        for (position, name) in (1..).zip(names) {
            let token = if position <= MOST_CALLERS {
                token(&self.folder.join(&name))
            } else {
                Err(Wrong::TooMany)
            };
            match token {
                Ok(token) => {
                    let entry = entries.entry(self.digest(&token));
                    entry.or_default().push((position, name));
                }
                Err(Wrong::TooMany) if position > MOST_CALLERS + 1 => {}
                Err(wrong) => list.wrong.push((position, wrong)),
            }
        }
        for (digest, mut names) in entries {
            match names.pop() {
                Some((_, name)) if names.is_empty() => {
                    let pseudonym = self.pseudonyms.of(&["bearer", &name]);
                    list.callers.push((digest, pseudonym));
                }
                // Whose call it is could not be said.
                popped => {
                    let all = names.into_iter().chain(popped);
                    list.wrong
                        .extend(all.map(|(position, _)| (position, Wrong::Duplicate)));
                }
            }
        }
        list.callers.sort();
        list.wrong.sort();
        Ok(list)
    }
}

/// The token in a file. A line's end behind it is an editor's, and no part of it.
fn token(path: &Path) -> Result<String, Wrong> {
    let mut text = String::new();
    File::open(path)
        .and_then(|file| {
            file.take(LONGEST_TOKEN as u64 + 3)
                .read_to_string(&mut text)
        })
        .map_err(|error| match error.kind() {
            io::ErrorKind::InvalidData => Wrong::Characters,
            _ => Wrong::Unreadable,
        })?;
    let token = text.strip_suffix('\n').unwrap_or(&text);
    let token = token.strip_suffix('\r').unwrap_or(token);
    if !(SHORTEST_TOKEN..=LONGEST_TOKEN).contains(&token.len()) {
        Err(Wrong::Length)
    } else if is_token(token) {
        Ok(token.to_owned())
    } else {
        Err(Wrong::Characters)
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::session::SessionKey;
    use super::*;

    const ANA: &str = "ana-0123456789abcdef";
    const LUZ: &str = "luz-0123456789abcdef";

    /// A folder of a test's own.
    struct Folder(PathBuf);

    impl Folder {
        fn new() -> Self {
            let path = std::env::temp_dir().join(format!("icelocator-{}", uuid::Uuid::new_v4()));
            fs::create_dir(&path).unwrap();
            Self(path)
        }

        fn write(&self, name: &str, token: impl AsRef<[u8]>) {
            fs::write(self.0.join(name), token).unwrap();
        }

        fn bearer(&self) -> Bearer {
            Bearer::new(self.0.clone(), Pseudonyms::new(&SessionKey::of([7; 32])))
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    fn wrong(bearer: &Bearer) -> Vec<(usize, Wrong)> {
        let list = bearer.0.list.read().unwrap();
        list.as_ref().unwrap().wrong.clone()
    }

    #[test]
    fn each_caller_is_known_by_their_token() {
        let folder = Folder::new();
        folder.write("ana", ANA);
        folder.write("luz", format!("{LUZ}\r\n"));
        let bearer = folder.bearer();
        let (ana, luz) = (bearer.caller(ANA).unwrap(), bearer.caller(LUZ).unwrap());
        assert_ne!(ana, luz);
        for stranger in [
            "",
            "eva-0123456789abcdef",
            &ANA[..19],
            &format!("{ANA}x"),
            &ANA.to_uppercase(),
        ] {
            assert_eq!(bearer.caller(stranger), None, "{stranger}");
        }
        // By name, not by token: a caller stays who they are when theirs is changed.
        folder.write("ana", "ana-another-0123456789");
        bearer.0.refresh();
        assert_eq!(bearer.caller(ANA), None);
        assert_eq!(bearer.caller("ana-another-0123456789"), Some(ana));
        fs::remove_file(folder.0.join("luz")).unwrap();
        bearer.0.refresh();
        assert_eq!(bearer.caller(LUZ), None);
    }

    #[test]
    fn an_entry_that_cannot_be_used_is_left_out_and_told_by_its_position() {
        let folder = Folder::new();
        folder.write("ana", ANA);
        folder.write("empty", "");
        folder.write("short", "0123456789abcde");
        folder.write("long", "a".repeat(LONGEST_TOKEN + 1));
        folder.write("spaced", "0123456789 abcdef");
        folder.write("two-lines", "0123456789abcdef\n0123456789abcdef");
        folder.write("accents", "é".repeat(16));
        folder.write("bytes", [0xff; 20]);
        folder.write("one", LUZ);
        folder.write("other", LUZ);
        fs::create_dir(folder.0.join("..data")).unwrap();
        fs::create_dir(folder.0.join("directory")).unwrap();
        let bearer = folder.bearer();
        // Of accents, ana, bytes, directory, empty, long, one, other, short, spaced and two-lines.
        let expected = [
            (1, Wrong::Characters),
            (3, Wrong::Characters),
            (4, Wrong::Unreadable),
            (5, Wrong::Length),
            (6, Wrong::Length),
            (7, Wrong::Duplicate),
            (8, Wrong::Duplicate),
            (9, Wrong::Length),
            (10, Wrong::Characters),
            (11, Wrong::Characters),
        ];
        assert_eq!(wrong(&bearer), expected);
        assert!(bearer.caller(ANA).is_some());
        assert!(bearer.caller(LUZ).is_none() && bearer.caller("").is_none());
    }

    #[test]
    fn a_folder_that_is_not_there_lets_nobody_in_until_it_is() {
        let folder = Folder::new();
        folder.write("ana", ANA);
        let away = folder.0.with_extension("away");
        fs::rename(&folder.0, &away).unwrap();
        let bearer = folder.bearer();
        assert_eq!(bearer.caller(ANA), None);
        fs::rename(&away, &folder.0).unwrap();
        bearer.0.refresh();
        assert!(bearer.caller(ANA).is_some());
        fs::rename(&folder.0, &away).unwrap();
        bearer.0.refresh();
        assert_eq!(bearer.caller(ANA), None);
        fs::rename(&away, &folder.0).unwrap();
    }

    #[test]
    fn a_cluster_swaps_the_folder_behind_the_links() {
        use std::os::unix::fs::symlink;
        let folder = Folder::new();
        for (version, token) in [("..1", ANA), ("..2", LUZ)] {
            fs::create_dir(folder.0.join(version)).unwrap();
            folder.write(&format!("{version}/caller"), token);
        }
        symlink("..1", folder.0.join("..data")).unwrap();
        symlink("..data/caller", folder.0.join("caller")).unwrap();
        let bearer = folder.bearer();
        let before = bearer.caller(ANA);
        symlink("..2", folder.0.join("..next")).unwrap();
        fs::rename(folder.0.join("..next"), folder.0.join("..data")).unwrap();
        bearer.0.refresh();
        assert_eq!(bearer.caller(ANA), None);
        assert_eq!(bearer.caller(LUZ), before);
        assert!(before.is_some());
    }

    #[test]
    fn a_list_has_an_end() {
        let folder = Folder::new();
        for number in 0..MOST_CALLERS + 5 {
            folder.write(
                &format!("caller-{number:04}"),
                format!("token-0123456789-{number:04}"),
            );
        }
        let bearer = folder.bearer();
        assert!(bearer.caller("token-0123456789-0999").is_some());
        assert!(bearer.caller("token-0123456789-1000").is_none());
        assert_eq!(wrong(&bearer), [(MOST_CALLERS + 1, Wrong::TooMany)]);
    }
}
