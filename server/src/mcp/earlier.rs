//! Answers of earlier searches, as tools give them and models hand them back. What comes back may have been changed on the
//! way: it is read within bounds, and whatever does not look like an answer of ours is refused.

use icelocator_redaction::Kind;
use jiff::Timestamp;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use crate::observe::Outcome;
use crate::privacy::Shown;
use crate::search::Reason;

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
    /// Why there was no search.
    #[serde(default)]
    pub invalid: Option<Invalid>,
}

/// A detail for which a search was not made.
#[derive(Deserialize)]
pub struct Invalid {
    /// Which.
    #[serde(default)]
    pub field: Option<String>,
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
    /// Why.
    #[serde(default, deserialize_with = "reasons")]
    pub reasons: Vec<Reason>,
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
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoAnswer {
    /// What is not as we write it, by its path: names of ours and places in lists. Empty for all of it.
    pub path: String,
}

impl NoAnswer {
    fn at(path: impl Into<String>) -> Self {
        Self { path: path.into() }
    }

    fn within(self, parent: &str) -> Self {
        Self::at(joined(parent, &self.path))
    }
}

/// The path of something within something else.
pub fn joined(parent: &str, child: &str) -> String {
    match (parent, child) {
        ("", path) | (path, "") => path.to_owned(),
        _ => format!("{parent}.{child}"),
    }
}

impl Earlier {
    /// Reads the answers in what a tool gave: one search's answer, or those of a bulk search.
    pub fn read(given: &Value) -> Result<Vec<Self>, NoAnswer> {
        let Some(results) = given.get("results").and_then(Value::as_array) else {
            let one = match given.get("answer") {
                Some(answer) => Self::read_one(answer).map_err(|wrong| wrong.within("answer")),
                None => Self::read_one(given),
            };
            return Ok(vec![one?]);
        };
        let answers = (0..)
            .zip(results)
            .filter_map(|(index, result): (usize, _)| {
                let path = format!("results[{index}].answer");
                Some((path, result.get("answer")?))
            });
        if answers.clone().count() > MOST {
            return Err(NoAnswer::at("results"));
        }
        answers
            .map(|(path, answer)| Self::read_one(answer).map_err(|wrong| wrong.within(&path)))
            .collect()
    }

    /// Keeps who is in it.
    pub fn show(&self, shown: &Shown) {
        for person in &self.people {
            shown.add(Kind::Name, &person.name);
            if let Some(number) = &person.alien_number {
                shown.add(Kind::AlienNumber, number);
            }
            if let Some(date) = &person.date_of_birth {
                shown.add(Kind::Date, date);
            }
        }
    }

    fn read_one(given: &Value) -> Result<Self, NoAnswer> {
        // A list of the right values would do for a structure, and we write none as a list.
        if !given.is_object() {
            return Err(NoAnswer::at(""));
        }
        let answer: Self = serde_path_to_error::deserialize(given).map_err(|error| {
            let path = error.path().to_string();
            let path = if path == "." { "" } else { &path };
            let why = error.inner().to_string();
            let missing = why.strip_prefix("missing field `");
            let missing = missing.and_then(|why| why.split('`').next());
            NoAnswer::at(joined(path, missing.unwrap_or_default()))
        })?;
        if answer.people.len() > MOST_PEOPLE {
            return Err(NoAnswer::at("people"));
        }
        for (index, person) in answer.people.iter().enumerate() {
            if let Some(wrong) = person.wrong() {
                return Err(NoAnswer::at(format!("people[{index}].{wrong}")));
            }
        }
        Ok(answer)
    }
}

impl Person {
    /// What is longer than it can be, or no share.
    fn wrong(&self) -> Option<&'static str> {
        let facility = self.facility.as_ref();
        let texts = [
            ("name", Some(&self.name)),
            ("alien_number", self.alien_number.as_ref()),
            ("country_of_birth", self.country_of_birth.as_ref()),
            ("date_of_birth", self.date_of_birth.as_ref()),
            ("status", self.status.as_ref()),
            ("facility.name", facility.map(|facility| &facility.name)),
            (
                "facility.phone",
                facility.and_then(|facility| facility.phone.as_ref()),
            ),
            (
                "facility.url",
                facility.and_then(|facility| facility.url.as_ref()),
            ),
        ];
        let long = |text: &String| text.chars().count() > LONGEST;
        let long = texts
            .into_iter()
            .find_map(|(name, text)| text.filter(|text| long(text)).map(|_| name));
        let no_share = self.score.filter(|score| !(0.0..=1.0).contains(score));
        let is_page = |url: &&String| WEB.iter().any(|start| url.starts_with(start));
        let url = facility.and_then(|facility| facility.url.as_ref());
        let no_page = url.filter(|url| !is_page(url)).map(|_| "facility.url");
        long.or(no_share.map(|_| "score")).or(no_page)
    }
}

