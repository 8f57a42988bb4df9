//! Faults on request: for a share of all requests, for the one request that asks for them in a header, or for the one that
//! names a certain surname.

use std::sync::{Arc, Mutex, PoisonError};

use axum::http::HeaderMap;
use icelocator_config::Duration;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The header by which one request asks for faults: `slow`, or `slow;delay=2s, charset`, or `none`.
pub const HEADER: &str = "x-simulate-fault";
/// Most faults of one plan.
const MOST: usize = 32;
/// Longest delay.
const LONGEST: Duration = Duration::from_hours(1);

/// What can go wrong with the site.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// The answer is right, but `delay` late.
    Slow,
    /// 503.
    Unavailable,
    /// A page that wants to see a person.
    Challenge,
    /// A page that looks like nothing known.
    PageChanged,
    /// 429, with `delay` as the time to wait, in seconds.
    RateLimited,
    /// 429, with the end of `delay` as an HTTP date.
    RateLimitedUntil,
    /// The right page, cut off.
    Truncated,
    /// The right page in Latin-1, which says that it is UTF-8.
    Charset,
    /// The right page, with tags that do not close and quotes that do not end.
    BrokenHtml,
    /// The right page, with 16 MiB of nothing in it.
    Huge,
    /// The connection is closed without an answer.
    Reset,
    /// The connection is closed in the midst of the page.
    BrokenOff,
    /// The session has ended, whoever asks.
    TokenExpired,
    /// A search is answered by a redirect to its result, on this site.
    Redirect,
    /// A redirect to another site, which does not exist.
    RedirectElsewhere,
}

/// Surnames that bring a fault for the one request that has them.
const SURNAMES: [(&str, Fault); 15] = [
    ("Falla-Lenta", Fault::Slow),
    ("Falla-Caida", Fault::Unavailable),
    ("Falla-Reto", Fault::Challenge),
    ("Falla-Nueva", Fault::PageChanged),
    ("Falla-Prisa", Fault::RateLimited),
    ("Falla-Fecha", Fault::RateLimitedUntil),
    ("Falla-Corta", Fault::Truncated),
    ("Falla-Letra", Fault::Charset),
    ("Falla-Rota", Fault::BrokenHtml),
    ("Falla-Enorme", Fault::Huge),
    ("Falla-Muda", Fault::Reset),
    ("Falla-Partida", Fault::BrokenOff),
    ("Falla-Vencida", Fault::TokenExpired),
    ("Falla-Vuelta", Fault::Redirect),
    ("Falla-Lejos", Fault::RedirectElsewhere),
];

/// A fault that is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wanted {
    /// Which.
    pub fault: Fault,
    /// For which share of requests, 0 to 1.
    #[serde(default = "all")]
    pub share: f64,
    /// How late a slow answer is, or how long a hasty caller is asked to wait.
    #[serde(default = "late")]
    pub delay: Duration,
}

fn all() -> f64 {
    1.0
}

fn late() -> Duration {
    Duration::from_secs(5)
}

impl Wanted {
    fn always(fault: Fault) -> Self {
        let (share, delay) = (all(), late());
        Self {
            fault,
            share,
            delay,
        }
    }
}

/// What is to go wrong from now on.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Plan {
    /// How late every page is.
    pub delay: Duration,
    /// Each is drawn by its own share; those drawn act together, in this order.
    pub faults: Vec<Wanted>,
}

impl Plan {
    /// Reads a plan. An object with `fault` is short for a plan of that one.
    pub fn parse(value: Value) -> Result<Self, String> {
        if !value.is_object() {
            return Err("write an object, such as {\"fault\": \"slow\"}".to_owned());
        }
        let plan = if value.get("fault").is_some() {
            serde_json::from_value(value).map(|only| Self {
                faults: vec![only],
                ..Self::default()
            })
        } else {
            serde_json::from_value(value)
        };
        let plan: Self = plan.map_err(|error| error.to_string())?;
        if plan.faults.len() > MOST {
            return Err(format!("faults: at most {MOST}"));
        }
        if !plan
            .faults
            .iter()
            .all(|one| (0.0..=1.0).contains(&one.share))
        {
            return Err("share: a number from 0 to 1".to_owned());
        }
        let mut delays = plan.faults.iter().map(|one| one.delay);
        if plan.delay > LONGEST || delays.any(|delay| delay > LONGEST) {
            return Err(format!("delay: at most {LONGEST}"));
        }
        Ok(plan)
    }

