//! Lists and ranges: requests that look through the locator instead of for somebody.

use std::collections::{BTreeSet, HashMap};

use serde_json::Value;

use crate::observe::Enumeration;
use crate::search::{AlienNumberQuery, folded};

/// So many numbers within [`SPAN`], or at equal distances, are a range.
const RANGE: usize = 5;
/// Numbers from one to another: what is asked for need not be every one of them.
const SPAN: u32 = 100;
/// Most given names to one surname, or surnames to one given name, of a family of whom all are looked for.
const FAMILY: usize = 5;
/// Most people of larger families, or whose given name and surname both stand with others too. More are a list.
const COMBINED: usize = 10;

/// Whether these requests look for people; else by what they are known.
pub fn check(requests: &[&Value]) -> Result<(), Enumeration> {
    if is_range(&numbers(requests)) {
        Err(Enumeration::Range)
    } else if combined(&names(requests)) > COMBINED {
        Err(Enumeration::List)
    } else {
        Ok(())
    }
}

fn text<'a>(request: &'a Value, field: &str) -> Option<&'a str> {
    request.get(field).and_then(Value::as_str)
}

fn numbers(requests: &[&Value]) -> BTreeSet<u32> {
    let number = |request: &&Value| {
        let number = AlienNumberQuery::parse(text(request, "alien_number")?, None).ok()?;
        number.digits().parse().ok()
    };
    requests.iter().filter_map(number).collect()
}

fn is_range(numbers: &BTreeSet<u32>) -> bool {
    let numbers: Vec<u32> = numbers.iter().copied().collect();
    numbers.windows(RANGE).any(|some| {
        let step = some[1] - some[0];
        some[RANGE - 1] - some[0] < SPAN || some.windows(2).all(|two| two[1] - two[0] == step)
    })
}

/// Given names and surnames that are asked for together.
fn names(requests: &[&Value]) -> BTreeSet<(String, String)> {
    let name = |request: &&Value| {
        let given = letters(text(request, "first_name")?)
            + &letters(text(request, "middle_name").unwrap_or_default());
        Some((given, letters(text(request, "last_name")?)))
    };
    requests.iter().filter_map(name).collect()
}

/// What a name cannot be disguised by is left: its letters.
fn letters(name: &str) -> String {
    let folded = folded(name);
    folded.chars().filter(|c| c.is_alphabetic()).collect()
}

