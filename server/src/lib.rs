//! The `IceLocator` MCP server: answers AI clients that help families and their lawyers find where a detained person is
//! held.
//!
//! A call goes one way: `transport` → `mcp` → `search` → `locator` → answer. Beside it one event is built per call
//! (`observe`), redacted in one place (`privacy`), and handed to every sink.

pub mod caller;
pub mod cli;
pub mod language;
pub mod locator;
pub mod mcp;
pub mod observe;
pub mod privacy;
pub mod profiling;
pub mod reload;
pub mod search;
pub mod serve;
pub mod simulator;
pub mod supervise;
pub mod texts;
pub mod transport;
