//! How much may be asked in a time: by one caller, and of one tool. Smooth, without windows that all begin at once: what
//! was used comes back bit by bit. A rate holds for all replicas together, so each gives its share.
//!
//! A caller's account may be overdrawn by one call that makes many searches. It was let in as one call, and whether it may
//! go on is a question of having anything left at all: else a call with more searches than the burst could never be made.
//! What is overdrawn is paid for by waiting.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use icelocator_config::Reloadable;
use opentelemetry::KeyValue;
use opentelemetry::metrics::{Counter, Meter};
use tokio::sync::watch;

use crate::caller::{Allowance, Caller};
use crate::observe::Arrival;
use crate::observe::catalogue::LIMITS_REFUSED;

/// A call of a tool, in the units that are counted. What is no such call is one unit.
const CALL: u32 = 10;
const MINUTE: Duration = Duration::from_mins(1);
/// What of a tool's minute may come at once: ten seconds.
const AT_ONCE: u32 = 6;
/// Most callers that are told apart. Further ones share an account until others have theirs back in full.
const MOST_CALLERS: usize = 10_000;
/// The account of all who do not say who they are. What tells them apart, a session, they could make up.
const NOBODY: &str = "";
const OVERFLOW: &str = "*";

/// A call that comes too soon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooSoon {
    /// When to come back.
    pub wait: Duration,
}

impl TooSoon {
    /// The same in whole seconds, at least one.
    pub fn seconds(self) -> u64 {
        self.wait
            .as_millis()
            .div_ceil(1000)
            .max(1)
            .try_into()
            .unwrap_or(u64::MAX)
    }
}

/// The accounts of callers and tools.
#[derive(Clone)]
pub struct Rates(Arc<Inner>);

struct Inner {
    live: watch::Receiver<Reloadable>,
    began: Instant,
    accounts: Mutex<Accounts>,
    refused: Counter<u64>,
}

/// When each account will be full again, since the beginning.
#[derive(Default)]
struct Accounts {
    callers: HashMap<String, Duration>,
    tools: HashMap<&'static str, Duration>,
}

/// What an account holds and how fast it fills.
#[derive(Clone, Copy)]
pub(super) struct Quota {
    /// How long one unit takes to come back.
    each: Duration,
    /// Units of a full account.
    full: u32,
}

impl Quota {
    /// A replica's share. Rounded up: a share of nothing would refuse what is allowed.
    pub(super) fn share(calls_per_minute: u32, burst: u32, replicas: u32, units: u32) -> Self {
        Self {
            each: MINUTE * replicas / (calls_per_minute * units).max(1),
            full: burst.div_ceil(replicas.max(1)).max(1) * units,
        }
    }

    /// Takes `units` from an account that holds at least `least` of them.
    pub(super) fn take(
        self,
        full_at: &mut Duration,
        now: Duration,
        units: u32,
        least: u32,
    ) -> Result<(), TooSoon> {
        let from = (*full_at).max(now);
        let enough = from + self.each * least.min(self.full);
        let latest = now + self.each * self.full;
        let wait = enough.saturating_sub(latest);
        if !wait.is_zero() {
            return Err(TooSoon { wait });
        }
        *full_at = from + self.each * units;
        Ok(())
    }
}

impl Rates {
    /// With the limits that `live` has at each moment.
    pub fn new(live: watch::Receiver<Reloadable>, meter: &Meter) -> Self {
        let refused = LIMITS_REFUSED.counter(meter);
        for limit in ["caller", "tool", "searches"] {
            refused.add(0, &[KeyValue::new("limit", limit)]);
        }
        Self(Arc::new(Inner {
            live,
            began: Instant::now(),
            accounts: Mutex::default(),
            refused,
        }))
    }

    /// A message of `caller` arrives.
    pub fn admit(&self, caller: &Caller, arrival: &Arrival) -> Result<(), TooSoon> {
        // What was not understood may be anything.
        let units = if matches!(arrival.method, "tools/call" | "other") {
            CALL
        } else {
            1
        };
        self.0
            .take_from_caller(key(caller), units, units)
            .inspect_err(|_| self.0.refuse("caller", None))?;
        let Some(tool) = arrival.tool else {
            return Ok(());
        };
        self.0
            .take_from_tool(tool)
            .inspect_err(|_| self.0.refuse("tool", Some(tool)))
    }

    /// What `caller` may still ask for.
    pub fn allowance(&self, caller: &Caller) -> Arc<dyn Allowance> {
        Arc::new(Account {
            rates: self.clone(),
            key: key(caller).to_owned(),
        })
    }
}

fn key(caller: &Caller) -> &str {
    caller.pseudonym.as_deref().unwrap_or(NOBODY)
}