/// How many names are more than a family's, or one of few given names with one of few surnames.
fn combined(names: &BTreeSet<(String, String)>) -> usize {
    let (mut to_given, mut to_surname) = (HashMap::new(), HashMap::new());
    for (given, surname) in names {
        *to_given.entry(given).or_insert(0) += 1;
        *to_surname.entry(surname).or_insert(0) += 1;
    }
    let is_combined = |(given, surname): &&(String, String)| {
        let (surnames, givens): (usize, usize) = (to_given[given], to_surname[surname]);
        surnames.max(givens) > FAMILY || surnames.min(givens) > 1
    };
    names.iter().filter(is_combined).count()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::observe::Enumeration::{List, Range};

    fn check_all(requests: impl Iterator<Item = Value>) -> Result<(), Enumeration> {
        let requests: Vec<Value> = requests.collect();
        let requests: Vec<&Value> = requests.iter().collect();
        check(&requests)
    }

    fn numbers(all: impl IntoIterator<Item = u32>) -> Result<(), Enumeration> {
        check_all(
            all.into_iter()
                .map(|number| json!({"alien_number": format!("A{number}")})),
        )
    }

    fn names(all: impl IntoIterator<Item = (String, String)>) -> Result<(), Enumeration> {
        check_all(
            all.into_iter()
                .map(|(given, surname)| json!({"first_name": given, "last_name": surname})),
        )
    }

    /// The same surname with as many given names.
    fn family(surname: &str, size: u8) -> impl Iterator<Item = (String, String)> {
        let given = (b'a'..).take(size.into());
        given.map(move |letter| (format!("Ana {}", char::from(letter)), surname.to_owned()))
    }

    fn grid(given: &[&str], surnames: &[&str]) -> Vec<(String, String)> {
        let rows = given.iter().map(|given| {
            surnames
                .iter()
                .map(|surname| ((*given).to_owned(), (*surname).to_owned()))
        });
        rows.flatten().collect()
    }

    #[test]
    fn numbers_that_lie_close_together_or_at_equal_distances_are_a_range() {
        assert_eq!(numbers(900_000_001..900_000_006), Err(Range));
        assert_eq!(numbers([5, 3, 1, 4, 2]), Err(Range));
        for step in [2, 3, 24, 25, 1_000, 9_999_991] {
            let stride = (0..20).map(|n| 900_000_001 + step * n);
            assert_eq!(numbers(stride), Err(Range), "{step}");
        }
        assert_eq!(numbers([7, 11, 50, 93, 106]), Err(Range));
        assert_eq!(numbers([7, 11, 50, 93, 107]), Ok(()));
        assert_eq!(numbers(900_000_001..900_000_005), Ok(()));
    }

    #[test]
    fn more_given_names_to_a_surname_than_a_large_family_has_are_a_list_however_it_is_written() {
        assert_eq!(names(family("Ejemplo", 5)), Ok(()));
        assert_eq!(names(family("Ejemplo", 10)), Ok(()));
        assert_eq!(names(family("Ejemplo", 11)), Err(List));
        let disguised = family("", 13).zip(["Ejemplo", "Ejemplo -", "ejémplo--"].iter().cycle());
        let disguised = disguised.map(|((given, _), surname)| (given, (*surname).to_owned()));
        assert_eq!(names(disguised), Err(List));
        let two = family("Ejemplo", 10).chain(family("Muestra", 10));
        assert_eq!(names(two), Err(List));
        let given_name = family("", 11).map(|(given, _)| ("Ana".to_owned(), given));
        assert_eq!(names(given_name), Err(List));
        let middle = (b'a'..=b'k').map(|letter| {
            let letter = char::from(letter).to_string();
            json!({"first_name": "Ana", "middle_name": letter, "last_name": "Ejemplo"})
        });
        assert_eq!(check_all(middle), Err(List));
    }

    #[test]
    fn few_given_names_with_few_surnames_are_a_list_and_a_family_of_two_spellings_is_not() {
        let given = ["Jose", "Maria", "Juan", "Ana", "Luis"];
        let surnames = ["Garcia", "Lopez", "Perez", "Diaz"];
        assert_eq!(names(grid(&given, &surnames)), Err(List));
        assert_eq!(names(grid(&given[..4], &surnames[..3])), Err(List));
        assert_eq!(names(grid(&given, &surnames[..2])), Ok(()));
    }

    #[test]
    fn a_clinics_twenty_clients_are_no_list() {
        let clients = [
            ("Jose", "Garcia"),
            ("Maria", "Lopez"),
            ("Jose", "Hernandez Ruiz"),
            ("Juan Carlos", "Garcia"),
            ("Ana", "Mejia"),
            ("Luis", "Lopez"),
            ("Jean", "Pierre"),
            ("Wei", "Chen"),
            ("Fatou", "Diallo"),
            ("Maria", "Garcia"),
            ("Carlos", "Chavez"),
            ("Oleksandr", "Shevchenko"),
            ("Rosa", "Xol"),
            ("Pedro", "Ramirez"),
            ("Miguel", "Perez"),
            ("Gurpreet", "Singh"),
            ("Elena", "Perez"),
            ("Jose", "Martinez"),
            ("Kevin", "Portillo"),
            ("Dunia", "Reyes"),
        ];
        let requests = (0..).zip(clients).map(|(number, (given, surname))| {
            json!({
                "first_name": given, "last_name": surname,
                "alien_number": format!("A2{:08}", number * number * 1_300_417 % 99_999_989),
            })
        });
        assert_eq!(check_all(requests), Ok(()));
    }

    #[test]
    fn what_is_no_request_is_nobodys_name() {
        let odd = [
            json!(7),
            json!(null),
            json!([]),
            json!({"alien_number": 7}),
            json!({"last_name": {}}),
        ];
        assert_eq!(check_all(odd.into_iter()), Ok(()));
    }

    proptest! {
        #[test]
        fn a_range_is_seen_in_any_order_among_others(
            start in 1_u32..999_000_000,
            step in 1_u32..25,
            others in proptest::collection::vec(1_u32..1_000_000_000, 0..15),
            seed in any::<u64>(),
        ) {
            let mut all: Vec<u32> = (0..5).map(|n| start + step * n).chain(others).collect();
            let middle = usize::try_from(seed % all.len() as u64).unwrap();
            all.rotate_left(middle);
            prop_assert_eq!(numbers(all), Err(Range));
        }
    }
}
