//! Where notifications arrive: a real SMTP server, and HTTP endpoints that are as strict as the services
//! they stand for. Each keeps what it was sent until a test asks for it.

mod http;
mod smtp;

pub use http::{HttpReceiver, Post};
pub use smtp::{Mail, SmtpReceiver};
