//! Sessions of callers whose transport has none: half an hour without a call ends one.

use std::collections::{BTreeSet, HashMap};
use std::num::NonZeroUsize;

use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};

use crate::SessionId;
use crate::id::split;

/// How long a session may be without a call.
pub const IDLE: SignedDuration = SignedDuration::from_mins(30);

/// Sessions by time. Keeps digests of so many callers at most; of more, the one who has been quiet for longest is forgotten, and
/// is in a new session with their next call.
///
/// The same calls at the same moments are in the same sessions: nothing here is random, and the time is handed in.
pub struct IdleSessions {
    capacity: NonZeroUsize,
    held: HashMap<[u8; 16], Held>,
    by_last: BTreeSet<(Timestamp, [u8; 16])>,
}

struct Held {
    session: SessionId,
    last: Timestamp,
}

impl IdleSessions {
    /// For so many callers at a time.
    pub fn new(capacity: NonZeroUsize) -> Self {
        Self {
            capacity,
            held: HashMap::new(),
            by_last: BTreeSet::new(),
        }
    }

    /// The session of a call that `caller` makes at this moment. A clock that goes back is waited for.
    pub fn at(&mut self, caller: &str, now: Timestamp) -> SessionId {
        let hash: [u8; 32] = Sha256::digest(caller).into();
        let caller = split(&hash).1;
        let (session, last) = match self.held.remove(&caller) {
            Some(Held { session, last }) => {
                self.by_last.remove(&(last, caller));
                if now.duration_since(last) > IDLE {
                    (SessionId::begun(now, &caller), now)
                } else {
                    (session, last.max(now))
                }
            }
            None => (SessionId::begun(now, &caller), now),
        };
        while self.held.len() >= self.capacity.get()
            && let Some((_, quietest)) = self.by_last.pop_first()
        {
            self.held.remove(&quietest);
        }
        self.by_last.insert((last, caller));
        self.held.insert(
            caller,
            Held {
                session: session.clone(),
                last,
            },
        );
        session
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sessions(capacity: usize) -> IdleSessions {
        IdleSessions::new(NonZeroUsize::new(capacity).unwrap())
    }

    fn minute(minute: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + 60 * minute).unwrap()
    }

    #[test]
    fn a_session_lasts_as_long_as_calls_come_within_half_an_hour() {
        let mut sessions = sessions(10);
        let first = sessions.at("ana", minute(0));
        assert_eq!(sessions.at("ana", minute(30)), first);
        assert_eq!(sessions.at("ana", minute(60)), first);
        let second = sessions.at("ana", minute(91));
        assert_ne!(second, first);
        assert_eq!(sessions.at("ana", minute(92)), second);
    }

    #[test]
    fn each_caller_has_their_own() {
        let mut sessions = sessions(10);
        assert_ne!(sessions.at("ana", minute(0)), sessions.at("ben", minute(0)));
    }

    #[test]
    fn the_same_calls_are_in_the_same_sessions() {
        let calls = [
            ("ana", 0),
            ("ben", 5),
            ("ana", 40),
            ("ben", 34),
            ("ana", 41),
        ];
        let told = || {
            let mut sessions = sessions(10);
            calls.map(|(caller, at)| sessions.at(caller, minute(at)))
        };
        assert_eq!(told(), told());
    }

    #[test]
    fn a_clock_that_goes_back_ends_no_session() {
        let mut sessions = sessions(10);
        let first = sessions.at("ana", minute(600));
        assert_eq!(sessions.at("ana", minute(0)), first);
        assert_eq!(sessions.at("ana", minute(630)), first);
    }

    #[test]
    fn memory_is_bounded_and_the_quietest_is_forgotten_first() {
        let mut sessions = sessions(2);
        let ana = sessions.at("ana", minute(0));
        let ben = sessions.at("ben", minute(1));
        assert_eq!(sessions.at("ana", minute(2)), ana);
        sessions.at("cleo", minute(3));
        assert_eq!(sessions.at("ana", minute(4)), ana);
        assert_ne!(sessions.at("ben", minute(5)), ben);
        for number in 0..1000 {
            sessions.at(&format!("caller {number}"), minute(6));
        }
        assert_eq!((sessions.held.len(), sessions.by_last.len()), (2, 2));
    }
}
