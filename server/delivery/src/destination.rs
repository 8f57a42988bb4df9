//! What a destination has to say for itself.

use std::time::Duration;

use icelocator_telemetry::retry_after;
use jiff::Timestamp;
use reqwest::StatusCode;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};

/// Somewhere that takes items over HTTP.
pub trait Destination: Send + Sync + 'static {
    /// What is put into its outbox.
    type Item: Send + 'static;

    /// Its name in metrics, logs and health: a word.
    fn name(&self) -> &'static str;

    /// About how many bytes of memory an item holds while it waits. Called by who puts it in: a few instructions.
    fn weight(&self, item: &Self::Item) -> usize;

    /// An item as it is sent, before anything is packed. Called in the background. `None`: it cannot be sent, and is dropped.
    fn encode(&self, item: &Self::Item) -> Option<Vec<u8>>;

    /// The request that carries `items`, of which there is at least one. `secret` is what the file of
    /// [`Settings::secret`](crate::Settings::secret) says, or said within the last second, or nothing where there is no such
    /// file. `None`: the secret is of no use, and all waits until it changes.
    fn request(&self, secret: &str, items: &[Vec<u8>]) -> Option<Post>;

    /// What an answer means.
    fn judge(&self, status: StatusCode, headers: &HeaderMap) -> Verdict {
        Verdict::of(status, headers)
    }
}

/// A request by POST.
#[derive(Clone)]
pub struct Post {
    /// Where it goes.
    pub url: String,
    /// Its headers; those that say how long it is and how it is packed come by themselves.
    pub headers: Vec<(HeaderName, HeaderValue)>,
    /// Its body, not packed: see [`Settings::gzip`](crate::Settings::gzip).
    pub body: Vec<u8>,
}

/// What an answer means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The items are there.
    Delivered,
    /// Once more, but not before this time, if it says one.
    Retry(Option<Duration>),
    /// Our secret is not known there: all waits, and the secret is read again before each try.
    Unauthorized,
    /// Our secret is not known there, or, if it has been accepted before, these items are not wanted.
    Forbidden,
    /// It will never take them.
    Refused,
}

impl Verdict {
    /// What statuses mean everywhere.
    pub fn of(status: StatusCode, headers: &HeaderMap) -> Self {
        match status.as_u16() {
            200..300 => Self::Delivered,
            401 => Self::Unauthorized,
            403 => Self::Forbidden,
            408 | 425 | 429 | 500.. => Self::Retry(retry_after(headers, Timestamp::now())),
            _ => Self::Refused,
        }
    }
}
