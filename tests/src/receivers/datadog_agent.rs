//! Datadog's public test agent, run as its makers publish it: it takes traces as the Agent does, and says what it understood.

use std::{
    net::{IpAddr, SocketAddr},
    process::Stdio,
    time::Duration,
};

use anyhow::{Context, Result};
use serde_json::Value;
use tokio::{
    net::{TcpListener, TcpStream},
    process::{Child, Command},
};

use crate::{World, eventually, helm};

/// An environment of Python with what stands in `tests/sinks/requirements.txt`.
pub const VENV: &str = "target/sinks/venv";

const STARTS_WITHIN: Duration = Duration::from_mins(1);

/// The agent; it ends with the value.
pub struct DatadogAgent {
    /// Where it takes OTLP over HTTP.
    pub address: SocketAddr,
    _process: Child,
}

impl DatadogAgent {
    /// Listens on free ports of `ip`.
    pub async fn start(world: &World, ip: IpAddr) -> Result<Self> {
        helm::command(
            world,
            "tests/venv.sh",
            &[VENV, "tests/sinks/requirements.txt"],
        )
        .await?;
        let mut free = Vec::new();
        for _ in 0..3 {
            free.push(TcpListener::bind((ip, 0)).await.context("no free port")?);
        }
        let ports: Vec<u16> = free
            .iter()
            .map(|listener| Ok(listener.local_addr()?.port()))
            .collect::<Result<_>>()?;
        drop(free);
        let process = Command::new(world.root.join(VENV).join("bin/ddapm-test-agent"))
            .arg("--host")
            .arg(ip.to_string())
            .args(["--log-level", "ERROR"])
            .args(["--port", &ports[0].to_string()])
            .args(["--otlp-grpc-port", &ports[1].to_string()])
            .args(["--otlp-http-port", &ports[2].to_string()])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .context("Datadog's test agent")?;
        let address = SocketAddr::new(ip, ports[2]);
        eventually(STARTS_WITHIN, "the test agent listens", || async {
            TcpStream::connect(address).await?;
            Ok(())
        })
        .await?;
        Ok(Self {
            address,
            _process: process,
        })
    }

    /// All spans that it was sent, as it understood them.
    pub async fn spans(&self, world: &World) -> Result<Vec<Value>> {
        let url = format!("http://{}/test/session/traces", self.address);
        let requests: Value = serde_json::from_str(&world.text(&url).await?)?;
        let each = |value: &Value, key: &str| -> Vec<Value> {
            let entries = value.get(key).and_then(Value::as_array);
            entries.cloned().unwrap_or_default()
        };
        let requests = requests.as_array().cloned().unwrap_or_default();
        let spans = requests
            .iter()
            .flat_map(|request| each(request, "resource_spans"))
            .flat_map(|resource| each(&resource, "scope_spans"))
            .flat_map(|scope| each(&scope, "spans"));
        Ok(spans.collect())
    }
}