    /// Reads what a request asks for in its header.
    fn asked(header: &str) -> Result<Self, String> {
        let wrong = |what: &str| {
            format!("{HEADER}: {what}; write a fault, such as slow, or slow;delay=2s, or none")
        };
        let fault = |text: &str| {
            let (name, delay) = text.split_once(';').unwrap_or((text, ""));
            let name = Value::String(name.trim().to_owned());
            let fault = serde_json::from_value(name).map_err(|_| wrong("no such fault"))?;
            let mut wanted = Wanted::always(fault);
            if !delay.trim().is_empty() {
                let delay = delay.trim().strip_prefix("delay=");
                let delay = delay.and_then(|delay| delay.parse().ok());
                wanted.delay = delay
                    .filter(|delay| *delay <= LONGEST)
                    .ok_or_else(|| wrong("not a delay"))?;
            }
            Ok(wanted)
        };
        if header.trim() == "none" {
            return Ok(Self::default());
        }
        if header.split(',').count() > MOST {
            return Err(wrong("too many faults"));
        }
        let faults = header
            .split(',')
            .map(fault)
            .collect::<Result<_, String>>()?;
        let delay = Duration::default();
        Ok(Self { delay, faults })
    }
}

/// What goes wrong with one request.
#[derive(Default)]
pub struct Picked {
    /// How late the answer is.
    pub late: std::time::Duration,
    /// What else is wrong, in this order, and how long a hasty caller is asked to wait.
    pub faults: Vec<(Fault, std::time::Duration)>,
}

impl Picked {
    /// Whether this is wrong.
    pub fn has(&self, fault: Fault) -> bool {
        self.faults.iter().any(|(picked, _)| *picked == fault)
    }
}

/// The switch.
#[derive(Clone, Default)]
pub struct Faults {
    plan: Arc<Mutex<Arc<Plan>>>,
}

