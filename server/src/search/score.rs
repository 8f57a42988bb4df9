//! How well somebody whom the site shows matches what was asked, from 0 to 1, and why.

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::Serialize;

use super::alike::Sides;
use super::name::NameQuery;
use super::text::folded;
use crate::language::{Language, Text};
use crate::locator::Row;

/// From here on somebody is taken for the one who is looked for, if nobody else comes close.
pub const SURE: f64 = 0.75;
/// From here on somebody may be the one.
pub const PLAUSIBLE: f64 = 0.5;

/// How well somebody matches.
pub struct Score {
    /// 0 to 1.
    pub value: f64,
    /// Why.
    pub reasons: Vec<Reason>,
}

/// Why somebody matches as well as they do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum Reason {
    /// The A-number is the one asked for.
    SameAlienNumber,
    /// The name is the one asked for.
    SameName,
    /// The name is the one asked for but for accents, hyphens or apostrophes.
    SameNameButAccents,
    /// The name is the one asked for, in Latin letters.
    SameNameTransliterated,
    /// One is a short or foreign form of the other name.
    Nickname,
    /// A name sounds like the one asked for.
    SoundsAlike,
    /// A name is spelled nearly as the one asked for.
    SpelledAlike,
    /// Of a name only the initial is known.
    InitialSame,
    /// Only some of the given names are the same.
    SomeGivenNamesSame,
    /// Only some of the surnames are the same.
    SomeSurnamesSame,
    /// The names are in another order.
    OrderDiffers,
    /// Given names and surnames are in each other's place.
    NamesSwapped,
    /// A given name stands among the surnames, or a surname among the given names.
    NameMoved,
    /// The locator knows one name only.
    OneNameKnown,
    /// The name is another one.
    NameDiffers,
    /// The birth date is the one asked for.
    SameBirthDate,
    /// Of the birth date, day and month are in each other's place.
    BirthDateSwapped,
    /// The birth date is nearly the one asked for.
    BirthDateClose,
    /// The birth date is another one.
    BirthDateDiffers,
    /// The locator does not show the birth date.
    BirthDateNotShown,
    /// The country of birth is another one.
    CountryDiffers,
}

impl Reason {
    /// In words.
    pub fn text(self, language: Language) -> &'static str {
        let (en, es) = match self {
            Self::SameAlienNumber => ("the A-number is the same", "el número A es el mismo"),
            Self::SameName => ("the name is the same", "el nombre es el mismo"),
            Self::SameNameButAccents => (
                "the name is the same but for accents or hyphens",
                "el nombre es el mismo salvo acentos o guiones",
            ),
            Self::SameNameTransliterated => (
                "the name is the same in Latin letters",
                "el nombre es el mismo en letras latinas",
            ),
            Self::Nickname => (
                "a name is a short or foreign form of the other",
                "un nombre es diminutivo o forma extranjera del otro",
            ),
            Self::SoundsAlike => ("a name sounds alike", "un nombre suena parecido"),
            Self::SpelledAlike => (
                "a name is spelled nearly alike",
                "un nombre se escribe casi igual",
            ),
            Self::InitialSame => ("an initial is the same", "una inicial es la misma"),
            Self::SomeGivenNamesSame => (
                "only some of the given names are the same",
                "solo coinciden algunos de los nombres",
            ),
            Self::SomeSurnamesSame => (
                "only some of the surnames are the same",
                "solo coinciden algunos de los apellidos",
            ),
            Self::OrderDiffers => (
                "the names are in another order",
                "los nombres o apellidos están en otro orden",
            ),
            Self::NamesSwapped => (
                "given names and surnames are swapped",
                "nombres y apellidos están intercambiados",
            ),
            Self::NameMoved => (
                "a given name is among the surnames or a surname among the given names",
                "un nombre está entre los apellidos o un apellido entre los nombres",
            ),
            Self::OneNameKnown => (
                "the locator knows one name only",
                "el localizador solo conoce un nombre",
            ),
            Self::NameDiffers => ("the name is another one", "el nombre es otro"),
            Self::SameBirthDate => (
                "the date of birth is the same",
                "la fecha de nacimiento es la misma",
            ),
            Self::BirthDateSwapped => (
                "day and month of birth are swapped",
                "el día y el mes de nacimiento están intercambiados",
            ),
            Self::BirthDateClose => (
                "the date of birth is nearly the same",
                "la fecha de nacimiento es casi la misma",
            ),
            Self::BirthDateDiffers => (
                "the date of birth is another one",
                "la fecha de nacimiento es otra",
            ),
            Self::BirthDateNotShown => (
                "the locator does not show the date of birth",
                "el localizador no muestra la fecha de nacimiento",
            ),
            Self::CountryDiffers => (
                "the country of birth is another one",
                "el país de nacimiento es otro",
            ),
        };
        language.of(Text { en, es })
    }
}

