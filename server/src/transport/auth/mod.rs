//! Who calls: told by a token in the request's head, before anything else of it is read.
//!
//! A token is looked for on the list first, then handed to whoever gave it, as far as it says who that was. Whoever has
//! none that is known gets the same answer, whatever is wrong with it; only the measurements say more. Where it cannot be
//! found out at the moment the answer is to come back later: unknown is not unauthorised. So it is where many wrong tokens
//! come from one address; a right one is let in all the same.

mod bearer;
mod fetch;
mod guesses;
pub(super) mod header;
mod jwks;
mod oidc;
mod pseudonym;
mod signature;
mod token_review;

use std::net::IpAddr;

use axum::http::{HeaderMap, StatusCode, Uri, header as names};
use axum::response::{IntoResponse, Response};
use icelocator_config::{Auth, Mounts};
use opentelemetry::KeyValue;
use opentelemetry::metrics::{Counter, Meter};
use serde_json::Value;
use tokio_util::sync::CancellationToken;

pub use self::bearer::Bearer;
use self::guesses::Guesses;
pub use self::oidc::METADATA;
use self::oidc::{Oidc, Unchecked};
pub use self::pseudonym::Pseudonyms;
use self::token_review::{Api, NoCluster, TokenReview};
use super::rate::TooSoon;
use super::refusal;
use crate::caller::{Caller, Kind};
use crate::observe::catalogue::{AUTH_ATTEMPTS, AUTH_FAILURES};
use crate::supervise::supervise;

/// When to come back where it could not be found out who calls.
const RETRY_AFTER_SECONDS: u64 = 5;

/// Why a caller is not known, for measurements.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// No token was shown.
    Missing,
    /// What was shown is no token.
    Malformed,
    /// The token is nobody's.
    Unknown,
    /// It is signed in a way that is not let through.
    Algorithm,
    /// It is signed with a key that the issuer has not got.
    Key,
    /// Its signature is wrong.
    Signature,
    /// It is another issuer's.
    Issuer,
    /// It was made for somebody else.
    Audience,
    /// It is no longer valid.
    Expired,
    /// It is not valid yet.
    NotYetValid,
    /// It could not be checked.
    Unavailable,
}

impl Reason {
    /// Its name in metrics.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Malformed => "malformed",
            Self::Unknown => "unknown",
            Self::Algorithm => "algorithm",
            Self::Key => "key",
            Self::Signature => "signature",
            Self::Issuer => "issuer",
            Self::Audience => "audience",
            Self::Expired => "expired",
            Self::NotYetValid => "not_yet_valid",
            Self::Unavailable => "unavailable",
        }
    }

    /// Whether a token may have been made up. What is not valid now has been valid, or will be: its signature is right.
    const fn may_be_a_guess(self) -> bool {
        !matches!(
            self,
            Self::Missing | Self::Expired | Self::NotYetValid | Self::Unavailable
        )
    }
}

/// Why a token tells no caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Failed {
    /// It is not good.
    Bad(Reason),
    /// Whether it is good cannot be found out at the moment.
    Unavailable,
}

/// Why callers cannot be known as the settings say.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no cluster to ask.
    #[error(transparent)]
    NoCluster(#[from] NoCluster),
    /// There can be no HTTP client.
    #[error("auth.oidc: no HTTP client can be made: {0}")]
    Http(#[from] reqwest::Error),
}

/// Why a call is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// The caller is not known. Says whether a token was shown.
    Unknown {
        /// Whether there was one.
        shown: bool,
    },
    /// The same, and too many wrong tokens came before.
    TooMany(TooSoon),
    /// Whether the caller is known cannot be found out at the moment.
    Unavailable,
}

impl Refused {
    /// What the caller is told.
    pub const fn words(&self) -> &'static str {
        match self {
            Self::Unknown { .. } => "say who calls: send the header Authorization: Bearer TOKEN",
            Self::TooMany(_) => "too many wrong tokens: wait as long as retryAfterSeconds says",
            Self::Unavailable => "who calls cannot be found out at the moment: try again",
        }
    }

    /// The answer's status.
    pub const fn status(self) -> StatusCode {
        match self {
            Self::Unknown { .. } => StatusCode::UNAUTHORIZED,
            Self::TooMany(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        }
    }
}

/// Knows callers by what they show.
pub struct Authenticator {
    anonymous: bool,
    bearer: Option<Bearer>,
    oidc: Option<Oidc>,
    token_review: Option<TokenReview>,
    guesses: Guesses,
    attempts: Counter<u64>,
    failures: Counter<u64>,
}

