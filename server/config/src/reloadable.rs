//! What a running server takes from its settings file without a restart.

use crate::{Limits, ServerConfig};

/// The settings that take effect in a running server. All others need a new process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reloadable {
    /// Most servers that run at the same time; each takes its share of what holds for all together.
    pub replicas: u32,
    /// How much is taken, and from whom.
    pub limits: Limits,
    /// Most requests to the site a minute, for all replicas together.
    pub requests_per_minute: Option<u32>,
}

impl Default for Reloadable {
    fn default() -> Self {
        Self {
            replicas: 1,
            limits: Limits::default(),
            requests_per_minute: None,
        }
    }
}

impl ServerConfig {
    /// What of these settings takes effect in a running server.
    pub fn reloadable(&self) -> Reloadable {
        let access = self.locator.access.as_ref();
        Reloadable {
            replicas: self.replicas,
            limits: self.limits.clone(),
            requests_per_minute: access.and_then(|access| access.requests_per_minute),
        }
    }

    /// The same settings with [`Reloadable`] at its default: when these change, a new process is needed.
    #[must_use]
    pub fn without_reloadable(&self) -> Self {
        let Reloadable {
            replicas,
            limits,
            requests_per_minute,
        } = Reloadable::default();
        let mut rest = self.clone();
        rest.replicas = replicas;
        rest.limits = limits;
        if let Some(access) = &mut rest.locator.access {
            access.requests_per_minute = requests_per_minute;
        }
        rest
    }
}
