//! A-numbers: an A and up to nine digits, however they were typed.

use unicode_normalization::UnicodeNormalization as _;

use super::InvalidInput;
use super::country;

/// Longest text that may hold one, in characters.
const LONGEST: usize = 100;

/// A search by A-number. Identifies somebody: it cannot be printed.
pub struct AlienNumberQuery {
    digits: String,
    countries: Vec<&'static str>,
}

impl AlienNumberQuery {
    /// Reads what a caller wrote. Spaces, dashes and dots are let go, a missing A too; full-width letters and figures are
    /// plain ones. An O is never taken for a 0: the number would be somebody else's.
    pub fn parse(number: &str, country: Option<&str>) -> Result<Self, InvalidInput> {
        let plain: String = number
            .chars()
            .take(LONGEST + 1)
            .nfkc()
            .filter(|c| !c.is_whitespace())
            .filter(|c| {
                !matches!(
                    c,
                    '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}'
                )
            })
            .filter(|c| !matches!(c, '-' | '‐' | '‑' | '‒' | '–' | '—' | '−' | '.' | '#'))
            .collect();
        let digits = plain.strip_prefix(['A', 'a']).unwrap_or(&plain);
        let is_number = (1..=9).contains(&digits.len())
            && digits.bytes().all(|byte| byte.is_ascii_digit())
            && digits.bytes().any(|byte| byte != b'0');
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
