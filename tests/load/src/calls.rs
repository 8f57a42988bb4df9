//! Callers: each has a connection of its own and makes one call after the other on it, as an assistant does.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Bytes;
use hyper::client::conn::http1::{self, SendRequest};
use hyper::{Request, StatusCode};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

const PROTOCOL: &str = "2026-07-28";

/// A call of a tool, and what its answer has to contain.
#[derive(Clone)]
pub struct Call {
    pub tool: &'static str,
    /// The arguments of the call with this number.
    pub arguments: fn(u64) -> Value,
    pub expected: &'static str,
}

impl Call {
    fn body(&self, number: u64) -> Bytes {
        let message = json!({
            "jsonrpc": "2.0",
            "id": number % 10_000,
            "method": "tools/call",
            "params": {
                "name": self.tool,
                "arguments": (self.arguments)(number),
                "_meta": {
                    "io.modelcontextprotocol/protocolVersion": PROTOCOL,
                    "io.modelcontextprotocol/clientCapabilities": {},
                    "io.modelcontextprotocol/clientInfo": {"name": "icelocator-load", "version": "1.0"},
                },
            },
        });
        Bytes::from(message.to_string())
    }
}

/// A connection to a server.
pub struct Connection {
    sender: SendRequest<Full<Bytes>>,
    host: String,
}

impl Connection {
    pub async fn open(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let (sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
        tokio::spawn(connection);
        Ok(Self {
            sender,
            host: address.to_string(),
        })
    }

    /// Makes one call. An answer that is not the expected one is an error: figures of failures are worth nothing.
    pub async fn make(&mut self, call: &Call, number: u64) -> Result<()> {
        let request = Request::post("/mcp")
            .header("host", &self.host)
            .header("accept", "application/json, text/event-stream")
            .header("content-type", "application/json")
            .header("mcp-protocol-version", PROTOCOL)
            .header("mcp-method", "tools/call")
            .header("mcp-name", call.tool)
            .body(Full::new(call.body(number)))?;
        let response = self.sender.send_request(request).await?;
        let status = response.status();
        let body = response.into_body().collect().await?.to_bytes();
        let text = std::str::from_utf8(&body).context("an answer that is no text")?;
        ensure!(
            status == StatusCode::OK && text.contains(call.expected),
            "HTTP {status}, not the expected answer: {text}"
        );
        Ok(())
    }
}

/// How long calls took.
#[derive(Default)]
pub struct Figures {
    durations: Vec<Duration>,
    measured: Duration,
    /// How long the server worked for them.
    pub worked: Duration,
}

impl Figures {
    pub fn add(&mut self, other: Self) {
        self.durations.extend(other.durations);
        self.measured += other.measured;
        self.worked += other.worked;
    }

    /// Calls a second.
    #[expect(clippy::cast_precision_loss, reason = "there are not that many calls")]
    pub fn rate(&self) -> f64 {
        self.durations.len() as f64 / self.measured.as_secs_f64()
    }

    /// Processor time that the server took for a call.
    pub fn work(&self) -> Duration {
        self.worked / u32::try_from(self.durations.len()).unwrap_or(u32::MAX)
    }

    /// The time within which this many per cent of the calls ended.
    pub fn percentile(&mut self, percent: usize) -> Duration {
        self.durations.sort_unstable();
        let index = (self.durations.len() * percent / 100).min(self.durations.len() - 1);
        self.durations[index]
    }
}

/// Calls for `period` with so many callers at once.
pub async fn measure(
    address: SocketAddr,
    call: &Call,
    callers: usize,
    period: Duration,
) -> Result<Figures> {
    // No number comes twice in a run, so that those who ask for somebody new each time do.
    static NEXT: AtomicU64 = AtomicU64::new(1);
    let mut connections = Vec::new();
    for _ in 0..callers {
        connections.push(Connection::open(address).await?);
    }
    let call = Arc::new(call.clone());
    let began = Instant::now();
    let mut working = JoinSet::new();
    for mut connection in connections {
        let call = Arc::clone(&call);
        working.spawn(async move {
            let mut durations = Vec::new();
            loop {
                let asked = Instant::now();
                if asked - began >= period {
                    return anyhow::Ok(durations);
                }
                let number = NEXT.fetch_add(1, Ordering::Relaxed);
                connection.make(&call, number).await?;
                durations.push(asked.elapsed());
            }
        });
    }
    let mut figures = Figures::default();
    while let Some(durations) = working.join_next().await {
        figures.durations.extend(durations??);
    }
    figures.measured = began.elapsed();
    Ok(figures)
}
