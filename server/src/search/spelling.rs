//! The few spellings in which the site, which wants a name exact, may know a person. Each is a request to the site.

use icelocator_config::MOST_LOOKUPS;

use super::alike::UNKNOWN_FIRST;
use super::lexicon::{GIVEN, SURNAMES};
use super::matcher::Matcher;
use super::name::NameQuery;
use super::text::{capitalised, folded, latin};
use super::variant::{self, Variant};
use super::words;

/// Most spellings of one name.
pub const MOST: usize = MOST_LOOKUPS as usize;
/// Less likely than this, a spelling is not worth a request.
const LEAST: f64 = 0.02;
/// One way to ask for a name. Identifies somebody: it cannot be printed.
pub struct Spelling {
    /// Given names.
    pub first: String,
    /// Surnames.
    pub last: String,
    /// How it was come by.
    pub matcher: Matcher,
}

/// The first spelling of the plan, where it can be told without the rest: the name as it was written, in plain letters.
pub fn first(query: &NameQuery) -> Option<Spelling> {
    let given = query.given();
    if !query.fuzzy {
        return Some(as_asked(query, given));
    }
    let (first, last) = variant::as_typed(&given, &query.last)?;
    Some(Spelling {
        first: capitalised(&first),
        last: capitalised(&last),
        matcher: as_written(&given, &query.last),
    })
}

fn as_asked(query: &NameQuery, given: String) -> Spelling {
    Spelling {
        first: given,
        last: query.last.clone(),
        matcher: Matcher::Exact,
    }
}

/// The spellings to ask for, likeliest first, each once. The site knows names without accents, so that is asked first.
pub fn plan(query: &NameQuery) -> Vec<Spelling> {
    let given = query.given();
    if !query.fuzzy {
        return vec![as_asked(query, given)];
    }
    let written = as_written(&given, &query.last);
    let firsts = variant::given(&given);
    let lasts = variant::surnames(&query.last);
    let mut ways: Vec<(String, String, f64, Matcher)> = Vec::new();
    let mut way = |first: &str, last: &str, weight: f64, matcher: Matcher| {
        if weight >= LEAST && !first.is_empty() && !last.is_empty() {
            ways.push((first.to_owned(), last.to_owned(), weight, matcher));
        }
    };
    for first in &firsts {
        for last in &lasts {
            let matcher = match first.matcher.and(last.matcher) {
                Matcher::Exact => written,
                other => other,
            };
            way(&first.text, &last.text, first.weight * last.weight, matcher);
        }
    }
    swapped(&firsts, &lasts, &mut way);
    moved(query, &mut way);
    one_name(&firsts, &lasts, &mut way);
    if written != Matcher::Exact {
        way(&given, &query.last, 0.1, Matcher::Exact);
    }
    ways.sort_by(|one, other| other.2.total_cmp(&one.2));
    let mut plan: Vec<Spelling> = Vec::with_capacity(MOST);
    for (first, last, _, matcher) in ways {
        if plan.len() == MOST {
            break;
        }
        let (first, last) = (capitalised(&first), capitalised(&last));
        if !plan
            .iter()
            .any(|known| known.first == first && known.last == last)
        {
            plan.push(Spelling {
                first,
                last,
                matcher,
            });
        }
    }
    plan
}

/// What was done to the name as it was written, to ask for it in plain letters.
fn as_written(given: &str, last: &str) -> Matcher {
    let same = |text: &str, plain: String| text.to_lowercase() == plain;
    if same(given, latin(given)) && same(last, latin(last)) {
        Matcher::Exact
    } else if latin(given) == folded(given) && latin(last) == folded(last) {
        Matcher::Unaccented
    } else {
        Matcher::Transliterated
    }
}

