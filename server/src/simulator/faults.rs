//! Faults on request: for a share of all requests, or for the one request that names a certain surname.

use std::sync::{Arc, Mutex, PoisonError};

use icelocator_config::Duration;
use serde::{Deserialize, Serialize};

/// What can go wrong with the site.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// The answer is right, but late.
    Slow,
    /// 503.
    Unavailable,
    /// A page that wants to see a person.
    Challenge,
    /// A page that looks like nothing known.
    PageChanged,
    /// 429, with `delay` as the time to wait.
    RateLimited,
    /// The right page, cut off.
    Truncated,
    /// The right page in Latin-1, which says that it is UTF-8.
    Charset,
}

/// Surnames that bring a fault for the one request that has them.
const SURNAMES: [(&str, Fault); 7] = [
    ("Falla-Lenta", Fault::Slow),
    ("Falla-Caida", Fault::Unavailable),
    ("Falla-Reto", Fault::Challenge),
    ("Falla-Nueva", Fault::PageChanged),
    ("Falla-Prisa", Fault::RateLimited),
    ("Falla-Corta", Fault::Truncated),
    ("Falla-Letra", Fault::Charset),
];

/// The fault that is wanted; none without `fault`.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wanted {
    /// Which.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fault: Option<Fault>,
    /// For which share of requests, 0 to 1.
    #[serde(default = "all")]
    pub share: f64,
    /// How late a slow answer is, or how long a hasty caller is asked to wait.
    #[serde(default = "late")]
    pub delay: Duration,
}

fn all() -> f64 {
    1.0
}

fn late() -> Duration {
    Duration::from_secs(5)
}

const NONE: Wanted = Wanted {
    fault: None,
    share: 1.0,
    delay: Duration::from_secs(5),
};

/// The switch.
#[derive(Clone)]
pub struct Faults {
    wanted: Arc<Mutex<Wanted>>,
}

impl Default for Faults {
    fn default() -> Self {
        Self {
            wanted: Arc::new(Mutex::new(NONE)),
        }
    }
}

impl Faults {
    /// What is wanted now.
    pub fn shown(&self) -> Wanted {
        *self.wanted.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Wants something else from now on.
    pub fn set(&self, wanted: Wanted) -> Result<(), &'static str> {
        if !(0.0..=1.0).contains(&wanted.share) {
            return Err("share: a number from 0 to 1");
        }
        *self.wanted.lock().unwrap_or_else(PoisonError::into_inner) = wanted;
        Ok(())
    }

    /// Wants none.
    pub fn clear(&self) {
        *self.wanted.lock().unwrap_or_else(PoisonError::into_inner) = NONE;
    }

    /// The fault for one request, and how late it makes the answer if it is slow.
    pub fn pick(&self, surname: &str) -> Option<(Fault, std::time::Duration)> {
        let wanted = self.shown();
        let delay = wanted.delay.into();
        if let Some((_, fault)) = SURNAMES
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case(surname))
        {
            return Some((*fault, delay));
        }
        let fault = wanted.fault?;
        (rand::random::<f64>() < wanted.share).then_some((fault, delay))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_of_none_spoils_nothing_and_of_all_everything() {
        let faults = Faults::default();
        assert!(faults.pick("").is_none());
        let mut wanted = Wanted {
            fault: Some(Fault::Challenge),
            share: 0.0,
            ..NONE
        };
        faults.set(wanted).unwrap();
        assert!((0..100).all(|_| faults.pick("").is_none()));
        wanted.share = 1.0;
        faults.set(wanted).unwrap();
        assert!((0..100).all(|_| {
            faults
                .pick("")
                .is_some_and(|(fault, _)| fault == Fault::Challenge)
        }));
        faults.clear();
        assert!(faults.pick("").is_none());
    }

    #[test]
    fn a_surname_spoils_its_own_request_only() {
        let faults = Faults::default();
        assert_eq!(
            faults.pick("Falla-Reto").map(|(fault, _)| fault),
            Some(Fault::Challenge)
        );
        assert!(faults.pick("Ejemplo").is_none());
    }

    #[test]
    fn a_share_that_is_no_share_is_refused() {
        let wanted = Wanted { share: 1.5, ..NONE };
        assert!(Faults::default().set(wanted).is_err());
    }
}