impl Faults {
    /// What is wanted now.
    pub fn shown(&self) -> Arc<Plan> {
        Arc::clone(&self.plan.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Wants something else from now on.
    pub fn set(&self, plan: Plan) {
        *self.plan.lock().unwrap_or_else(PoisonError::into_inner) = Arc::new(plan);
    }

    /// What goes wrong with one request: what its header asks for and nothing else, or what its surname brings and what is
    /// drawn.
    pub fn pick(&self, headers: &HeaderMap, surname: &str) -> Result<Picked, String> {
        let plan = self.shown();
        let mut picked = Picked {
            late: plan.delay.get(),
            faults: Vec::new(),
        };
        if let Some(asked) = headers.get(HEADER) {
            let asked = String::from_utf8_lossy(asked.as_bytes());
            for wanted in Plan::asked(&asked)?.faults {
                picked.add(&wanted);
            }
            return Ok(picked);
        }
        let surname = surname.trim();
        let brought = SURNAMES
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case(surname));
        if let Some((_, fault)) = brought {
            // As late as the plan has it for this fault.
            let planned = plan.faults.iter().find(|one| one.fault == *fault);
            let delay = planned.map_or_else(late, |one| one.delay);
            picked.add(&Wanted {
                delay,
                ..Wanted::always(*fault)
            });
            return Ok(picked);
        }
        for wanted in &plan.faults {
            if rand::random::<f64>() < wanted.share {
                picked.add(wanted);
            }
        }
        Ok(picked)
    }
}

impl Picked {
    fn add(&mut self, wanted: &Wanted) {
        let delay = wanted.delay.get();
        if wanted.fault == Fault::Slow {
            self.late += delay;
        } else {
            self.faults.push((wanted.fault, delay));
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;
    use serde_json::json;

    use super::*;

    /// More faults than one request may ask for.
    const MANY: &str = "slow,slow,slow,slow,slow,slow,slow,slow,slow,slow,slow,slow,slow,slow,slow,slow,\
        slow,slow,slow,slow,slow,slow,slow,slow,slow,slow,slow,slow,slow,slow,slow,slow,slow";

    fn planned(plan: Value) -> Faults {
        let faults = Faults::default();
        faults.set(Plan::parse(plan).unwrap());
        faults
    }

    fn picked(faults: &Faults, surname: &str) -> Vec<Fault> {
        let picked = faults.pick(&HeaderMap::new(), surname).unwrap();
        picked.faults.into_iter().map(|(fault, _)| fault).collect()
    }

    #[test]
    fn a_share_of_none_spoils_nothing_and_of_all_everything() {
        assert!(picked(&Faults::default(), "").is_empty());
        let none = planned(json!({"fault": "challenge", "share": 0}));
        assert!((0..100).all(|_| picked(&none, "").is_empty()));
        let all = planned(json!({"fault": "challenge"}));
        assert!((0..100).all(|_| picked(&all, "") == [Fault::Challenge]));
        let some = planned(json!({"fault": "challenge", "share": 0.5}));
        let spoiled = (0..1_000).filter(|_| !picked(&some, "").is_empty()).count();
        assert!((300..700).contains(&spoiled), "{spoiled}");
    }

    #[test]
    fn several_faults_act_together_each_by_its_share() {
        let faults = planned(json!({"delay": "20ms", "faults": [
            {"fault": "slow", "delay": "1s"}, {"fault": "charset"}, {"fault": "reset", "share": 0},
            {"fault": "truncated"}, {"fault": "slow", "delay": "2s"},
        ]}));
        let picked = faults.pick(&HeaderMap::new(), "").unwrap();
        assert_eq!(picked.late.as_millis(), 3_020);
        assert!(picked.has(Fault::Charset) && picked.has(Fault::Truncated));
        assert!(!picked.has(Fault::Reset) && picked.faults.len() == 2);
    }

    #[test]
    fn a_surname_spoils_its_own_request_only() {
        let faults = Faults::default();
        for (surname, fault) in SURNAMES.into_iter().skip(1) {
            assert_eq!(picked(&faults, &surname.to_uppercase()), [fault]);
        }
        assert!(picked(&faults, "Ejemplo").is_empty());
    }

    #[test]
    fn a_header_asks_for_its_own_request_whatever_else_is_wanted() {
        let faults = planned(json!({"fault": "unavailable"}));
        let with = |header: &'static str| {
            let value = HeaderValue::from_static(header);
            faults.pick(
                &HeaderMap::from_iter([(HEADER.parse().unwrap(), value)]),
                "",
            )
        };
        let picked = with("slow;delay=2s, rate_limited; delay=7s").unwrap();
        assert_eq!(picked.late.as_secs(), 2);
        assert_eq!(picked.faults.len(), 1);
        assert!(picked.faults[0].1.as_secs() == 7 && picked.has(Fault::RateLimited));
        assert!(with("none").unwrap().faults.is_empty());
        for wrong in [
            "",
            "fire",
            "slow;delay=x",
            "slow;dely=2s",
            "slow,",
            "slow;delay=2h",
            MANY,
        ] {
            let error = with(wrong).err().unwrap();
            assert!(
                error.starts_with(HEADER) && error.contains("slow;delay=2s"),
                "{error}"
            );
        }
    }

    #[test]
    fn a_plan_that_is_none_is_refused_and_says_why() {
        for (wrong, says) in [
            (json!({"fault": "slow", "share": 1.5}), "share"),
            (json!({"fault": "fire"}), "fire"),
            (json!({"fualt": "slow"}), "fualt"),
            (json!({"fault": "slow", "delay": "2h"}), "delay"),
            (json!({"delay": "2h"}), "delay"),
            (json!({"delay": 2}), "string"),
            (json!({"faults": [{"share": 1}]}), "fault"),
            (json!([1]), "object"),
            (
                json!({"faults": vec![json!({"fault": "slow"}); MOST + 1]}),
                "at most 32",
            ),
        ] {
            let error = Plan::parse(wrong.clone()).unwrap_err();
            assert!(error.to_lowercase().contains(says), "{wrong}: {error}");
        }
        assert_eq!(Plan::parse(json!({})), Ok(Plan::default()));
    }
}
