//! Items put in here, requests over loopback there. Time is paused: it goes on only when all is still, so rests and
//! time-outs are exact and cost nothing.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod failures;
mod items;
mod life;
mod place;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use icelocator_delivery::{
    Destination, Guard, HeaderName, HeaderValue, Health, Outbox, Outboxes, Post, Settings, body,
};
use icelocator_telemetry::{LabelSets, LogFormat, Options, Telemetry};
use tokio::time::{Instant, sleep};

/// Takes texts, a line each.
struct Lines {
    address: SocketAddr,
}

impl Destination for Lines {
    type Item = String;

    fn name(&self) -> &'static str {
        "lines"
    }

    fn weight(&self, item: &String) -> usize {
        item.len()
    }

    fn encode(&self, item: &String) -> Option<Vec<u8>> {
        assert!(item != "panic", "a bug");
        (item != "unsayable").then(|| item.clone().into_bytes())
    }

    fn request(&self, secret: &str, items: &[Vec<u8>]) -> Option<Post> {
        Some(Post {
            url: format!("http://{}/lines", self.address),
            headers: vec![(
                HeaderName::from_static("x-key"),
                HeaderValue::from_str(secret).ok()?,
            )],
            body: body::lines(items),
        })
    }
}

/// An outbox under test, and what is seen of it.
struct Bench {
    pub outbox: Outbox<Lines>,
    pub outboxes: Outboxes,
    telemetry: Telemetry,
}

impl Bench {
    pub fn new(address: SocketAddr, settings: Settings) -> Self {
        let guard = Guard::new(["name", "ssn"], |bytes| {
            let text = String::from_utf8_lossy(bytes);
            text.contains("Planted").then_some("name")
        });
        let options = Options {
            service_name: "test",
            service_version: "0",
            resource: Vec::new(),
            otlp: None,
            otlp_headers: None,
            datadog: None,
            guard,
            label_sets: LabelSets::default(),
            allowed_attributes: &[],
            log_format: LogFormat::Json,
            log_filter: None,
        };
        let (telemetry, _) = icelocator_telemetry::build(options, Box::new(|_| ())).unwrap();
        let outboxes = Outboxes::new(&telemetry.meter(), telemetry.guard(), "icelocator/test");
        let outbox = outboxes.open(Lines { address }, settings).unwrap();
        Self {
            outbox,
            outboxes,
            telemetry,
        }
    }

    pub fn put<'a>(&self, items: impl IntoIterator<Item = &'a str>) {
        for item in items {
            self.outbox.put(item.to_owned());
        }
    }

    pub fn health(&self) -> Health {
        self.outboxes.health().remove(0)
    }

    /// Waits until nothing waits.
    pub async fn settled(&self) {
        until("nothing is queued", || self.health().queued == 0).await;
    }

    /// How many items ended so.
    pub fn ended(&self, result: &str) -> u64 {
        self.metric(&format!(
            "icelocator_sink_items_total{{result=\"{result}\",sink=\"lines\"}}"
        ))
    }

    /// A series that Prometheus sees.
    pub fn metric(&self, series: &str) -> u64 {
        let text = self.telemetry.render();
        text.lines()
            .find_map(|line| line.strip_prefix(series)?.trim().parse().ok())
            .unwrap_or_else(|| panic!("no {series} in\n{text}"))
    }
}

/// Waits for something that is to come.
async fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_hours(1);
    while !is_so() {
        assert!(Instant::now() < deadline, "never: {what}");
        sleep(Duration::from_millis(50)).await;
    }
}

/// One item a request, at once.
fn single() -> Settings {
    Settings {
        batch_items: 1,
        ..Settings::default()
    }
}

/// A file of this test's own.
fn file(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("delivery");
    std::fs::create_dir_all(&folder).unwrap();
    let file = folder.join(name);
    let _ = std::fs::remove_file(&file);
    file
}
