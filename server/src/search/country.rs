//! Countries of birth: from what people write, in English, Spanish or as a code, to what the site calls them. A country
//! that is on no list is refused: the site would find nobody there, and that would be told as "not found".

use std::collections::HashMap;
use std::sync::LazyLock;

use super::InvalidInput;
use super::text::folded;

const LIST: &str = include_str!("countries.txt");

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

/// What the site calls this country.
pub fn parse(text: &str) -> Result<&'static str, InvalidInput> {
    KNOWN
        .get(&plain(text))
        .copied()
        .ok_or(InvalidInput::malformed("country_of_birth"))
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
    folded(&text.replace(['-', '‐', '‑', '–'], " ")).replace(['.', '\'', '’', ','], "")
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
        for text in ["", "1", "<b>", "Guatemala; DROP", "x", "Guatamala", "Korea"] {
            assert_eq!(
                parse(text),
                Err(InvalidInput::malformed("country_of_birth")),
                "{text}"
            );
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
