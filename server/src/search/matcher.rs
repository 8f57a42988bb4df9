//! How the site was asked for somebody, in a word: the few names that spans and logs know it by.

/// How a spelling was come by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Matcher {
    /// The number itself.
    AlienNumber,
    /// As written.
    Exact,
    /// Without accents.
    Unaccented,
    /// In Latin letters.
    Transliterated,
    /// With fewer given names, or in another order.
    GivenNames,
    /// With the first surname alone.
    FirstSurname,
    /// With another choice of surnames.
    Surnames,
    /// With particles, hyphens or apostrophes set in another way.
    Joined,
    /// With or without what tells father from son.
    Suffix,
    /// With surnames for given names.
    Swapped,
    /// With a given name among the surnames, or a surname among the given names.
    Moved,
    /// With the name on papers for a nickname, or the other way round.
    Nickname,
    /// With a common name that sounds alike.
    Sound,
    /// With a common name that is spelled nearly alike.
    Spelling,
    /// Under the one name of somebody who has no other.
    OneName,
    /// In several of these ways at once.
    Several,
    /// Again with the birth date, to tell several people apart.
    BirthDate,
}

impl Matcher {
    /// Its name in spans and counts.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AlienNumber => "alien_number",
            Self::Exact => "exact",
            Self::Unaccented => "unaccented",
            Self::Transliterated => "transliterated",
            Self::GivenNames => "given_names",
            Self::FirstSurname => "first_surname",
            Self::Surnames => "surnames",
            Self::Joined => "joined",
            Self::Suffix => "suffix",
            Self::Swapped => "swapped",
            Self::Moved => "moved",
            Self::Nickname => "nickname",
            Self::Sound => "sound",
            Self::Spelling => "spelling",
            Self::OneName => "one_name",
            Self::Several => "several",
            Self::BirthDate => "birth_date",
        }
    }

    /// Whether it is only nearly what was written: a site that finds such names by itself need not be asked for them.
    pub const fn is_near(self) -> bool {
        matches!(self, Self::Sound | Self::Spelling)
    }

    /// Both at once.
    pub fn and(self, other: Self) -> Self {
        match (self, other) {
            (one, Self::Exact | Self::Unaccented | Self::Transliterated) => one,
            (Self::Exact | Self::Unaccented | Self::Transliterated, other) => other,
            (one, other) if one == other => one,
            _ => Self::Several,
        }
    }
}
