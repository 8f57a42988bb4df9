//! The settings that both sides share: the operator embeds these types in the schema of the `IceLocator` resource, the
//! server reads them from its settings file.
//!
//! A reference (`SecretKeyRef` and its like) names what a cluster keeps apart: no settings file holds a secret.
//!
//! The types parse what has the right form. Whether values make sense together (bounds, sections that exclude each
//! other) is said by [`Check`], for both sides alike; the schema carries the same bounds, so that the API server
//! refuses most mistakes first. Unknown fields are refused where a settings file is read ([`ServerConfig::from_yaml`]),
//! not here: in a cluster the API server does that, and an older operator must still be able to read a newer resource.

mod access;
mod analytics;
mod auth;
mod check;
mod compliance;
mod duration;
mod guard;
mod histogram;
mod http;
mod limits;
mod load;
mod locator;
mod os;
mod privacy;
mod profiling;
mod ratio;
mod references;
mod reloadable;
mod schema;
mod server;
mod sessions;
mod telemetry;
mod texts;
pub mod tools;
mod tuning;
mod url;

pub use access::{Access, CircuitBreaker, EgressProxies, Pacing, Rotation, Strategy};
pub use analytics::Analytics;
pub use auth::{Auth, Bearer, Oidc, TokenReview};
pub use check::{Check, FieldError, FieldPath};
pub use compliance::{Compliance, ComplianceReport, ReportFormat};
pub use duration::{Bounds, Duration, InvalidDuration};
pub use guard::{Guard, GuardAction};
pub use histogram::DURATION_BOUNDS_SECONDS;
pub use http::{Http, InvalidOrigin, WebOrigin};
pub use limits::{CallerLimit, Limits, ToolLimit};
pub use load::{LoadError, read_yaml};
pub use locator::{Cache, Locator, MOST_LOOKUPS, PeopleFile, Profile, Simulator};
pub use os::Os;
pub use privacy::Privacy;
pub use profiling::Profiling;
pub use ratio::{InvalidRatio, Ratio};
pub use references::{ConfigMapKeyRef, ConfigMapRef, Mounts, SecretKeyRef, SecretRef};
pub use reloadable::Reloadable;
pub use schema::rule;
pub use server::{CONFIG_VERSION, Instance, ServerConfig};
pub use sessions::{Recording, Sessions};
pub use telemetry::{Datadog, DatadogAgent, Otlp, OtlpProtocol, Sentry, SentryDeploys, Telemetry};
pub use texts::Texts;
pub use tuning::{DurationRange, IntegerRange, Tuning};
pub use url::{HttpUrl, InvalidUrl};
