//! The one place where an event becomes fit to leave, and the memory of what must not.

mod beginning;
mod client;
pub mod command;
mod memory;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};
use std::time::Duration;

use icelocator_config::{Mounts, Privacy as Settings};
use icelocator_redaction::{Guard, Key, KeyError, Kind, Redactor};
use opentelemetry::KeyValue;
use opentelemetry::metrics::{Counter, Meter};

use self::beginning::beginning;
use self::memory::Memory;
pub use self::memory::Shown;
use crate::observe::catalogue::{PRIVACY_HIDDEN, PRIVACY_REDACTION_FAILURES};
use crate::observe::{CallEvent, Value};

/// How often the keys of pseudonyms are read again.
const EVERY: Duration = Duration::from_secs(10);

/// Something from which all that identifies a person has been taken. Only this module can make one.
pub struct Redacted<T> {
    left: T,
    whole: bool,
}

impl<T> Redacted<T> {
    /// What is left.
    pub fn get(&self) -> &T {
        &self.left
    }

    /// Whether it has texts, where there were any. Those that could not be redacted are gone.
    pub fn is_whole(&self) -> bool {
        self.whole
    }
}

#[cfg(test)]
impl<T> Redacted<T> {
    /// As if all had been taken from it.
    pub(crate) fn unchecked(left: T) -> Self {
        Self { left, whole: true }
    }
}

/// Redacts events, with what calls and their sessions have shown.
pub struct Privacy {
    redactor: RwLock<Redactor>,
    /// Where the keys of pseudonyms are, if they are somebody's.
    keyring: Option<PathBuf>,
    /// Whether free text is redacted rather than dropped.
    keeps_text: bool,
    memory: Memory,
    guard: Arc<Guard>,
    hidden: Counter<u64>,
    failures: Counter<u64>,
}

impl Privacy {
    /// As these settings say. What calls show is told to `guard`.
    pub fn new(
        settings: Option<&Settings>,
        mounts: &Mounts,
        meter: &Meter,
        guard: &Arc<Guard>,
    ) -> Result<Self, KeyError> {
        let keyring = settings.and_then(|privacy| privacy.pseudonym_keyring_secret_ref.as_ref());
        let keyring = keyring.map(|keyring| mounts.secret(keyring));
        let key = match &keyring {
            Some(folder) => Key::read(folder)?,
            None => Key::random(),
        };
        let hidden = PRIVACY_HIDDEN.counter(meter);
        for kind in Kind::ALL {
            hidden.add(0, &label(kind));
        }
        let failures = PRIVACY_REDACTION_FAILURES.counter(meter);
        failures.add(0, &[]);
        Ok(Self {
            redactor: RwLock::new(Redactor::new(key)),
            keyring,
            keeps_text: settings.is_none_or(|privacy| privacy.redaction),
            memory: Memory::default(),
            guard: Arc::clone(guard),
            hidden,
            failures,
        })
    }

    /// Whether pseudonyms may come to be made with another key.
    pub fn may_change(&self) -> bool {
        self.keyring.is_some()
    }

    /// Reads the keys again and again. While they cannot be read, the one before is used.
    pub async fn follow(self: Arc<Self>) {
        let mut was_read = true;
        loop {
            tokio::time::sleep(EVERY).await;
            let is_read = self.renew();
            if was_read && !is_read {
                tracing::warn!(
                    "the keys of pseudonyms cannot be read: the one before stays in use"
                );
            }
            was_read = is_read;
        }
    }

    /// Reads the keys again; says whether they could be read.
    fn renew(&self) -> bool {
        let Some(Ok(key)) = self.keyring.as_deref().map(Key::read) else {
            return false;
        };
        *self
            .redactor
            .write()
            .unwrap_or_else(PoisonError::into_inner) = Redactor::new(key);
        true
    }

    fn redactor(&self) -> RwLockReadGuard<'_, Redactor> {
        self.redactor.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// What a call shows, with what its session, or its caller where there is none, has shown before.
    pub fn shown(&self, session: Option<&str>, caller: Option<&str>) -> Shown {
        self.memory.shown(session.or(caller), &self.guard)
    }

