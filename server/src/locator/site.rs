//! The site: its session, its form, its pages of answers, and what they say together. It is asked as what we are, no trace of
//! ours goes along, and a challenge is told, never met.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use icelocator_config::{Access as Settings, HttpUrl};
use opentelemetry::metrics::Meter;
use reqwest::{Client, RequestBuilder, Url};

use super::access::{Access, Ask, Errand, Miss, Step, Traffic, Way};
use super::page::{self, Answered, MOST, People, Unread};
use super::profile::{Profile, Requires};
use super::row::Row;
use super::{Error, Failure, Question, Surroundings, Tally};

/// Most pages of one answer.
const MOST_PAGES: u32 = 10;

/// The site.
pub struct Site {
    access: Access,
    traffic: Traffic,
    form: Url,
    search: Url,
    profile: Arc<Profile>,
}

/// What the site answered.
pub struct Seen {
    /// Who matches; nobody, when there are none.
    pub rows: Vec<Row>,
    /// Why others are missing, when they are.
    pub missing: Option<Failure>,
}

impl Site {
    /// The site at `base`, as `profile` describes it, reached as `settings` say.
    pub fn new(
        base: &HttpUrl,
        profile: Profile,
        settings: Option<&Settings>,
        surroundings: Surroundings,
        meter: &Meter,
    ) -> Result<Self, Error> {
        let page = |path| Url::parse(&base.join(path)).map_err(|_| Error::Address);
        let Surroundings { mounts, reloadable } = surroundings;
        Ok(Self {
            access: Access::new(settings, profile.timeouts.connect.get(), &mounts, meter)?,
            traffic: Traffic::new(settings, profile.longest_request(), reloadable, meter),
            form: page(&profile.paths.form)?,
            search: page(&profile.paths.search)?,
            profile: Arc::new(profile),
        })
    }

    /// What the site allows and wants.
    pub fn requires(&self) -> Requires {
        self.profile.requires
    }

    /// Asks one question, within `limit`. No people means that the site said so.
    pub async fn ask(
        &self,
        question: &Question,
        limit: Duration,
        tally: &Tally,
    ) -> Result<Seen, Failure> {
        let lookup = Lookup {
            site: self,
            question,
            deadline: Instant::now() + limit,
            tally,
        };
        let ((rows, missing), route) = self.access.first(&lookup).await?;
        tally.came_by(route);
        Ok(Seen { rows, missing })
    }
}

/// One question on its way.
struct Lookup<'a> {
    site: &'a Site,
    question: &'a Question,
    deadline: Instant,
    tally: &'a Tally,
}

impl Ask for Lookup<'_> {
    /// Who matches, and why others are missing, when they are.
    type Answer = (Vec<Row>, Option<Failure>);

    async fn ask(&self, way: Way<'_>) -> Result<Self::Answer, Miss> {
        let first = self.first_page(way).await?;
        Ok(self.other_pages(way, first).await)
    }
}

impl Lookup<'_> {
    async fn first_page(&self, way: Way<'_>) -> Result<People, Miss> {
        let token = self.token(way, None).await?;
        if let Answered::People(people) = self.send(way, &token).await? {
            return Ok(people);
        }
        let token = self.token(way, Some(&token)).await?;
        match self.send(way, &token).await? {
            Answered::People(people) => Ok(people),
            // A site that takes back the session that it has just given works in a way that we do not know.
            Answered::SessionExpired => Err(Miss::last(Failure::PageChanged)),
        }
    }

    async fn token(&self, way: Way<'_>, spent: Option<&str>) -> Result<String, Miss> {
        let site = self.site;
        let profile = Arc::clone(&site.profile);
        let read = move |html: &str| page::token(&profile, html);
        let ask = |client: &Client| client.get(site.form.clone());
        let open = self.page(way, Step::Form, ask, read);
        let lifetime = site.profile.session.lifetime.map(Into::into);
        way.session
            .token(spent, lifetime, self.deadline, open)
            .await
    }

    async fn send(&self, way: Way<'_>, token: &str) -> Result<Answered, Miss> {
        let form = self.filled_in(token);
        let url = &self.site.search;
        // It is a search: asking again changes nothing.
        let ask = |client: &Client| client.post(url.clone()).form(&form);
        self.page(way, Step::Search, ask, self.answer_at(url)).await
    }

    /// The form, filled in.
    fn filled_in<'a>(&'a self, token: &'a str) -> Vec<(&'a str, String)> {
        let Profile {
            fields,
            requires,
            dates,
            ..
        } = &*self.site.profile;
        let extra = fields.extra.iter();
        let mut form: Vec<(&str, String)> = extra
            .map(|(name, value)| (name.as_str(), value.clone()))
            .collect();
        form.push((&fields.token, token.to_owned()));
        match self.question {
            Question::Number { number, country } => {
                // As many digits as the site wants: those before them are zeros.
                let number = number.trim_start_matches('0');
                form.push((
                    &fields.alien_number,
                    format!("{number:0>0$}", requires.digits),
                ));
                form.push((&fields.country, country.clone()));
            }
            Question::Name {
                first,
                last,
                country,
                date_of_birth,
            } => {
                form.push((&fields.first_name, first.clone()));
                form.push((&fields.last_name, last.clone()));
                form.push((&fields.country, country.clone()));
                form.push((&fields.date_of_birth, dates.asked(date_of_birth)));
            }
        }
        form
    }

    /// The pages that follow `first`. What was read is kept whatever becomes of the rest; what is missing is never silently
    /// left out.
    async fn other_pages(&self, way: Way<'_>, first: People) -> (Vec<Row>, Option<Failure>) {
        let People {
            mut rows,
            mut next,
            mut total,
        } = first;
        let mut pages = 1;
        let mut seen = HashSet::new();
        self.tally.has_read();
        while let Some(url) = next {
            // An exact name has not so many: it is another kind of answer. Nor does an answer go round in circles.
            if pages == MOST_PAGES || rows.len() >= MOST || !seen.insert(url.clone()) {
                return (rows, Some(Failure::PageChanged));
            }
            let ask = |client: &Client| client.get(url.clone());
            match self.page(way, Step::Page, ask, self.answer_at(&url)).await {
                Ok(Answered::People(people)) if !people.rows.is_empty() => {
                    pages += 1;
                    self.tally.has_read();
                    rows.extend(people.rows);
                    next = people.next;
                    total = total.max(people.total);
                }
                Ok(_) => return (rows, Some(Failure::PageChanged)),
                Err(miss) => return (rows, Some(miss.failure)),
            }
        }
        let missing = total.is_some_and(|total| total != rows.len());
        (rows, missing.then_some(Failure::PageChanged))
    }

    fn answer_at(
        &self,
        url: &Url,
    ) -> impl FnOnce(&str) -> Result<Answered, Unread> + Clone + Send + use<> {
        let (profile, base) = (Arc::clone(&self.site.profile), url.clone());
        move |html| page::answer(&profile, &base, html)
    }

    async fn page<T: Send + 'static>(
        &self,
        way: Way<'_>,
        step: Step,
        ask: impl Fn(&Client) -> RequestBuilder + Send + Sync,
        read: impl FnOnce(&str) -> Result<T, Unread> + Clone + Send + 'static,
    ) -> Result<T, Miss> {
        let errand = Errand {
            way,
            step,
            deadline: self.deadline,
            tally: self.tally,
        };
        self.site.traffic.page(errand, ask, read).await
    }
}
