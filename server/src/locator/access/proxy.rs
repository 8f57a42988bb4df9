//! One egress proxy: the session that goes through it, how it does of late, and for how long it is left alone.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use opentelemetry::KeyValue;
use opentelemetry::metrics::{Counter, Histogram, Meter};

use super::proxy_list::Listed;
use crate::locator::session::Session;
use crate::observe::catalogue;

/// So many failures on end, and it is left alone.
const FAILURES: u32 = 3;
/// For how long at first; twice as long each time that it fails again.
const SHORTEST: Duration = Duration::from_secs(10);
/// For how long at most.
const LONGEST: Duration = Duration::from_mins(5);
/// After so long without a request half of what is known of its speed is forgotten: one that was slow is tried again.
const HALF_LIFE: Duration = Duration::from_mins(1);
/// How much the latest request says of its speed.
const WEIGHT: f64 = 0.3;

/// A proxy. It holds a password: it cannot be printed.
pub struct Proxy {
    listed: Listed,
    session: Session,
    health: Mutex<Health>,
    metrics: Arc<Metrics>,
}

/// How it does.
#[derive(Default)]
struct Health {
    /// Failures on end.
    failures: u32,
    /// How often on end it was left alone.
    ejections: u32,
    /// Until when it is.
    until: Option<Instant>,
    /// Seconds that a request took of late; none before the first.
    speed: Option<f64>,
    /// When that was learnt.
    learnt: Option<Instant>,
}

/// What all proxies count in.
pub struct Metrics {
    requests: Counter<u64>,
    duration: Histogram<f64>,
    ejections: Counter<u64>,
}

impl Metrics {
    /// Makes the instruments.
    pub fn new(meter: &Meter) -> Self {
        Self {
            requests: catalogue::PROXY_REQUESTS.counter(meter),
            duration: catalogue::PROXY_REQUEST_DURATION.histogram(meter),
            ejections: catalogue::PROXY_EJECTIONS.counter(meter),
        }
    }
}

impl Proxy {
    /// One that nothing is known of yet.
    pub fn new(
        listed: Listed,
        connect: Duration,
        metrics: Arc<Metrics>,
    ) -> Result<Self, reqwest::Error> {
        let session = Session::new(connect, Some(listed.proxy()?))?;
        let proxy = Self {
            listed,
            session,
            health: Mutex::default(),
            metrics,
        };
        proxy.metrics.ejections.add(0, &proxy.label());
        Ok(proxy)
    }

    /// As its file lists it.
    pub fn listed(&self) -> &Listed {
        &self.listed
    }

    /// The session that goes through it.
    pub fn session(&self) -> &Session {
        &self.session
    }

    /// Host and port, without what is secret.
    pub fn name(&self) -> &str {
        self.listed.name()
    }

    /// The same as a label.
    pub fn label(&self) -> [KeyValue; 1] {
        [KeyValue::new("proxy", self.name().to_owned())]
    }

    /// For how long it is left alone, if it is.
    pub fn left_alone(&self, now: Instant) -> Option<Duration> {
        let until = self.health().until?;
        Some(until.saturating_duration_since(now)).filter(|wait| !wait.is_zero())
    }

    /// How many seconds a request is likely to take: none at all before the first, so that each is tried.
    pub fn speed(&self, now: Instant) -> f64 {
        let health = self.health();
        let (Some(speed), Some(learnt)) = (health.speed, health.learnt) else {
            return 0.0;
        };
        let idle = now.saturating_duration_since(learnt).as_secs_f64() / HALF_LIFE.as_secs_f64();
        speed * 0.5f64.powf(idle)
    }

    /// Takes how a request through it went.
    pub fn learn(&self, failed: bool, took: Duration) {
        let result = if failed { "failed" } else { "ok" };
        let [proxy] = self.label();
        self.metrics
            .requests
            .add(1, &[proxy.clone(), KeyValue::new("result", result)]);
        self.metrics.duration.record(took.as_secs_f64(), &[proxy]);
        let now = Instant::now();
        self.feel(failed, now);
        let mut health = self.health();
        let took = took.as_secs_f64();
        health.speed = Some(
            health
                .speed
                .map_or(took, |speed| speed + WEIGHT * (took - speed)),
        );
        health.learnt = Some(now);
    }

    /// Takes whether it works.
    pub fn feel(&self, failed: bool, now: Instant) {
        let mut health = self.health();
        if !failed {
            health.failures = 0;
            health.ejections = 0;
            health.until = None;
            return;
        }
        // Those who were under way when it was found out say nothing new.
        if health.until.is_some_and(|until| until > now) {
            return;
        }
        health.failures += 1;
        if health.failures >= FAILURES || health.ejections > 0 {
            let wait = SHORTEST
                .saturating_mul(1 << health.ejections.min(10))
                .min(LONGEST);
            health.until = Some(now + wait);
            health.ejections += 1;
            health.failures = 0;
            self.metrics.ejections.add(1, &self.label());
        }
    }

    fn health(&self) -> MutexGuard<'_, Health> {
        self.health.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::super::proxy_list;
    use super::*;

    fn proxy() -> Proxy {
        icelocator_telemetry::install_tls();
        let listed = proxy_list::read("http://proxy.example:3128")
            .unwrap()
            .remove(0);
        let metrics = Metrics::new(&opentelemetry::global::meter("test"));
        Proxy::new(listed, Duration::from_secs(1), Arc::new(metrics)).unwrap()
    }

    #[test]
    fn it_is_left_alone_after_some_failures_for_longer_each_time_until_it_works() {
        let (proxy, mut now) = (proxy(), Instant::now());
        for _ in 1..FAILURES {
            proxy.feel(true, now);
            assert!(proxy.left_alone(now).is_none());
        }
        for expected in [10, 20, 40, 80, 160, 300, 300] {
            proxy.feel(true, now);
            // Again, of one who was under way.
            proxy.feel(true, now);
            let wait = proxy.left_alone(now).unwrap();
            assert_eq!(wait, Duration::from_secs(expected));
            now += wait;
            assert!(proxy.left_alone(now).is_none(), "it is tried again");
        }
        proxy.feel(false, now);
        for _ in 1..FAILURES {
            proxy.feel(true, now);
        }
        assert!(proxy.left_alone(now).is_none(), "all is forgiven");
    }

    #[test]
    fn what_is_known_of_its_speed_fades() {
        let proxy = proxy();
        assert!(proxy.speed(Instant::now()) <= 0.0);
        proxy.learn(false, Duration::from_secs(8));
        let now = Instant::now();
        let fresh = proxy.speed(now);
        assert!((7.0..=8.0).contains(&fresh), "{fresh}");
        let later = proxy.speed(now + 3 * HALF_LIFE);
        assert!((0.8..=1.01).contains(&later), "{later}");
    }
}
