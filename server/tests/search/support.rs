//! A site on loopback, a search that asks it, and what the search counted.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use axum::middleware::Next;
use icelocator_config::{HttpUrl, Locator, Mounts};
use icelocator_server::search::{AlienNumberQuery, Answer, NameQuery, Search, Surroundings};
use icelocator_server::simulator;
use opentelemetry::metrics::MeterProvider as _;
use opentelemetry_sdk::metrics::SdkMeterProvider;
use prometheus::{Registry, TextEncoder};
use serde_json::Value;
use tokio::net::TcpListener;

/// No search of these tests takes this long unless it hangs.
pub const HANGS: Duration = Duration::from_secs(30);

/// A site on loopback.
pub struct Site {
    pub url: String,
    forms: Arc<AtomicUsize>,
    searches: Arc<AtomicUsize>,
}

impl Site {
    /// The simulator.
    pub async fn simulated() -> Self {
        Self::serving(simulator::router(simulator::Site::default())).await
    }

    /// Any site.
    pub async fn serving(router: Router) -> Self {
        icelocator_telemetry::install_tls();
        let (forms, searches) = (Arc::<AtomicUsize>::default(), Arc::<AtomicUsize>::default());
        let counters = (Arc::clone(&forms), Arc::clone(&searches));
        let count = move |request: Request, next: Next| {
            match request.uri().path() {
                "/" => counters.0.fetch_add(1, Ordering::SeqCst),
                "/search" => counters.1.fetch_add(1, Ordering::SeqCst),
                _ => 0,
            };
            next.run(request)
        };
        let router = router.layer(axum::middleware::from_fn(count));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(axum::serve(listener, router).into_future());
        Self {
            url,
            forms,
            searches,
        }
    }

    /// Requests for the form so far.
    pub fn forms(&self) -> usize {
        self.forms.load(Ordering::SeqCst)
    }

    /// Searches so far.
    pub fn searches(&self) -> usize {
        self.searches.load(Ordering::SeqCst)
    }

    /// Sets the simulator's fault.
    pub async fn fault(&self, fault: &str) {
        let fault = match fault {
            "slow" => r#"{"fault": "slow", "delay": "10s"}"#.to_owned(),
            other => format!(r#"{{"fault": "{other}", "delay": "7s"}}"#),
        };
        let response = reqwest::Client::new()
            .put(format!("{}/-/faults", self.url))
            .header("content-type", "application/json")
            .body(fault)
            .send()
            .await
            .unwrap();
        assert!(response.status().is_success(), "{}", response.status());
    }

    /// Clears the simulator's fault or ends its sessions.
    pub async fn delete(&self, what: &str) {
        let url = format!("{}/-/{what}", self.url);
        let response = reqwest::Client::new().delete(url).send().await.unwrap();
        assert!(response.status().is_success(), "{}", response.status());
    }
}

/// A search, and what it counts.
pub struct Searcher {
    search: Search,
    registry: Registry,
    _meters: SdkMeterProvider,
}

impl Searcher {
    /// Asks this site.
    pub fn of(site: &Site) -> Self {
        Self::with(&site.url, |_| {})
    }

    /// With other settings.
    pub fn with(url: &str, set: impl FnOnce(&mut Locator)) -> Self {
        Self::within(url, set, Surroundings::default())
    }

    /// With other settings, and these files and live settings around it.
    pub fn within(url: &str, set: impl FnOnce(&mut Locator), surroundings: Surroundings) -> Self {
        icelocator_telemetry::install_tls();
        let registry = Registry::new();
        let reader = opentelemetry_prometheus::exporter()
            .with_registry(registry.clone())
            .build()
            .unwrap();
        let meters = SdkMeterProvider::builder().with_reader(reader).build();
        let mut settings = Locator::at(url.parse::<HttpUrl>().unwrap());
        set(&mut settings);
        Self {
            search: Search::new(&settings, &meters.meter("test"), surroundings).unwrap(),
            registry,
            _meters: meters,
        }
    }

