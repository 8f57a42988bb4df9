//! A profile of one's own takes the place of the shipped one, without a build.

use axum::Router;
use axum::response::Html;
use axum::routing::{get, post};
use icelocator_config::{ConfigMapKeyRef, Locator, Profile};
use icelocator_server::locator::profile::SHIPPED;
use icelocator_server::observe::Outcome;
use icelocator_server::search::{AlienNumberQuery, NameQuery, Search};
use opentelemetry::global;

use crate::support::{Folder, Searcher, Site, born, eventually, fuzzy, nobody, person};

fn own(settings: &mut Locator) {
    settings.profile = Some(Profile {
        config_map_ref: ConfigMapKeyRef {
            name: "site-profile".to_owned(),
            key: "profile.yaml".to_owned(),
        },
    });
}

fn searcher(site: &Site, profile: &str) -> Searcher {
    let folder = Folder::new();
    folder.write("site-profile", "profile.yaml", profile);
    Searcher::within(&site.url, own, folder.surroundings())
}

/// A site after a redesign: other paths, fields, marks, dates and numbers.
async fn redesigned() -> Site {
    let form = r#"<form id="f"><input name="tok" value="t"></form><hr>"#;
    let search = |form: String| async move {
        let asked = ["number=12345678", "lugar=Guatemala", "lang=es", "tok=t"];
        let by_name = ["nombre=Ana", "nacimiento=", "lang=es"];
        let dated = ["nombre=Ana", "nacimiento=05%2F15%2F1990", "lang=es"];
        let all = |parts: &[&str]| {
            parts
                .iter()
                .all(|part| form.split('&').any(|field| field == *part))
        };
        if all(&asked) {
            Html("<ul><li><b>Ejemplo, Ana</b> <i>12-345-678</i> <u>15.05.1990</u> <s>Adentro</s></li></ul><hr>".to_owned())
        } else if all(&by_name) || all(&dated) {
            // By name it shows no birth date, but answers to one.
            Html(
                "<ul><li><b>Ejemplo, Ana</b> <i>12-345-678</i> <s>Adentro</s></li></ul><hr>"
                    .to_owned(),
            )
        } else {
            Html(format!("<p class=none>{form}</p><hr>"))
        }
    };
    let router = Router::new()
        .route("/buscar", get(move || async move { Html(form) }))
        .route("/resultado", post(search));
    Site::serving(router).await
}

const REDESIGNED: &str = r#"
version: 1
paths: {form: /buscar, search: /resultado}
fields:
  {token: tok, alienNumber: number, firstName: nombre, lastName: apellido, dateOfBirth: nacimiento, country: lugar, extra: {lang: es}}
form: {required: ["form#f", hr], token: "form#f input"}
results:
  {required: [hr], empty: .none, row: li, name: b, alienNumber: i, country: em, dateOfBirth: u, status: s, facility: q, facilityPhone: q, facilityLink: "q a"}
statuses: {inCustody: [Adentro], released: []}
dates: {asked: "%m/%d/%Y", shown: "%d.%m.%Y"}
sessionExpired: .expired
challenge: {marks: [], words: []}
requires: {country: false, digits: 8}
"#;

#[tokio::test]
async fn a_site_that_changed_is_read_by_a_profile_that_says_how() {
    let site = redesigned().await;
    assert_eq!(
        Searcher::of(&site).number("A012345678", "gt").await.outcome,
        Outcome::PageChanged
    );
    let searcher = searcher(&site, REDESIGNED);
    let answer = searcher.number("A012345678", "gt").await;
    assert_eq!(answer.outcome, Outcome::Found);
    let found = person(&answer);
    assert_eq!(found["alien_number"], "012345678");
    assert_eq!(found["date_of_birth"], "1990-05-15");
    assert_eq!(found["status"], "in_custody");
    let by_name = searcher
        .name(born("Ana", "Ejemplo", "gt", Some("1990-05-15")))
        .await;
    assert_eq!(by_name.outcome, Outcome::Found);
}