impl Inner {
    fn take_from_caller(&self, key: &str, units: u32, least: u32) -> Result<(), TooSoon> {
        let quota = {
            let live = self.live.borrow();
            let Some(limit) = &live.limits.per_caller else {
                return Ok(());
            };
            Quota::share(limit.requests_per_minute, limit.burst, live.replicas, CALL)
        };
        let now = self.began.elapsed();
        let mut accounts = self.accounts.lock().unwrap_or_else(PoisonError::into_inner);
        quota.take(account(&mut accounts.callers, key, now), now, units, least)
    }

    fn take_from_tool(&self, tool: &'static str) -> Result<(), TooSoon> {
        let quota = {
            let live = self.live.borrow();
            let Some(limit) = live.limits.per_tool.get(tool) else {
                return Ok(());
            };
            let rate = limit.requests_per_minute;
            Quota::share(rate, rate.div_ceil(AT_ONCE), live.replicas, 1)
        };
        let now = self.began.elapsed();
        let mut accounts = self.accounts.lock().unwrap_or_else(PoisonError::into_inner);
        quota.take(accounts.tools.entry(tool).or_default(), now, 1, 1)
    }

    fn refuse(&self, limit: &'static str, tool: Option<&'static str>) {
        let mut labels = vec![KeyValue::new("limit", limit)];
        labels.extend(tool.map(|tool| KeyValue::new("tool", tool)));
        self.refused.add(1, &labels);
    }
}

/// The account of this caller. There is always room: accounts that are full again need not be remembered.
pub(super) fn account<'a>(
    callers: &'a mut HashMap<String, Duration>,
    key: &str,
    now: Duration,
) -> &'a mut Duration {
    let mut key = key;
    if !callers.contains_key(key) && callers.len() >= MOST_CALLERS {
        callers.retain(|_, full_at| *full_at > now);
        if callers.len() >= MOST_CALLERS {
            key = OVERFLOW;
        }
    }
    callers.entry(key.to_owned()).or_default()
}

struct Account {
    rates: Rates,
    key: String,
}

impl Allowance for Account {
    fn take(&self, searches: u32) -> Result<(), Duration> {
        if searches == 0 {
            return Ok(());
        }
        let inner = &self.rates.0;
        inner
            .take_from_caller(&self.key, searches.saturating_mul(CALL), CALL)
            .inspect_err(|_| inner.refuse("searches", None))
            .map_err(|TooSoon { wait }| wait)
    }
}

#[cfg(test)]
mod tests {
    use icelocator_config::CallerLimit;
    use proptest::prelude::*;

    use super::*;
    use crate::caller::Kind;
    use crate::mcp::names;

    fn rates(limits: &str, replicas: u32) -> (Rates, watch::Sender<Reloadable>) {
        let yaml = format!(
            "configVersion: 1\nlocator: {{baseUrl: \"http://a\"}}\nauth: {{anonymous: true}}\nreplicas: {replicas}\nlimits: {limits}"
        );
        let config = icelocator_config::ServerConfig::from_yaml(&yaml).unwrap();
        let (sender, live) = watch::channel(config.reloadable());
        (
            Rates::new(live, &opentelemetry::global::meter("test")),
            sender,
        )
    }

    fn caller(name: &str) -> Caller {
        Caller {
            kind: Kind::Bearer,
            pseudonym: Some(name.to_owned()),
        }
    }

    fn arrival(method: &'static str, tool: Option<&'static str>) -> Arrival {
        Arrival {
            method,
            tool,
            ..Arrival::default()
        }
    }

    fn call() -> Arrival {
        arrival("tools/call", Some(names::SEARCH_BY_NAME))
    }

    #[test]
    fn a_caller_has_a_burst_of_their_own() {
        let (rates, _live) = rates("{perCaller: {requestsPerMinute: 1, burst: 3}}", 1);
        for name in ["ana", "luz"] {
            for _ in 0..3 {
                assert_eq!(rates.admit(&caller(name), &call()), Ok(()));
            }
            let wait = rates.admit(&caller(name), &call()).unwrap_err().seconds();
            assert!((50..=60).contains(&wait), "{wait}");
        }
    }

    #[test]
    fn callers_who_do_not_say_who_they_are_are_one() {
        let (rates, _live) = rates("{perCaller: {requestsPerMinute: 1, burst: 1}}", 1);
        let anonymous = Caller::default();
        let with_session = |session: &str| Arrival {
            session: Some(session.to_owned()),
            ..call()
        };
        assert!(rates.admit(&anonymous, &with_session("one")).is_ok());
        assert!(rates.admit(&anonymous, &with_session("another")).is_err());
    }

    #[test]
    fn what_is_no_call_of_a_tool_counts_as_a_tenth() {
        let (rates, _live) = rates("{perCaller: {requestsPerMinute: 1, burst: 1}}", 1);
        for _ in 0..10 {
            assert!(
                rates
                    .admit(&caller("ana"), &arrival("tools/list", None))
                    .is_ok()
            );
        }
        assert!(rates.admit(&caller("ana"), &arrival("ping", None)).is_err());
        // What was not understood may be a call.
        assert!(rates.admit(&caller("luz"), &arrival("other", None)).is_ok());
        assert!(rates.admit(&caller("luz"), &arrival("ping", None)).is_err());
    }

