//! Reads a page of the site: pure, and never sure of more than the page says.

#[cfg(test)]
mod tests;

use html5ever::driver::{self, ParseOpts};
use html5ever::tendril::TendrilSink as _;
use reqwest::Url;
use scraper::{Html, HtmlTreeSink};

use super::bound::is_readable;
use super::profile::{Css, Paging, Profile};
use super::row::{self, Row};

/// Most people of one answer. The site asks for an exact name: more of them is another kind of page.
pub const MOST: usize = 200;
/// Most elements and texts of a page.
const MOST_NODES: usize = 30_000;
/// Longest link to another page.
const LONGEST_LINK: usize = 2_000;
/// Longest text that is looked through for the number of people.
const LONGEST_TOTAL: usize = 200;
/// How many bytes are read before they are counted again.
const PIECE: usize = 256;

/// What an answer page says.
pub enum Answered {
    /// Who matches.
    People(People),
    /// The site wants a new session.
    SessionExpired,
}

/// Who matches, as far as one page goes.
pub struct People {
    /// Those on this page; nobody, when there are none.
    pub rows: Vec<Row>,
    /// Where the next ones are.
    pub next: Option<Url>,
    /// How many there are on all pages, where the site says so.
    pub total: Option<usize>,
}

/// What a page is when it says nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unread {
    /// The site wants to see a person.
    Challenge,
    /// The page is none that we know.
    Unknown,
}

/// Reads the form's token.
pub fn token(profile: &Profile, html: &str) -> Result<String, Unread> {
    let page = open(profile, html)?;
    if !all(&page, &profile.form.required) {
        return Err(unknown(profile, &page));
    }
    page.select(profile.form.token.selector())
        .next()
        .and_then(|input| input.value().attr("value"))
        .filter(|token| !token.is_empty())
        .map(str::to_owned)
        .ok_or(Unread::Unknown)
}

/// Reads an answer. People, or the mark that there are none, but never both and never neither.
pub fn answer(profile: &Profile, base: &Url, html: &str) -> Result<Answered, Unread> {
    let page = open(profile, html)?;
    let results = &profile.results;
    if !all(&page, &results.required) {
        return if profile.session_expired.is_on(&page) {
            Ok(Answered::SessionExpired)
        } else {
            Err(unknown(profile, &page))
        };
    }
    let rows: Option<Vec<Row>> = page
        .select(results.row.selector())
        .take(MOST + 1)
        .map(|row| row::read(profile, base, row))
        .collect();
    let rows = rows.ok_or(Unread::Unknown)?;
    if rows.is_empty() != results.empty.is_on(&page) || rows.len() > MOST {
        return Err(Unread::Unknown);
    }
    let paging = profile.paging.as_ref();
    let next = paging.map_or(Ok(None), |paging| next(paging, base, &page))?;
    let total = paging.and_then(|paging| total(paging, &page));
    // Nobody, of some: one of the two is not what it seems.
    if rows.is_empty() && (next.is_some() || total.is_some_and(|total| total > 0)) {
        return Err(Unread::Unknown);
    }
    Ok(Answered::People(People { rows, next, total }))
}

/// Where the next page is. A link that leads elsewhere is none that we know: it must not be told as the end.
fn next(paging: &Paging, base: &Url, page: &Html) -> Result<Option<Url>, Unread> {
    let Some(link) = page.select(paging.next.selector()).next() else {
        return Ok(None);
    };
    link.attr("href")
        .and_then(|href| base.join(href.trim()).ok())
        .filter(|url| url.origin() == base.origin() && url.as_str().len() <= LONGEST_LINK)
        .map(Some)
        .ok_or(Unread::Unknown)
}

/// How many people the page says there are.
pub fn total(paging: &Paging, page: &Html) -> Option<usize> {
    let element = page.select(paging.total.as_ref()?.selector()).next()?;
    let text: String = match &paging.total_attribute {
        Some(attribute) => element.attr(attribute)?.to_owned(),
        None => element
            .text()
            .flat_map(str::chars)
            .take(LONGEST_TOTAL)
            .collect(),
    };
    let digits: String = text
        .chars()
        .skip_while(|c| !c.is_ascii_digit())
        .take_while(char::is_ascii_digit)
        .collect();
    digits.parse().ok()
}

fn open(profile: &Profile, html: &str) -> Result<Html, Unread> {
    let page = parse(html).ok_or(Unread::Unknown)?;
    if profile.challenge.marks.iter().any(|css| css.is_on(&page)) {
        Err(Unread::Challenge)
    } else {
        Ok(page)
    }
}

/// Reads HTML, unless that takes too long or makes too much of little: tags that are not closed are repeated in each
/// paragraph that follows.
pub fn parse(html: &str) -> Option<Html> {
    if !is_readable(html) {
        return None;
    }
    let sink = HtmlTreeSink::new(Html::new_document());
    let mut parser = driver::parse_document(sink, ParseOpts::default());
    let mut rest = html;
    while !rest.is_empty() {
        let (piece, after) = rest.split_at(rest.floor_char_boundary(PIECE));
        parser.process(piece.into());
        if parser.tokenizer.sink.sink.0.borrow().tree.nodes().len() > MOST_NODES {
            return None;
        }
        rest = after;
    }
    Some(parser.finish())
}

/// A page that is none that we know may still say in words that it wants to see a person.
fn unknown(profile: &Profile, page: &Html) -> Unread {
    if challenging_word(profile, page).is_some() {
        Unread::Challenge
    } else {
        Unread::Unknown
    }
}

/// The word by which such a page is known.
pub fn challenging_word<'a>(profile: &'a Profile, page: &Html) -> Option<&'a str> {
    let text: String = page
        .root_element()
        .text()
        .flat_map(str::chars)
        .take(20_000)
        .collect();
    let text = text.to_lowercase();
    let mut words = profile.challenge.words.iter().map(String::as_str);
    words.find(|word| text.contains(word))
}

/// Whether the page has all of these marks.
pub fn all(page: &Html, required: &[Css]) -> bool {
    required.iter().all(|css| css.is_on(page))
}
