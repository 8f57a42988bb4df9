//! The people of the site: a fixed few that tests and documents name, and a crowd that follows from the seed. All of them
//! are invented, all are adults, and their telephone numbers are of the range that is kept for fiction.

use jiff::civil::Date;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom as _;
use rand::{Rng as _, SeedableRng as _};

/// How many people there are beside the fixed ones.
const CROWD: usize = 80;

/// Somebody invented.
pub struct Person {
    /// Given names, as the site spells them.
    pub first_name: String,
    /// Surnames, as the site spells them.
    pub last_name: String,
    /// Nine digits.
    pub number: String,
    /// English name of the country of birth.
    pub country: &'static str,
    /// Date of birth.
    pub date_of_birth: Date,
    /// Where they are held; nowhere any more, when they were released.
    pub facility: Option<usize>,
}

/// An invented place with a telephone number from the range kept for fiction.
pub struct Facility {
    /// What it is called.
    pub name: &'static str,
    /// 555-01xx.
    pub phone: &'static str,
}

/// Where people are held.
pub const FACILITIES: [Facility; 4] = [
    facility(
        "Muster Valley Processing Center (invented)",
        "(202) 555-0141",
    ),
    facility(
        "Ejemplo County Detention Center (invented)",
        "(202) 555-0152",
    ),
    facility(
        "Sample Ridge Residential Center (invented)",
        "(202) 555-0163",
    ),
    facility(
        "Placeholder Springs Service Center (invented)",
        "(202) 555-0174",
    ),
];

const fn facility(name: &'static str, phone: &'static str) -> Facility {
    Facility { name, phone }
}

/// Given names, surnames, number, country, date of birth.
type Named = (&'static str, &'static str, &'static str, &'static str, Date);

/// The fixed few. The site knows no accents, like the real one, but for one whose name is a nuisance.
#[rustfmt::skip]
const NAMED: [Named; 9] = [
    ("Ana Lucia", "Ejemplo Prueba", "900000001", "Guatemala", Date::constant(1990, 5, 15)),
    ("Jose", "Muestra Garcia", "900000002", "Honduras", Date::constant(1985, 1, 2)),
    // Two of the same name and country, told apart by their birth dates only.
    ("Maria", "Muestra", "900000003", "Mexico", Date::constant(1979, 11, 30)),
    ("Maria", "Muestra", "900000004", "Mexico", Date::constant(1992, 3, 8)),
    ("Jean", "Exemple", "900000005", "Haiti", Date::constant(1988, 7, 21)),
    ("Pedro", "O'Muster", "900000006", "El Salvador", Date::constant(1995, 12, 12)),
    ("Wei", "Beispiel", "000000777", "China", Date::constant(1983, 9, 9)),
    ("Rosa", "Libre", RELEASED, "Honduras", Date::constant(1991, 6, 4)),
    ("Zoë \"Zed\"", "O'Muster-<i>Ñandú</i> & Co", "900000008", "El Salvador", Date::constant(1970, 1, 1)),
];
/// Who was released within the last 60 days.
const RELEASED: &str = "900000007";

const FIRST: [&str; 12] = [
    "Alma", "Bruno", "Celia", "Dario", "Elena", "Fausto", "Gloria", "Hector", "Ines", "Julio",
    "Karla", "Luis",
];
const LAST: [&str; 10] = [
    "Ficticio",
    "Inventado",
    "Ensayo",
    "Modelo",
    "Supuesto",
    "Figurado",
    "Borrador",
    "Boceto",
    "Fulano",
    "Mengano",
];
const COUNTRIES: [&str; 8] = [
    "Guatemala",
    "Honduras",
    "Mexico",
    "El Salvador",
    "Colombia",
    "Ecuador",
    "Venezuela",
    "Haiti",
];

/// Everybody. The same people for the same seed, so that any replica and any test knows them.
pub fn all(seed: u64) -> Vec<Person> {
    let mut random = StdRng::seed_from_u64(seed);
    let mut pick = |of: &[&'static str]| of.choose(&mut random).copied().unwrap_or_default();
    let names: Vec<_> = (0..CROWD)
        .map(|_| {
            (
                pick(&FIRST),
                pick(&FIRST),
                pick(&LAST),
                pick(&LAST),
                pick(&COUNTRIES),
            )
        })
        .collect();
    let crowd = (0..)
        .zip(names)
        .map(|(index, (first, second, last, other, country))| {
            let two_names = random.random_bool(0.3);
            Person {
                first_name: if two_names && first != second {
                    format!("{first} {second}")
                } else {
                    first.to_owned()
                },
                last_name: format!("{last} {other}"),
                number: format!("{}", 800_000_000 + index * 7919),
                country,
                date_of_birth: Date::constant(1950, 1, 1)
                    .saturating_add(jiff::Span::new().days(random.random_range(0..18_000))),
                facility: Some(random.random_range(0..FACILITIES.len())),
            }
        });
    named().chain(crowd).collect()
}

fn named() -> impl Iterator<Item = Person> {
    (0..).zip(NAMED).map(
        |(index, (first, last, number, country, date_of_birth))| Person {
            first_name: first.to_owned(),
            last_name: last.to_owned(),
            number: number.to_owned(),
            country,
            date_of_birth,
            facility: (number != RELEASED).then_some(index % FACILITIES.len()),
        },
    )
}

impl Person {
    /// Whether the site would say that this is the name: letter by letter, but for case, as the real one does.
    pub fn is_called(&self, first: &str, last: &str) -> bool {
        let same = |one: &str, other: &str| one.to_lowercase() == other.trim().to_lowercase();
        same(&self.first_name, first) && same(&self.last_name, last)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::search::country;

    fn numbers(people: &[Person]) -> BTreeSet<&str> {
        people.iter().map(|person| person.number.as_str()).collect()
    }

    #[test]
    fn everybody_is_an_adult_with_a_number_and_a_country() {
        for seed in [0, 7] {
            let people = all(seed);
            assert_eq!(numbers(&people).len(), people.len());
            for person in &people {
                assert_eq!(person.number.len(), 9);
                assert_eq!(country::parse(person.country), Ok(person.country));
                assert!(person.date_of_birth.year() < 2005, "{}", person.number);
            }
        }
    }

    #[test]
    fn telephone_numbers_are_of_the_range_kept_for_fiction() {
        for facility in FACILITIES {
            assert!(facility.phone.contains("555-01"), "{}", facility.phone);
        }
    }

    #[test]
    fn a_seed_always_gives_the_same_people_and_another_seed_others() {
        let names = |seed| -> Vec<String> {
            let name = |person: Person| format!("{} {}", person.first_name, person.last_name);
            all(seed).into_iter().map(name).collect()
        };
        assert_eq!(names(1), names(1));
        assert_ne!(names(1), names(2));
        assert_eq!(names(1)[..NAMED.len()], names(2)[..NAMED.len()]);
    }

    #[test]
    fn names_are_exact_but_for_case() {
        let people = all(0);
        assert!(people[0].is_called("ANA LUCIA", "ejemplo prueba"));
        assert!(!people[0].is_called("Ana", "Ejemplo Prueba"));
        assert!(!people[0].is_called("Ana Lucía", "Ejemplo Prueba"));
    }
}
