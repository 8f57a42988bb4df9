//! How calls arrive: Streamable HTTP and stdio, and the ports on which the process is watched and examined.

pub mod admin;
mod auth;
mod envelope;
pub mod http;
mod limit;
mod lines;
mod media;
mod origin;
pub mod probes;
mod rate;
mod refusal;
mod session;
pub mod stdio;
mod stream;

pub use auth::{Authenticator, Error as AuthError, Pseudonyms};
pub use limit::Places;
pub use origin::OwnNames;
pub use rate::Rates;
pub use session::{KeyError, Sealer, SessionKey};
