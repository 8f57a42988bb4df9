//! What the whole-system tests stand on: a cluster to talk to, clients for everything that the bundle
//! speaks with, receivers that stand where people would, and a runner that says what went wrong.
//!
//! Nothing here sleeps to synchronise. Whoever waits says what for and until when ([`eventually`]), and a
//! scenario that fails prints what is needed to understand it ([`report`]).

pub mod alertmanager;
pub mod audit;
pub mod caller;
pub mod case;
pub mod collector;
pub mod dashboards;
pub mod eventually;
pub mod gate;
pub mod helm;
pub mod mcp;
pub mod people;
pub mod prometheus;
pub mod receivers;
pub mod report;
pub mod resource;
pub mod runner;
pub mod simulator;
pub mod world;

pub use case::Case;
pub use eventually::{SOON, consistently, eventually};
pub use world::World;