const REASONS: [Reason; 21] = [
    Reason::SameAlienNumber,
    Reason::SameName,
    Reason::SameNameButAccents,
    Reason::SameNameTransliterated,
    Reason::Nickname,
    Reason::SoundsAlike,
    Reason::SpelledAlike,
    Reason::InitialSame,
    Reason::SomeGivenNamesSame,
    Reason::SomeSurnamesSame,
    Reason::OrderDiffers,
    Reason::NamesSwapped,
    Reason::NameMoved,
    Reason::OneNameKnown,
    Reason::NameDiffers,
    Reason::SameBirthDate,
    Reason::BirthDateSwapped,
    Reason::BirthDateClose,
    Reason::BirthDateDiffers,
    Reason::BirthDateNotShown,
    Reason::CountryDiffers,
];

/// The reasons that we know; what else is written for one is left out.
fn reasons<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Reason>, D::Error> {
    let given = Vec::<Value>::deserialize(deserializer)?;
    let known = |reason: &Reason| {
        let name = serde_json::to_value(reason);
        name.is_ok_and(|name| given.contains(&name))
    };
    Ok(REASONS.into_iter().filter(known).collect())
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
            {"request": 1, "answer": answer()}, {"request": 2}, {"request": 3, "answer": answer()},
        ]});
        assert_eq!(Earlier::read(&bulk).ok().unwrap().len(), 2);
        let understood = json!({"understood": {}, "answer": answer()});
        assert_eq!(Earlier::read(&understood).ok().unwrap().len(), 1);
    }

    #[test]
    fn what_is_no_answer_of_ours_is_refused_by_its_path() {
        let with = |field: &str, value: Value| {
            let mut answer = answer();
            *answer.pointer_mut(field).unwrap() = value;
            answer
        };
        let mut timeless = answer();
        timeless.as_object_mut().unwrap().remove("as_of");
        let bulk = |answer: Value| json!({"results": [{}, {"answer": answer}]});
        for (given, path) in [
            (json!(null), ""),
            (json!([]), ""),
            (json!({}), "outcome"),
            (json!({"results": [{"answer": 7}]}), "results[0].answer"),
            (
                json!({"results": vec![json!({"answer": answer()}); MOST + 1]}),
                "results",
            ),
            (with("/outcome", json!("freed")), "outcome"),
            (timeless, "as_of"),
            (with("/as_of", json!("yesterday")), "as_of"),
            (with("/people", json!({})), "people"),
            (
                with("/people", json!(vec![answer()["people"][0].clone(); 21])),
                "people",
            ),
            (
                with("/people/0/name", json!("x".repeat(501))),
                "people[0].name",
            ),
            (with("/people/0/score", json!(7)), "people[0].score"),
            (
                with(
                    "/people/0/facility",
                    json!({"name": "Ejemplo", "url": "javascript:alert(1)"}),
                ),
                "people[0].facility.url",
            ),
            (
                with(
                    "/people/0/facility",
                    json!({"name": "Ejemplo", "url": "//evil.example"}),
                ),
                "people[0].facility.url",
            ),
            (
                bulk(with("/people/0/facility", json!("Ejemplo County"))),
                "results[1].answer.people[0].facility",
            ),
            (
                json!({"answer": with("/people/0/facility", json!({}))}),
                "answer.people[0].facility.name",
            ),
        ] {
            let refused = Earlier::read(&given).err();
            assert_eq!(refused, Some(NoAnswer::at(path)), "{given}");
        }
    }

    #[test]
    fn every_reason_that_we_give_is_known_when_it_comes_back() {
        let published = schemars::schema_for!(Reason).to_value();
        let published = published["oneOf"].as_array().unwrap();
        let mut names: Vec<_> = published.iter().map(|one| one["const"].clone()).collect();
        let known = REASONS.map(|reason| serde_json::to_value(reason).unwrap());
        assert_eq!(names, known);
        names.push(json!("planted"));
        let mut answer = answer();
        answer["people"][0]["reasons"] = json!(names);
        let read = Earlier::read(&answer).ok().unwrap();
        assert_eq!(read[0].people[0].reasons, REASONS);
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
