//! How calls arrive: Streamable HTTP and stdio, and the port on which the process is watched.

mod envelope;
pub mod http;
mod limit;
mod origin;
pub mod probes;
mod session;
pub mod stdio;

pub use limit::Places;
pub use origin::OwnNames;
pub use session::{KeyError, Sealer};
