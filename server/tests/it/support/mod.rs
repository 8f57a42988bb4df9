//! What the tests stand on: the real server and the real simulator as processes, a client, a collector.

pub mod agentcat;
pub mod client;
pub mod collector;
pub mod held_site;
pub mod inner;
pub mod issuer;
pub mod people;
pub mod process;
pub mod sentry;
pub mod wait;

use std::path::PathBuf;

use self::client::Client;
use self::process::Process;

/// A directory of a test's own, removed when dropped.
pub struct Scratch(PathBuf);

impl Scratch {
    pub fn new() -> Self {
        let path = std::env::temp_dir().join(format!("icelocator-it-{}", uuid::Uuid::new_v4()));
        std::fs::create_dir(&path).unwrap();
        Self(path)
    }

    /// Where it is.
    pub fn path(&self) -> &std::path::Path {
        &self.0
    }

    /// Writes a file and returns its path.
    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) -> String {
        let path = self.0.join(name);
        std::fs::write(&path, content).unwrap();
        path.to_str().unwrap().to_owned()
    }

    /// Writes a file into a folder of its own.
    pub fn write_in(&self, folder: &str, name: &str, content: impl AsRef<[u8]>) {
        std::fs::create_dir_all(self.0.join(folder)).unwrap();
        self.write(&format!("{folder}/{name}"), content);
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// The stand-in site.
pub struct Simulator {
    _process: Process,
    pub url: String,
}

impl Simulator {
    pub fn start() -> Self {
        let process = Process::start(&["simulate", "--listen", "127.0.0.1:0"]);
        let url = format!("http://{}", process.address("simulating"));
        Self {
            _process: process,
            url,
        }
    }
}

/// A server over HTTP.
pub struct Server {
    pub process: Process,
    pub client: Client,
    pub watch: String,
    scratch: Scratch,
}

impl Server {
    /// Asks the site at `base_url`, everything else at its default.
    pub fn start(base_url: &str) -> Self {
        Self::with(base_url, "", &[])
    }

    /// With further settings (YAML) and arguments. Where they say nothing of limits there are none for callers.
    pub fn with(base_url: &str, settings: &str, arguments: &[&str]) -> Self {
        let scratch = Scratch::new();
        let locator = if settings.contains("locator:") {
            String::new()
        } else {
            format!("locator: {{baseUrl: \"{base_url}\"}}\n")
        };
        let auth = if settings.contains("auth:") {
            ""
        } else {
            "auth: {anonymous: true}\n"
        };
        let limits = if settings.contains("limits:") {
            ""
        } else {
            "limits: {perCaller: null}\n"
        };
        let file = scratch.write(
            "settings.yaml",
            format!("configVersion: 1\n{auth}{locator}{limits}{settings}\n"),
        );
        let mut all = vec!["serve", "--settings", &file];
        all.extend(["--listen", "127.0.0.1:0", "--metrics-listen", "127.0.0.1:0"]);
        all.extend(arguments);
        let process = Process::start(&all);
        let client = Client::new(&format!("http://{}/mcp", process.address("taking calls")));
        let watch = format!("http://{}", process.address("showing metrics and probes"));
        Self {
            process,
            client,
            watch,
            scratch,
        }
    }

    /// Writes the settings file anew, as a person or a cluster does while the server runs.
    pub fn rewrite(&self, settings: &str) {
        self.scratch.write("settings.yaml", settings);
    }

    /// The settings file as it is.
    pub fn settings(&self) -> String {
        std::fs::read_to_string(self.scratch.0.join("settings.yaml")).unwrap()
    }

    /// Waits until the value of a series (`value`) is what it is to be.
    pub async fn until_metric(&self, parts: &[&str], is_so: impl Fn(f64) -> bool) {
        wait::until_ok(async || {
            let metrics = self.metrics().await;
            let shown = value(&metrics, parts);
            is_so(shown).then_some(()).ok_or_else(|| {
                format!("{parts:?} is {shown} in\n{metrics}\n{}", self.process.log())
            })
        })
        .await;
    }

    pub async fn metrics(&self) -> String {
        reqwest::get(format!("{}/metrics", self.watch))
            .await
            .unwrap()
            .text()
            .await
            .unwrap()
    }
}

/// The value of the series whose name and labels contain all of `parts`; 0 when there is none.
pub fn value(metrics: &str, parts: &[&str]) -> f64 {
    metrics
        .lines()
        .filter(|line| !line.starts_with('#') && parts.iter().all(|part| line.contains(part)))
        .filter_map(|line| line.rsplit(' ').next()?.parse::<f64>().ok())
        .sum()
}

/// First thing in every test: the test's own HTTP client has no TLS provider of its own.
pub fn begin() {
    icelocator_telemetry::install_tls();
}
