//! Where the operator looks.

/// The namespaces that are watched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scopes {
    All,
    Namespaces(Vec<String>),
}

impl Scopes {
    /// One watch for each: `None` stands for the whole cluster.
    pub fn each(&self) -> Vec<Option<&str>> {
        match self {
            Self::All => vec![None],
            Self::Namespaces(names) => names.iter().map(|name| Some(name.as_str())).collect(),
        }
    }

    pub fn of(&self, namespace: &str) -> usize {
        match self {
            Self::All => 0,
            Self::Namespaces(names) => names.iter().position(|name| name == namespace).unwrap_or(0),
        }
    }
}
