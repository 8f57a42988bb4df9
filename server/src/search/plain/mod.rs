//! Plain language: a sentence or a few, in English or Spanish, tidy or not, and what a careful reader understands by it. Whatever is
//! understood stands in the text; what does not, or can be read in two ways, is asked back. Nothing here asks the site.
//!
//! Rules and lists of words, not a model: what was understood has to be the same each time, come from the text, and be explained.

mod calendar;
mod company;
mod count;
mod cues;
mod date;
mod labels;
mod language;
mod lexicon;
mod naming;
mod nation;
mod number;
mod place;
mod split;
mod token;
mod understood;

use icelocator_redaction::Kind;
use jiff::civil::Date;

use self::calendar::Meaning;
use self::naming::Said;
use self::split::Name;
use self::token::{Range, Tokens};
use self::understood::Age;
pub use self::understood::{
    Ask, Field, NotUsed, OtherReading, Part, Span, Suggestion, Tip, Understood, Why,
};
use super::name::{LONGEST as LONGEST_NAME, birth_date};
use super::{InvalidInput, country};
use crate::privacy::Shown;

/// Longest text, in characters.
pub const LONGEST: usize = 1000;
/// Whom the site shows: adults only.
const ADULT: u8 = 18;
/// Between countries of which it may be any.
const OR: &str = " or ";

/// What was understood of a text, and what has to be asked back. Identifies somebody: it cannot be printed.
pub struct Reading {
    /// What was understood.
    pub understood: Understood,
    /// What has to be asked back.
    pub asks: Vec<Ask>,
    /// What may be corrected.
    pub suggestions: Vec<Suggestion>,
}

impl Reading {
    /// Keeps who is spoken of, surely or perhaps.
    pub fn show(&self, shown: &Shown) {
        if !shown.is_kept() {
            return;
        }
        let kind = |field| match field {
            Field::FirstName | Field::MiddleName | Field::LastName | Field::Person => {
                Some(Kind::Name)
            }
            Field::AlienNumber => Some(Kind::AlienNumber),
            Field::DateOfBirth => Some(Kind::Date),
            Field::CountryOfBirth => None,
        };
        let mut names = Vec::new();
        for (field, value) in self.understood.values() {
            match kind(field) {
                Some(Kind::Name) => names.push(value),
                Some(kind) => shown.add(kind, value),
                None => {}
            }
        }
        shown.add(Kind::Name, &names.join(" "));
        for ask in &self.asks {
            if let Some(kind) = kind(ask.field) {
                ask.options
                    .iter()
                    .for_each(|option| shown.add(kind, option));
            }
        }
        // Among them are people who are only mentioned.
        for part in &self.understood.not_used {
            shown.add(Kind::Other, &part.text);
        }
    }
}

/// What a caller says besides, in answer to what was asked back.
pub struct Completion {
    country: Option<String>,
    date_of_birth: Option<Date>,
}

impl Completion {
    /// Reads it.
    pub fn parse(country: Option<&str>, date_of_birth: Option<&str>) -> Result<Self, InvalidInput> {
        Ok(Self {
            country: country
                .map(country::several)
                .transpose()?
                .map(|countries| countries.join(OR)),
            date_of_birth: date_of_birth.map(birth_date).transpose()?,
        })
    }
}

/// Reads a text; more than the longest is not read. `today` tells which dates are to come.
pub fn read(text: &str, today: Date) -> Reading {
    let text: String = text.chars().take(LONGEST).collect();
    let mut text = Tokens::new(&text);
    let mut reading = Reading {
        understood: Understood {
            language: language::detect(&text),
            relation: relation(&text),
            ..Understood::default()
        },
        asks: Vec::new(),
        suggestions: Vec::new(),
    };
    text.drop_nicknames();
    reading.dates(&mut text, today);
    reading.numbers(&mut text);
    if reading.asks(Field::Person) {
        return reading;
    }
    reading.countries(&mut text);
    reading.places(&mut text);
    let born = reading
        .asks
        .iter()
        .any(|ask| ask.field == Field::DateOfBirth && ask.why == Why::Several);
    match naming::find(&mut text, born) {
        Said::One { name, beside } => {
            reading.name(&text, &name);
            reading.not_used(&text, beside);
        }
        Said::Nobody => {}
        Said::Several => reading.several(),
    }
    if !reading.asks(Field::Person) {
        reading.not_used(&text, text.loose_numbers());
    }
    reading.ask_for_names();
    reading
}

