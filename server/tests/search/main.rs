//! Searches through the real HTTP client: against the real simulator, and against sites that misbehave.

mod cache;
mod found;
mod session;
mod support;
mod unknown;