/// Surnames for given names: likely where each is common as the other.
fn swapped(firsts: &[Variant], lasts: &[Variant], way: &mut impl FnMut(&str, &str, f64, Matcher)) {
    let word = |variants: &[Variant]| {
        let first = variants.first().map(|variant| variant.text.as_str());
        first
            .and_then(|text| text.split([' ', '-']).next())
            .unwrap_or_default()
            .to_owned()
    };
    let (given, last) = (word(firsts), word(lasts));
    let given_is_surname = SURNAMES.knows(&given) && !GIVEN.knows(&given);
    let surname_is_given = GIVEN.knows(&last) && !SURNAMES.knows(&last);
    let as_they_are = GIVEN.knows(&given) && SURNAMES.knows(&last);
    let likely = match (given_is_surname, surname_is_given) {
        (true, true) => 0.95,
        (true, false) | (false, true) => 0.6,
        _ if as_they_are => 0.06,
        _ => 0.2,
    };
    for first in firsts.iter().take(3) {
        for last in lasts.iter().take(3) {
            let weight = likely * first.weight * last.weight;
            way(
                &last.text,
                &first.text,
                weight,
                first.matcher.and(last.matcher).and(Matcher::Swapped),
            );
        }
    }
}

/// A surname that was taken for a middle name, and a middle name that was taken for a surname.
fn moved(query: &NameQuery, way: &mut impl FnMut(&str, &str, f64, Matcher)) {
    let given = words::given(&query.given());
    let last = words::typed(&query.last, false);
    if let [first @ .., moved] = &given[..]
        && !first.is_empty()
    {
        let is_surname = SURNAMES.knows(moved) && !GIVEN.knows(moved);
        let weight = if is_surname { 0.6 } else { 0.08 };
        let first = first.join(" ");
        way(&first, &format!("{moved} {last}"), weight, Matcher::Moved);
        way(
            &first,
            &format!("{moved}-{last}"),
            weight * 0.4,
            Matcher::Moved,
        );
        way(&first, moved, weight * 0.5, Matcher::Moved);
    }
    if let Some((moved, rest)) = last.split_once([' ', '-']) {
        let is_given = GIVEN.knows(moved) && !SURNAMES.knows(moved);
        let weight = if is_given { 0.6 } else { 0.04 };
        let first = given.join(" ");
        way(&format!("{first} {moved}"), rest, weight, Matcher::Moved);
    }
}

