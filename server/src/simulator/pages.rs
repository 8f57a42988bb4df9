//! What the site shows, in English and Spanish.

use std::fmt::Write as _;

use axum::response::Html;

use super::people::{FACILITIES, Facility, Person};
use crate::search::country;

/// A page.
pub type Page = Html<String>;

/// What the site says, in one language.
pub struct Words {
    lang: &'static str,
    title: &'static str,
    banner: &'static str,
    search: &'static str,
    none: &'static str,
    expired: &'static str,
    refused: &'static str,
    challenge: &'static str,
    unavailable: &'static str,
    custody: &'static str,
    released: &'static str,
    headings: [&'static str; 7],
    fields: [&'static str; 5],
}

const EN: Words = Words {
    lang: "en",
    title: "Detainee locator (simulated)",
    banner: "This is a simulator. Everybody in it is invented.",
    search: "Search",
    none: "Your search has returned zero matching records.",
    expired: "Your session has expired. Please start again.",
    refused: "A country of birth is required, and either a nine-digit A-number or a first and a last name.",
    challenge: "Please show that you are a person.",
    unavailable: "The service is temporarily unavailable.",
    custody: "In custody",
    released: "Not in custody",
    headings: [
        "Name",
        "A-number",
        "Country of birth",
        "Date of birth",
        "Status",
        "Facility",
        "Phone",
    ],
    fields: [
        "A-number",
        "First name",
        "Last name",
        "Date of birth",
        "Country of birth",
    ],
};

const ES: Words = Words {
    lang: "es",
    title: "Localizador de personas detenidas (simulado)",
    banner: "Esto es un simulador. Todas las personas son inventadas.",
    search: "Buscar",
    none: "Su búsqueda no ha producido ningún resultado.",
    expired: "Su sesión ha caducado. Empiece de nuevo.",
    refused: "Se requiere el país de nacimiento, y un número A de nueve dígitos o un nombre y un apellido.",
    challenge: "Demuestre que es una persona.",
    unavailable: "El servicio no está disponible temporalmente.",
    custody: "Bajo custodia",
    released: "Ya no está bajo custodia",
    headings: [
        "Nombre",
        "Número A",
        "País de nacimiento",
        "Fecha de nacimiento",
        "Estado",
        "Centro",
        "Teléfono",
    ],
    fields: [
        "Número A",
        "Nombre",
        "Apellido",
        "Fecha de nacimiento",
        "País de nacimiento",
    ],
};

impl Words {
    /// In this language; English unless it is Spanish.
    pub fn of(lang: &str) -> &'static Self {
        if lang == "es" { &ES } else { &EN }
    }
}

/// The form, with the token that it must send back.
pub fn form(words: &Words, token: &str) -> Page {
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
    for country in country::all() {
        let _ = write!(inputs, "<option>{}</option>", escaped(country));
    }
    inputs.push_str("</select></label></p>\n");
    let Words { lang, search, .. } = words;
    let body = format!(
        r#"<form id="search-form" action="/search" method="post">
<input type="hidden" name="csrf_token" value="{token}">
<input type="hidden" name="lang" value="{lang}">
{inputs}<button>{search}</button>
</form>"#
    );
    page(words, "locator-form", &body)
}

/// Who was found; nobody is a result, too.
pub fn results(words: &Words, found: &[&Person]) -> Page {
    if found.is_empty() {
        let none = format!(r#"<p class="no-results">{}</p>"#, words.none);
        return page(words, "locator-results", &none);
    }
    let mut body = String::from("<table class=\"results\">\n<thead><tr>");
    for heading in words.headings {
        let _ = write!(body, "<th>{heading}</th>");
    }
    body.push_str("</tr></thead>\n<tbody>\n");
    for person in found {
        let _ = writeln!(
            body,
            r#"<tr><td class="name">{}, {}</td><td class="a-number">{}</td><td class="country">{}</td><td class="date-of-birth">{}</td>{}</tr>"#,
            escaped(&person.last_name),
            escaped(&person.first_name),
            person.number,
            escaped(person.country),
            person.date_of_birth,
            custody(words, person),
        );
    }
    body.push_str("</tbody>\n</table>");
    page(words, "locator-results", &body)
}

fn custody(words: &Words, person: &Person) -> String {
    let held = person
        .facility
        .and_then(|number| Some((number, FACILITIES.get(number)?)));
    match held {
        Some((number, facility)) => format!(
            r#"<td class="status">{}</td><td class="facility"><a href="/facilities/{number}">{}</a></td><td class="facility-phone">{}</td>"#,
            words.custody, facility.name, facility.phone,
        ),
        None => format!(
            r#"<td class="status">{}</td><td class="facility"></td><td class="facility-phone"></td>"#,
            words.released,
        ),
    }
}

/// A facility's own page.
pub fn facility(words: &Words, facility: &Facility) -> Page {
    let body = format!("<h1>{}</h1>\n<p>{}</p>", facility.name, facility.phone);
    page(words, "locator-facility", &body)
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
