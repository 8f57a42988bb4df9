//! The egress proxies of the service's operator: which is next, which are left alone, and what the list says now. They are
//! of the operator's own: nobody else's address is ever borrowed.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use futures::future::join_all;
use icelocator_config::Rotation;
use opentelemetry::metrics::Meter;
use tokio::net::TcpStream;
use tokio::task::AbortHandle;

use super::proxy::{Metrics, Proxy};
use super::proxy_list::{self, Listed};
use crate::locator::Error;
use crate::observe::catalogue;

/// How often the list is looked at again.
const LOOK: Duration = Duration::from_secs(2);
/// After how many looks each proxy is connected to, to see whether it is there.
const LOOKS: u32 = 5;
/// How long that may take.
const CONNECT: Duration = Duration::from_secs(5);

/// The proxies.
pub struct Proxies {
    list: Arc<List>,
    rotation: Rotation,
    turn: AtomicUsize,
    keeper: AbortHandle,
}

/// What there is now, and where it is read from.
struct List {
    file: PathBuf,
    connect: Duration,
    metrics: Arc<Metrics>,
    now: RwLock<Arc<[Arc<Proxy>]>>,
}

impl Proxies {
    /// Those that this file lists. Must be called within a runtime: the list is kept up to date beside the lookups.
    pub fn new(
        file: PathBuf,
        rotation: Rotation,
        connect: Duration,
        meter: &Meter,
    ) -> Result<Self, Error> {
        let text = text(&file).map_err(|source| Error::ProxiesFile {
            path: file.clone(),
            source,
        })?;
        let list = Arc::new(List {
            file,
            connect,
            metrics: Arc::new(Metrics::new(meter)),
            now: RwLock::new(Arc::new([])),
        });
        list.take(proxy_list::read(&text)?)?;
        let told = Arc::downgrade(&list);
        catalogue::PROXY_HEALTHY.observable_gauge(meter, move |gauge| {
            let Some(list) = told.upgrade() else { return };
            let now = Instant::now();
            for proxy in list.now().iter() {
                let healthy = proxy.left_alone(now).is_none();
                gauge.observe(u64::from(healthy), &proxy.label());
            }
        });
        let keeper = tokio::spawn(keep(Arc::clone(&list), text)).abort_handle();
        Ok(Self {
            list,
            rotation,
            turn: AtomicUsize::new(0),
            keeper,
        })
    }

    /// The next one that works, but for those `tried`; else how long it is until one may.
    pub fn pick(&self, tried: &[Arc<Proxy>]) -> Result<Arc<Proxy>, Option<Duration>> {
        let now = Instant::now();
        let all = self.list.now();
        let healthy: Vec<&Arc<Proxy>> = all
            .iter()
            .filter(|proxy| proxy.left_alone(now).is_none())
            .filter(|proxy| !tried.iter().any(|other| Arc::ptr_eq(other, proxy)))
            .collect();
        let turn = self.turn.fetch_add(1, Ordering::Relaxed);
        let next = match self.rotation {
            Rotation::RoundRobin => healthy.get(turn % healthy.len().max(1)).copied(),
            Rotation::LeastLatency => healthy
                .iter()
                .copied()
                .min_by(|one, other| one.speed(now).total_cmp(&other.speed(now))),
        };
        next.cloned()
            .ok_or_else(|| all.iter().filter_map(|proxy| proxy.left_alone(now)).min())
    }
}

impl Drop for Proxies {
    fn drop(&mut self) {
        self.keeper.abort();
    }
}

impl List {
    fn now(&self) -> Arc<[Arc<Proxy>]> {
        Arc::clone(&self.now.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Takes a new list. Those that were on the old one keep their sessions and what is known of them.
    fn take(&self, listed: Vec<Listed>) -> Result<(), reqwest::Error> {
        let before = self.now();
        let proxies: Result<Vec<_>, _> = listed
            .into_iter()
            .map(|listed| {
                let known = before.iter().find(|proxy| *proxy.listed() == listed);
                known.cloned().map_or_else(
                    || {
                        let metrics = Arc::clone(&self.metrics);
                        Proxy::new(listed, self.connect, metrics).map(Arc::new)
                    },
                    Ok,
                )
            })
            .collect();
        *self.now.write().unwrap_or_else(PoisonError::into_inner) = proxies?.into();
        Ok(())
    }

    /// Connects to each, which costs the site nothing. That one is there does not say that it works; that it is not says that
    /// it does not.
    async fn look_after(&self) {
        let looks = self.now();
        join_all(looks.iter().map(|proxy| async {
            let there = tokio::time::timeout(CONNECT, TcpStream::connect(proxy.name())).await;
            if !matches!(there, Ok(Ok(_))) {
                proxy.feel(true, Instant::now());
            }
        }))
        .await;
    }
}

/// Keeps the list up to date, and an eye on those that are on it.
async fn keep(list: Arc<List>, mut before: String) {
    for look in 1u32.. {
        tokio::time::sleep(LOOK).await;
        let file = list.file.clone();
        let now = tokio::task::spawn_blocking(move || text(&file)).await;
        // While it is being replaced it may not be there: what was read before stays.
        if let Ok(Ok(text)) = now
            && text != before
        {
            let taken = proxy_list::read(&text)
                .map_err(Error::from)
                .and_then(|listed| Ok(list.take(listed)?));
            match taken {
                Ok(()) => tracing::info!("the list of egress proxies was read anew"),
                Err(error) => tracing::warn!(
                    icelocator.reason = %error,
                    "the new list of egress proxies cannot be used: the old one stays"
                ),
            }
            before = text;
        }
        if look.is_multiple_of(LOOKS) {
            list.look_after().await;
        }
    }
}

/// The file's text, as far as it is read.
fn text(file: &Path) -> std::io::Result<String> {
    let mut text = String::new();
    let most = proxy_list::LARGEST as u64 + 1;
    File::open(file)?.take(most).read_to_string(&mut text)?;
    Ok(text)
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpListener;

    use super::*;

    #[tokio::test]
    async fn one_that_is_gone_is_left_alone_before_anybody_is_sent_there() {
        icelocator_telemetry::install_tls();
        let (stays, goes) = (
            TcpListener::bind("127.0.0.1:0").await.unwrap(),
            TcpListener::bind("127.0.0.1:0").await.unwrap(),
        );
        let lines = [&stays, &goes].map(|proxy| format!("http://{}", proxy.local_addr().unwrap()));
        let list = List {
            file: PathBuf::new(),
            connect: CONNECT,
            metrics: Arc::new(Metrics::new(&opentelemetry::global::meter("test"))),
            now: RwLock::new(Arc::new([])),
        };
        list.take(proxy_list::read(&lines.join("\n")).unwrap())
            .unwrap();
        let left_alone = || {
            let now = Instant::now();
            list.now()
                .iter()
                .map(|proxy| proxy.left_alone(now).is_some())
                .collect::<Vec<_>>()
        };
        drop(goes);
        for _ in 0..3 {
            assert_eq!(left_alone(), [false, false]);
            list.look_after().await;
        }
        assert_eq!(left_alone(), [false, true]);
    }
}
