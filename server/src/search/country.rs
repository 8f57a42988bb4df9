//! Countries of birth: from what people write, in English, Spanish or as a code, to what the site calls them.

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

use super::InvalidInput;

/// What the site calls a country, and what else it is called, folded. A country that is not here is taken as written.
const ALIASES: [(&str, &[&str]); 24] = [
    ("Mexico", &["mx", "mex"]),
    ("Guatemala", &["gt", "gtm"]),
    ("Honduras", &["hn", "hnd"]),
    ("El Salvador", &["sv", "slv", "salvador"]),
    ("Nicaragua", &["ni", "nic"]),
    ("Cuba", &["cu", "cub"]),
    ("Haiti", &["ht", "hti"]),
    ("Dominican Republic", &["do", "dom", "republica dominicana"]),
    ("Venezuela", &["ve", "ven"]),
    ("Colombia", &["co", "col"]),
    ("Ecuador", &["ec", "ecu"]),
    ("Peru", &["pe", "per"]),
    ("Brazil", &["br", "bra", "brasil"]),
    ("Bolivia", &["bo", "bol"]),
    ("Chile", &["cl", "chl"]),
    ("Argentina", &["ar", "arg"]),
    ("Costa Rica", &["cr", "cri"]),
    ("Panama", &["pa", "pan"]),
    ("China", &["cn", "chn"]),
    ("India", &["in", "ind"]),
    ("Russia", &["ru", "rus", "rusia"]),
    ("Ukraine", &["ua", "ukr", "ucrania"]),
    ("Turkey", &["tr", "tur", "turquia", "turkiye"]),
    ("Philippines", &["ph", "phl", "filipinas"]),
];

/// What the site calls this country.
pub fn parse(text: &str) -> Result<String, InvalidInput> {
    let plain = folded(text);
    let plausible = (2..=60).contains(&plain.chars().count())
        && plain
            .chars()
            .all(|c| c.is_alphabetic() || matches!(c, ' ' | '-' | '\'' | '.' | ',' | '(' | ')'));
    if !plausible {
        return Err(InvalidInput::malformed("country_of_birth"));
    }
    let known = ALIASES
        .iter()
        .find(|(name, aliases)| folded(name) == plain || aliases.contains(&plain.as_str()));
    Ok(known.map_or_else(|| unaccented(text), |(name, _)| (*name).to_owned()))
}

/// Without accents, in lower case, with single spaces.
fn folded(text: &str) -> String {
    unaccented(text).to_lowercase()
}

/// Without accents, with single spaces.
pub fn unaccented(text: &str) -> String {
    let plain: String = text.nfd().filter(|c| !is_combining_mark(*c)).collect();
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_both_languages_and_codes_are_one_country() {
        for text in ["México", "mexico", " MX ", "Mex"] {
            assert_eq!(parse(text), Ok("Mexico".to_owned()), "{text}");
        }
        assert_eq!(
            parse("República  Dominicana"),
            Ok("Dominican Republic".to_owned())
        );
    }

    #[test]
    fn a_country_without_aliases_is_taken_as_written() {
        assert_eq!(parse("Côte d'Ivoire"), Ok("Cote d'Ivoire".to_owned()));
    }

    #[test]
    fn what_is_no_country_is_refused() {
        for text in ["", "1", "<b>", "Guatemala; DROP", "x"] {
            assert_eq!(
                parse(text),
                Err(InvalidInput::malformed("country_of_birth")),
                "{text}"
            );
        }
    }
}
