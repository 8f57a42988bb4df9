//! Sessions of the site's visitors, each with the token that its form must send back.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use uuid::Uuid;

/// Most sessions that are remembered; the oldest go first.
const MOST: usize = 10_000;

/// The sessions that are open.
#[derive(Clone, Default)]
pub struct Sessions {
    open: Arc<Mutex<VecDeque<(String, String)>>>,
}

impl Sessions {
    /// Opens one: its id and its token.
    pub fn open(&self) -> (String, String) {
        let new = (Uuid::new_v4().to_string(), Uuid::new_v4().to_string());
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if open.len() == MOST {
            open.pop_front();
        }
        open.push_back(new.clone());
        new
    }

    /// Ends all sessions.
    pub fn end_all(&self) {
        self.open
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clear();
    }

    /// Whether this token belongs to this session.
    pub fn knows(&self, session: &str, token: &str) -> bool {
        let open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.iter().any(|(id, kept)| id == session && kept == token)
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
        assert!(sessions.knows(&first, &token));
        assert!(!sessions.knows(&second, &token));
        assert!(!sessions.knows("", ""));
    }

    #[test]
    fn the_oldest_session_is_forgotten_first() {
        let sessions = Sessions::default();
        let (first, token) = sessions.open();
        for _ in 0..MOST {
            sessions.open();
        }
        assert!(!sessions.knows(&first, &token));
    }
}
