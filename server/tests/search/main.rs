//! Searches through the real HTTP client: against the real simulator, and against sites that misbehave.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod access;
mod cache;
mod found;
mod pages;
mod profile;
mod proxies;
mod proxy;
mod session;
mod simulator;
mod support;
mod unknown;