    /// By name.
    pub async fn name(&self, query: NameQuery) -> Answer {
        let answer = tokio::time::timeout(HANGS, self.search.by_name(query));
        answer.await.unwrap().unwrap()
    }

    /// By number.
    pub async fn number(&self, number: &str, country: &str) -> Answer {
        let query = AlienNumberQuery::parse(number, Some(country)).unwrap_or_else(|_| panic!());
        let answer = tokio::time::timeout(HANGS, self.search.by_alien_number(query));
        answer.await.unwrap().unwrap()
    }

    pub fn search(&self) -> &Search {
        &self.search
    }

    /// The value of the series with this name and all these labels.
    pub fn counted(&self, name: &str, labels: &[(&str, &str)]) -> f64 {
        let text = TextEncoder::new()
            .encode_to_string(&self.registry.gather())
            .unwrap();
        text.lines()
            .filter(|line| {
                line.starts_with(&format!("{name}{{")) || line.starts_with(&format!("{name} "))
            })
            .filter(|line| {
                labels
                    .iter()
                    .all(|(label, value)| line.contains(&format!("{label}=\"{value}\"")))
            })
            .filter_map(|line| line.rsplit(' ').next()?.parse::<f64>().ok())
            .sum()
    }
}

/// A folder of a test's own, removed when dropped.
pub struct Folder(PathBuf);

impl Folder {
    pub fn new() -> Self {
        let path = std::env::temp_dir().join(format!("icelocator-search-{}", uuid::Uuid::new_v4()));
        std::fs::create_dir(&path).unwrap();
        Self(path)
    }

    /// Writes the key of a Secret or ConfigMap, whole at once, as a kubelet does.
    pub fn write(&self, name: &str, key: &str, text: &str) {
        let folder = self.0.join(name);
        std::fs::create_dir_all(&folder).unwrap();
        let new = folder.join(".new");
        std::fs::write(&new, text).unwrap();
        std::fs::rename(new, folder.join(key)).unwrap();
    }

    /// Where references are found.
    pub fn surroundings(&self) -> Surroundings {
        Surroundings {
            mounts: Mounts {
                secrets: self.0.clone(),
                config_maps: self.0.clone(),
            },
            ..Surroundings::default()
        }
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Waits until it is so.
pub async fn eventually<F: Future<Output = bool>>(what: &str, is_so: impl Fn() -> F) {
    let wait = async {
        while !is_so().await {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    let waited = tokio::time::timeout(HANGS, wait).await;
    assert!(waited.is_ok(), "never: {what}");
}

/// The form of a site of few words.
pub const FORM: &str = r#"<form id="search-form"><input name="csrf_token" value="t"></form><footer id="end"></footer>"#;

/// A page of answers with this in it.
pub fn results(inside: &str) -> String {
    format!(r#"<main id="locator-results">{inside}</main><footer id="end"></footer>"#)
}

/// The page that says that nobody matches.
pub fn nobody() -> String {
    results(r#"<p class="no-results">0</p>"#)
}

/// A query with spellings.
pub fn fuzzy(first: &str, last: &str, country: &str) -> NameQuery {
    born(first, last, country, None)
}

/// A query with spellings and a birth date.
pub fn born(first: &str, last: &str, country: &str, birth: Option<&str>) -> NameQuery {
    NameQuery::parse(first, None, last, birth, Some(country), true).unwrap_or_else(|_| panic!())
}

/// A query for the name as written.
pub fn exact(first: &str, last: &str, country: &str) -> NameQuery {
    NameQuery::parse(first, None, last, None, Some(country), false).unwrap_or_else(|_| panic!())
}

/// People as a client sees them.
pub fn people(answer: &Answer) -> Vec<Value> {
    let value = serde_json::to_value(&answer.people).unwrap();
    value.as_array().unwrap().clone()
}

/// The only one of them.
pub fn person(answer: &Answer) -> Value {
    let people = people(answer);
    assert_eq!(people.len(), 1, "{people:?}");
    people[0].clone()
}
