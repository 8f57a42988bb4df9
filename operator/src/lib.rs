//! The IceLocator operator: from an `IceLocator` resource to a running, watched MCP server.

pub mod api;
pub mod controller;
pub mod resources;
