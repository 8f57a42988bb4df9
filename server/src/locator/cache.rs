//! Answers in memory, never on a disk: bounded, forgotten in time, each asked for once however many want it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use icelocator_config::Cache as Settings;
use moka::Expiry;
use moka::future::Cache as Memory;
use opentelemetry::KeyValue;
use opentelemetry::metrics::{Counter, Meter};
use sha2::{Digest as _, Sha256};
use tracing::Instrument as _;
use tracing::field::Empty;

use super::{Failure, Found, Known, Question};
use crate::observe::catalogue;

/// What no name can be read from, not even by trying names: it is salted, and the salt is this process's own.
type Key = [u8; 32];

/// The answers.
pub struct Cache {
    memory: Memory<Key, Remembered>,
    salt: Key,
    lookups: Counter<u64>,
}

/// An answer as it is kept.
#[derive(Clone)]
pub struct Remembered {
    /// What the site said.
    pub known: Arc<Known>,
    /// Why others are missing from it, when they are.
    pub missing: Option<Failure>,
}

/// How long answers are kept: those that found nobody are soon out of date.
struct Kept {
    found: Duration,
    not_found: Duration,
}

impl Expiry<Key, Remembered> for Kept {
    fn expire_after_create(&self, _: &Key, answer: &Remembered, _: Instant) -> Option<Duration> {
        Some(if answer.missing.is_some() {
            // Only those who wait for it get it: a part is not what the next one asks for.
            Duration::ZERO
        } else if answer.known.rows.is_empty() {
            self.not_found
        } else {
            self.found
        })
    }
}

impl Cache {
    /// An empty one.
    pub fn new(settings: &Settings, meter: &Meter) -> Self {
        let kept = Kept {
            found: settings.ttl.into(),
            not_found: settings.not_found_ttl.into(),
        };
        let memory = Memory::builder()
            .max_capacity(settings.max_entries.into())
            .weigher(|_, answer: &Remembered| {
                let people = u32::try_from(answer.known.rows.len()).unwrap_or(u32::MAX);
                people.max(1)
            })
            .expire_after(kept)
            .build();
        let counted = memory.clone();
        catalogue::CACHE_ENTRIES.observable_gauge(meter, move |entries| {
            entries.observe(counted.entry_count(), &[]);
        });
        Self {
            memory,
            salt: rand::random(),
            lookups: catalogue::CACHE_LOOKUPS.counter(meter),
        }
    }

    /// The remembered answer, or the one that `ask` brings. Who comes while it is asked for waits for the same answer. Each
    /// asker has answers of their own: from one that is ready at once, or not of just now, others would learn whom somebody
    /// looks for.
    pub async fn get_or_ask(
        &self,
        question: &Question,
        asker: &str,
        ask: impl Future<Output = Result<Remembered, Failure>>,
    ) -> Result<Found, Failure> {
        let span = tracing::info_span!("icelocator.cache", icelocator.cache.result = Empty);
        let answer = self
            .memory
            .entry(self.key(question, asker))
            .or_try_insert_with(ask)
            .instrument(span.clone())
            .await;
        let remembered = answer.as_ref().is_ok_and(|entry| !entry.is_fresh());
        let result = if remembered { "hit" } else { "miss" };
        span.record("icelocator.cache.result", result);
        self.lookups.add(1, &[KeyValue::new("result", result)]);
        let answer = answer.map_err(|failure| *failure)?.into_value();
        Ok(Found {
            known: answer.known,
            missing: answer.missing,
            remembered,
        })
    }

    fn key(&self, question: &Question, asker: &str) -> Key {
        let parts: [&str; 5] = match question {
            Question::Number { number, country } => ["number", number, country, "", ""],
            Question::Name {
                first,
                last,
                country,
                date_of_birth,
            } => ["name", first, last, country, date_of_birth],
        };
        let mut hash = Sha256::new_with_prefix(self.salt);
        hash.update(asker.len().to_be_bytes());
        hash.update(asker);
        for part in parts {
            let part = part.to_lowercase();
            hash.update(part.len().to_be_bytes());
            hash.update(part);
        }
        hash.finalize().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::locator::Row;

    fn cache() -> Cache {
        let meter = opentelemetry::global::meter("test");
        Cache::new(&Settings::default(), &meter)
    }

    fn answer(rows: Vec<Row>, missing: Option<Failure>) -> Remembered {
        let as_of = jiff::Timestamp::now();
        Remembered {
            known: Arc::new(Known { rows, as_of }),
            missing,
        }
    }

    fn name(first: &str, last: &str) -> Question {
        Question::Name {
            first: first.to_owned(),
            last: last.to_owned(),
            country: "Guatemala".to_owned(),
            date_of_birth: String::new(),
        }
    }

    #[test]
    fn a_key_tells_questions_apart_and_means_nothing_elsewhere() {
        let cache = cache();
        let key = cache.key(&name("Ana", "Ejemplo"), "luz");
        assert_eq!(key, cache.key(&name("ANA", "ejemplo"), "luz"));
        assert_ne!(key, cache.key(&name("AnaE", "jemplo"), "luz"));
        assert_ne!(key, cache.key(&name("Ejemplo", "Ana"), "luz"));
        assert_ne!(key, cache.key(&name("Ana", "Ejemplo"), "eva"));
        assert_ne!(key, self::cache().key(&name("Ana", "Ejemplo"), "luz"));
    }

    #[tokio::test]
    async fn an_answer_of_many_people_takes_the_room_of_many() {
        let meter = opentelemetry::global::meter("test");
        let settings = Settings {
            max_entries: 50,
            ..Settings::default()
        };
        let cache = Cache::new(&settings, &meter);
        let person = Row {
            last: "Ejemplo".to_owned(),
            first: "Ana".to_owned(),
            alien_number: None,
            country: None,
            date_of_birth: None,
            status: None,
            facility: None,
            facility_phone: None,
            facility_link: None,
        };
        for number in 0..20 {
            let known = answer(vec![person.clone(); 10], None);
            let question = name(&number.to_string(), "Ejemplo");
            let answer = cache.get_or_ask(&question, "luz", async { Ok(known) });
            assert!(answer.await.is_ok());
        }
        cache.memory.run_pending_tasks().await;
        assert_eq!(cache.memory.entry_count(), 5);
    }

    #[tokio::test]
    async fn neither_a_failure_nor_a_part_is_remembered() {
        let cache = cache();
        let question = name("Ana", "Ejemplo");
        let failed = cache
            .get_or_ask(&question, "luz", async { Err(Failure::Challenged) })
            .await;
        assert_eq!(failed.err(), Some(Failure::Challenged));
        let part = answer(Vec::new(), Some(Failure::Timeout));
        let part = cache.get_or_ask(&question, "luz", async { Ok(part) }).await;
        assert!(part.is_ok_and(|part| part.missing == Some(Failure::Timeout)));
        let known = answer(Vec::new(), None);
        let answered = cache.get_or_ask(&question, "luz", async { Ok(known) });
        assert!(
            !answered
                .await
                .unwrap_or_else(|_| panic!("failed"))
                .remembered
        );
        let again = cache.get_or_ask(&question, "luz", async { panic!("asked again") });
        assert!(again.await.unwrap_or_else(|_| panic!("failed")).remembered);
    }
}