    /// Takes from `event` all that identifies a person.
    pub fn redact(&self, event: CallEvent, shown: &Shown) -> Redacted<CallEvent> {
        self.memory.weigh(shown);
        self.redact_with(event, |event| self.redact_texts(event, shown))
    }

    /// Whatever `redact` stumbles over does not leave, and costs nobody a call.
    fn redact_with(
        &self,
        mut event: CallEvent,
        redact: impl FnOnce(&mut CallEvent),
    ) -> Redacted<CallEvent> {
        event.client = client::known(&event.client);
        let whole = catch_unwind(AssertUnwindSafe(|| redact(&mut event))).is_ok();
        if !whole {
            self.failures.add(1, &[]);
            event.parameters.clear();
            event.intent = None;
            event.error = None;
        }
        Redacted { left: event, whole }
    }

    fn redact_texts(&self, event: &mut CallEvent, shown: &Shown) {
        for parameter in &mut event.parameters {
            match &mut parameter.value {
                Value::Sensitive(kind, value) => {
                    *value = self.redactor().value(*kind, value);
                    self.hidden.add(1, &label(*kind));
                }
                Value::Text(text) => match self.text(text, shown) {
                    Some(left) => *text = left,
                    None => parameter.value = Value::Withheld,
                },
                Value::Plain(_) | Value::Withheld => {}
            }
        }
        for text in [&mut event.intent, &mut event.error] {
            *text = text.take().and_then(|text| self.text(&text, shown));
        }
    }

    /// The beginning of free text, without what identifies a person; nothing where free text is dropped.
    fn text(&self, text: &str, shown: &Shown) -> Option<String> {
        if !self.keeps_text {
            return None;
        }
        let cleaned = shown.with(|seen| self.redactor().text(beginning(text), seen));
        for kind in cleaned.hidden {
            self.hidden.add(1, &label(kind));
        }
        Some(cleaned.text)
    }
}

fn label(kind: Kind) -> [KeyValue; 1] {
    [KeyValue::new("kind", kind.as_str())]
}

#[cfg(test)]
impl Default for Privacy {
    /// With a key of its own and nobody who counts.
    fn default() -> Self {
        let meter = opentelemetry::metrics::noop::NoopMeterProvider::new();
        let meter = opentelemetry::metrics::MeterProvider::meter(&meter, "test");
        Self::new(None, &Mounts::default(), &meter, &Arc::default())
            .unwrap_or_else(|error| panic!("{error}"))
    }
}

#[cfg(test)]
mod tests {
    use opentelemetry::metrics::MeterProvider as _;
    use opentelemetry_sdk::metrics::SdkMeterProvider;
    use prometheus::{Registry, TextEncoder};

    use super::*;
    use crate::observe::Parameter;

    fn event() -> CallEvent {
        CallEvent {
            parameters: vec![Parameter {
                name: "first_name",
                value: Value::Sensitive(Kind::Name, "Planted".to_owned()),
            }],
            intent: Some("to find Zorka Plantedova".to_owned()),
            error: Some("no Zorka Plantedova".to_owned()),
            ..CallEvent::default()
        }
    }

    #[test]
    fn every_text_is_redacted_with_what_was_shown() {
        let privacy = Privacy::default();
        let shown = privacy.shown(None, None);
        shown.add(Kind::Name, "Zorka Plantedova");
        let redacted = privacy.redact(event(), &shown);
        assert!(redacted.is_whole());
        let event = redacted.get();
        let Value::Sensitive(Kind::Name, name) = &event.parameters[0].value else {
            panic!("not a name");
        };
        for text in [
            name,
            event.intent.as_ref().unwrap(),
            event.error.as_ref().unwrap(),
        ] {
            assert!(text.contains("[name:"), "{text}");
            assert!(!text.to_lowercase().contains("planted"), "{text}");
        }
    }

