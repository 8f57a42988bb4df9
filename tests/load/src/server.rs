//! A server as a process: started on a free port, asked for its memory, ended when dropped.

use std::fs::{self, File};
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};

use crate::calls::{Call, Connection};

/// What Linux tells processor time in.
const TICK: Duration = Duration::from_millis(10);
const PATIENCE: Duration = Duration::from_secs(20);

/// A running server.
pub struct Server {
    process: Child,
    pub address: SocketAddr,
}

/// An address on which nobody listens.
pub fn free_address() -> Result<SocketAddr> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?)
}

impl Server {
    /// Starts `program`, which is to listen on `address`; what it logs goes to `log`.
    pub fn start(
        program: &Path,
        arguments: &[&str],
        address: SocketAddr,
        log: &Path,
    ) -> Result<Self> {
        let log = File::create(log)?;
        let process = Command::new(program)
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()
            .with_context(|| format!("cannot start {}", program.display()))?;
        Ok(Self { process, address })
    }

    /// Waits for the first answer to `call`, and says how long it took.
    pub async fn first_answer(&mut self, call: &Call) -> Result<Duration> {
        let began = Instant::now();
        loop {
            if let Ok(mut connection) = Connection::open(self.address).await {
                connection.make(call, 0).await?;
                return Ok(began.elapsed());
            }
            ensure!(self.process.try_wait()?.is_none(), "it ended at once");
            ensure!(began.elapsed() < PATIENCE, "it does not answer");
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }

    /// Time that its threads have worked so far.
    pub fn worked(&self) -> Result<Duration> {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.process.id()))?;
        // The name, in brackets, may have spaces.
        let (_, fields) = stat.rsplit_once(')').context("no name in /proc")?;
        let ticks = fields
            .split_whitespace()
            .skip(11)
            .take(2)
            .map(str::parse::<u64>);
        let ticks: u64 = ticks.sum::<Result<u64, _>>()?;
        Ok(TICK * u32::try_from(ticks)?)
    }

    /// Resident memory in bytes.
    pub fn resident(&self) -> Result<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.process.id()))?;
        let line = status
            .lines()
            .find_map(|line| line.strip_prefix("VmRSS:"))
            .context("no VmRSS in /proc")?;
        let kibibytes: u64 = line.trim().trim_end_matches(" kB").parse()?;
        Ok(kibibytes * 1024)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