impl Reading {
    /// Completes what was asked back with what the caller says now; that counts more than the text.
    pub fn complete(&mut self, completion: &Completion) {
        if self.asks(Field::Person) {
            return;
        }
        if let Some(country) = &completion.country {
            self.understood.country_of_birth = Some(Part::told(country.clone()));
            self.asks.retain(|ask| ask.field != Field::CountryOfBirth);
        }
        if let Some(date) = completion.date_of_birth {
            self.understood.date_of_birth = Some(Part::told(date.to_string()));
            self.asks.retain(|ask| ask.field != Field::DateOfBirth);
        }
    }

    /// Says what to try when nobody is found.
    pub fn not_found(&mut self) {
        let whole = self.understood.first_name.is_some() && self.understood.last_name.is_some();
        if self.understood.alien_number.is_some() && whole {
            self.suggest(Tip::ByName, None);
        }
    }

    /// Leaves out the question for a country where the site does not want one.
    pub fn country_is_optional(&mut self) {
        self.asks
            .retain(|ask| ask.field != Field::CountryOfBirth || ask.why != Why::Missing);
    }

    fn asks(&self, field: Field) -> bool {
        self.asks.iter().any(|ask| ask.field == field)
    }

    fn ask(&mut self, field: Field, why: Why, options: Vec<String>) {
        self.asks.push(Ask {
            field,
            why,
            options,
        });
    }

    fn suggest(&mut self, tip: Tip, value: Option<String>) {
        self.suggestions.push(Suggestion { tip, value });
    }

    fn dates(&mut self, text: &mut Tokens, today: Date) {
        let births = date::births(text, today);
        if let Some((years, range)) = date::age(text) {
            if years < ADULT {
                self.suggest(Tip::Minor, None);
            }
            self.understood.age = Some(Age {
                years,
                from: spans(text, std::slice::from_ref(&range)),
            });
            self.not_used(text, [range]);
        }
        let mut days: Vec<Date> = births
            .iter()
            .filter_map(|birth| match birth.meaning {
                Meaning::Day(day) => Some(day),
                _ => None,
            })
            .collect();
        days.dedup();
        match (&days[..], births.first()) {
            (_, None) => {}
            ([day], _) => {
                let said = births
                    .iter()
                    .find(|birth| birth.meaning == Meaning::Day(*day));
                let Some(birth) = said else { return };
                if birth.misspelt {
                    self.suggest(Tip::Month, Some(day.to_string()));
                }
                let range = birth.range.clone();
                self.understood.date_of_birth = Some(Part::new(text, day.to_string(), &[range]));
            }
            ([], Some(birth)) => match birth.meaning {
                Meaning::Either(one, other) => {
                    let options = vec![one.to_string(), other.to_string()];
                    self.ask(Field::DateOfBirth, Why::Ambiguous, options);
                }
                Meaning::Part => self.ask(Field::DateOfBirth, Why::Incomplete, Vec::new()),
                _ => self.ask(Field::DateOfBirth, Why::Impossible, Vec::new()),
            },
            (days, _) => {
                let options = days.iter().map(Date::to_string).collect();
                self.ask(Field::DateOfBirth, Why::Several, options);
            }
        }
    }

    fn numbers(&mut self, text: &mut Tokens) {
        let (numbers, social_security) = number::find(text);
        if social_security {
            self.suggest(Tip::SocialSecurity, None);
        }
        let good: Vec<_> = numbers
            .iter()
            .filter(|number| number.digits.is_some())
            .collect();
        match (&good[..], &numbers[..]) {
            (_, []) => {}
            ([number], _) => {
                let digits = number.digits.clone().unwrap_or_default();
                if number.padded {
                    self.suggest(Tip::Padded, Some(format!("A{digits}")));
                }
                self.understood.alien_number =
                    Some(Part::new(text, digits, std::slice::from_ref(&number.range)));
            }
            ([], [number, ..]) => {
                if let Some(likely) = &number.likely {
                    self.suggest(Tip::Digits, Some(format!("A{likely}")));
                }
                let options = number
                    .likely
                    .iter()
                    .map(|likely| format!("A{likely}"))
                    .collect();
                self.ask(Field::AlienNumber, Why::Impossible, options);
            }
            _ => self.several(),
        }
    }

