//! Who calls: told by a token in the request's head, before anything else of it is read.
//!
//! A token is looked for on the list first, then handed to whoever gave it, as far as it says who that was. Whoever has
//! none that is known gets the same answer, whatever is wrong with it; only the measurements say more. Where it cannot be
//! found out at the moment the answer is to come back later: unknown is not unauthorised.

mod bearer;
mod fetch;
mod header;
mod jwks;
mod oidc;
mod pseudonym;
mod signature;
mod token_review;

use axum::http::{HeaderMap, StatusCode, Uri, header as names};
use axum::response::{IntoResponse, Response};
use icelocator_config::{Auth, Mounts};
use opentelemetry::KeyValue;
use opentelemetry::metrics::{Counter, Meter};
use serde_json::Value;
use tokio_util::sync::CancellationToken;

pub use self::bearer::Bearer;
pub use self::oidc::METADATA;
use self::oidc::{Oidc, Unchecked};
pub use self::pseudonym::Pseudonyms;
use self::token_review::{Api, NoCluster, TokenReview};
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
    /// Whether the caller is known cannot be found out at the moment.
    Unavailable,
}

impl Refused {
    /// The answer's status.
    pub const fn status(self) -> StatusCode {
        match self {
            Self::Unknown { .. } => StatusCode::UNAUTHORIZED,
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
            attempts,
            failures,
        })
    }

    /// The list of tokens, where there is one.
    pub fn tokens(&self) -> Option<Bearer> {
        self.bearer.clone()
    }

    /// Who calls with these headers.
    pub async fn caller(&self, headers: &HeaderMap) -> Result<Caller, Refused> {
        if self.anonymous {
            return Ok(Caller::default());
        }
        let token = match header::token(headers) {
            Ok(Some(token)) => token,
            Ok(None) => return Err(self.fail("none", Reason::Missing, false)),
            Err(header::Malformed) => return Err(self.fail("none", Reason::Malformed, true)),
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
            Err(Failed::Bad(reason)) => Err(self.fail(kind.as_str(), reason, true)),
            Err(Failed::Unavailable) => {
                self.fail(kind.as_str(), Reason::Unavailable, true);
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

    fn fail(&self, kind: &'static str, reason: Reason, shown: bool) -> Refused {
        let kind = KeyValue::new("kind", kind);
        let reason = KeyValue::new("reason", reason.as_str());
        self.attempts.add(1, std::slice::from_ref(&kind));
        self.failures.add(1, &[kind, reason]);
        Refused::Unknown { shown }
    }

    /// The answer to a call that is refused: how callers are to show who they are.
    pub fn answer(&self, refused: Refused, headers: &HeaderMap, uri: &Uri) -> Response {
        let shown = match refused {
            Refused::Unknown { shown } => shown,
            Refused::Unavailable => {
                return refusal::later(
                    refused.status(),
                    &Value::Null,
                    "who calls cannot be found out at the moment: try again",
                    RETRY_AFTER_SECONDS,
                );
            }
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
        let error = refusal::error("say who calls: send the header Authorization: Bearer TOKEN");
        let challenge = [(names::WWW_AUTHENTICATE, challenge.trim_end().to_owned())];
        (refused.status(), challenge, error).into_response()
    }

    /// Whose tokens open this server, for programs that want to find out. Only an issuer's can be asked for.
    pub fn metadata(&self, headers: &HeaderMap, uri: &Uri) -> Option<Value> {
        self.oidc.as_ref()?.metadata(headers, uri)
    }
}
