//! Lists and ranges: requests that look through the locator instead of for somebody.

use std::collections::{BTreeSet, HashMap, HashSet};

use serde_json::Value;

use super::words;
use crate::language::Text;
use crate::search::{AlienNumberQuery, folded};

/// This many numbers one after the other are a range.
const RANGE: u32 = 5;
/// More given names than these to one surname are a list.
const GIVEN_NAMES: usize = 10;

/// Whether these requests look for people; else why they are refused.
pub fn check(requests: &[&Value]) -> Result<(), Text> {
    let text = |request: &Value, field: &str| {
        request
            .get(field)
            .and_then(Value::as_str)
            .map(str::to_owned)
    };
    let numbers: BTreeSet<u32> = requests
        .iter()
        .filter_map(|request| {
            let number = text(request, "alien_number")?;
            AlienNumberQuery::parse(&number, None)
                .ok()?
                .digits()
                .parse()
                .ok()
        })
        .collect();
    if longest_run(&numbers) >= RANGE {
        return Err(words::RANGE);
    }
    let mut given: HashMap<String, HashSet<String>> = HashMap::new();
    for request in requests {
        if let (Some(last), Some(first)) = (text(request, "last_name"), text(request, "first_name"))
        {
            given
                .entry(folded(&last))
                .or_default()
                .insert(folded(&first));
        }
    }
    if given.values().any(|names| names.len() > GIVEN_NAMES) {
        return Err(words::LIST);
    }
    Ok(())
}

fn longest_run(numbers: &BTreeSet<u32>) -> u32 {
    let (mut longest, mut run, mut last) = (0, 0, None);
    for number in numbers {
        run = if last.is_some_and(|last: u32| last + 1 == *number) {
            run + 1
        } else {
            1
        };
        longest = longest.max(run);
        last = Some(*number);
    }
    longest
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn numbers(all: impl Iterator<Item = u32>) -> Result<(), &'static str> {
        let requests: Vec<Value> = all
            .map(|number| json!({"alien_number": format!("A{number}")}))
            .collect();
        let requests: Vec<&Value> = requests.iter().collect();
        check(&requests).map_err(|why| why.en)
    }

    fn names(given: usize) -> Result<(), &'static str> {
        let requests: Vec<Value> = (0..given)
            .map(|number| json!({"first_name": format!("Ana {number}"), "last_name": "Ejemplo"}))
            .collect();
        let requests: Vec<&Value> = requests.iter().collect();
        check(&requests).map_err(|why| why.en)
    }

    #[test]
    fn ranges_and_lists_are_refused_and_a_large_family_is_not() {
        assert_eq!(numbers(900_000_001..900_000_006), Err(words::RANGE.en));
        assert_eq!(numbers([5, 3, 1, 4, 2].into_iter()), Err(words::RANGE.en));
        assert_eq!(numbers(900_000_001..900_000_005), Ok(()));
        assert_eq!(numbers((0..20).map(|n| 900_000_001 + 2 * n)), Ok(()));
        assert_eq!(names(11), Err(words::LIST.en));
        assert_eq!(names(10), Ok(()));
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
        let odd: Vec<&Value> = odd.iter().collect();
        assert!(check(&odd).is_ok());
    }

    proptest! {
        #[test]
        fn a_range_is_seen_in_any_order_among_others(start in 1_u32..999_999_000, others in proptest::collection::vec(1_u32..1_000_000_000, 0..15), seed in any::<u64>()) {
            let mut all: Vec<u32> = (start..start + RANGE).chain(others).collect();
            let middle = usize::try_from(seed % all.len() as u64).unwrap();
            all.rotate_left(middle);
            prop_assert!(numbers(all.into_iter()).is_err());
        }
    }
}