impl Score {
    /// Of somebody found by A-number. The site answers to the number, whatever the name.
    pub fn of_number(row: &Row, countries: &[&str]) -> Self {
        let mut score = Self {
            value: 1.0,
            reasons: vec![Reason::SameAlienNumber],
        };
        score.weigh_country(countries, row.country.as_deref());
        score
    }

    /// Of somebody found by name; `dated` says whether the site was told the date of birth, too, and so answered to it.
    pub fn of_name(query: &NameQuery, row: &Row, dated: bool) -> Self {
        let alike = query.sides.compare(&Sides::new(&row.first, &row.last));
        let mut score = Self {
            value: alike.value,
            reasons: alike.reasons,
        };
        let shown = row.date_of_birth.or(query.date_of_birth.filter(|_| dated));
        score.weigh_birth(query.date_of_birth, shown);
        score.weigh_country(&query.countries, row.country.as_deref());
        score.value = (score.value * 100.0).round() / 100.0;
        score
    }

    fn because(&mut self, factor: f64, reason: Reason) {
        self.value *= factor;
        self.reasons.push(reason);
    }

    /// A birth date that is the same makes up for half of what the name lacks.
    fn weigh_birth(&mut self, asked: Option<Date>, shown: Option<Date>) {
        match (asked, shown) {
            (None, _) => {}
            // The site knew nobody of that name and date, or was not asked: it may be somebody else.
            (Some(_), None) => self.because(0.7, Reason::BirthDateNotShown),
            (Some(asked), Some(shown)) if asked == shown => {
                self.value += (1.0 - self.value) / 2.0;
                self.reasons.push(Reason::SameBirthDate);
            }
            (Some(asked), Some(shown)) if is_swapped(asked, shown) => {
                self.because(0.85, Reason::BirthDateSwapped);
            }
            (Some(asked), Some(shown)) if is_close(asked, shown) => {
                self.because(0.8, Reason::BirthDateClose);
            }
            _ => self.because(0.45, Reason::BirthDateDiffers),
        }
    }

    fn weigh_country(&mut self, asked: &[&str], shown: Option<&str>) {
        if let Some(shown) = shown
            && !asked.is_empty()
            && !asked.iter().any(|asked| folded(asked) == folded(shown))
        {
            self.because(0.6, Reason::CountryDiffers);
        }
    }
}

fn is_swapped(asked: Date, shown: Date) -> bool {
    (asked.year(), asked.month(), asked.day()) == (shown.year(), shown.day(), shown.month())
}

