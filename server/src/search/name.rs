//! Names and birth dates: what a caller wrote, made comparable or refused.

use jiff::civil::Date;
use unicode_normalization::char::is_combining_mark;

use super::alike::Sides;
use super::spelling::Spelling;
use super::text::{tidied, unaccented};
use super::{InvalidInput, country};

/// Longest name, in characters.
pub(super) const LONGEST: usize = 100;
/// Nobody alive is older, in years.
const OLDEST: i16 = 120;
/// From this age on one is grown up, in years.
const ADULT: i16 = 18;

/// A search by name. Identifies somebody: it cannot be printed.
pub struct NameQuery {
    /// Given names; the middle name is not among them.
    pub(super) first: String,
    pub(super) middle: Option<String>,
    pub(super) last: String,
    pub(super) date_of_birth: Option<Date>,
    /// As the site calls them: whoever asks may not know which of them it is.
    pub(super) countries: Vec<&'static str>,
    pub(super) fuzzy: bool,
    /// As it is compared.
    pub(super) sides: Sides,
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
        let first = name(first, "first_name")?;
        let middle = middle.map(|text| name(text, "middle_name")).transpose()?;
        let last = name(last, "last_name")?;
        let sides = Sides::new(&all_given(&first, middle.as_deref()), &last);
        Ok(Self {
            first,
            middle,
            last,
            date_of_birth: date_of_birth.map(birth_date).transpose()?,
            countries: country
                .map(country::several)
                .transpose()?
                .unwrap_or_default(),
            fuzzy,
            sides,
        })
    }

    /// How well somebody would match who is on record in this spelling.
    pub(super) fn promise(&self, spelling: &Spelling) -> f64 {
        let found = Sides::new(&spelling.first, &spelling.last);
        self.sides.compare(&found).value
    }

    /// Whether somebody is looked for who is under 18 wherever on earth one asks.
    pub(super) fn is_child(&self) -> bool {
        let grown_up = latest_today().saturating_sub(jiff::Span::new().years(ADULT));
        self.date_of_birth.is_some_and(|birth| birth > grown_up)
    }

    /// All given names.
    pub(super) fn given(&self) -> String {
        all_given(&self.first, self.middle.as_deref())
    }
}

fn all_given(first: &str, middle: Option<&str>) -> String {
    match middle {
        Some(middle) => format!("{first} {middle}"),
        None => first.to_owned(),
    }
}

/// A name: letters of any script with the marks that names have. A comma, as before `Jr.`, is a space.
fn name(text: &str, field: &'static str) -> Result<String, InvalidInput> {
    let wrong = InvalidInput::malformed(field);
    // Before it is tidied, which takes the longer the more there is of it.
    if text.chars().nth(4 * LONGEST).is_some() {
        return Err(wrong);
    }
    let plain = tidied(&text.replace(',', " "));
    let fits = plain
        .chars()
        .all(|c| c.is_alphabetic() || is_combining_mark(c) || matches!(c, ' ' | '\'' | '-' | '.'));
    if fits
        && unaccented(&plain).chars().any(char::is_alphabetic)
        && plain.chars().count() <= LONGEST
    {
        Ok(plain)
    } else {
        Err(wrong)
    }
}

/// Of the two days that it may be on earth, the later.
fn latest_today() -> Date {
    let zone = jiff::tz::TimeZone::fixed(jiff::tz::offset(14));
    jiff::Timestamp::now().to_zoned(zone).date()
}

