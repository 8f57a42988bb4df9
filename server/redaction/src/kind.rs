//! What kinds of things identify somebody.

/// A kind of thing that identifies somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// A person's name, or part of it.
    Name,
    /// An alien number.
    AlienNumber,
    /// A Social Security number.
    Ssn,
    /// A telephone number.
    Phone,
    /// An e-mail address.
    Email,
    /// A postal address.
    Address,
    /// A day, such as that of a birth.
    Date,
    /// The number of a passport or another identity document.
    Document,
    /// A token, password or key.
    Credential,
    /// Anything else that was shown to be sensitive.
    Other,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::Name,
        Self::AlienNumber,
        Self::Ssn,
        Self::Phone,
        Self::Email,
        Self::Address,
        Self::Date,
        Self::Document,
        Self::Credential,
        Self::Other,
    ];

    /// Its name in redacted text, labels and logs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::AlienNumber => "a_number",
            Self::Ssn => "ssn",
            Self::Phone => "phone",
            Self::Email => "email",
            Self::Address => "address",
            Self::Date => "date",
            Self::Document => "document",
            Self::Credential => "credential",
            Self::Other => "other",
        }
    }
}
