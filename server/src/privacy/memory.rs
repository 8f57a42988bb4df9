//! What calls and their sessions have shown to be sensitive. In memory only, bounded, and forgotten when a session has been
//! quiet for a while.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use icelocator_redaction::{Guard, Kind, Seen};
use moka::policy::EvictionPolicy;
use moka::sync::Cache;

/// Most values of all sessions together; each takes a kilobyte or two. The sessions that were quiet for longest give way.
const VALUES: u64 = 50_000;
/// What a session takes itself, in values.
const SESSION: u32 = 2;
/// How long a session is remembered that is quiet.
const QUIET: Duration = Duration::from_mins(30);

/// The sessions.
pub struct Memory(Cache<String, Shown>);

/// What a call and its session have shown. Cheap to clone.
#[derive(Clone, Default)]
pub struct Shown(Option<Arc<Kept>>);

struct Kept {
    values: Mutex<Values>,
    guard: Arc<Guard>,
    /// Whose it is; nobody's but the call's, where calls cannot be told to belong together.
    session: Option<String>,
}

/// To have a value found however it is written takes ten times as long as to keep it. That is done when there is a text to
/// look through, or the session goes on.
#[derive(Default)]
struct Values {
    seen: Seen,
    waiting: Vec<(Kind, String)>,
}

impl Default for Memory {
    fn default() -> Self {
        Self(
            Cache::builder()
                .max_capacity(VALUES)
                .weigher(|_, shown: &Shown| shown.weight())
                // Who is new is always let in.
                .eviction_policy(EvictionPolicy::lru())
                .time_to_idle(QUIET)
                .build(),
        )
    }
}

impl Memory {
    /// What the session of this name has shown. Without one, a call has a memory of its own.
    pub fn shown(&self, session: Option<&str>, guard: &Arc<Guard>) -> Shown {
        let new = || Shown::new(session, guard);
        match session {
            None => new(),
            Some(session) => self.0.get_with_by_ref(session, new),
        }
    }

    /// A call has ended that may have shown more.
    pub fn weigh(&self, shown: &Shown) {
        let session = shown.0.as_ref().and_then(|kept| kept.session.as_ref());
        if let Some(session) = session {
            self.0.insert(session.clone(), shown.clone());
        }
    }

    /// How many sessions are remembered.
    #[cfg(test)]
    fn sessions(&self) -> u64 {
        self.0.run_pending_tasks();
        self.0.entry_count()
    }
}

impl Shown {
    fn new(session: Option<&str>, guard: &Arc<Guard>) -> Self {
        Self(Some(Arc::new(Kept {
            values: Mutex::default(),
            guard: Arc::clone(guard),
            session: session.map(str::to_owned),
        })))
    }

    /// Whether it goes anywhere: not of a call that nobody watches.
    pub fn is_kept(&self) -> bool {
        self.0.is_some()
    }

    /// Keeps a whole name, a number, a day.
    pub fn add(&self, kind: Kind, value: &str) {
        let Some(kept) = &self.0 else {
            return;
        };
        let value = value.trim();
        if !value.is_empty() && value.len() <= Seen::LONGEST {
            kept.values().add(kind, value);
            kept.guard.remember(kind, value);
        }
    }

    /// Uses what was shown.
    pub(super) fn with<T>(&self, use_it: impl FnOnce(&Seen) -> T) -> T {
        match &self.0 {
            None => use_it(&Seen::default()),
            Some(kept) => use_it(kept.values().seen()),
        }
    }

    fn weight(&self) -> u32 {
        let values = self.0.as_ref().map_or(0, |kept| kept.values().seen().len());
        u32::try_from(values)
            .unwrap_or(u32::MAX)
            .saturating_add(SESSION)
    }
}

impl Kept {
    fn values(&self) -> MutexGuard<'_, Values> {
        self.values.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Values {
    fn add(&mut self, kind: Kind, value: &str) {
        if self.waiting.len() == Seen::MOST {
            self.seen();
        }
        self.waiting.push((kind, value.to_owned()));
    }

    fn seen(&mut self) -> &Seen {
        for (kind, value) in self.waiting.drain(..) {
            self.seen.add(kind, &value);
        }
        &self.seen
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn knows(shown: &Shown, value: &str) -> bool {
        shown.with(|seen| seen.iter().any(|(_, known)| known == value))
    }

    #[test]
    fn a_session_remembers_and_another_does_not() {
        let (memory, guard) = (Memory::default(), Arc::new(Guard::default()));
        memory
            .shown(Some("one"), &guard)
            .add(Kind::Name, "Ana Planted");
        assert!(knows(&memory.shown(Some("one"), &guard), "Ana Planted"));
        assert!(!knows(&memory.shown(Some("other"), &guard), "Ana Planted"));
        let alone = memory.shown(None, &guard);
        alone.add(Kind::Name, "Ana Planted");
        assert!(!knows(&memory.shown(None, &guard), "Ana Planted"));
    }

    #[test]
    fn what_was_shown_is_looked_for_by_the_guard_too() {
        let (memory, guard) = (Memory::default(), Arc::new(Guard::default()));
        memory
            .shown(None, &guard)
            .add(Kind::Name, "Zorka Plantedova");
        assert_eq!(
            guard.find(b"{\"a\":\"Zorka Plantedova\"}"),
            Some(Kind::Name)
        );
    }

    #[test]
    fn however_many_sessions_say_however_much_so_much_is_kept() {
        let (memory, guard) = (Memory::default(), Arc::new(Guard::default()));
        for session in 0..200 {
            let shown = memory.shown(Some(&session.to_string()), &guard);
            for value in 0..1000 {
                shown.add(
                    Kind::AlienNumber,
                    &format!("A{:09}", 1000 * session + value),
                );
            }
            memory.weigh(&shown);
        }
        let most = VALUES / 512;
        assert!((most - 2..=most).contains(&memory.sessions()));
        // Who came last is remembered.
        assert!(knows(&memory.shown(Some("199"), &guard), "A000199999"));
        assert!(!knows(&memory.shown(Some("0"), &guard), "A000000999"));
    }

    #[test]
    fn nobody_who_wants_to_know_nothing_kept() {
        let shown = Shown::default();
        shown.add(Kind::Name, "Ana Planted");
        assert!(!shown.is_kept() && !knows(&shown, "Ana Planted"));
    }
}
