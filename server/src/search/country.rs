//! Countries of birth: from what people write, in English, Spanish or as a code, to what the site calls them. A country
//! that is on no list is refused: the site would find nobody there, and that would be told as "not found".

use std::collections::HashMap;
use std::sync::LazyLock;

use super::InvalidInput;
use super::sound;
use super::text::{folded, tidied};

// A list of our own: crates of countries know codes and English names, but neither the Spanish ones, nor what the site calls
// a country, nor what people call it.
const LIST: &str = include_str!("countries.txt");
/// Longest text that may name countries, in characters.
const LONGEST: usize = 200;
/// Most countries of one search. Each costs as many requests as one.
pub(super) const MOST: usize = 4;
/// How near a word has to be to a country's name to be taken for it misspelt.
const NEAR: f64 = 0.85;

/// Every way to say a country, folded, and what the site calls it.
static KNOWN: LazyLock<HashMap<String, &'static str>> = LazyLock::new(|| {
    let ways = |line: &'static str| {
        let mut fields = line.split(';');
        let codes: Vec<&str> = fields.by_ref().take(2).collect();
        let name = fields.clone().next().unwrap_or_default();
        let all = codes.into_iter().chain(fields.flat_map(|f| f.split('|')));
        all.filter(|way| !way.is_empty())
            .map(move |way| (plain(way), name))
    };
    lines().flat_map(ways).collect()
});

/// What the site calls this country. One that is misspelt is refused, and the right one suggested.
pub fn parse(text: &str) -> Result<&'static str, InvalidInput> {
    let wrong = InvalidInput::malformed("country_of_birth");
    if text.chars().nth(LONGEST).is_some() {
        return Err(wrong);
    }
    let plain = plain(text);
    KNOWN.get(&plain).copied().ok_or_else(|| InvalidInput {
        suggestion: nearest(&plain),
        ..wrong
    })
}

/// What the site calls each of these countries: one, or several of which it may be any (`Guatemala or Mexico`).
pub fn several(text: &str) -> Result<Vec<&'static str>, InvalidInput> {
    // A country whose own name has such a word in it is one.
    let whole = parse(text);
    if whole.is_ok() || text.chars().nth(LONGEST).is_some() {
        return whole.map(|country| vec![country]);
    }
    let apart = spaced_apart(text);
    let parts: Vec<&str> = apart
        .split('\n')
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .collect();
    if parts.len() < 2 {
        return whole.map(|country| vec![country]);
    }
    if parts.len() > MOST {
        return Err(InvalidInput::malformed("country_of_birth"));
    }
    let mut countries: Vec<&'static str> = Vec::new();
    for part in parts {
        let country = parse(part)?;
        if !countries.contains(&country) {
            countries.push(country);
        }
    }
    Ok(countries)
}

/// With a new line wherever another country begins.
fn spaced_apart(text: &str) -> String {
    let apart = text.replace([',', ';', '/'], " \n ");
    let words = apart
        .split([' ', '\t'])
        .map(|word| match word.to_lowercase().as_str() {
            "or" | "o" | "u" => "\n",
            _ => word,
        });
    words.collect::<Vec<_>>().join(" ")
}

/// The country whose name is all but this one. Never one of several that are as near.
fn nearest(plain: &str) -> Option<&'static str> {
    let mut nearest: Vec<(f64, &'static str)> = KNOWN
        .iter()
        .filter(|(way, _)| way.len() > 3)
        .filter_map(|(way, country)| {
            let likeness = strsim::jaro_winkler(way, plain);
            let near = likeness >= NEAR && strsim::osa_distance(way, plain) <= 2;
            let sounds = sound::spanish(way) == sound::spanish(plain);
            (near || sounds).then_some((likeness, *country))
        })
        .collect();
    nearest.sort_by(|one, other| other.0.total_cmp(&one.0).then(one.1.cmp(other.1)));
    nearest.dedup_by_key(|(_, country)| *country);
    match nearest[..] {
        [] => None,
        [(_, only)] => Some(only),
        [(best, first), (next, _), ..] => (best - next > 0.02).then_some(first),
    }
}

/// What the site calls each country.
pub fn all() -> impl Iterator<Item = &'static str> {
    lines().filter_map(|line| line.split(';').nth(2))
}

/// What the site calls each country, and its name in Spanish.
pub fn in_both_languages() -> impl Iterator<Item = (&'static str, &'static str)> {
    lines().filter_map(|line| {
        let mut names = line.split(';').skip(2);
        Some((names.next()?, names.next()?))
    })
}

/// The Spanish name of a country, from what the site calls it.
pub fn in_spanish(name: &str) -> Option<&'static str> {
    SPANISH.get(name).copied()
}

static SPANISH: LazyLock<HashMap<&str, &str>> = LazyLock::new(|| in_both_languages().collect());

