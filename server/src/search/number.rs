//! A-numbers: an A and up to nine digits, however they were typed.

use unicode_normalization::UnicodeNormalization as _;

use super::InvalidInput;
use super::country;
use super::text::folded;

/// Longest text that may hold one, in characters.
const LONGEST: usize = 100;
/// What may stand before the A or the digits, letters only: what people and forms call it.
const LABELS: [&str; 17] = [
    "",
    "ano",
    "anum",
    "anumber",
    "anumero",
    "alien",
    "alienno",
    "aliennumber",
    "alienregistrationnumber",
    "no",
    "nro",
    "num",
    "number",
    "numero",
    "numerodeextranjero",
    "uscis",
    "uscisnumber",
];

/// A search by A-number. Identifies somebody: it cannot be printed.
pub struct AlienNumberQuery {
    digits: String,
    countries: Vec<&'static str>,
}

impl AlienNumberQuery {
    /// Reads what a caller wrote. Spaces, dashes and dots are let go, a missing A too, or the words for an A-number in its place;
    /// full-width letters and figures are plain ones. An O is never taken for a 0: the number would be somebody else's.
    pub fn parse(number: &str, country: Option<&str>) -> Result<Self, InvalidInput> {
        let text: String = number
            .chars()
            .take(LONGEST + 1)
            .nfkc()
            .filter(|c| {
                !matches!(
                    c,
                    '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}'
                )
            })
            .collect();
        let start = text.find(|c: char| c.is_ascii_digit()).unwrap_or_default();
        let (label, rest) = text.split_at(start);
        let label: String = folded(label)
            .chars()
            .filter(|c| !is_between(*c) && *c != ':')
            .collect();
        let groups: Vec<&str> = rest.split(is_between).filter(|g| !g.is_empty()).collect();
        let digits = groups.concat();
        let is_number = LABELS.contains(&label.strip_suffix('a').unwrap_or(&label))
            && (1..=9).contains(&digits.len())
            && digits.bytes().all(|byte| byte.is_ascii_digit())
            && digits.bytes().any(|byte| byte != b'0')
            && !is_social_security(groups.iter().map(|group| group.len()));
        if !is_number {
            return Err(InvalidInput::malformed("alien_number"));
        }
        Ok(Self {
            digits: format!("{digits:0>9}"),
            countries: country
                .map(country::several)
                .transpose()?
                .unwrap_or_default(),
        })
    }

    /// Nine digits.
    pub fn digits(&self) -> &str {
        &self.digits
    }

    /// Countries in one of which the person was born, as the site calls them; none when that was not said.
    pub fn countries(&self) -> &[&'static str] {
        &self.countries
    }
}

/// Whether digits in groups of these lengths are written as a Social Security number is. It must not be sent to the site.
pub(super) fn is_social_security(groups: impl IntoIterator<Item = usize>) -> bool {
    groups.into_iter().eq([3, 2, 4])
}

fn is_between(c: char) -> bool {
    c.is_whitespace() || matches!(c, '-' | '‐' | '‑' | '‒' | '–' | '—' | '−' | '.' | '#')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn digits(text: &str) -> Option<String> {
        AlienNumberQuery::parse(text, None)
            .ok()
            .map(|query| query.digits)
    }

    #[test]
    fn every_common_way_of_writing_one_is_understood() {
        for text in [
            "A900000001",
            "a900-000-001",
            "900 000 001",
            "A 900.000.001",
            "#A900000001",
            "Ａ９００—０００—００１",
            "\u{a0}A900\u{2009}000\u{202f}001\t",
            "\u{200e}A900000001\u{200b}",
            "A-number 900000001",
            "A number: 900000001",
            "A# 900-000-001",
            "número A 900000001",
            "N.º A: 900 000 001",
            "Alien Registration Number A900000001",
            "USCIS# 900-000-001",
        ] {
            assert!(digits(text).as_deref() == Some("900000001"), "{text}");
        }
        assert!(digits("A777").as_deref() == Some("000000777"));
    }

    #[test]
    fn anything_else_is_refused_by_name_of_the_field() {
        for text in [
            "",
            "A",
            "A9000000012",
            "B123",
            "12E4",
            "A000000000",
            "٩٠٠٠٠٠٠٠١",
            "AA1",
            "A9OOOOOOO1",
            "A900000O01",
            "A90000000l",
            "A-",
            "A1/2",
            "123-45-6789",
            "123 45 6789",
            "A123–45–6789",
            "case number 900000001",
            "passport A9000001",
            &"9".repeat(16 * 1024),
            &" ".repeat(16 * 1024),
        ] {
            let error = AlienNumberQuery::parse(text, None).err();
            assert_eq!(
                error,
                Some(InvalidInput::malformed("alien_number")),
                "{text}"
            );
        }
    }

    proptest! {
        #[test]
        fn whatever_is_typed_is_nine_digits_or_refused(text in "\\PC{0,24}") {
            if let Some(digits) = digits(&text) {
                prop_assert!(digits.len() == 9 && digits.bytes().all(|b| b.is_ascii_digit()));
            }
        }
    }
}
