//! How the site is reached: honestly, at a pace, through proxies that the operator of the service owns. The ways are in order
//! of preference. The next is used when one does not lead to the site, never to evade what the site has answered.

mod breaker;
mod budget;
mod gate;
mod proxies;
mod proxy;
mod proxy_list;
mod retry;
mod traffic;

use std::sync::Arc;
use std::time::Duration;

use icelocator_config::{Access as Settings, Mounts, Strategy};
use opentelemetry::metrics::Meter;
use tracing::field::Empty;
use tracing::{Instrument as _, Span};

use self::proxies::Proxies;
pub use self::proxy_list::Invalid as InvalidProxies;
pub use self::retry::{Cause, Miss};
use self::traffic::word;
pub use self::traffic::{Errand, Step, Traffic, Way};
use super::session::Session;
use super::{Error, Failure, Route};

/// Most proxies that are tried for one lookup.
const PROXIES: usize = 3;

/// What is asked, by whatever way.
pub trait Ask {
    /// What it brings.
    type Answer;

    /// Asks by this way.
    fn ask(&self, way: Way<'_>) -> impl Future<Output = Result<Self::Answer, Miss>> + Send;
}

/// The ways to the site.
pub struct Access {
    ways: Vec<Strategy>,
    own: Session,
    proxies: Option<Proxies>,
}

impl Access {
    /// The ways that these settings name; straight to the site where they name none.
    pub fn new(
        settings: Option<&Settings>,
        connect: Duration,
        mounts: &Mounts,
        meter: &Meter,
    ) -> Result<Self, Error> {
        let ways = settings.map_or_else(
            || vec![Strategy::Direct],
            |access| access.strategies.clone(),
        );
        let listed = settings
            .filter(|_| ways.contains(&Strategy::Proxied))
            .and_then(|access| access.egress_proxies.as_ref());
        let proxies = listed
            .map(|listed| {
                let file = mounts.secret_key(&listed.secret_ref);
                Proxies::new(file, listed.rotation, connect, meter)
            })
            .transpose()?;
        Ok(Self {
            // Memory comes before all of them.
            ways: ways
                .into_iter()
                .filter(|way| *way != Strategy::Cached)
                .collect(),
            own: Session::new(connect, None)?,
            proxies,
        })
    }

    /// What `ask` brings by the first way that leads to the site, and that way. Where there is none, it is not known.
    pub async fn first<A: Ask>(&self, question: &A) -> Result<(A::Answer, Route), Failure> {
        let mut last = Failure::Unavailable { retry_after: None };
        let mut own_tried = false;
        for &strategy in &self.ways {
            // At another pace it is the same way.
            if strategy != Strategy::Proxied && std::mem::replace(&mut own_tried, true) {
                continue;
            }
            let span = tracing::info_span!(
                "icelocator.strategy",
                icelocator.strategy = word(strategy),
                icelocator.result = Empty,
            );
            let outcome = async {
                if let (Strategy::Proxied, Some(proxies)) = (strategy, &self.proxies) {
                    return through(proxies, question).await;
                }
                let way = Way {
                    strategy,
                    session: &self.own,
                    proxy: None,
                };
                let outcome = question.ask(way).await;
                outcome
                    .map(|answer| (answer, None))
                    .map_err(|miss| (miss, miss.is_of_the_way(false)))
            };
            let outcome = outcome.instrument(span.clone()).await;
            record(
                &span,
                outcome.as_ref().map_err(|(miss, _)| miss.failure).err(),
            );
            match outcome {
                Ok((answer, proxy)) => {
                    let strategy = word(strategy);
                    return Ok((answer, Route { strategy, proxy }));
                }
                Err((miss, false)) => return Err(miss.failure),
                Err((miss, true)) => last = miss.failure,
            }
        }
        Err(last)
    }
}

/// What a proxy brought, and its name.
type Through<A> = (<A as Ask>::Answer, Option<Arc<str>>);

/// By the first proxy that leads to the site; else why there is nothing, and whether another way may be better.
async fn through<A: Ask>(proxies: &Proxies, question: &A) -> Result<Through<A>, (Miss, bool)> {
    let mut tried = Vec::new();
    let mut last = None;
    while tried.len() < PROXIES {
        let proxy = match proxies.pick(&tried) {
            Ok(proxy) => proxy,
            Err(retry_after) => {
                last.get_or_insert(Miss {
                    failure: Failure::Unavailable { retry_after },
                    cause: Cause::Unreached,
                });
                break;
            }
        };
        let span = tracing::info_span!(
            "icelocator.proxy",
            icelocator.proxy = proxy.name(),
            icelocator.result = Empty,
        );
        let way = Way {
            strategy: Strategy::Proxied,
            session: proxy.session(),
            proxy: Some(&proxy),
        };
        let outcome = question.ask(way).instrument(span.clone()).await;
        record(&span, outcome.as_ref().map_err(|miss| miss.failure).err());
        match outcome {
            Ok(answer) => return Ok((answer, Some(proxy.name().into()))),
            Err(miss) if miss.is_of_the_way(true) => last = Some(miss),
            Err(miss) => return Err((miss, false)),
        }
        tried.push(Arc::clone(&proxy));
    }
    let nothing = Miss {
        failure: Failure::Unavailable { retry_after: None },
        cause: Cause::Unreached,
    };
    Err((last.unwrap_or(nothing), true))
}

fn record(span: &Span, failure: Option<Failure>) {
    span.record("icelocator.result", failure.map_or("ok", Failure::as_str));
}
