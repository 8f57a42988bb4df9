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

/// What a report is made of.
pub struct Material {
    /// Whom it is for.
    pub kind: Kind,
    /// Its language.
    pub language: Language,
    /// What was searched for: the details of each search, or of the case.
    pub criteria: Vec<Vec<(&'static str, String)>>,
    /// What came of it.
    pub searches: Vec<Earlier>,
    /// How many searches were asked for and not made.
    pub not_searched: usize,
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
        for criteria in self.criteria.iter().filter(|criteria| !criteria.is_empty()) {
            let rows = criteria
                .iter()
                .map(|(field, value)| {
                    vec![self.say(words::criterion(field)).to_owned(), clean(value)]
                })
                .collect();
            let columns = [words::FACT, words::VALUE];
            part.tables.extend(self.table(&columns, rows));
        }
        (!part.tables.is_empty()).then_some(part)
    }

    fn outcomes(&self, told: &Answers) -> Part {
        let mut part = self.part(words::OUTCOMES);
        let rows = (1..)
            .zip(&self.searches)
            .map(|(number, search): (usize, _)| {
                vec![
                    number.to_string(),
                    time(search.as_of),
                    self.say(words::outcome(search.outcome)).to_owned(),
                    self.said(told.summaries.of(search.outcome)),
                    search.people.len().to_string(),
                ]
            });
        let columns = [
            words::NUMBER,
            words::AS_OF,
            words::OUTCOME,
            words::MEANING,
            words::PEOPLE,
        ];
        part.tables = self.table(&columns, rows.collect());
        if self.not_searched > 0 {
            let not_searched = self.say(words::NOT_SEARCHED);
            part.list = vec![format!("{not_searched}: {}", self.not_searched)];
        }
        part
    }

    /// Everybody whom the searches name, with the search.
    fn people(&self) -> impl Iterator<Item = (&Earlier, &Person)> {
        self.searches
            .iter()
            .flat_map(|search| search.people.iter().map(move |person| (search, person)))
    }

    fn case_facts(&self) -> Part {
        let mut part = self.part(words::CASE_FACTS);
        for (search, person) in self.people() {
            let facility = person.facility.as_ref();
            let rows = [
                (words::NAME, Some(person.name.clone())),
                (words::ALIEN_NUMBER, person.alien_number.clone()),
                (words::BIRTH, person.date_of_birth.clone()),
                (words::COUNTRY, person.country_of_birth.clone()),
                (words::STATUS, Some(self.custody(person))),
                (
                    words::FACILITY,
                    facility.map(|facility| facility.name.clone()),
                ),
                (
                    words::PHONE,
                    facility.and_then(|facility| facility.phone.clone()),
                ),
                (
                    words::PAGE,
                    facility.and_then(|facility| facility.url.clone()),
                ),
                (words::MATCH, person.score.map(percent)),
                (words::AS_OF, Some(time(search.as_of))),
            ];
            let rows = rows.map(|(fact, value)| {
                let value = value.as_deref().map(clean);
                let value = value.unwrap_or_else(|| self.say(words::NOT_SHOWN).to_owned());
                vec![self.say(fact).to_owned(), value]
            });
            let columns = [words::FACT, words::VALUE];
            part.tables.extend(self.table(&columns, rows.to_vec()));
        }
        if part.tables.is_empty() {
            part.paragraphs = vec![self.say(words::NOBODY).to_owned()];
        }
        part
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
        let mut searches: Vec<&Earlier> = self.searches.iter().collect();
        searches.sort_by_key(|search| search.as_of);
        part.list = searches
            .into_iter()
            .map(|search| {
                let outcome = self.say(words::outcome(search.outcome));
                let mut line = format!("{}: {outcome}", time(search.as_of));
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
        match self.people().count() {
            0 => {
                part.paragraphs.push(self.say(words::NOBODY).to_owned());
                // The last answer is the one that counts.
                let last = self.searches.iter().max_by_key(|search| search.as_of);
                let steps = last.map_or(&[][..], |search| match search.outcome {
                    Outcome::NotFound if self.is_by_number() => &told.next_steps.number_not_found,
                    outcome => told.next_steps.of(outcome),
                });
                let said = |step| advice::step(step, None, self.language);
                part.list = steps.iter().map(said).collect();
            }
            1 => {}
            _ => part.notice = Some(self.say(words::MAY_BE).to_owned()),
        }
        if can_be_called {
            part.paragraphs.push(self.said(&told.if_moved));
        }
        part
    }

    /// Whether all that was searched for were numbers.
    fn is_by_number(&self) -> bool {
        let has_number = |one: &Vec<(&str, String)>| one.iter().any(|(f, _)| *f == "alien_number");
        !self.criteria.is_empty() && self.criteria.iter().all(has_number)
    }

    fn counts(&self) -> Part {
        let mut part = self.part(words::COUNTS);
        let mut outcomes: BTreeMap<&'static str, usize> = BTreeMap::new();
        for search in &self.searches {
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
