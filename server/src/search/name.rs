//! Names: what a caller wrote, and the few spellings in which the site, which wants them exact, may know the person.

use jiff::civil::Date;

use super::InvalidInput;
use super::country::{self, unaccented};

/// Most spellings of one name: each is a request to the site.
const MOST: usize = 4;

/// A search by name. Identifies somebody: it cannot be printed.
pub struct NameQuery {
    first: String,
    middle: Option<String>,
    last: String,
    date_of_birth: Option<Date>,
    date_text: String,
    country: Option<String>,
    fuzzy: bool,
}

/// One way in which the site may spell the name.
pub struct Spelling {
    /// Given names.
    pub first: String,
    /// Surnames.
    pub last: String,
    /// How sure somebody found by it is the one, 0 to 1.
    pub score: f64,
    /// Why.
    pub reason: &'static str,
}

impl NameQuery {
    /// Reads what a caller wrote.
    pub fn parse(
        first: &str,
        middle: Option<&str>,
        last: &str,
        date_of_birth: Option<&str>,
        country: Option<&str>,
        fuzzy: bool,
    ) -> Result<Self, InvalidInput> {
        let date_of_birth = date_of_birth.map(birth_date).transpose()?;
        Ok(Self {
            first: name(first, "first_name")?,
            middle: middle.map(|text| name(text, "middle_name")).transpose()?,
            last: name(last, "last_name")?,
            date_of_birth,
            date_text: date_of_birth
                .map(|date| date.to_string())
                .unwrap_or_default(),
            country: country.map(country::parse).transpose()?,
            fuzzy,
        })
    }

    /// Country of birth, as the site calls it.
    pub fn country(&self) -> Option<&str> {
        self.country.as_deref()
    }

    /// YYYY-MM-DD, or empty.
    pub fn date_of_birth(&self) -> &str {
        &self.date_text
    }

    /// The spellings to ask for, likeliest first, each once.
    pub fn spellings(&self) -> Vec<Spelling> {
        let whole = match &self.middle {
            Some(middle) => format!("{} {middle}", self.first),
            None => self.first.clone(),
        };
        if !self.fuzzy {
            return vec![Spelling {
                first: whole,
                last: self.last.clone(),
                score: 1.0,
                reason: "the name is the same",
            }];
        }
        let (given, last) = (unaccented(&whole), unaccented(&self.last));
        let one_given = first_word(&given);
        let one_surname = first_word(&last);
        // A birth date makes a looser spelling safer.
        let dated = if self.date_of_birth.is_some() {
            0.1
        } else {
            0.0
        };
        let candidates = [
            (
                given.clone(),
                last.clone(),
                1.0,
                "the name is the same but for accents",
            ),
            (
                one_given.clone(),
                last.clone(),
                0.8 + dated,
                "the first given name and the surnames are the same",
            ),
            (
                given.clone(),
                one_surname,
                0.75 + dated,
                "the given names and the first surname are the same",
            ),
            (
                last,
                given,
                0.7 + dated,
                "given names and surnames are swapped",
            ),
        ];
        let mut spellings: Vec<Spelling> = Vec::new();
        for (first, last, score, reason) in candidates {
            let again = spellings
                .iter()
                .any(|known| known.first == first && known.last == last);
            if !again && spellings.len() < MOST {
                spellings.push(Spelling {
                    first,
                    last,
                    score,
                    reason,
                });
            }
        }
        spellings
    }
}

fn first_word(text: &str) -> String {
    text.split(' ').next().unwrap_or_default().to_owned()
}

/// A name: letters of any script with the marks that names have. Apostrophes become the plain one, spaces single.
fn name(text: &str, field: &'static str) -> Result<String, InvalidInput> {
    let plain = text
        .replace(['’', '‘', '`', '´'], "'")
        .replace(['‐', '‑', '–'], "-");
    let plain = plain.split_whitespace().collect::<Vec<_>>().join(" ");
    let mark = unicode_normalization::char::is_combining_mark;
    let fits = plain
        .chars()
        .all(|c| c.is_alphabetic() || mark(c) || matches!(c, ' ' | '\'' | '-' | '.'));
    if fits && plain.chars().any(char::is_alphabetic) && plain.chars().count() <= 100 {
        Ok(plain)
    } else {
        Err(InvalidInput::malformed(field))
    }
}

/// A date that somebody alive may be born on.
fn birth_date(text: &str) -> Result<Date, InvalidInput> {
    let wrong = InvalidInput::malformed("date_of_birth");
    if text.len() != 10 {
        return Err(wrong);
    }
    let date: Date = text.parse().map_err(|_| wrong)?;
    let today = jiff::Timestamp::now()
        .to_zoned(jiff::tz::TimeZone::UTC)
        .date();
    if date > today || date.year() < today.year() - 120 {
        return Err(wrong);
    }
    Ok(date)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn query(first: &str, last: &str, fuzzy: bool) -> NameQuery {
        NameQuery::parse(first, None, last, None, None, fuzzy)
            .ok()
            .unwrap()
    }

    #[test]
    fn the_site_is_asked_without_accents_first() {
        let spellings = query("José  María", "Muñoz García", true).spellings();
        assert!(spellings[0].first == "Jose Maria" && spellings[0].last == "Munoz Garcia");
        let swapped = spellings
            .iter()
            .any(|s| s.first == "Munoz Garcia" && s.last == "Jose Maria");
        assert!(swapped && spellings.len() <= MOST);
    }

    #[test]
    fn no_spelling_is_asked_for_twice() {
        assert_eq!(query("Ana", "Muestra", true).spellings().len(), 2);
    }

    #[test]
    fn without_fuzzy_search_only_the_name_as_written_is_asked_for() {
        let spellings = query("José", "Muñoz García", false).spellings();
        assert!(spellings.len() == 1 && spellings[0].first == "José");
    }

    #[test]
    fn each_wrong_argument_is_named() {
        let parse = |first, middle, last, date| {
            NameQuery::parse(first, middle, last, date, None, true)
                .err()
                .map(|error| error.field)
        };
        assert_eq!(parse("4na", None, "Muestra", None), Some("first_name"));
        assert_eq!(
            parse("Ana", Some("<i>"), "Muestra", None),
            Some("middle_name")
        );
        assert_eq!(parse("Ana", None, "--", None), Some("last_name"));
        for date in [
            "1990-13-01",
            "15/05/1990",
            "2990-01-01",
            "1850-01-01",
            "1990-5-1",
        ] {
            assert_eq!(
                parse("Ana", None, "Muestra", Some(date)),
                Some("date_of_birth"),
                "{date}"
            );
        }
        assert_eq!(parse("Ana", None, "O’Muster", Some("1990-05-15")), None);
    }

    proptest! {
        #[test]
        fn any_text_is_a_name_or_refused(text in "\\PC{0,120}") {
            if let Ok(query) = NameQuery::parse(&text, None, &text, None, None, true) {
                prop_assert!(!query.spellings().is_empty());
            }
        }
    }
}