/// Of somebody with one name only it may be either of the two.
fn one_name(firsts: &[Variant], lasts: &[Variant], way: &mut impl FnMut(&str, &str, f64, Matcher)) {
    let (Some(first), Some(last)) = (firsts.first(), lasts.first()) else {
        return;
    };
    let twice = first.text == last.text;
    let unknown = matches!(
        first.text.as_str(),
        "fnu" | "lnu" | "unknown" | "desconocido"
    );
    way(
        UNKNOWN_FIRST,
        &last.text,
        if twice || unknown { 0.9 } else { 0.05 },
        Matcher::OneName,
    );
    way(
        UNKNOWN_FIRST,
        &first.text,
        if twice { 0.9 } else { 0.05 },
        Matcher::OneName,
    );
    if !twice {
        let both = format!("{} {}", first.text, last.text);
        way(UNKNOWN_FIRST, &both, 0.03, Matcher::OneName);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn plan_for(first: &str, last: &str, fuzzy: bool) -> Vec<Spelling> {
        let query = NameQuery::parse(first, None, last, None, None, fuzzy);
        plan(&query.ok().unwrap())
    }

    fn place(first: &str, last: &str, wanted: (&str, &str)) -> Option<usize> {
        plan_for(first, last, true).iter().position(|spelling| {
            spelling.first == capitalised(wanted.0) && spelling.last == capitalised(wanted.1)
        })
    }

    #[test]
    fn the_site_is_asked_without_accents_first() {
        let plan = plan_for("José  María", "Muñoz García", true);
        assert!(plan[0].first == "Jose Maria" && plan[0].last == "Munoz Garcia");
        assert!(plan[0].matcher == Matcher::Unaccented);
    }

    #[test]
    fn each_way_that_the_site_may_hold_a_name_is_on_the_plan() {
        for (first, last, wanted) in [
            ("Ana Luz", "Ejemplo", ("ana", "ejemplo")),
            ("Ana", "Ejemplo Muestra", ("ana", "ejemplo")),
            ("Ana", "Ejemplo Muestra", ("ana", "ejemplo-muestra")),
            ("Ana", "Ejemplo Muestra", ("ana", "muestra ejemplo")),
            ("Ana", "Ejemplo Muestra", ("ana", "muestra")),
            ("Ana", "Ejemplo-Muestra", ("ana", "ejemplo muestra")),
            ("Ana", "de la Cruz", ("ana", "delacruz")),
            ("Ana", "Dela Cruz", ("ana", "de la cruz")),
            ("Ana", "Delacruz", ("ana", "de la cruz")),
            ("Ana", "O'Muestra", ("ana", "omuestra")),
            ("Ana", "OMuestra", ("ana", "o'muestra")),
            ("Ana", "de Silva", ("ana", "da silva")),
            ("Ana", "St. Fleur", ("ana", "saint-fleur")),
            ("Muhammad", "Ejemplo", ("mohammed", "ejemplo")),
            ("Ana", "Kuznetsoff", ("ana", "kuznetsov")),
            ("Ana", "Cheung", ("ana", "zhang")),
            ("Ana", "Dangelo", ("ana", "d'angelo")),
            ("Ana", "Ejemplo Jr.", ("ana", "ejemplo")),
            ("Gonzalez", "Ana", ("ana", "gonzalez")),
            ("Ana", "Gonzales", ("ana", "gonzalez")),
            ("Ana", "Hernadez", ("ana", "hernandez")),
            ("Pepe", "Ejemplo", ("jose", "ejemplo")),
            ("Bill", "Ejemplo", ("william", "ejemplo")),
            ("Joseph", "Ejemplo", ("jose", "ejemplo")),
            ("Jhonatan", "Ejemplo", ("jonathan", "ejemplo")),
            ("Владимир", "Иванов", ("vladimir", "ivanov")),
            ("Ana Gonzalez", "Ejemplo", ("ana", "gonzalez ejemplo")),
        ] {
            assert!(
                place(first, last, wanted).is_some(),
                "{first} {last}: {wanted:?}"
            );
        }
    }

    #[test]
    fn a_nickname_is_asked_for_second_unless_people_are_christened_so() {
        assert_eq!(place("Pepe", "Ejemplo", ("jose", "ejemplo")), Some(0));
        assert_eq!(place("Alex", "Ejemplo", ("alex", "ejemplo")), Some(0));
    }

    #[test]
    fn without_fuzzy_search_only_the_name_as_written_is_asked_for() {
        let plan = plan_for("José", "Muñoz García", false);
        assert!(plan.len() == 1 && plan[0].first == "José");
    }

    proptest! {
        #[test]
        fn every_plan_is_bounded_and_asks_nothing_twice(first in "\\PC{1,100}", last in "\\PC{1,100}") {
            if let Ok(query) = NameQuery::parse(&first, None, &last, None, None, true) {
                let plan = plan(&query);
                prop_assert!((1..=MOST).contains(&plan.len()));
                if let Some(told) = super::first(&query) {
                    prop_assert_eq!((&told.first, &told.last), (&plan[0].first, &plan[0].last));
                    prop_assert!(told.matcher == plan[0].matcher);
                }
                prop_assert!(plan.iter().all(|s| !s.first.is_empty() && !s.last.is_empty()));
                for (at, one) in plan.iter().enumerate() {
                    let again = plan[at + 1..].iter().any(|other| (&one.first, &one.last) == (&other.first, &other.last));
                    prop_assert!(!again);
                }
            }
        }
    }
}
