//! Reads a page of the site: pure, and never sure of more than the page says.

use html5ever::driver::{self, ParseOpts};
use html5ever::tendril::TendrilSink as _;
use reqwest::Url;
use scraper::{Html, HtmlTreeSink};

use super::bound::is_readable;
use super::profile::{Css, Profile};
use super::row::{self, Row};

/// Most people of one answer. The site asks for an exact name: more of them is another kind of page.
const MOST: usize = 200;
/// Most elements and texts of a page.
const MOST_NODES: usize = 30_000;
/// How many bytes are read before they are counted again.
const PIECE: usize = 256;

/// What an answer page says.
pub enum Answered {
    /// These people match; nobody, when there are none.
    People(Vec<Row>),
    /// The site wants a new session.
    SessionExpired,
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
    page.select(&profile.form.token.0)
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
        .select(&results.row.0)
        .take(MOST + 1)
        .map(|row| row::read(profile, base, row))
        .collect();
    match rows {
        Some(rows) if rows.is_empty() == results.empty.is_on(&page) && rows.len() <= MOST => {
            Ok(Answered::People(rows))
        }
        _ => Err(Unread::Unknown),
    }
}

fn open(profile: &Profile, html: &str) -> Result<Html, Unread> {
    if !is_readable(html) {
        return Err(Unread::Unknown);
    }
    let page = parse(html).ok_or(Unread::Unknown)?;
    if profile.challenge.marks.iter().any(|css| css.is_on(&page)) {
        Err(Unread::Challenge)
    } else {
        Ok(page)
    }
}

/// Reads HTML, unless it makes too much of little: tags that are not closed are repeated in each paragraph that follows.
fn parse(html: &str) -> Option<Html> {
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
    let text: String = page
        .root_element()
        .text()
        .flat_map(str::chars)
        .take(20_000)
        .collect();
    let text = text.to_lowercase();
    if profile
        .challenge
        .words
        .iter()
        .any(|word| text.contains(word.as_str()))
    {
        Unread::Challenge
    } else {
        Unread::Unknown
    }
}