#[tokio::test]
async fn a_site_that_wants_no_country_is_asked_without_one() {
    let site = redesigned().await;
    let searcher = searcher(&site, REDESIGNED);
    let query = AlienNumberQuery::parse("A12345678", None).unwrap_or_else(|_| panic!());
    assert!(searcher.search().by_alien_number(query).await.is_ok());
    let query =
        NameQuery::parse("Ana", None, "Ejemplo", None, None, false).unwrap_or_else(|_| panic!());
    assert!(searcher.search().by_name(query).await.is_ok());
}

#[tokio::test]
async fn a_token_that_grows_old_is_not_tried() {
    let form = get(|| async { Html(crate::support::FORM) });
    let search = post(|| async { Html(nobody()) });
    let site = Site::serving(Router::new().route("/", form).route("/search", search)).await;
    let profile = SHIPPED.replace("lifetime: 20m", "lifetime: 1s");
    let searcher = searcher(&site, &profile);
    let number = std::sync::atomic::AtomicUsize::new(0);
    eventually("a new session", || async {
        let number = number.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        let name: String = number
            .to_string()
            .bytes()
            .map(|digit| char::from(digit + 49))
            .collect();
        let answer = searcher
            .name(crate::support::exact("Ana", &name, "gt"))
            .await;
        assert_eq!(answer.outcome, Outcome::NotFound);
        site.forms() > 1
    })
    .await;
    // The site never said that the session was over: every search was answered.
    assert_eq!(
        site.searches(),
        number.load(std::sync::atomic::Ordering::SeqCst)
    );
}

#[tokio::test]
async fn a_profile_that_is_missing_or_wrong_is_named_before_anything_is_served() {
    let folder = Folder::new();
    let error = || {
        let mut settings = Locator::at("http://127.0.0.1:1".parse().unwrap());
        own(&mut settings);
        match Search::new(&settings, &global::meter("test"), folder.surroundings()) {
            Ok(_) => panic!("taken"),
            Err(error) => error.to_string(),
        }
    };
    let missing = error();
    assert!(missing.contains("site-profile/profile.yaml"), "{missing}");
    folder.write(
        "site-profile",
        "profile.yaml",
        &SHIPPED.replace("digits: 9", "digits: 10"),
    );
    let wrong = error();
    assert!(wrong.contains("requires.digits: "), "{wrong}");
}

#[tokio::test]
async fn for_a_child_a_site_for_adults_is_not_asked() {
    let everybody = SHIPPED.replace("adultsOnly: true", "adultsOnly: false");
    for (profile, is_asked) in [(SHIPPED, false), (&*everybody, true)] {
        let site = Site::simulated().await;
        let child = jiff::Zoned::now()
            .date()
            .saturating_sub(jiff::Span::new().years(10));
        let child = child.to_string();
        let query = born("Nina", "Menor Ejemplo", "Guatemala", Some(&child));
        let answer = searcher(&site, profile).search().by_name(query).await;
        let refused = answer.err();
        assert_eq!(refused.is_some_and(|refused| refused.child), !is_asked);
        assert_eq!(site.forms() + site.searches() > 0, is_asked);
    }
}

#[tokio::test]
async fn a_site_that_matches_loosely_is_not_asked_for_names_that_are_nearly_alike() {
    let loosely = SHIPPED.replace("exactNames: true", "exactNames: false");
    let mut lookups = Vec::new();
    for profile in [SHIPPED, &*loosely] {
        let site = Site::simulated().await;
        let query = fuzzy("Jon", "Gonsales", "Honduras");
        let answer = searcher(&site, profile).name(query).await;
        assert_eq!(answer.outcome, Outcome::NotFound);
        lookups.push(answer.facts.lookups);
    }
    assert!(lookups[0] > lookups[1] && lookups[1] > 0, "{lookups:?}");
}
