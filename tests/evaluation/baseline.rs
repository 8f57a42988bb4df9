//! What a search is measured against: the site's own exact matching, and plain edit distance over everybody in it, which no
//! site offers.

use icelocator_server::search::country;

use crate::{Person, Query};

/// Most letters that may differ.
const DISTANCE: usize = 2;

/// The numbers of those who have exactly this name.
pub fn exact(query: &Query, people: &[Person]) -> Vec<String> {
    let (first, last) = asked(query);
    candidates(query, people)
        .filter(|person| {
            person.first_name.to_lowercase() == first && person.last_name.to_lowercase() == last
        })
        .map(|person| person.alien_number.clone())
        .collect()
}

/// The numbers of those whose name is nearly this, nearest first.
pub fn edit_distance(query: &Query, people: &[Person]) -> Vec<String> {
    let (first, last) = asked(query);
    let name = format!("{first} {last}");
    let mut near: Vec<(usize, &Person)> = candidates(query, people)
        .map(|person| {
            let other = format!("{} {}", person.first_name, person.last_name).to_lowercase();
            (strsim::levenshtein(&name, &other), person)
        })
        .filter(|(distance, _)| *distance <= DISTANCE)
        .collect();
    near.sort_by_key(|(distance, _)| *distance);
    let numbers = near
        .into_iter()
        .map(|(_, person)| person.alien_number.clone());
    numbers.collect()
}

fn asked(query: &Query) -> (String, String) {
    let first = match &query.middle_name {
        Some(middle) => format!("{} {middle}", query.first_name),
        None => query.first_name.clone(),
    };
    (first.to_lowercase(), query.last_name.to_lowercase())
}

/// Those of the country, and of the birth date where one was given.
fn candidates<'a>(query: &Query, people: &'a [Person]) -> impl Iterator<Item = &'a Person> {
    let country = country::parse(&query.country_of_birth).ok();
    let born = query.date_of_birth.clone();
    people.iter().filter(move |person| {
        Some(person.country_of_birth.as_str()) == country
            && born
                .as_ref()
                .is_none_or(|born| *born == person.date_of_birth)
    })
}
