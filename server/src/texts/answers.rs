//! What the answers of searches say.

use serde::Deserialize;

use super::types::{Link, Said};
use crate::observe::Outcome;

/// What the answers of searches say.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answers {
    /// What an outcome means.
    pub summaries: Summaries,
    /// What to do next.
    pub next_steps: NextSteps,
    /// What to do when the person is not where the answer says.
    pub if_moved: Said,
    /// The public locator, for looking by hand.
    pub by_hand: Link,
    /// Where else to turn, whatever the outcome.
    pub help: Vec<Link>,
}

impl Answers {
    /// Where to turn to, whatever the outcome.
    pub fn links(&self) -> impl Iterator<Item = &Link> {
        std::iter::once(&self.by_hand).chain(&self.help)
    }
}

/// A form whose fields are all alike, one for each outcome and more, none of which may be missing in a file.
macro_rules! form {
    ($(#[$about:meta])* $name:ident of $each:ty { $($(#[$what:meta])* $field:ident,)* }) => {
        $(#[$about])*
        #[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
        #[serde(deny_unknown_fields)]
        pub struct $name {
            $($(#[$what])* pub $field: $each,)*
        }

        impl $name {
            /// All of them, with their names.
            pub fn all(&self) -> impl Iterator<Item = (&'static str, &$each)> {
                [$((stringify!($field), &self.$field),)*].into_iter()
            }

            /// The one for this outcome, where no more is known than that.
            pub const fn of(&self, outcome: Outcome) -> &$each {
                match outcome {
                    Outcome::Found => &self.found,
                    Outcome::NotFound => &self.not_found,
                    Outcome::Several => &self.several,
                    Outcome::Partial => &self.partial,
                    Outcome::Challenged => &self.challenged,
                    Outcome::RateLimited => &self.rate_limited,
                    Outcome::Unavailable => &self.unavailable,
                    Outcome::PageChanged => &self.page_changed,
                    Outcome::Invalid => &self.invalid,
                }
            }
        }
    };
}

form! {
    /// What an outcome means.
    Summaries of Said {
        /// One person matches.
        found,
        /// The name of one person matches, and no birth date was given.
        name_only,
        /// The site shows nobody.
        not_found,
        /// Several people may match.
        several,
        /// One person may match.
        one_uncertain,
        /// Several people may match, and the likeliest was born on another day than the one asked for.
        date_differs,
        /// One person may match, who was born on another day than the one asked for.
        one_date_differs,
        /// Not all of the search was answered.
        partial,
        /// The site wants to see a person.
        challenged,
        /// The site wants to be asked more slowly.
        rate_limited,
        /// The site does not answer.
        unavailable,
        /// The site's page cannot be read.
        page_changed,
        /// The search was not made.
        invalid,
        /// The search was not made: it was for a child.
        child,
    }
}

form! {
    /// What to do next.
    NextSteps of Vec<Said> {
        /// One person matches. What is said of where they are stands before it.
        found,
        /// The name of one person matches, and no birth date was given. Stands before the others.
        name_only,
        /// The site says where the person is.
        held,
        /// The site says of the person that they are no longer held.
        released,
        /// The site does not say where the person is.
        no_facility,
        /// The site shows nobody of this name.
        not_found,
        /// The site shows nobody of this number.
        number_not_found,
        /// Somebody may match.
        several,
        /// The likeliest was born on another day than the one asked for. Stands before the others.
        date_differs,
        /// More people may match than are shown. Stands before the others.
        more_people,
        /// Not all of the search was answered.
        partial,
        /// The site wants to see a person.
        challenged,
        /// The site wants to be asked more slowly.
        rate_limited,
        /// The site does not answer.
        unavailable,
        /// The site's page cannot be read.
        page_changed,
        /// The search was not made.
        invalid,
        /// The search was not made: it was for a child.
        child,
    }
}
