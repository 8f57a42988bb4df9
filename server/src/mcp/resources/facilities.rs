//! Places where people are held: those of the texts, and those that the locator named in answers since this process started.
//! A place is no person; nothing says who was asked about.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::{Map, Value, json};

use super::{Wanted, document, entry, said};
use crate::language::Text;
use crate::mcp::earlier::Facility;
use crate::search::folded;
use crate::texts::{Facilities, Fact};

/// Most places that are remembered; of more, the one that was named the longest ago is forgotten.
const MOST: usize = 500;
/// Longest name that is remembered, in characters.
const LONGEST: usize = 100;

const FROM_TEXTS: Text = Text {
    en: "from the texts of this service; each fact has its source",
    es: "de los textos de este servicio; cada dato lleva su fuente",
};
const FROM_LOCATOR: Text = Text {
    en: "named by the locator in an answer",
    es: "nombrado por el localizador en una respuesta",
};

/// Places that the locator named.
#[derive(Default)]
pub struct Seen(Mutex<BTreeMap<String, Place>>);

struct Place {
    name: String,
    phone: Option<String>,
    url: Option<String>,
    as_of: Timestamp,
}

impl Seen {
    /// Takes a place from an answer of that time, unless it says more than a name.
    pub fn note(&self, facility: &Facility, as_of: Timestamp) {
        if !is_name(&facility.name) {
            return;
        }
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let key = folded(&facility.name);
        if seen.len() >= MOST && !seen.contains_key(&key) {
            let oldest = seen.iter().min_by_key(|(_, place)| place.as_of);
            if let Some(oldest) = oldest.map(|(key, _)| key.clone()) {
                seen.remove(&oldest);
            }
        }
        let place = Place {
            name: facility.name.clone(),
            phone: facility.phone.clone(),
            url: facility.url.clone(),
            as_of,
        };
        seen.insert(key, place);
    }

    /// Names of all places, those of the texts first.
    pub fn names(&self, facilities: &Facilities) -> Vec<String> {
        let mut names: Vec<String> = facilities
            .facilities
            .iter()
            .map(|facility| facility.name.clone())
            .collect();
        let known: Vec<String> = names.iter().map(|name| folded(name)).collect();
        let seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let more = seen.iter().filter(|(key, _)| !known.contains(key));
        names.extend(more.map(|(_, place)| place.name.clone()));
        names
    }

    /// The places whose name contains `name`.
    pub fn told(&self, facilities: &Facilities, name: Option<&str>, wanted: Wanted) -> Value {
        let name = name.map(folded).unwrap_or_default();
        let listed = facilities.facilities.iter();
        let mut places: Vec<Value> = listed
            .filter(|facility| folded(&facility.name).contains(&name))
            .map(|facility| {
                let facts: Vec<Value> = facility
                    .facts
                    .iter()
                    .map(|fact| told(fact, wanted))
                    .collect();
                let mut place = place(&facility.name, None, facility.url.as_deref());
                place.insert("facts".to_owned(), json!(facts));
                place.insert("from".to_owned(), entry(FROM_TEXTS, wanted));
                Value::Object(place)
            })
            .collect();
        let seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let named = seen.iter().filter(|(key, _)| key.contains(&name));
        places.extend(named.map(|(_, seen)| {
            let mut place = place(&seen.name, seen.phone.as_deref(), seen.url.as_deref());
            // The day alone: the time would tell when somebody else was answered.
            let day = TimeZone::UTC.to_datetime(seen.as_of).date();
            place.insert("as_of".to_owned(), json!(day.to_string()));
            place.insert("from".to_owned(), entry(FROM_LOCATOR, wanted));
            Value::Object(place)
        }));
        let mut told = document(&facilities.about, wanted);
        told.insert("facilities".to_owned(), json!(places));
        Value::Object(told)
    }
}

/// What everybody is shown must not be a message of whoever put it on one page.
fn is_name(text: &str) -> bool {
    text.chars().count() <= LONGEST
        && text
            .chars()
            .all(|c| c.is_alphanumeric() || " &.,'’()/#-".contains(c))
        && !folded(text).contains("www.")
}

fn place(name: &str, phone: Option<&str>, url: Option<&str>) -> Map<String, Value> {
    let mut place = Map::new();
    for (field, value) in [("name", Some(name)), ("phone", phone), ("url", url)] {
        if let Some(value) = value {
            place.insert(field.to_owned(), json!(value));
        }
    }
    place
}

fn told(fact: &Fact, wanted: Wanted) -> Value {
    json!({
        "label": said(&fact.label, wanted),
        "value": said(&fact.value, wanted),
        "source": fact.source,
        "read_on": fact.read_on.to_string(),
    })
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;
    use crate::language::Language;
    use crate::texts::Texts;

    const LATE: &str = "2026-11-23T10:00:00Z";

    fn at(time: &str) -> Timestamp {
        time.parse().unwrap()
    }

    fn facility(name: &str) -> Facility {
        Facility {
            name: name.to_owned(),
            phone: Some("(202) 555-0152".to_owned()),
            url: None,
        }
    }

    #[test]
    fn a_place_that_the_locator_named_is_told_once_with_its_day() {
        let facilities = Texts::shipped().facilities.clone();
        let seen = Seen::default();
        seen.note(&facility("Ejemplo County"), at("2026-11-23T09:00:00Z"));
        seen.note(&facility("EJEMPLO  COUNTY"), at(LATE));
        seen.note(&facility("Muestra Center"), at(LATE));
        let told = seen.told(&facilities, Some("ejemplo"), Wanted::One(Language::En));
        let places = told["facilities"].as_array().unwrap();
        assert_eq!(places.len(), 1, "{places:?}");
        assert_eq!(places[0]["phone"], "(202) 555-0152");
        assert_eq!(places[0]["as_of"], "2026-11-23");
        assert_eq!(seen.names(&facilities).len(), 2);
    }

    #[test]
    fn of_too_many_places_the_oldest_goes() {
        let seen = Seen::default();
        let facilities = Texts::shipped().facilities.clone();
        for number in 0..=MOST {
            let minutes = i64::try_from(number).unwrap();
            let time = at(LATE) + SignedDuration::from_mins(minutes);
            seen.note(&facility(&format!("Ejemplo {number}")), time);
        }
        let names = seen.names(&facilities);
        assert_eq!(names.len(), MOST);
        assert!(!names.contains(&"Ejemplo 0".to_owned()));
        assert!(names.contains(&format!("Ejemplo {MOST}")));
    }

    #[test]
    fn a_place_whose_name_is_a_message_is_not_remembered() {
        let seen = Seen::default();
        let long = "Ejemplo ".repeat(20);
        for name in [
            "[a](javascript:1)",
            "WWW.evil.example",
            "https://evil.example",
            "<b>",
            "pay@evil.example",
            &long,
        ] {
            seen.note(&facility(name), at(LATE));
        }
        seen.note(&facility("St. Ana's Co. (Peñas) #2"), at(LATE));
        let facilities = Texts::shipped().facilities.clone();
        assert_eq!(seen.names(&facilities), ["St. Ana's Co. (Peñas) #2"]);
    }
}