/// Every way to say a country, folded, and what the site calls it.
pub fn ways() -> impl Iterator<Item = (String, &'static str)> {
    KNOWN.iter().map(|(way, name)| (way.clone(), *name))
}

fn lines() -> impl Iterator<Item = &'static str> {
    LIST.lines().filter(|line| !line.starts_with('#'))
}

/// Folded, and without what is set in different ways: `St. Lucia`, `Guinea-Bissau`, `Côte d’Ivoire`.
fn plain(text: &str) -> String {
    folded(&tidied(text).replace('-', " ")).replace(['.', '\'', ','], "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_both_languages_and_codes_are_one_country() {
        for text in ["México", "mexico", " MX ", "Mex", "MÉXICO"] {
            assert_eq!(parse(text), Ok("Mexico"), "{text}");
        }
        for text in ["República  Dominicana", "Dominican Republic", "do"] {
            assert_eq!(parse(text), Ok("Dominican Republic"), "{text}");
        }
        for text in ["Côte d’Ivoire", "Cote d'Ivoire", "Costa de Marfil"] {
            assert_eq!(parse(text), Ok("Ivory Coast"), "{text}");
        }
        assert_eq!(parse("guinea bissau"), Ok("Guinea-Bissau"));
        assert_eq!(parse("St Lucia"), Ok("Saint Lucia"));
        assert_eq!(parse("ee.uu."), Ok("United States"));
    }

    #[test]
    fn every_country_has_a_spanish_name() {
        assert_eq!(in_spanish("Haiti"), Some("Haití"));
        assert_eq!(in_spanish("Haití"), None);
        assert!(all().all(|name| in_spanish(name).is_some_and(|name| !name.is_empty())));
    }

    #[test]
    fn what_is_no_country_is_refused_rather_than_searched_for_in_vain() {
        for text in [
            "",
            "1",
            "<b>",
            "Guatemala; DROP",
            "x",
            "Korea",
            "zzzz",
            "Nowhere",
        ] {
            let wrong = InvalidInput::malformed("country_of_birth");
            assert_eq!(several(text), Err(wrong), "{text}");
        }
        let long = "Guatemala or ".repeat(2000);
        assert!(several(&long).is_err() && parse(&long).is_err());
    }

    #[test]
    fn a_misspelt_country_is_suggested_and_not_assumed() {
        for (text, meant) in [
            ("Guatamala", "Guatemala"),
            ("Guatemal", "Guatemala"),
            ("Hondurus", "Honduras"),
            ("Nicargua", "Nicaragua"),
            ("Mexcio", "Mexico"),
            ("Venezuala", "Venezuela"),
            ("Equador", "Ecuador"),
            ("Méjico", "Mexico"),
            ("El Salvdor", "El Salvador"),
        ] {
            let parsed = parse(text);
            let suggestion = match parsed {
                // The list may know it by that name already.
                Ok(country) => Some(country),
                Err(wrong) => wrong.suggestion,
            };
            assert_eq!(suggestion, Some(meant), "{text}");
        }
    }

    #[test]
    fn several_countries_are_each_one() {
        for text in [
            "Guatemala or Mexico",
            "Guatemala, México",
            "gt o mx",
            "Guatemala / Mexico / GT",
        ] {
            assert_eq!(several(text), Ok(vec!["Guatemala", "Mexico"]), "{text}");
        }
        assert_eq!(several("Trinidad and Tobago").map(|all| all.len()), Ok(1));
        assert_eq!(several("Mexico"), Ok(vec!["Mexico"]));
        let wrong = several("Mexico or Guatamala").err();
        assert_eq!(wrong.and_then(|wrong| wrong.suggestion), Some("Guatemala"));
        assert!(several("gt, mx, hn, sv, ni").is_err());
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_countries_or_refused(text in "\\PC{0,60}") {
            if let Ok(countries) = several(&text) {
                proptest::prop_assert!((1..=MOST).contains(&countries.len()));
            }
        }
    }

    #[test]
    fn the_list_is_well_formed_and_no_way_to_say_a_country_means_two() {
        let mut ways: HashMap<String, &str> = HashMap::new();
        for line in lines() {
            let fields: Vec<&str> = line.split(';').collect();
            let [two, three, english, spanish, more] = fields[..] else {
                panic!("{line}: not five fields");
            };
            assert!(two.len() == 2 && three.len() == 3, "{line}");
            let all = [two, three, english, spanish].into_iter();
            for way in all.chain(more.split('|').filter(|way| !way.is_empty())) {
                let other = ways.insert(plain(way), two);
                assert!(other.is_none_or(|other| other == two), "{way}: {line}");
            }
        }
        assert!(all().count() > 190);
        assert!(all().all(|name| parse(name) == Ok(name)));
    }
}
