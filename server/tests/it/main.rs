//! The server as its clients, its collector and its kubelet meet it: the real binary against the real simulator.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod answers;
mod auth;
mod browsers;
mod bulk;
mod catalogue;
mod datadog;
mod events;
mod hostile;
mod http;
mod in_a_browser;
mod intents;
mod issued;
mod life;
mod limits;
mod oidc;
mod pages;
mod plain;
mod privacy;
mod profile;
mod profiles;
mod rates;
mod redact;
mod reports;
mod sentry;
mod series;
mod simulate;
mod source;
mod stdio;
mod streams;
mod support;
mod traces;
mod unprintable;