impl Authenticator {
    /// As the settings say. Lists are kept up to date until `stop`.
    pub fn new(
        settings: &Auth,
        mounts: &Mounts,
        pseudonyms: &Pseudonyms,
        meter: &Meter,
        stop: &CancellationToken,
    ) -> Result<Self, Error> {
        let bearer = settings.bearer.as_ref().map(|bearer| {
            let bearer = Bearer::new(mounts.secret(&bearer.secret_ref), pseudonyms.clone());
            let list = bearer.clone();
            supervise(stop.clone(), move || {
                let list = list.clone();
                async move { list.run().await }
            });
            bearer
        });
        let oidc = match &settings.oidc {
            Some(oidc) => Some(Oidc::new(oidc, pseudonyms.clone())?),
            None => None,
        };
        let token_review = match &settings.token_review {
            Some(review) => Some(TokenReview::new(
                Api::of_pod()?,
                review.audience.clone(),
                pseudonyms.clone(),
            )),
            None => None,
        };
        let (attempts, failures) = (AUTH_ATTEMPTS.counter(meter), AUTH_FAILURES.counter(meter));
        attempts.add(0, &[]);
        failures.add(0, &[]);
        Ok(Self {
            anonymous: settings.anonymous,
            bearer,
            oidc,
            token_review,
            guesses: Guesses::new(),
            attempts,
            failures,
        })
    }

    /// The list of tokens, where there is one.
    pub fn tokens(&self) -> Option<Bearer> {
        self.bearer.clone()
    }

    /// Who calls with these headers, from the address of `peer`.
    pub async fn caller(
        &self,
        headers: &HeaderMap,
        peer: Option<IpAddr>,
    ) -> Result<Caller, Refused> {
        if self.anonymous {
            return Ok(Caller::default());
        }
        let token = match header::token(headers) {
            Ok(Some(token)) => token,
            Ok(None) => return Err(self.fail("none", Reason::Missing, peer)),
            Err(header::Malformed) => {
                return Err(self.fail("none", Reason::Malformed, peer));
            }
        };
        if let Some(pseudonym) = self.bearer.as_ref().and_then(|list| list.caller(token)) {
            return Ok(self.known(Kind::Bearer, pseudonym));
        }
        let says = Unchecked::read(token);
        let (kind, told) = match (says, &self.oidc, &self.token_review) {
            (Some(says), Some(oidc), _) if oidc.gave(&says) => {
                (Kind::Oidc, oidc.caller(token).await)
            }
            (Some(says), _, Some(review)) => {
                (Kind::ServiceAccount, review.caller(token, &says).await)
            }
            (Some(_), Some(_), None) => (Kind::Oidc, Err(Failed::Bad(Reason::Issuer))),
            _ => (Kind::Bearer, Err(Failed::Bad(Reason::Unknown))),
        };
        match told {
            Ok(pseudonym) => Ok(self.known(kind, pseudonym)),
            Err(Failed::Bad(reason)) => Err(self.fail(kind.as_str(), reason, peer)),
            Err(Failed::Unavailable) => {
                self.fail(kind.as_str(), Reason::Unavailable, peer);
                Err(Refused::Unavailable)
            }
        }
    }

    fn known(&self, kind: Kind, pseudonym: String) -> Caller {
        self.attempts
            .add(1, &[KeyValue::new("kind", kind.as_str())]);
        Caller {
            kind,
            pseudonym: Some(pseudonym),
        }
    }

    fn fail(&self, kind: &'static str, reason: Reason, peer: Option<IpAddr>) -> Refused {
        let kind = KeyValue::new("kind", kind);
        self.attempts.add(1, std::slice::from_ref(&kind));
        let label = KeyValue::new("reason", reason.as_str());
        self.failures.add(1, &[kind, label]);
        if reason.may_be_a_guess()
            && let Err(too_soon) = self.guesses.wrong(peer)
        {
            return Refused::TooMany(too_soon);
        }
        Refused::Unknown {
            shown: reason != Reason::Missing,
        }
    }

    /// The answer to a call that is refused: how callers are to show who they are.
    pub fn answer(&self, refused: Refused, headers: &HeaderMap, uri: &Uri) -> Response {
        let words = refused.words();
        let later = |seconds| refusal::later(refused.status(), &Value::Null, words, seconds);
        let shown = match refused {
            Refused::Unknown { shown } => shown,
            Refused::TooMany(too_soon) => return later(too_soon.seconds()),
            Refused::Unavailable => return later(RETRY_AFTER_SECONDS),
        };
        let metadata = self
            .oidc
            .as_ref()
            .and_then(|_| oidc::metadata_url(headers, uri))
            .map(|url| format!("resource_metadata=\"{url}\""));
        // A client that has shown nothing has not made a mistake yet.
        let error = shown.then(|| "error=\"invalid_token\"".to_owned());
        let parameters: Vec<_> = metadata.into_iter().chain(error).collect();
        let challenge = format!("Bearer {}", parameters.join(", "));
        let error = refusal::error(words);
        let challenge = [(names::WWW_AUTHENTICATE, challenge.trim_end().to_owned())];
        (refused.status(), challenge, error).into_response()
    }

    /// Whose tokens open this server, for programs that want to find out. Only an issuer's can be asked for.
    pub fn metadata(&self, headers: &HeaderMap, uri: &Uri) -> Option<Value> {
        self.oidc.as_ref()?.metadata(headers, uri)
    }
}