    #[test]
    fn a_tools_limit_holds_for_all_callers_together_and_for_that_tool_only() {
        let (rates, _live) = rates(
            "{perTool: {search_detainee_by_name: {requestsPerMinute: 12}}}",
            1,
        );
        assert!(rates.admit(&caller("ana"), &call()).is_ok());
        assert!(rates.admit(&caller("luz"), &call()).is_ok());
        let wait = rates.admit(&caller("eva"), &call()).unwrap_err();
        assert_eq!(wait.seconds(), 5);
        let other = arrival("tools/call", Some(names::SEARCH_BY_ALIEN_NUMBER));
        assert!(rates.admit(&caller("eva"), &other).is_ok());
    }

    #[test]
    fn each_replica_gives_its_share() {
        let (rates, _live) = rates("{perCaller: {requestsPerMinute: 60, burst: 10}}", 3);
        let mut given = 0;
        while rates.admit(&caller("ana"), &call()).is_ok() {
            given += 1;
        }
        assert_eq!(given, 4, "a third of ten, rounded up");
        let wait = rates.admit(&caller("ana"), &call()).unwrap_err().wait;
        assert!(
            wait > Duration::from_secs(2) && wait <= Duration::from_secs(3),
            "{wait:?}"
        );
    }

    #[test]
    fn new_limits_take_effect_for_accounts_that_there_are() {
        let (rates, live) = rates("{perCaller: {requestsPerMinute: 1, burst: 1}}", 1);
        assert!(rates.admit(&caller("ana"), &call()).is_ok());
        assert!(rates.admit(&caller("ana"), &call()).is_err());
        live.send_modify(|live| {
            live.limits.per_caller = Some(CallerLimit {
                requests_per_minute: 60,
                burst: 100,
            });
        });
        assert!(rates.admit(&caller("ana"), &call()).is_ok());
        live.send_modify(|live| live.limits.per_caller = None);
        for _ in 0..1000 {
            assert!(rates.admit(&caller("ana"), &call()).is_ok());
        }
    }

    #[test]
    fn one_call_may_make_more_searches_than_the_burst_and_pays_for_them() {
        let (rates, _live) = rates("{perCaller: {requestsPerMinute: 60, burst: 5}}", 1);
        let ana = caller("ana");
        let allowance = rates.allowance(&ana);
        assert!(rates.admit(&ana, &call()).is_ok());
        assert_eq!(allowance.take(24), Ok(()));
        assert_eq!(allowance.take(0), Ok(()), "nothing is always there");
        let wait = allowance.take(1).unwrap_err();
        assert!(
            wait > Duration::from_secs(19) && wait <= Duration::from_secs(21),
            "{wait:?}"
        );
        assert!(rates.admit(&ana, &arrival("ping", None)).is_err());
        assert!(rates.admit(&caller("luz"), &call()).is_ok());
    }

    #[test]
    fn more_callers_than_are_told_apart_share_an_account_until_there_is_room() {
        let now = Duration::from_secs(1);
        let later = Duration::from_mins(1);
        let mut callers: HashMap<_, _> = (0..MOST_CALLERS)
            .map(|number| (number.to_string(), later))
            .collect();
        *account(&mut callers, "new", now) = later;
        assert_eq!(callers.len(), MOST_CALLERS + 1);
        assert_eq!(callers[OVERFLOW], later);
        assert_eq!(*account(&mut callers, "newer", now), later);
        assert_eq!(
            *account(&mut callers, "7", now),
            later,
            "who is known keeps theirs"
        );
        account(&mut callers, "new", later);
        assert_eq!(callers.len(), 1);
    }

    proptest! {
        /// However calls are spread, no more are let in than the burst and what has come back since.
        #[test]
        fn no_more_is_let_in_than_the_rate_allows(
            per_minute in 1..60_000_u32, burst in 1..10_000_u32, replicas in 1..1_000_u32,
            gaps in proptest::collection::vec(0..5_000_u64, 1..200),
        ) {
            let quota = Quota::share(per_minute, burst, replicas, 1);
            let (mut full_at, mut now, mut let_in) = (Duration::ZERO, Duration::ZERO, 0_u32);
            for gap in gaps {
                now += Duration::from_millis(gap);
                match quota.take(&mut full_at, now, 1, 1) {
                    Ok(()) => let_in += 1,
                    Err(TooSoon { wait }) => {
                        prop_assert!(wait > Duration::ZERO);
                        let mut copy = full_at;
                        prop_assert!(quota.take(&mut copy, now + wait, 1, 1).is_ok());
                    }
                }
                let back = now.as_secs_f64() / quota.each.as_secs_f64();
                prop_assert!(f64::from(let_in) <= f64::from(quota.full) + back + 1e-6);
            }
        }
    }
}
