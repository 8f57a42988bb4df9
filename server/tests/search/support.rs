//! A site on loopback, a search that asks it, and what the search counted.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use axum::middleware::Next;
use icelocator_config::{HttpUrl, Locator};
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
            search: Search::new(&settings, &meters.meter("test"), Surroundings::default()).unwrap(),
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
            .filter(|line| line.starts_with(&format!("{name}{{")))
            .filter(|line| {
                labels
                    .iter()
                    .all(|(label, value)| line.contains(&format!("{label}=\"{value}\"")))
            })
            .filter_map(|line| line.rsplit(' ').next()?.parse::<f64>().ok())
            .sum()
    }
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
