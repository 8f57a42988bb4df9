//! What a report says, part by part.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::words;
use super::{Kind, Link, Maker, Part, Report, Table};
use crate::language::{Language, Text};
use crate::mcp::advice;
use crate::mcp::earlier::{Earlier, Person};
use crate::mcp::texts::{self, time};
use crate::observe::Outcome;
use crate::texts::{Answers, Said, Section, Texts};

/// Details of a search by their names.
pub type Details = Vec<(&'static str, String)>;

/// A search that was asked for.
pub struct Search {
    /// What it was for, where that is known.
    pub asked: Details,
    /// What came of it, if it was made.
    pub answer: Option<Earlier>,
}

/// What a report is made of.
pub struct Material {
    /// Whom it is for.
    pub kind: Kind,
    /// Its language.
    pub language: Language,
    /// The details of the case, as far as they were told.
    pub criteria: Details,
    /// The searches. Their numbers in the report are their places here, from 1.
    pub searches: Vec<Search>,
    /// Whether the searches were made for this report.
    pub searched_now: bool,
}

impl Material {
    /// The report.
    pub fn report(&self, texts: &Texts) -> Report {
        let made_at = Timestamp::now();
        let made_at = made_at.round(jiff::Unit::Second).unwrap_or(made_at);
        let mut parts = vec![self.about(made_at)];
        match self.kind {
            Kind::Legal => {
                parts.extend(self.searched_for());
                parts.push(self.outcomes(&texts.answers));
                parts.push(self.case_facts());
                parts.push(self.chronology());
                let sections = ["checklist", "deadlines"];
                parts.extend(self.sections(&sections, |id| texts.legal.section(id)));
            }
            Kind::Family => {
                parts.push(self.place(&texts.answers));
                parts.extend(self.sections(&["next_steps"], |id| texts.support.section(id)));
                parts.extend(self.searched_for());
                parts.push(self.outcomes(&texts.answers));
                parts.extend(self.sections(&["help"], |id| texts.support.section(id)));
            }
            Kind::Advocacy => {
                parts.push(self.counts());
                parts.push(self.outcomes(&texts.answers));
                parts.push(self.numbered());
                parts.extend(self.sections(&["groups"], |id| texts.support.section(id)));
            }
        }
        parts.push(self.limits());
        parts.push(self.verify(&texts.answers));
        Report {
            kind: self.kind,
            language: self.language,
            title: self.say(match self.kind {
                Kind::Legal => words::TITLE_LEGAL,
                Kind::Family => words::TITLE_FAMILY,
                Kind::Advocacy => words::TITLE_ADVOCACY,
            }),
            made_at,
            made_by: Maker {
                name: "IceLocator",
                version: env!("CARGO_PKG_VERSION"),
            },
            parts,
        }
    }

    fn say(&self, text: Text) -> &'static str {
        self.language.of(text)
    }

    fn said(&self, said: &Said) -> String {
        said.of(self.language).to_owned()
    }

    fn link(&self, link: &crate::texts::Link) -> Link {
        Link {
            title: self.said(&link.title),
            url: link.url.clone(),
        }
    }

    fn part(&self, title: Text) -> Part {
        Part {
            title: self.say(title).to_owned(),
            notice: None,
            paragraphs: Vec::new(),
            tables: Vec::new(),
            list: Vec::new(),
            links: Vec::new(),
        }
    }

    fn table(&self, columns: &[Text], rows: Vec<Vec<String>>) -> Vec<Table> {
        let columns = columns.iter().map(|column| self.say(*column)).collect();
        vec![Table { columns, rows }]
    }

    fn about(&self, made_at: Timestamp) -> Part {
        let mut part = self.part(words::ABOUT);
        part.notice = Some(self.say(words::NO_PROOF).to_owned());
        let source = if self.searched_now {
            words::FROM_NOW
        } else {
            words::FROM_EARLIER
        };
        part.list = vec![
            format!("{}: {}", self.say(words::MADE_AT), time(made_at)),
            format!(
                "{}: IceLocator {}",
                self.say(words::MADE_BY),
                env!("CARGO_PKG_VERSION")
            ),
            format!("{}: {}", self.say(words::SOURCE), self.say(source)),
        ];
        part
    }

    fn searched_for(&self) -> Option<Part> {
        let mut part = self.part(words::SEARCHED_FOR);
        let cases = [(None, &self.criteria)].into_iter();
        let searches = (1..).zip(&self.searches);
        let searches = searches.map(|(number, search)| (Some(number), &search.asked));
        for (number, details) in cases.chain(searches) {
            if details.is_empty() {
                continue;
            }
            let number = number.map(|number: usize| (words::SEARCH, number.to_string()));
            let details = details
                .iter()
                .filter_map(|(field, value)| Some((words::detail(field)?, clean(value))));
            let rows = number.into_iter().chain(details);
            let rows = rows.map(|(fact, value)| vec![self.say(fact).to_owned(), value]);
            let columns = [words::FACT, words::VALUE];
            part.tables.extend(self.table(&columns, rows.collect()));
        }
        (!part.tables.is_empty()).then_some(part)
    }

    fn outcomes(&self, told: &Answers) -> Part {
        let mut part = self.part(words::OUTCOMES);
        let rows = (1..)
            .zip(&self.searches)
            .map(|(number, search): (usize, _)| {
                let (as_of, outcome, meaning, people) = match &search.answer {
                    Some(answer) => (
                        time(answer.as_of),
                        words::outcome(answer.outcome),
                        self.meaning(answer, told),
                        answer.people.len(),
                    ),
                    None => (
                        "–".to_owned(),
                        words::NOT_SEARCHED,
                        self.say(words::NOT_SEARCHED_WHY).to_owned(),
                        0,
                    ),
                };
                let outcome = self.say(outcome).to_owned();
                vec![
                    number.to_string(),
                    as_of,
                    outcome,
                    meaning,
                    people.to_string(),
                ]
            });
        let columns = [
            words::SEARCH,
            words::AS_OF,
            words::OUTCOME,
            words::MEANING,
            words::PEOPLE,
        ];
        part.tables = self.table(&columns, rows.collect());
        part
    }

    /// What an outcome means; for a search that was not made, for want of which detail.
    fn meaning(&self, answer: &Earlier, told: &Answers) -> String {
        let summary = self.said(told.summaries.of(answer.outcome));
        let field = answer.invalid.as_ref().and_then(|i| i.field.as_deref());
        match field.and_then(|field| Some((words::detail(field)?, texts::expected(field)))) {
            Some((detail, expected)) => {
                format!("{summary} {}: {}.", self.say(detail), self.say(expected))
            }
            None => summary,
        }
    }

    /// The searches that were made, with their numbers.
    fn made(&self) -> impl Iterator<Item = (usize, &Earlier)> {
        let numbered = (1..).zip(&self.searches);
        numbered.filter_map(|(number, search)| Some((number, search.answer.as_ref()?)))
    }

    /// Everybody whom the searches name, with the search.
    fn people(&self) -> impl Iterator<Item = (&Earlier, &Person)> {
        self.made()
            .flat_map(|(_, search)| search.people.iter().map(move |person| (search, person)))
    }

    fn case_facts(&self) -> Part {
        let mut part = self.part(words::CASE_FACTS);
        for (number, search) in self.made() {
            for (place, person) in (1..).zip(&search.people) {
                let of = (search.people.len() > 1)
                    .then(|| format!("{place} {} {}", self.say(words::OF), search.people.len()));
                let rows = self.facts(number, of, search, person);
                let columns = [words::FACT, words::VALUE];
                part.tables.extend(self.table(&columns, rows));
            }
        }
        if part.tables.is_empty() {
            part.paragraphs = vec![self.say(words::NOBODY).to_owned()];
        }
        part
    }

    /// What the search of this number shows of somebody, who is the first `of` several or the only one.
    fn facts(
        &self,
        number: usize,
        of: Option<String>,
        search: &Earlier,
        person: &Person,
    ) -> Vec<Vec<String>> {
        let facility = person.facility.as_ref();
        let reasons: Vec<_> = person
            .reasons
            .iter()
            .map(|reason| reason.text(self.language))
            .collect();
        let always = |value: String| Some(Some(value));
        let rows = [
            (words::SEARCH, always(number.to_string())),
            (words::PERSON, of.map(Some)),
            (words::NAME, always(person.name.clone())),
            (words::ALIEN_NUMBER, Some(person.alien_number.clone())),
            (words::BIRTH, Some(person.date_of_birth.clone())),
            (words::COUNTRY, Some(person.country_of_birth.clone())),
            (words::STATUS, always(self.custody(person))),
            (words::FACILITY, Some(facility.map(|f| f.name.clone()))),
            (words::PHONE, Some(facility.and_then(|f| f.phone.clone()))),
            (words::PAGE, Some(facility.and_then(|f| f.url.clone()))),
            (words::MATCH, Some(person.score.map(percent))),
            (
                words::WHY,
                (!reasons.is_empty()).then(|| Some(reasons.join("; "))),
            ),
            (words::AS_OF, always(time(search.as_of))),
        ];
        let rows = rows.into_iter().filter_map(|(fact, value)| {
            let value = value?.as_deref().map(clean);
            let value = value.unwrap_or_else(|| self.say(words::NOT_SHOWN).to_owned());
            Some(vec![self.say(fact).to_owned(), value])
        });
        rows.collect()
    }

    fn custody(&self, person: &Person) -> String {
        match person.status.as_deref() {
            None => self.say(words::NOT_SHOWN).to_owned(),
            Some("in_custody") => self.say(words::IN_CUSTODY).to_owned(),
            Some("released") => self.say(words::RELEASED).to_owned(),
            Some(other) => clean(other),
        }
    }

    fn chronology(&self) -> Part {
        let mut part = self.part(words::CHRONOLOGY);
        let mut searches: Vec<_> = self.made().collect();
        searches.sort_by_key(|(_, search)| search.as_of);
        let word = self.say(words::SEARCH);
        part.list = searches
            .into_iter()
            .map(|(number, search)| {
                let outcome = self.say(words::outcome(search.outcome));
                let mut line = format!("{}: {word} {number}: {outcome}", time(search.as_of));
                for facility in search.people.iter().filter_map(|p| p.facility.as_ref()) {
                    line.push_str("; ");
                    line.push_str(&clean(&facility.name));
                }
                line
            })
            .collect();
        part
    }

    fn place(&self, told: &Answers) -> Part {
        let mut part = self.part(words::WHERE);
        let mut can_be_called = false;
        for (search, person) in self.people() {
            let name = clean(&person.name);
            let custody = self.custody(person);
            let as_of = format!("{} {}", self.say(words::AS_OF), time(search.as_of));
            let line = match &person.facility {
                Some(facility) => format!(
                    "{name} {} {} ({custody}). {as_of}.",
                    self.say(words::SHOWN_AT),
                    clean(&facility.name)
                ),
                None => format!("{name} {} ({custody}). {as_of}.", self.say(words::SHOWN)),
            };
            part.paragraphs.push(line);
            let number = person.alien_number.as_deref();
            part.paragraphs.extend(
                number
                    .map(|number| format!("{}: {}", self.say(words::ALIEN_NUMBER), clean(number))),
            );
            let (status, has_facility) = (person.status.as_deref(), person.facility.is_some());
            if advice::can_be_called(status, has_facility) {
                can_be_called = true;
                let phone = person.facility.as_ref().and_then(|f| f.phone.as_deref());
                part.paragraphs.extend(
                    phone.map(|phone| format!("{} {}", self.say(words::CALL), clean(phone))),
                );
            } else {
                let steps = advice::by_custody(&told.next_steps, status, has_facility);
                part.list.extend(steps.iter().map(|step| self.said(step)));
            }
        }
        part.list.dedup();
        if self.people().count() == 0 {
            part.paragraphs.push(self.say(words::NOBODY).to_owned());
            // The last answer is the one that counts.
            let last = self.made().max_by_key(|(_, search)| search.as_of);
            let steps = last.map_or(&[][..], |(_, search)| match search.outcome {
                Outcome::NotFound if self.is_by_number() => &told.next_steps.number_not_found,
                outcome => told.next_steps.of(outcome),
            });
            let said = |step| advice::step(step, None, self.language);
            part.list = steps.iter().map(said).collect();
        } else if can_be_called {
            part.paragraphs.push(self.said(&told.if_moved));
        }
        // Two searches for two people name two as well, and each is certain.
        let uncertain =
            |search: &Earlier| search.outcome == Outcome::Several || search.people.len() > 1;
        part.notice = self
            .made()
            .any(|(_, search)| uncertain(search))
            .then(|| self.say(words::MAY_BE).to_owned());
        part
    }

    /// Whether all that was searched for were numbers.
    fn is_by_number(&self) -> bool {
        let has = |details: &Details, field| details.iter().any(|(name, _)| *name == field);
        let of_all = has(&self.criteria, "alien_number") && !has(&self.criteria, "last_name");
        of_all
            || self
                .searches
                .iter()
                .all(|search| has(&search.asked, "alien_number"))
    }

    fn counts(&self) -> Part {
        let mut part = self.part(words::COUNTS);
        let mut outcomes: BTreeMap<&'static str, usize> = BTreeMap::new();
        for (_, search) in self.made() {
            let outcome = self.say(words::outcome(search.outcome));
            *outcomes.entry(outcome).or_default() += 1;
        }
        let mut facilities: BTreeMap<String, usize> = BTreeMap::new();
        for facility in self.people().filter_map(|(_, p)| p.facility.as_ref()) {
            *facilities.entry(clean(&facility.name)).or_default() += 1;
        }
        let rows = |counts: Vec<(String, usize)>| {
            let row = |(name, count): (String, usize)| vec![name, count.to_string()];
            counts.into_iter().map(row).collect::<Vec<_>>()
        };
        let outcomes = outcomes.into_iter().map(|(name, n)| (name.to_owned(), n));
        part.tables = self.table(&[words::OUTCOME, words::COUNT], rows(outcomes.collect()));
        if !facilities.is_empty() {
            let columns = [words::FACILITY, words::COUNT];
            let rows = rows(facilities.into_iter().collect());
            part.tables.extend(self.table(&columns, rows));
        }
        part
    }

    /// Everybody by a number: no name, and nothing that somebody could be known by.
    fn numbered(&self) -> Part {
        let mut part = self.part(words::BY_PERSON);
        let person = self.say(words::PERSON);
        let rows: Vec<Vec<String>> = (1..)
            .zip(self.people())
            .map(|(number, (search, shown)): (usize, _)| {
                let facility = shown.facility.as_ref().map(|f| clean(&f.name));
                vec![
                    format!("{person} {number}"),
                    match shown.status.as_deref() {
                        Some("in_custody" | "released") => self.custody(shown),
                        // Words of the site's own might say more than where somebody is.
                        _ => self.say(words::NOT_SHOWN).to_owned(),
                    },
                    facility.unwrap_or_else(|| self.say(words::NOT_SHOWN).to_owned()),
                    time(search.as_of),
                ]
            })
            .collect();
        if rows.is_empty() {
            part.paragraphs = vec![self.say(words::NOBODY).to_owned()];
        } else {
            let columns = [words::PERSON, words::STATUS, words::FACILITY, words::AS_OF];
            part.tables = self.table(&columns, rows);
        }
        part
    }

    fn sections<'a>(&self, ids: &[&str], find: impl Fn(&str) -> Option<&'a Section>) -> Vec<Part> {
        let part = |section: &Section| {
            let mut part = self.part(words::ABOUT);
            section.title.of(self.language).clone_into(&mut part.title);
            let said = |said: &Said| self.said(said);
            part.list = section.lines.iter().map(said).collect();
            part.list.extend(section.facts.iter().map(|fact| {
                format!(
                    "{}: {} ({}, {})",
                    said(&fact.label),
                    said(&fact.value),
                    fact.source,
                    fact.read_on
                )
            }));
            part.links = section.links.iter().map(|link| self.link(link)).collect();
            part
        };
        ids.iter().filter_map(|id| find(id)).map(part).collect()
    }

    fn limits(&self) -> Part {
        let mut part = self.part(words::LIMITS);
        part.list = texts::LIMITS
            .map(|limit| self.say(limit).to_owned())
            .to_vec();
        part
    }

    fn verify(&self, told: &Answers) -> Part {
        let mut part = self.part(words::VERIFY);
        part.list = words::VERIFY_BY
            .map(|way| self.say(way).to_owned())
            .to_vec();
        part.links = vec![self.link(&told.by_hand)];
        part
    }
}

fn percent(score: f64) -> String {
    format!("{:.0} %", score * 100.0)
}

/// On one line, without what makes text look like something else: control characters, changes of direction.
fn clean(text: &str) -> String {
    let hidden = |c: char| {
        c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
    };
    text.chars()
        .map(|c| if hidden(c) { ' ' } else { c })
        .collect::<String>()
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
}
