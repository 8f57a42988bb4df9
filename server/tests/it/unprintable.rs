//! What identifies a person, or is a caller's text, or a key, cannot be printed: this does not compile otherwise.

use icelocator_server::locator::{Question, Row};
use icelocator_server::observe::{CallEvent, Client};
use icelocator_server::privacy::Redacted;
use icelocator_server::search::plain::{Ask, OtherReading, Part, Reading, Suggestion, Understood};
use icelocator_server::search::{AlienNumberQuery, Answer, Facility, NameQuery, Person};
use icelocator_server::transport::Sealer;

/// Fails to compile when `$type` implements `$trait`: then two impls fit, and none can be chosen.
macro_rules! assert_not {
    ($type:ty: $trait:path) => {
        const _: fn() = || {
            trait Ambiguous<A> {
                fn item() {}
            }
            impl<T: ?Sized> Ambiguous<()> for T {}
            struct Implemented;
            impl<T: ?Sized + $trait> Ambiguous<Implemented> for T {}
            let _ = <$type as Ambiguous<_>>::item;
        };
    };
}

assert_not!(CallEvent: std::fmt::Debug);
assert_not!(CallEvent: std::fmt::Display);
assert_not!(Client: std::fmt::Debug);
assert_not!(Client: std::fmt::Display);
assert_not!(Redacted<CallEvent>: std::fmt::Debug);
assert_not!(Sealer: std::fmt::Debug);
assert_not!(Person: std::fmt::Debug);
assert_not!(Person: std::fmt::Display);
assert_not!(Facility: std::fmt::Debug);
assert_not!(Facility: std::fmt::Display);
assert_not!(NameQuery: std::fmt::Debug);
assert_not!(NameQuery: std::fmt::Display);
assert_not!(AlienNumberQuery: std::fmt::Debug);
assert_not!(AlienNumberQuery: std::fmt::Display);
assert_not!(Answer: std::fmt::Debug);
assert_not!(Question: std::fmt::Debug);
assert_not!(Question: std::fmt::Display);
assert_not!(Row: std::fmt::Debug);
assert_not!(Row: std::fmt::Display);
assert_not!(Reading: std::fmt::Debug);
assert_not!(Reading: std::fmt::Display);
assert_not!(Understood: std::fmt::Debug);
assert_not!(Understood: std::fmt::Display);
assert_not!(Part: std::fmt::Debug);
assert_not!(Part: std::fmt::Display);
assert_not!(OtherReading: std::fmt::Debug);
assert_not!(Ask: std::fmt::Debug);
assert_not!(Suggestion: std::fmt::Debug);
