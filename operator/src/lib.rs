//! The IceLocator operator: from an `IceLocator` resource to a running, watched MCP server.

pub mod api;
pub mod cli;
pub mod client;
pub mod controller;
pub mod discovery;
pub mod events;
mod hex;
pub mod http;
pub mod kinds;
pub mod leader;
pub mod metrics;
pub mod probe;
pub mod resources;
pub mod run;
pub mod sentry;
pub mod verify;
pub mod watch;
