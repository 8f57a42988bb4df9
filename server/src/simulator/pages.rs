//! What the site shows, in English and Spanish.

use std::fmt::Write as _;

use axum::response::Html;

use super::person::{Custody, Facility, Person};
use super::register::Register;
use super::words::Words;
use crate::search::country;

/// A page.
pub type Page = Html<String>;

/// The form, with the token that it must send back.
pub fn form(words: &Words, token: &str) -> Page {
    let Words { lang, search, .. } = words;
    let [number, first, last, born, country] = words.fields;
    let fields = [
        ("a_number", number, r#"pattern="[0-9]{9}""#),
        ("first_name", first, r#"maxlength="100""#),
        ("last_name", last, r#"maxlength="100""#),
        ("date_of_birth", born, r#"type="date""#),
    ];
    let mut inputs = String::new();
    for (name, label, more) in fields {
        let _ = writeln!(
            inputs,
            r#"<p><label>{label} <input name="{name}" {more}></label></p>"#
        );
    }
    let _ = write!(
        inputs,
        r#"<p><label>{country} <select name="country" required><option></option>"#
    );
    for (country, spanish) in country::in_both_languages() {
        let shown = if *lang == "es" { spanish } else { country };
        let _ = write!(
            inputs,
            r#"<option value="{}">{}</option>"#,
            escaped(country),
            escaped(shown)
        );
    }
    inputs.push_str("</select></label></p>\n");
    let body = format!(
        r#"<form id="search-form" action="/search" method="post">
<input type="hidden" name="csrf_token" value="{token}">
<input type="hidden" name="lang" value="{lang}">
{inputs}<button>{search}</button>
</form>"#
    );
    page(words, "locator-form", &body)
}

/// A part of those who were found.
pub struct Found<'a> {
    /// Who is on this page.
    pub people: &'a [&'a Person],
    /// How many there are on all pages.
    pub total: usize,
    /// Where the next page is, if there is one.
    pub next: Option<String>,
}

/// Who was found; nobody is a result, too.
pub fn results(words: &Words, register: &Register, found: &Found) -> Page {
    if found.total == 0 {
        let none = format!(r#"<p class="no-results">{}</p>"#, words.none);
        return page(words, "locator-results", &none);
    }
    let total = found.total;
    let counted = if total == 1 { words.one } else { words.many };
    let mut body = format!(
        "<p class=\"result-count\" data-total=\"{total}\">{total} {counted}</p>\n<table class=\"results\">\n<thead><tr>"
    );
    for heading in words.headings {
        let _ = write!(body, "<th>{heading}</th>");
    }
    body.push_str("</tr></thead>\n<tbody>\n");
    for person in found.people {
        let _ = writeln!(
            body,
            r#"<tr><td class="name">{}, {}</td><td class="a-number">{:09}</td><td class="country">{}</td><td class="date-of-birth">{}</td>{}</tr>"#,
            escaped(&person.last_name),
            escaped(&person.first_name),
            person.number,
            escaped(country_in(words, person.country)),
            person.date_of_birth,
            custody(words, register, person),
        );
    }
    body.push_str("</tbody>\n</table>");
    if let Some(next) = &found.next {
        let _ = write!(
            body,
            "\n<nav class=\"pages\"><a rel=\"next\" class=\"next\" href=\"{}\">{}</a></nav>",
            escaped(next),
            words.next
        );
    }
    page(words, "locator-results", &body)
}

fn country_in<'a>(words: &Words, country: &'a str) -> &'a str {
    if words.lang == "es" {
        country::in_spanish(country).unwrap_or(country)
    } else {
        country
    }
}

fn custody(words: &Words, register: &Register, person: &Person) -> String {
    let (status, place) = match person.custody {
        Custody::Held(place) => (words.custody, place),
        Custody::Released => (words.released, None),
    };
    let (facility, phone) = place
        .and_then(|place| {
            let facility = register.facility(place)?;
            // English needs no mark: it is what the site speaks by itself.
            let lang = if words.lang == "es" { "?lang=es" } else { "" };
            let name = escaped(&facility.name);
            let link = format!(r#"<a href="/facilities/{place}{lang}">{name}</a>"#);
            Some((link, facility.phone))
        })
        .unwrap_or_default();
    format!(
        r#"<td class="status">{status}</td><td class="facility">{facility}</td><td class="facility-phone">{phone}</td>"#
    )
}

/// A facility's own page.
pub fn facility(words: &Words, facility: &Facility) -> Page {
    let name = escaped(&facility.name);
    let body = format!("<h1>{name}</h1>\n<p>{}</p>", facility.phone);
    page(words, "locator-facility", &body)
}

/// There is no page of this address.
pub fn missing(words: &Words) -> Page {
    page(words, "locator-error", &format!("<p>{}</p>", words.missing))
}

/// The form's token was not this session's.
pub fn session_expired(words: &Words) -> Page {
    let body = format!(r#"<p id="session-expired">{}</p>"#, words.expired);
    page(words, "locator-error", &body)
}

/// The form was not filled in as it must be.
pub fn refused(words: &Words) -> Page {
    let body = format!(r#"<p id="refused">{}</p>"#, words.refused);
    page(words, "locator-error", &body)
}

/// The site is down.
pub fn unavailable(words: &Words) -> Page {
    page(
        words,
        "locator-error",
        &format!("<p>{}</p>", words.unavailable),
    )
}

/// The site wants to see a person.
pub fn challenge(words: &Words) -> Page {
    let body = format!(
        r#"<form id="challenge-form"><p>{}</p></form>"#,
        words.challenge
    );
    page(words, "challenge", &body)
}

/// The site after a redesign that nobody announced.
pub fn redesigned() -> Page {
    Html("<!doctype html><html lang=\"en\"><title>Welcome</title><body><div id=\"app\"><h1>Our new website</h1></div></body></html>".to_owned())
}

fn page(words: &Words, id: &str, body: &str) -> Page {
    let Words {
        lang,
        title,
        banner,
        ..
    } = words;
    Html(format!(
        "<!doctype html>\n<html lang=\"{lang}\">\n<head><meta charset=\"utf-8\"><title>{title}</title></head>\n<body>\n<p class=\"banner\">{banner}</p>\n<main id=\"{id}\">\n{body}\n</main>\n<footer id=\"end\"><a href=\"/?lang=en\">English</a> <a href=\"/?lang=es\">Español</a></footer>\n</body>\n</html>\n"
    ))
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}