    fn countries(&mut self, text: &mut Tokens) {
        let said = nation::origins(text);
        let origins = &said.all;
        let named: Vec<&str> = origins
            .iter()
            .flat_map(|origin| origin.countries.iter().copied())
            .collect();
        let options = || named.iter().map(|name| (*name).to_owned()).collect();
        match &origins[..] {
            [] => self.ask(Field::CountryOfBirth, Why::Missing, Vec::new()),
            [origin] if origin.state => self.ask(Field::CountryOfBirth, Why::State, options()),
            [_] if named.len() > 1 => self.ask(Field::CountryOfBirth, Why::Ambiguous, options()),
            [_, _, ..] if !said.either => {
                self.ask(Field::CountryOfBirth, Why::Ambiguous, options());
            }
            _ if named.len() > country::MOST => {
                self.ask(Field::CountryOfBirth, Why::TooMany, options());
            }
            origins => {
                for origin in origins.iter().filter(|origin| origin.misspelt) {
                    self.suggest(
                        Tip::Country,
                        origin.countries.first().map(|&c| c.to_owned()),
                    );
                }
                let ranges: Vec<Range> =
                    origins.iter().map(|origin| origin.range.clone()).collect();
                self.understood.country_of_birth = Some(Part::new(text, named.join(OR), &ranges));
            }
        }
        self.not_used(text, said.states);
    }

    fn places(&mut self, text: &mut Tokens) {
        let known = text.places();
        let unknown = place::unknown(text);
        self.not_used(text, known.into_iter().chain(unknown));
    }

    fn not_used(&mut self, text: &Tokens, ranges: impl IntoIterator<Item = Range>) {
        for range in ranges {
            self.understood.not_used.push(NotUsed {
                text: text.said(range.clone()),
                from: spans(text, &[range]),
            });
        }
    }

    fn name(&mut self, text: &Tokens, name: &Name) {
        let part = |ranges: &Option<Vec<Range>>| {
            let ranges = ranges.as_ref()?;
            let part = Part::new(text, written(text, ranges), ranges);
            (part.value.chars().count() <= LONGEST_NAME).then_some(part)
        };
        self.understood.first_name = part(&name.first);
        self.understood.middle_name = part(&name.middle);
        self.understood.last_name = part(&name.last);
        if let Some((first, last)) = &name.other {
            let other = OtherReading {
                first_name: written(text, first),
                last_name: written(text, last),
            };
            let shown = format!("{} / {}", other.first_name, other.last_name);
            self.understood.other_reading = Some(other);
            self.suggest(Tip::OtherReading, Some(shown));
        }
    }

    /// One at a time: of several nothing is stated.
    fn several(&mut self) {
        self.understood = Understood {
            language: self.understood.language,
            ..Understood::default()
        };
        self.suggestions.clear();
        self.asks.clear();
        self.ask(Field::Person, Why::Ambiguous, Vec::new());
    }

    fn ask_for_names(&mut self) {
        if self.asks(Field::Person)
            || self.understood.alien_number.is_some()
            || self.asks(Field::AlienNumber)
        {
            return;
        }
        if self.understood.first_name.is_none() {
            self.ask(Field::FirstName, Why::Missing, Vec::new());
        }
        if self.understood.last_name.is_none() {
            self.ask(Field::LastName, Why::Missing, Vec::new());
        }
    }
}

fn written(text: &Tokens, ranges: &[Range]) -> String {
    let parts: Vec<_> = ranges
        .iter()
        .map(|range| text.written(range.clone()))
        .collect();
    parts.join(" ")
}

fn spans(text: &Tokens, ranges: &[Range]) -> Vec<Span> {
    ranges
        .iter()
        .filter_map(|range| {
            Some(Span {
                start: text.get(range.start)?.from,
                end: text.get(range.end.checked_sub(1)?)?.to,
            })
        })
        .collect()
}

/// How who is looked for is related to who writes: the first word that says so of somebody else, and not of a relative of theirs.
fn relation(text: &Tokens) -> Option<&'static str> {
    let mut at = 0;
    while at < text.len() {
        let own = (1..=3)
            .any(|back| at >= back && matches!(text.word(at - back), "soy" | "im" | "i'm" | "am"));
        let other = own || cues::third(text, at);
        if let Some(relation) = lexicon::relation(text.word(at)).filter(|_| !other) {
            return Some(relation);
        }
        at += 1;
    }
    None
}

#[cfg(test)]
mod tests;