    #[test]
    fn wherever_a_text_is_cut_nothing_is_left_of_who_stands_there() {
        let privacy = Privacy::default();
        let shown = privacy.shown(None, None);
        shown.add(Kind::Name, "Zorka Plantedova");
        for (planted, parts) in [
            ("Zorka Plantedova", ["zor", "plan"]),
            ("A987654321", ["98", "a9"]),
            ("A 987 654 321", ["98", "65"]),
            ("987-65-4321", ["98", "65"]),
        ] {
            for before in 4096 - planted.len()..=4096 {
                let text = format!("{:before$}{planted} {}", "to find", "her ".repeat(4096));
                let redacted = privacy.redact(
                    CallEvent {
                        parameters: vec![Parameter {
                            name: "query",
                            value: Value::Text(text.clone()),
                        }],
                        intent: Some(text.clone()),
                        error: Some(text),
                        ..event()
                    },
                    &shown,
                );
                let event = redacted.get();
                let Value::Text(query) = &event.parameters[0].value else {
                    panic!("no text");
                };
                assert!(event.weight() < 4 * 4200, "{}", event.weight());
                for text in [
                    query,
                    event.intent.as_ref().unwrap(),
                    event.error.as_ref().unwrap(),
                ] {
                    let text = text.to_lowercase();
                    assert!(text.starts_with("to find"), "{text}");
                    for part in parts {
                        assert!(
                            !text.contains(part),
                            "{part} of {planted} at {before}: {text}"
                        );
                    }
                }
            }
        }
    }

    #[test]
    fn a_key_that_is_added_takes_effect_and_one_that_is_gone_does_not() {
        let folder = std::env::temp_dir().join(format!("icelocator-keys-{}", uuid::Uuid::new_v4()));
        let keys = folder.join("pseudonyms");
        std::fs::create_dir_all(&keys).unwrap();
        std::fs::write(keys.join("2026-10"), [1; 32]).unwrap();
        let settings = Settings {
            pseudonym_keyring_secret_ref: Some(icelocator_config::SecretRef {
                name: "pseudonyms".to_owned(),
            }),
            ..Settings::default()
        };
        let mounts = Mounts {
            secrets: folder.clone(),
            ..Mounts::default()
        };
        let meter = opentelemetry::global::meter("test");
        let made = || Privacy::new(Some(&settings), &mounts, &meter, &Arc::default());
        let told = |privacy: &Privacy| privacy.redactor().value(Kind::Name, "Ana Planted");
        let privacy = made().unwrap();
        let first = told(&privacy);
        // A replica makes the same.
        assert_eq!(first, told(&made().unwrap()));
        std::fs::write(keys.join("2026-11"), [2; 32]).unwrap();
        assert!(privacy.renew());
        let second = told(&privacy);
        assert_ne!(first, second);
        std::fs::remove_dir_all(&folder).unwrap();
        assert!(!privacy.renew() && made().is_err());
        assert_eq!(told(&privacy), second);
    }

    #[test]
    fn what_cannot_be_redacted_does_not_leave_and_is_counted() {
        let registry = Registry::new();
        let exporter = opentelemetry_prometheus::exporter().with_registry(registry.clone());
        let provider = SdkMeterProvider::builder().with_reader(exporter.build().unwrap());
        let provider = provider.build();
        let privacy = Privacy::new(
            None,
            &Mounts::default(),
            &provider.meter("test"),
            &Arc::default(),
        )
        .unwrap();
        let redacted = privacy.redact_with(event(), |_| panic!("a bug"));
        assert!(!redacted.is_whole());
        let event = redacted.get();
        assert!(event.parameters.is_empty() && event.intent.is_none() && event.error.is_none());
        let metrics = TextEncoder::new()
            .encode_to_string(&registry.gather())
            .unwrap();
        let failures = "icelocator_privacy_redaction_failures_total{otel_scope_name=\"test\"} 1";
        assert!(metrics.contains(failures), "{metrics}");
    }
}
