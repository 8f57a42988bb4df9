//! Everybody, found at once by name or number: a stand-in that takes long would be what a measurement measures.

use std::collections::HashMap;

use super::person::{Facility, Person, today};
use super::question::Question;

/// Everybody, and the places where they are held.
pub struct Register {
    people: Vec<Person>,
    facilities: Vec<Facility>,
    by_name: HashMap<String, Vec<u32>>,
    by_number: HashMap<u32, u32>,
}

impl Register {
    /// All of these. Of several with one number only the first is found by it.
    pub fn new(people: Vec<Person>, facilities: Vec<Facility>) -> Self {
        let mut by_name: HashMap<String, Vec<u32>> = HashMap::new();
        let mut by_number = HashMap::with_capacity(people.len());
        for (place, person) in (0..).zip(&people) {
            let key = key(&person.first_name, &person.last_name, person.country);
            by_name.entry(key).or_default().push(place);
            by_number.entry(person.number).or_insert(place);
        }
        Self {
            people,
            facilities,
            by_name,
            by_number,
        }
    }

    /// Whom the site shows to someone who asks this: exact names, and adults only.
    pub fn find(&self, question: &Question) -> Vec<&Person> {
        let today = today();
        let born = &question.date_of_birth;
        let places = if question.is_by_number() {
            let number = question.a_number.parse().ok();
            number.and_then(|number: u32| self.by_number.get(&number).map(std::slice::from_ref))
        } else {
            let key = key(&question.first_name, &question.last_name, &question.country);
            self.by_name.get(&key).map(Vec::as_slice)
        };
        places
            .unwrap_or_default()
            .iter()
            .filter_map(|place| self.people.get(*place as usize))
            .filter(|person| person.country == question.country && person.is_adult(today))
            .filter(|person| {
                question.is_by_number()
                    || born.is_empty()
                    || *born == person.date_of_birth.to_string()
            })
            .collect()
    }

    /// The facility at this place in the list.
    pub fn facility(&self, place: u32) -> Option<&Facility> {
        self.facilities.get(place as usize)
    }
}

/// A name as the site compares it: letter by letter, but for case, as the real one does. No name has a line's end in it.
fn key(first: &str, last: &str, country: &str) -> String {
    let mut key = first.trim().to_lowercase();
    key.push('\n');
    key.push_str(&last.trim().to_lowercase());
    key.push('\n');
    key.push_str(country);
    key
}

#[cfg(test)]
mod tests {
    use super::super::people;
    use super::super::person::facilities;
    use super::*;

    fn numbers(question: &Question) -> Vec<u32> {
        let register = Register::new(people::all(0, 50), facilities());
        let found = register.find(question);
        found.iter().map(|person| person.number).collect()
    }

    fn named(first: &str, last: &str, country: &str, born: &str) -> Vec<u32> {
        numbers(&Question {
            first_name: first.to_owned(),
            last_name: last.to_owned(),
            country: country.to_owned(),
            date_of_birth: born.to_owned(),
            ..Question::default()
        })
    }

    #[test]
    fn names_are_exact_but_for_case_and_spaces_around_them() {
        let gt = "Guatemala";
        assert_eq!(
            named(" ANA LUCIA", "ejemplo prueba ", gt, ""),
            [900_000_001]
        );
        assert!(named("Ana", "Ejemplo Prueba", gt, "").is_empty());
        assert!(named("Ana Lucía", "Ejemplo Prueba", gt, "").is_empty());
        assert!(named("Ana Lucia", "Ejemplo Prueba", "Mexico", "").is_empty());
        assert!(named("Ana Lucia\nEjemplo", "Prueba", gt, "").is_empty());
    }

    #[test]
    fn a_birth_date_leaves_those_who_have_it() {
        let born = |date| named("Maria", "Muestra", "Mexico", date);
        assert_eq!(born(""), [900_000_003, 900_000_004]);
        assert_eq!(born("1992-03-08"), [900_000_004]);
        assert!(born("1992-03-09").is_empty());
    }

    #[test]
    fn a_number_needs_its_country_and_children_are_not_shown_by_any_way() {
        let number = |digits: &str, country: &str| {
            numbers(&Question {
                a_number: digits.to_owned(),
                country: country.to_owned(),
                ..Question::default()
            })
        };
        assert_eq!(number("000000777", "China"), [777]);
        assert!(number("000000777", "Haiti").is_empty());
        assert!(number("900000009", "Guatemala").is_empty());
        assert!(named("Nina", "Menor Ejemplo", "Guatemala", "").is_empty());
    }
}
