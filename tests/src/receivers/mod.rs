//! Where notifications and telemetry arrive: a real SMTP server, Datadog's own test agent, and HTTP endpoints that are as
//! strict as the services they stand for. Each keeps what it was sent until a test asks for it.

use std::net::{IpAddr, SocketAddr};

use anyhow::{Context as _, Result};
use axum::Router;
use tokio::{net::TcpListener, task::JoinHandle};

mod datadog_agent;
mod http;
mod intakes;
mod smtp;

pub use datadog_agent::{DatadogAgent, VENV};
pub use http::{HttpReceiver, Post};
pub use intakes::{DATADOG_KEY, Intake, Intakes};
pub use smtp::{Mail, SmtpReceiver};

/// A server on a free port; it ends with the value.
struct Listening {
    address: SocketAddr,
    server: JoinHandle<()>,
}

impl Listening {
    async fn start(ip: IpAddr, router: Router) -> Result<Self> {
        let listener = TcpListener::bind((ip, 0))
            .await
            .context("no port for a receiver")?;
        let address = listener.local_addr()?;
        let server = tokio::spawn(async move {
            let _ = axum::serve(listener, router).await;
        });
        Ok(Self { address, server })
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        self.server.abort();
    }
}
