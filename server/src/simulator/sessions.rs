//! Who has fetched the form, the token that goes with it, and which answers have further pages.

use std::collections::{HashMap, VecDeque};
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError};

use uuid::Uuid;

use super::question::Question;

/// Most sessions that are remembered, and most answers with further pages; the oldest go first.
const MOST: usize = 10_000;

/// The sessions that are open.
#[derive(Clone, Default)]
pub struct Sessions {
    kept: Arc<Mutex<Kept>>,
}

#[derive(Default)]
struct Kept {
    tokens: Latest<Uuid, Uuid>,
    answers: Latest<Uuid, (Uuid, Arc<Question>)>,
}

/// A session that is open.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Session(Uuid);

impl Sessions {
    /// Opens one: its id and its token.
    pub fn open(&self) -> (String, String) {
        let (id, token) = (Uuid::new_v4(), Uuid::new_v4());
        self.with(|kept| kept.tokens.insert(id, token));
        (id.to_string(), token.to_string())
    }

    /// The session with this id, if it is open.
    pub fn named(&self, id: &str) -> Option<Session> {
        let id = id.parse().ok()?;
        self.with(|kept| kept.tokens.get(&id).map(|_| Session(id)))
    }

    /// The session with this id, if this token belongs to it.
    pub fn of(&self, id: &str, token: &str) -> Option<Session> {
        let (id, token) = (id.parse().ok()?, token.parse().ok()?);
        self.with(|kept| kept.tokens.get(&id) == Some(&token))
            .then_some(Session(id))
    }

    /// Remembers what was asked, for the further pages of the answer, and says by what to ask for them.
    pub fn keep(&self, session: Session, question: &Question) -> String {
        let id = Uuid::new_v4();
        let question = Arc::new(question.clone());
        self.with(|kept| kept.answers.insert(id, (session.0, question)));
        id.to_string()
    }

    /// What this session has asked.
    pub fn kept(&self, session: Session, id: &str) -> Option<Arc<Question>> {
        let id = id.parse().ok()?;
        self.with(|kept| {
            let (owner, question) = kept.answers.get(&id)?;
            (*owner == session.0).then(|| Arc::clone(question))
        })
    }

    /// Ends one.
    pub fn end(&self, session: Session) {
        self.with(|kept| kept.tokens.remove(&session.0));
    }

    /// Ends all sessions.
    pub fn end_all(&self) {
        self.with(|kept| *kept = Kept::default());
    }

    fn with<T>(&self, act: impl FnOnce(&mut Kept) -> T) -> T {
        act(&mut self.kept.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// What was put in lately.
struct Latest<K, V> {
    values: HashMap<K, V>,
    order: VecDeque<K>,
}

impl<K, V> Default for Latest<K, V> {
    fn default() -> Self {
        Self {
            values: HashMap::new(),
            order: VecDeque::new(),
        }
    }
}

impl<K: Hash + Eq + Copy, V> Latest<K, V> {
    fn insert(&mut self, key: K, value: V) {
        if self.order.len() == MOST
            && let Some(oldest) = self.order.pop_front()
        {
            self.values.remove(&oldest);
        }
        self.order.push_back(key);
        self.values.insert(key, value);
    }

    fn get(&self, key: &K) -> Option<&V> {
        self.values.get(key)
    }

    fn remove(&mut self, key: &K) {
        self.values.remove(key);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_good_for_its_own_session_only() {
        let sessions = Sessions::default();
        let (first, token) = sessions.open();
        let (second, _) = sessions.open();
        assert!(sessions.of(&first, &token).is_some());
        assert!(sessions.of(&second, &token).is_none());
        assert!(sessions.of("", "").is_none());
    }

    #[test]
    fn further_pages_are_for_the_session_that_asked_and_end_with_it() {
        let sessions = Sessions::default();
        let (first, second) = (sessions.open().0, sessions.open().0);
        let session = sessions.named(&first).unwrap();
        let other = sessions.named(&second).unwrap();
        let id = sessions.keep(session, &Question::default());
        assert!(sessions.kept(session, &id).is_some());
        assert!(sessions.kept(other, &id).is_none());
        assert!(sessions.kept(session, "").is_none());
        sessions.end(session);
        assert!(sessions.named(&first).is_none());
        assert!(sessions.named(&second).is_some());
        sessions.end_all();
        assert!(sessions.named(&second).is_none());
    }

    #[test]
    fn the_oldest_session_is_forgotten_first() {
        let sessions = Sessions::default();
        let (first, token) = sessions.open();
        let (second, _) = sessions.open();
        for _ in 0..MOST - 1 {
            sessions.open();
        }
        assert!(sessions.of(&first, &token).is_none());
        assert!(sessions.named(&second).is_some());
    }
}