/// Whether a slip makes one of the other: one figure, two that changed places, one of day and month, or a year next to it.
fn is_close(asked: Date, shown: Date) -> bool {
    let figures = strsim::osa_distance(&asked.to_string(), &shown.to_string());
    let same_year = asked.year() == shown.year();
    let same_part = asked.month() == shown.month() || asked.day() == shown.day();
    let same_day = (asked.month(), asked.day()) == (shown.month(), shown.day());
    let next_year = asked.year().abs_diff(shown.year()) <= 2;
    figures <= 1 || (same_year && same_part) || (same_day && next_year)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(last: &str, first: &str, birth: Option<&str>) -> Row {
        Row {
            last: last.to_owned(),
            first: first.to_owned(),
            alien_number: None,
            country: Some("GUATEMALA".to_owned()),
            date_of_birth: birth.map(|date| date.parse().unwrap()),
            status: None,
            facility: None,
            facility_phone: None,
            facility_link: None,
        }
    }

    fn query(first: &str, last: &str, birth: Option<&str>) -> NameQuery {
        NameQuery::parse(first, None, last, birth, Some("Guatemala"), true)
            .ok()
            .unwrap()
    }

    #[test]
    fn the_closer_the_name_the_higher_the_score() {
        let asked = query("María José", "Ejemplo Ruiz", None);
        let scores: Vec<_> = [
            ("EJEMPLO RUIZ", "MARÍA JOSÉ", Reason::SameName),
            ("Ejemplo-Ruiz", "Maria Jose", Reason::SameNameButAccents),
            ("Ejemplo Ruiz", "Maria", Reason::SomeGivenNamesSame),
            ("Ejemplo", "Maria Jose", Reason::SomeSurnamesSame),
            ("Maria Jose", "Ejemplo Ruiz", Reason::NamesSwapped),
            ("Otra", "Maria Jose", Reason::NameDiffers),
        ]
        .into_iter()
        .map(|(last, first, reason)| {
            let score = Score::of_name(&asked, &row(last, first, None), false);
            assert_eq!(score.reasons, [reason], "{last}, {first}");
            score.value
        })
        .collect();
        assert!(scores.is_sorted_by(|a, b| a > b), "{scores:?}");
        assert!(scores[4] >= SURE && scores[5] < PLAUSIBLE, "{scores:?}");
    }

    #[test]
    fn a_birth_date_raises_or_lowers_the_score() {
        let asked = query("Ana", "Ejemplo Ruiz", Some("1990-05-06"));
        let score = |birth| Score::of_name(&asked, &row("Ejemplo", "Ana", birth), false);
        let (same, none) = (score(Some("1990-05-06")), score(None));
        let (swapped, other) = (score(Some("1990-06-05")), score(Some("1971-05-06")));
        assert!(same.value > swapped.value && swapped.value > none.value);
        assert!(none.value > other.value && none.value < SURE);
        assert!(other.reasons.contains(&Reason::BirthDateDiffers));
        // The name alone is not enough when the date is another one.
        let namesake = Score::of_name(
            &query("Ana", "Ejemplo", Some("1990-05-06")),
            &row("Ejemplo", "Ana", Some("1971-01-01")),
            false,
        );
        assert!(namesake.value < PLAUSIBLE);
    }

    #[test]
    fn a_birth_date_that_the_site_answered_to_is_the_same_even_where_it_is_not_shown() {
        let asked = query("Ana", "Ejemplo", Some("1990-05-06"));
        let hidden = row("Ejemplo", "Ana", None);
        let answered_to = Score::of_name(&asked, &hidden, true);
        assert!(answered_to.reasons.contains(&Reason::SameBirthDate));
        let left_out = Score::of_name(&asked, &hidden, false);
        assert!(left_out.value < SURE && left_out.reasons.contains(&Reason::BirthDateNotShown));
    }

    #[test]
    fn another_country_lowers_the_score() {
        let mut elsewhere = row("Ejemplo", "Ana", None);
        elsewhere.country = Some("Honduras".to_owned());
        let score = Score::of_name(&query("Ana", "Ejemplo", None), &elsewhere, false);
        assert!(score.value < SURE && score.reasons.contains(&Reason::CountryDiffers));
    }

    proptest::proptest! {
        #[test]
        fn every_score_lies_between_0_and_1(first in "\\PC{1,30}", last in "\\PC{1,30}", shown in "\\PC{0,60}") {
            if let Ok(asked) = NameQuery::parse(&first, None, &last, Some("1990-05-06"), None, true) {
                for birth in [None, Some("1990-05-06"), Some("1990-06-05"), Some("1970-01-01")] {
                    let score = Score::of_name(&asked, &row(&shown, &first, birth), false);
                    proptest::prop_assert!((0.0..=1.0).contains(&score.value));
                    proptest::prop_assert!(!score.reasons.is_empty());
                }
            }
        }
    }
}
