//! What was measured, as a table for people and as JSON for programs.

use std::path::Path;
use std::time::Duration;

use anyhow::Result;
use jiff::Timestamp;
use serde_json::{Value, json};

/// One subject with one number of callers.
pub struct Line {
    pub what: &'static str,
    pub callers: usize,
    /// Calls a second.
    pub rate: f64,
    pub p50: Duration,
    pub p99: Duration,
    /// Processor time of the server a call.
    pub work: Duration,
    /// Bytes.
    pub resident: u64,
}

/// Everything that was measured.
pub struct Report {
    /// The simplest server and ours.
    starts: (Duration, Duration),
    lines: Vec<Line>,
}

impl Report {
    /// Of several starts the one in the middle counts.
    pub fn new(starts: Vec<(Duration, Duration)>, lines: impl Iterator<Item = Line>) -> Self {
        let (echo, ours): (Vec<_>, Vec<_>) = starts.into_iter().unzip();
        Self {
            starts: (middle(echo), middle(ours)),
            lines: lines.collect(),
        }
    }

    /// Prints the table, and writes `figures.json` into `output`.
    pub fn show(&self, output: &Path) -> Result<()> {
        let cores = std::thread::available_parallelism()?;
        println!(
            "| server, and what is asked of it | callers | calls a second | of echo's | p50 ms | p99 ms | processor µs a call | memory MiB |"
        );
        println!("|---|---:|---:|---:|---:|---:|---:|---:|");
        for line in &self.lines {
            println!(
                "| {} | {} | {:.0} | {:.0} % | {:.2} | {:.2} | {:.0} | {:.1} |",
                line.what,
                line.callers,
                line.rate,
                self.share(line),
                millis(line.p50),
                millis(line.p99),
                1000.0 * millis(line.work),
                mebibytes(line.resident),
            );
        }
        let (echo, ours) = (millis(self.starts.0), millis(self.starts.1));
        println!(
            "\nStart to first answer: echo {echo:.0} ms, ours {ours:.0} ms (the site asked once)."
        );
        println!("{cores} cores for servers, stand-in site and callers together.");
        let file = output.join("figures.json");
        std::fs::write(&file, format!("{:#}\n", self.json(cores.get())))?;
        println!("The same for programs: {}", file.display());
        Ok(())
    }

    fn json(&self, cores: usize) -> Value {
        let lines = self.lines.iter().map(|line| {
            json!({
                "what": line.what,
                "callers": line.callers,
                "callsPerSecond": line.rate,
                "percentOfEcho": self.share(line),
                "p50Milliseconds": millis(line.p50),
                "p99Milliseconds": millis(line.p99),
                "processorMicrosecondsPerCall": 1000.0 * millis(line.work),
                "residentBytes": line.resident,
            })
        });
        json!({
            "time": Timestamp::now().to_string(),
            "version": env!("CARGO_PKG_VERSION"),
            "cores": cores,
            "startMilliseconds": {"echo": millis(self.starts.0), "ours": millis(self.starts.1)},
            "lines": lines.collect::<Vec<_>>(),
        })
    }

    /// Calls a second in per cent of those of the simplest server with as many callers.
    fn share(&self, line: &Line) -> f64 {
        let echo = self
            .lines
            .iter()
            .find(|other| other.what == "echo" && other.callers == line.callers);
        echo.map_or(f64::NAN, |echo| 100.0 * line.rate / echo.rate)
    }
}

fn middle(mut durations: Vec<Duration>) -> Duration {
    durations.sort_unstable();
    durations
        .get(durations.len() / 2)
        .copied()
        .unwrap_or_default()
}

fn millis(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}

#[expect(clippy::cast_precision_loss, reason = "it is shown with one decimal")]
fn mebibytes(bytes: u64) -> f64 {
    bytes as f64 / 1_048_576.0
}