/// A date that somebody alive may be born on.
pub(super) fn birth_date(text: &str) -> Result<Date, InvalidInput> {
    let wrong = InvalidInput::malformed("date_of_birth");
    let text = text.trim();
    if text.len() != "YYYY-MM-DD".len() {
        return Err(wrong);
    }
    let date: Date = text.parse().map_err(|_| wrong)?;
    let today = latest_today();
    if date > today || date.year() < today.year() - OLDEST {
        return Err(wrong);
    }
    Ok(date)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn wrong(
        first: &str,
        middle: Option<&str>,
        last: &str,
        date: Option<&str>,
    ) -> Option<&'static str> {
        NameQuery::parse(first, middle, last, date, None, true)
            .err()
            .map(|error| error.field)
    }

    #[test]
    fn names_are_tidied() {
        let query = NameQuery::parse(
            "  María  José ",
            None,
            "O’Ejemplo–Ruiz",
            Some(" 1990-05-15 "),
            Some("gt"),
            true,
        );
        let query = query.ok().unwrap();
        assert!(query.first == "María José" && query.last == "O'Ejemplo-Ruiz");
        assert!(query.countries == ["Guatemala"]);
    }

    #[test]
    fn names_of_every_script_are_names() {
        for name in [
            "Nguyễn",
            "Владимир",
            "محمد",
            "陳",
            "D'Ávila",
            "St. John",
            "Ñuñez-Peña",
        ] {
            assert_eq!(wrong(name, None, name, None), None, "{name}");
        }
    }

    #[test]
    fn each_wrong_argument_is_named() {
        assert_eq!(wrong("4na", None, "Muestra", None), Some("first_name"));
        assert_eq!(
            wrong("Ana", Some("<i>"), "Muestra", None),
            Some("middle_name")
        );
        assert_eq!(wrong("Ana", None, "--", None), Some("last_name"));
        assert_eq!(wrong("", None, "Muestra", None), Some("first_name"));
        for name in [
            "\u{202e}Ana",
            "Ana\u{0}",
            "a".repeat(101).as_str(),
            "x; DROP",
        ] {
            assert_eq!(
                wrong("Ana", None, name, None),
                Some("last_name"),
                "{name:?}"
            );
        }
    }

    #[test]
    fn what_cannot_be_seen_is_no_part_of_a_name() {
        let query = NameQuery::parse(
            "Ａ\u{200b}na\u{feff}",
            None,
            "Muestra, Jr.",
            None,
            None,
            true,
        );
        let query = query.ok().unwrap();
        assert!(query.first == "Ana" && query.last == "Muestra Jr.");
    }

    #[test]
    fn names_that_are_meant_to_do_harm_are_refused() {
        for name in [
            "a".repeat(16 * 1024),
            "\u{301}".repeat(16 * 1024),
            "\u{301}".repeat(50),
            "\u{200b}".repeat(50),
            format!("a{}", "\u{301}".repeat(399)),
            "\u{fdfa}".repeat(99),
            "\u{2067}Ana\u{2069}".to_owned(),
        ] {
            assert_eq!(
                wrong("Ana", None, &name, None),
                Some("last_name"),
                "{}",
                name.len()
            );
        }
    }

    #[test]
    fn a_birth_date_is_a_real_day_of_somebody_who_may_be_alive() {
        for date in [
            "1990-13-01",
            "1990-02-30",
            "15/05/1990",
            "05-15-1990",
            "2990-01-01",
            "1850-01-01",
            "1990-5-1",
            "19900515T0",
            "-990-05-15",
        ] {
            assert_eq!(
                wrong("Ana", None, "Muestra", Some(date)),
                Some("date_of_birth"),
                "{date}"
            );
        }
        for date in ["1990-05-15", "2000-02-29"] {
            assert_eq!(wrong("Ana", None, "Muestra", Some(date)), None, "{date}");
        }
    }

    #[test]
    fn one_is_a_child_until_the_eighteenth_birthday() {
        let today = latest_today();
        for (born, is_child) in [
            (today, true),
            (today.saturating_sub(jiff::Span::new().years(17)), true),
            (today.saturating_sub(jiff::Span::new().years(18)), false),
        ] {
            let birth = Some(born.to_string());
            let query = NameQuery::parse("Ana", None, "Ejemplo", birth.as_deref(), None, true);
            assert_eq!(query.ok().unwrap().is_child(), is_child, "{born}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_tidied_or_refused(text in "\\PC{0,120}") {
            if let Ok(query) = NameQuery::parse(&text, None, &text, None, None, true) {
                prop_assert!(query.first == tidied(&query.first) && !query.first.is_empty());
                prop_assert!(query.first.chars().count() <= LONGEST);
            }
        }

        #[test]
        fn any_text_is_a_date_as_it_was_written_or_refused(text in "[0-9/-]{0,11}") {
            if let Ok(date) = birth_date(&text) {
                prop_assert_eq!(date.to_string(), text);
            }
        }

        #[test]
        fn every_day_of_a_life_is_read(day in 0i32..36_000) {
            let date = Date::constant(1910, 1, 1).saturating_add(jiff::Span::new().days(day));
            prop_assert_eq!(birth_date(&date.to_string()).ok(), Some(date));
        }
    }
}
