//! The server as its clients, its collector and its kubelet meet it: the real binary against the real simulator.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod answers;
mod catalogue;
mod hostile;
mod http;
mod life;
mod limits;
mod privacy;
mod simulate;
mod source;
mod stdio;
mod support;
mod traces;
mod unprintable;
