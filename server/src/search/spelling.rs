//! The few spellings in which the site, which wants a name exact, may know a person. Each is a request to the site.

use icelocator_config::MOST_LOOKUPS;

use super::name::NameQuery;
use super::text::unaccented;

/// Most spellings of one name.
pub const MOST: usize = 5;
const _: () = assert!(
    MOST <= MOST_LOOKUPS as usize,
    "a search has to be over when its server ends"
);

/// One way to ask for a name. Identifies somebody: it cannot be printed.
pub struct Spelling {
    /// Given names.
    pub first: String,
    /// Surnames.
    pub last: String,
    /// Whether the site is told the date of birth, too.
    pub dated: bool,
    /// How it was come by.
    pub matcher: Matcher,
}

/// How a spelling was come by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Matcher {
    /// The number itself.
    AlienNumber,
    /// As written.
    Exact,
    /// Without accents.
    Unaccented,
    /// With the first given name alone.
    FirstGivenName,
    /// With the first surname alone.
    FirstSurname,
    /// With surnames for given names.
    Swapped,
    /// Without the birth date.
    AnyBirthDate,
}

impl Matcher {
    /// Its name in spans and counts.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AlienNumber => "alien_number",
            Self::Exact => "exact",
            Self::Unaccented => "unaccented",
            Self::FirstGivenName => "first_given_name",
            Self::FirstSurname => "first_surname",
            Self::Swapped => "swapped",
            Self::AnyBirthDate => "any_birth_date",
        }
    }
}

/// The spellings to ask for, likeliest first, each once. The site knows names without accents, so that is asked first; only
/// the first spelling is narrowed by the birth date, as a date may be wrong on either side.
pub fn plan(query: &NameQuery) -> Vec<Spelling> {
    let dated = query.date_of_birth.is_some();
    let (given, last) = (query.given(), query.last.clone());
    let spelling = |first: &str, last: &str, dated, matcher| Spelling {
        first: first.to_owned(),
        last: last.to_owned(),
        dated,
        matcher,
    };
    if !query.fuzzy {
        return vec![spelling(&given, &last, dated, Matcher::Exact)];
    }
    let (plain_given, plain_last) = (unaccented(&given), unaccented(&last));
    let accented = plain_given != given || plain_last != last;
    let plainly = if accented {
        Matcher::Unaccented
    } else {
        Matcher::Exact
    };
    let one_given = first_part(&plain_given);
    let one_surname = first_part(&plain_last);
    let likely = [
        spelling(&plain_given, &plain_last, dated, plainly),
        spelling(&plain_given, &plain_last, false, Matcher::AnyBirthDate),
        spelling(&one_given, &plain_last, false, Matcher::FirstGivenName),
        spelling(&plain_given, &one_surname, false, Matcher::FirstSurname),
        spelling(&plain_last, &plain_given, false, Matcher::Swapped),
        spelling(&given, &last, dated, Matcher::Exact),
    ];
    let mut plan: Vec<Spelling> = Vec::new();
    for next in likely {
        let again = plan.iter().any(|known| {
            (&known.first, &known.last, known.dated) == (&next.first, &next.last, next.dated)
        });
        if !again && plan.len() < MOST {
            plan.push(next);
        }
    }
    plan
}

/// The first of several names, with the particles that belong to it: `de la Cruz` of `de la Cruz Ejemplo`.
fn first_part(text: &str) -> String {
    const PARTICLES: [&str; 12] = [
        "de", "del", "la", "las", "los", "el", "y", "da", "dos", "do", "van", "von",
    ];
    let words: Vec<&str> = text.split([' ']).collect();
    let is_particle = |word: &&&str| PARTICLES.contains(&word.to_lowercase().as_str());
    let particles = words.iter().take_while(is_particle).count();
    let end = (particles + 1).min(words.len());
    let part = words.get(..end).unwrap_or_default().join(" ");
    // Two surnames may be tied by a hyphen.
    match part.split_once('-') {
        Some((one, _)) if one.chars().count() > 1 => one.to_owned(),
        _ => part,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn plan_for(first: &str, last: &str, birth: Option<&str>, fuzzy: bool) -> Vec<Spelling> {
        let query = NameQuery::parse(first, None, last, birth, None, fuzzy);
        plan(&query.ok().unwrap())
    }

    fn has(plan: &[Spelling], matcher: Matcher, first: &str, last: &str) -> bool {
        plan.iter()
            .any(|s| s.matcher == matcher && s.first == first && s.last == last)
    }

    #[test]
    fn the_site_is_asked_without_accents_first() {
        let plan = plan_for("José  María", "Muñoz García", None, true);
        assert!(plan[0].first == "Jose Maria" && plan[0].last == "Munoz Garcia");
        assert!(has(&plan, Matcher::FirstGivenName, "Jose", "Munoz Garcia"));
        assert!(has(&plan, Matcher::FirstSurname, "Jose Maria", "Munoz"));
        assert!(has(&plan, Matcher::Swapped, "Munoz Garcia", "Jose Maria"));
        assert!(has(&plan, Matcher::Exact, "José María", "Muñoz García"));
    }

    #[test]
    fn particles_stay_with_their_surname_and_hyphens_part_two() {
        let plan = plan_for("Ana", "de la Cruz Ejemplo", None, true);
        assert!(has(&plan, Matcher::FirstSurname, "Ana", "de la Cruz"));
        let plan = plan_for("Ana", "Cruz-Ejemplo", None, true);
        assert!(has(&plan, Matcher::FirstSurname, "Ana", "Cruz"));
        let plan = plan_for("Ana", "de la", None, true);
        assert!(plan.iter().all(|s| !s.last.is_empty()));
    }

    #[test]
    fn no_spelling_is_asked_for_twice() {
        assert_eq!(plan_for("Ana", "Muestra", None, true).len(), 2);
        assert_eq!(plan_for("Ana", "Ana", None, true).len(), 1);
    }

    #[test]
    fn a_birth_date_narrows_the_first_question_only() {
        let plan = plan_for("Ana", "Muestra", Some("1990-05-15"), true);
        assert!(plan[0].dated && plan[1..].iter().all(|spelling| !spelling.dated));
        assert!(has(&plan, Matcher::AnyBirthDate, "Ana", "Muestra"));
    }

    #[test]
    fn without_fuzzy_search_only_the_name_as_written_is_asked_for() {
        let plan = plan_for("José", "Muñoz García", Some("1990-05-15"), false);
        assert!(plan.len() == 1 && plan[0].first == "José" && plan[0].dated);
    }

    proptest! {
        #[test]
        fn every_plan_is_bounded_and_complete(first in "\\PC{1,100}", last in "\\PC{1,100}") {
            if let Ok(query) = NameQuery::parse(&first, None, &last, None, None, true) {
                let plan = plan(&query);
                prop_assert!((1..=MOST).contains(&plan.len()));
                prop_assert!(plan.iter().all(|s| !s.first.is_empty() && !s.last.is_empty()));
            }
        }
    }
}
