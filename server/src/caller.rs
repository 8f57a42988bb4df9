//! Who calls, and what they may still ask for: said by the transport, read by the tools.

use std::sync::Arc;
use std::time::Duration;

/// Who calls, as far as it is known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Caller {
    /// How they are known.
    pub kind: Kind,
    /// The same for the same caller in every replica, and nothing that their name could be read from. Without one, nothing
    /// ties this call to another.
    pub pseudonym: Option<String>,
}

/// How a caller is known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Kind {
    /// Not at all.
    #[default]
    Anonymous,
    /// By a token from a list.
    Bearer,
    /// By a token of an OpenID Connect issuer.
    Oidc,
    /// By a token of a Kubernetes ServiceAccount.
    ServiceAccount,
    /// By having started this process.
    Local,
}

impl Kind {
    /// Its name in metrics.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Anonymous => "anonymous",
            Self::Bearer => "bearer",
            Self::Oidc => "oidc",
            Self::ServiceAccount => "service_account",
            Self::Local => "local",
        }
    }
}

/// What a caller may still ask for. A call has taken one search when it begins; one that makes more takes the rest.
pub trait Allowance: Send + Sync {
    /// Takes `searches` more, all or none. An error says when to come back.
    fn take(&self, searches: u32) -> Result<(), Duration>;
}

/// Without limits.
struct Unlimited;

impl Allowance for Unlimited {
    fn take(&self, _: u32) -> Result<(), Duration> {
        Ok(())
    }
}

/// Without limits, for calls that nobody counts.
pub fn unlimited() -> Arc<dyn Allowance> {
    Arc::new(Unlimited)
}
