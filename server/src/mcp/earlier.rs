//! Answers of earlier searches, as tools give them and models hand them back. What comes back may have been changed on the
//! way: it is read within bounds, and whatever does not look like an answer of ours is refused.

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;

use crate::observe::Outcome;

/// Most people of one answer.
const MOST_PEOPLE: usize = 20;
/// Most answers.
pub const MOST: usize = 40;
/// Pages of places begin so.
const WEB: [&str; 2] = ["https://", "http://"];
/// Longest text, in characters. No name of a person or a place, and no page's address, is longer.
const LONGEST: usize = 500;

/// An answer of a search. Identifies people: it cannot be printed.
#[derive(Deserialize)]
pub struct Earlier {
    /// How the search ended.
    pub outcome: Outcome,
    /// When the locator was asked.
    pub as_of: Timestamp,
    /// Who matches.
    #[serde(default)]
    pub people: Vec<Person>,
}

/// Somebody whom the locator showed.
#[derive(Deserialize)]
pub struct Person {
    /// As the locator spells it.
    pub name: String,
    /// Nine digits.
    #[serde(default)]
    pub alien_number: Option<String>,
    /// As the locator calls it.
    #[serde(default)]
    pub country_of_birth: Option<String>,
    /// YYYY-MM-DD.
    #[serde(default)]
    pub date_of_birth: Option<String>,
    /// What the locator says of their custody.
    #[serde(default)]
    pub status: Option<String>,
    /// Where they are held.
    #[serde(default)]
    pub facility: Option<Facility>,
    /// How well they match, 0 to 1.
    #[serde(default)]
    pub score: Option<f64>,
}

/// A place where people are held.
#[derive(Deserialize)]
pub struct Facility {
    /// As the locator calls it.
    pub name: String,
    /// Its telephone number, as the locator gave it.
    #[serde(default)]
    pub phone: Option<String>,
    /// Its page.
    #[serde(default)]
    pub url: Option<String>,
}

/// That something is no answer of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoAnswer;

impl Earlier {
    /// Reads the answers in what a tool gave: one search's answer, or those of a bulk search.
    pub fn read(given: &Value) -> Result<Vec<Self>, NoAnswer> {
        let list = given.get("results").and_then(Value::as_array);
        let answers: Vec<&Value> = match list {
            Some(results) => results
                .iter()
                .filter_map(|result| result.get("answer"))
                .collect(),
            None => vec![given.get("answer").unwrap_or(given)],
        };
        if answers.len() > MOST {
            return Err(NoAnswer);
        }
        answers.into_iter().map(Self::read_one).collect()
    }

    fn read_one(given: &Value) -> Result<Self, NoAnswer> {
        let answer = Self::deserialize(given).map_err(|_| NoAnswer)?;
        let fits = answer.people.len() <= MOST_PEOPLE && answer.people.iter().all(Person::fits);
        fits.then_some(answer).ok_or(NoAnswer)
    }
}

impl Person {
    fn fits(&self) -> bool {
        let facility = self.facility.as_ref();
        let texts = [
            Some(&self.name),
            self.alien_number.as_ref(),
            self.country_of_birth.as_ref(),
            self.date_of_birth.as_ref(),
            self.status.as_ref(),
            facility.map(|facility| &facility.name),
            facility.and_then(|facility| facility.phone.as_ref()),
            facility.and_then(|facility| facility.url.as_ref()),
        ];
        let is_page = |url: &String| WEB.iter().any(|start| url.starts_with(start));
        let short = |text: &String| text.chars().count() <= LONGEST;
        texts.into_iter().flatten().all(short)
            && facility.is_none_or(|facility| facility.url.as_ref().is_none_or(is_page))
            && self.score.is_none_or(|score| (0.0..=1.0).contains(&score))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn answer() -> Value {
        json!({
            "outcome": "found", "as_of": "2026-11-23T09:00:00Z", "language": "en",
            "people": [{"name": "Ejemplo, Ana", "score": 1.0, "facility": {"name": "Ejemplo County"}}],
        })
    }

    #[test]
    fn one_answer_and_those_of_a_bulk_search_are_read() {
        assert_eq!(Earlier::read(&answer()).ok().unwrap().len(), 1);
        let bulk = json!({"outcome": "partial", "results": [
            {"index": 0, "answer": answer()}, {"index": 1}, {"index": 2, "answer": answer()},
        ]});
        assert_eq!(Earlier::read(&bulk).ok().unwrap().len(), 2);
        let understood = json!({"understood": {}, "answer": answer()});
        assert_eq!(Earlier::read(&understood).ok().unwrap().len(), 1);
    }

    #[test]
    fn what_is_no_answer_of_ours_is_refused() {
        let with = |field: &str, value: Value| {
            let mut answer = answer();
            *answer.pointer_mut(field).unwrap() = value;
            answer
        };
        for given in [
            json!(null),
            json!([]),
            json!({}),
            json!({"results": [{"answer": 7}]}),
            json!({"results": vec![json!({"answer": answer()}); MOST + 1]}),
            with("/outcome", json!("freed")),
            with("/as_of", json!("yesterday")),
            with("/people", json!({})),
            with("/people", json!(vec![answer()["people"][0].clone(); 21])),
            with("/people/0/name", json!("x".repeat(501))),
            with("/people/0/score", json!(7)),
            with("/people/0/facility", json!("Ejemplo County")),
            with(
                "/people/0/facility",
                json!({"name": "Ejemplo", "url": "javascript:alert(1)"}),
            ),
            with(
                "/people/0/facility",
                json!({"name": "Ejemplo", "url": "//evil.example"}),
            ),
        ] {
            assert_eq!(Earlier::read(&given).err(), Some(NoAnswer), "{given}");
        }
    }

    proptest! {
        #[test]
        fn whatever_comes_back_is_read_or_refused(outcome in "[a-z_]{0,12}", as_of in "\\PC{0,30}", name in "\\PC{0,600}") {
            let given = json!({"outcome": outcome, "as_of": as_of, "people": [{"name": name}]});
            if let Ok(answers) = Earlier::read(&given) {
                prop_assert_eq!(answers.len(), 1);
            }
        }
    }
}
