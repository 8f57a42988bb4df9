use std::time::Duration;

use opentelemetry::trace::SpanContext;

use super::*;
use crate::observe::{Ending, Parameter};
use crate::profiling::{self, Stack};

const ORIGIN: Origin = Origin {
    environment: None,
    server: None,
};

fn event(text: &str) -> CallEvent {
    CallEvent {
        duration: Duration::from_secs(1),
        parameters: vec![Parameter {
            name: "query",
            value: crate::observe::Value::Text(text.to_owned()),
        }],
        intent: Some(text.to_owned()),
        ending: Ending::TimedOut,
        error: Some(text.to_owned()),
        ..CallEvent::default()
    }
}

fn place() -> Place {
    Place::of(None::<&SpanContext>)
}

#[test]
fn an_error_weighs_what_its_texts_do() {
    let weight = |text: &str| {
        let event = event(text);
        let fault = Fault::of(&event).unwrap();
        ORIGIN.error(&event, fault, place(), Vec::new()).weight()
    };
    assert_eq!(weight(&"x".repeat(4000)) - weight(""), 3 * 4000);
}

#[test]
fn a_profile_weighs_what_the_names_of_its_functions_do() {
    let weight = |name: &str| {
        let began = SystemTime::UNIX_EPOCH;
        let profile = Profile {
            began,
            duration: Duration::from_secs(1),
            stacks: vec![Stack {
                thread: "worker".to_owned(),
                thread_id: 1,
                frames: (0..10)
                    .map(|number| profiling::Frame {
                        function: format!("{name}{number}"),
                        symbol: String::new(),
                        file: None,
                        line: None,
                    })
                    .collect(),
                count: 2,
                first: began,
            }],
        };
        let item = ORIGIN.transaction(&event(""), place());
        item.with_profile(&profile, &ORIGIN, place()).weight()
    };
    assert_eq!(weight(&"x".repeat(1000)) - weight("y"), 10 * 999);
}