fn all(page: &Html, required: &[Css]) -> bool {
    required.iter().all(|css| css.is_on(page))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::row::Status;
    use super::*;

    fn read(html: &str) -> Result<Answered, Unread> {
        let base = Url::parse("https://locator.example/search").unwrap();
        answer(&Profile::shipped().unwrap(), &base, html)
    }

    fn people(html: &str) -> Vec<Row> {
        match read(html) {
            Ok(Answered::People(rows)) => rows,
            _ => panic!("not read"),
        }
    }

    const ROW: &str = r#"<tr><td class="name">Ejemplo, <b>Ana</b></td><td class="facility">Muster &amp; Co</td></tr>"#;
    const NONE: &str = r#"<p class="no-results">0</p>"#;

    fn results(inside: &str) -> String {
        format!(r#"<main id="locator-results">{inside}</main><footer id="end"></footer>"#)
    }

    fn table(rows: &str) -> String {
        results(&format!(
            r#"<table class="results"><tbody>{rows}</tbody></table>"#
        ))
    }

    #[test]
    fn people_are_read_with_their_markup_undone() {
        let rows = people(&table(&format!("{ROW}{ROW}")));
        assert_eq!(rows.len(), 2);
        assert!(rows[0].last == "Ejemplo" && rows[0].first == "Ana");
        assert!(rows[0].facility.as_deref() == Some("Muster & Co"));
    }

    #[test]
    fn nobody_is_only_what_the_page_says() {
        assert!(people(&results(NONE)).is_empty());
        for html in [results(""), table(""), String::new(), NONE.to_owned()] {
            assert_eq!(read(&html).err(), Some(Unread::Unknown), "{html}");
        }
    }

    #[test]
    fn people_and_nobody_on_one_page_say_nothing() {
        let html = results(&format!(
            r#"<table class="results"><tbody>{ROW}</tbody></table>{NONE}"#
        ));
        assert_eq!(read(&html).err(), Some(Unread::Unknown));
    }

    #[test]
    fn a_row_that_cannot_be_read_makes_the_page_unknown() {
        let broken = r#"<tr><td class="nom">x</td></tr>"#;
        let html = table(&format!("{ROW}{broken}"));
        assert_eq!(read(&html).err(), Some(Unread::Unknown));
    }

    #[test]
    fn more_people_than_an_exact_name_can_have_are_another_kind_of_page() {
        assert_eq!(people(&table(&ROW.repeat(MOST))).len(), MOST);
        let html = table(&ROW.repeat(MOST + 1));
        assert_eq!(read(&html).err(), Some(Unread::Unknown));
    }

    #[test]
    fn a_page_that_makes_much_of_little_is_not_read_to_its_end() {
        let open: Vec<_> = (0..1_500).map(|i| format!("<b a{i}>")).collect();
        let open = open.concat();
        let html = results(&format!("{NONE}<p>{open}{}", "</p><p>x".repeat(3_000)));
        assert!(is_readable(&html));
        let began = std::time::Instant::now();
        assert_eq!(read(&html).err(), Some(Unread::Unknown));
        assert!(began.elapsed() < std::time::Duration::from_secs(10));
    }

    #[test]
    fn a_challenge_is_recognised_even_with_results_beside_it() {
        let html = results(&format!(r#"<form id="challenge-form"></form>{NONE}"#));
        assert_eq!(read(&html).err(), Some(Unread::Challenge));
    }

    #[test]
    fn a_challenge_in_words_is_one_only_where_nothing_else_is_known() {
        let asked = "<h1>Please verify you are HUMAN</h1>";
        assert_eq!(read(asked).err(), Some(Unread::Challenge));
        let named = table(r#"<tr><td class="name">Captcha, Ana</td></tr>"#);
        assert_eq!(people(&named).len(), 1);
    }

    #[test]
    fn what_makes_text_look_like_another_is_taken_out() {
        let row = "<tr><td class=\"name\">Ejem\u{202e}plo,\u{0}\u{200b} A\u{2066}na</td></tr>";
        let rows = people(&table(row));
        assert!(rows[0].last == "Ejemplo" && rows[0].first.ends_with("Ana"));
    }

    #[test]
    fn a_very_long_name_is_cut_and_quotes_stay_text() {
        let long = format!(
            r#"<tr><td class="name">{}, &quot;&lt;script&gt;</td></tr>"#,
            "é".repeat(100_000)
        );
        let rows = people(&table(&long));
        assert!(rows[0].last.chars().count() == 200 && rows[0].first.is_empty());
        let quoted = r#"<tr><td class="name">O&#39;Ejemplo, &quot;&lt;script&gt;</td></tr>"#;
        let rows = people(&table(quoted));
        assert!(rows[0].last == "O'Ejemplo" && rows[0].first == "\"<script>");
    }

    #[test]
    fn only_links_of_the_web_are_passed_on() {
        let link = |href: &str| {
            let row = format!(
                r#"<tr><td class="name">Ejemplo</td><td class="facility"><a href="{href}">x</a></td></tr>"#
            );
            people(&table(&row))[0].facility_link.clone()
        };
        assert_eq!(
            link("/facilities/1").as_deref(),
            Some("https://locator.example/facilities/1")
        );
        assert_eq!(link("javascript:alert(1)"), None);
        assert_eq!(link("data:text/html,x"), None);
    }

    #[test]
    fn statuses_are_known_in_both_languages_and_else_passed_on() {
        let status = |text: &str| {
            let row =
                format!(r#"<tr><td class="name">Ejemplo</td><td class="status">{text}</td></tr>"#);
            people(&table(&row))[0].status.clone()
        };
        assert!(status("IN CUSTODY") == Some(Status::InCustody));
        assert!(status("bajo custodia") == Some(Status::InCustody));
        assert!(status("In transit") == Some(Status::Other("In transit".to_owned())));
    }

    proptest! {
        #[test]
        fn no_page_is_taken_for_an_answer_without_its_marks(html in "[ -~<>\"=/a-z]{0,400}") {
            prop_assert!(read(&html).is_err());
        }

        #[test]
        fn a_cut_page_is_never_an_answer(cut in 0usize..2000) {
            let whole = table(&ROW.repeat(20));
            let cut = cut.min(whole.find("<footer").unwrap());
            prop_assert!(read(&whole[..cut]).is_err());
        }

        #[test]
        fn any_name_is_read_back_as_it_was_escaped(name in "[\\PC&&[^,]]{1,40}") {
            let escaped = name.replace('&', "&amp;").replace('<', "&lt;");
            let rows = read(&table(&format!(r#"<tr><td class="name">{escaped}, Ana</td></tr>"#)));
            if let Ok(Answered::People(rows)) = rows {
                let visible = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).collect::<String>();
                prop_assert!(visible(&rows[0].last) == visible(&name));
            }
        }
    }
}
