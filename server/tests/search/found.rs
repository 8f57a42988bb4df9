//! What the site says is told as it says it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use axum::http::header;
use axum::middleware::map_response;
use axum::response::{Html, Response};
use axum::routing::{get, post};
use icelocator_server::language::Language;
use icelocator_server::observe::Outcome;
use icelocator_server::search::{AlienNumberQuery, NameQuery};
use serde_json::json;
use tower_http::compression::CompressionLayer;

use crate::support::{FORM, Searcher, Site, born, exact, fuzzy, nobody, people, person};

#[tokio::test]
async fn somebody_is_found_by_number_with_where_to_call() {
    let site = Site::simulated().await;
    let answer = Searcher::of(&site).number("a900-000-001", "gt").await;
    assert_eq!(answer.outcome, Outcome::Found);
    assert_eq!(
        person(&answer),
        json!({
            "name": "Ejemplo Prueba, Ana Lucia",
            "alien_number": "900000001",
            "country_of_birth": "Guatemala",
            "date_of_birth": "1990-05-15",
            "status": "in_custody",
            "facility": {
                "name": "Muster Valley Processing Center (invented)",
                "phone": "(202) 555-0141",
                "url": format!("{}/facilities/0", site.url),
            },
            "score": 1.0,
            "reasons": ["same_alien_number"],
        })
    );
    let text = answer.people[0].describe(Language::Es);
    for part in [
        "Ejemplo Prueba, Ana Lucia",
        "(202) 555-0141",
        "bajo custodia",
        "100 %",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let page = reqwest::get(format!("{}/facilities/0", site.url))
        .await
        .unwrap();
    assert!(page.text().await.unwrap().contains("(202) 555-0141"));
}

#[tokio::test]
async fn somebody_is_found_by_every_likely_way_to_write_the_name() {
    let site = Site::simulated().await;
    let searcher = Searcher::of(&site);
    for (query, lookups, reason) in [
        (
            fuzzy("Ana Lucia", "Ejemplo Prueba", "Guatemala"),
            1,
            "same_name",
        ),
        (
            fuzzy("ANA LUCÍA", "ejemplo prueba", "gt"),
            1,
            "same_name_but_accents",
        ),
        (
            fuzzy("Ejemplo Prueba", "Ana Lucia", "gt"),
            4,
            "names_swapped",
        ),
        (
            fuzzy("Jean Luc", "Exemple", "Haití"),
            3,
            "some_given_names_same",
        ),
        (
            fuzzy("Jean", "Exemple Dupont", "Haití"),
            3,
            "some_surnames_same",
        ),
        (
            fuzzy("Jean", "Exemple-Dupont", "Haití"),
            3,
            "some_surnames_same",
        ),
        (fuzzy("Pedro", "O’Muster", "El Salvador"), 1, "same_name"),
    ] {
        let answer = searcher.name(query).await;
        assert_eq!(answer.outcome, Outcome::Found, "{reason}");
        assert!(answer.facts.lookups <= lookups, "{reason}");
        assert_eq!(person(&answer)["reasons"][0], reason);
    }
}

#[tokio::test]
async fn a_middle_name_counts_among_the_given_names() {
    let site = Site::simulated().await;
    let query = NameQuery::parse(
        "Ana",
        Some("Lucía"),
        "Ejemplo Prueba",
        None,
        Some("GT"),
        true,
    );
    let answer = Searcher::of(&site)
        .name(query.unwrap_or_else(|_| panic!()))
        .await;
    assert_eq!(answer.outcome, Outcome::Found);
}

#[tokio::test]
async fn namesakes_are_several_until_a_birth_date_tells_them_apart() {
    let site = Site::simulated().await;
    let searcher = Searcher::of(&site);
    let several = searcher.name(fuzzy("María", "Muestra", "México")).await;
    assert_eq!(several.outcome, Outcome::Several);
    assert_eq!(people(&several).len(), 2);
    let one = born("Maria", "Muestra", "Mexico", Some("1992-03-08"));
    let one = searcher.name(one).await;
    assert_eq!(one.outcome, Outcome::Found);
    assert_eq!(person(&one)["alien_number"], "900000004");
}

#[tokio::test]
async fn a_namesake_with_another_birth_date_is_not_told_as_found() {
    let site = Site::simulated().await;
    let query = born(
        "Ana Lucia",
        "Ejemplo Prueba",
        "Guatemala",
        Some("1971-02-03"),
    );
    let answer = Searcher::of(&site).name(query).await;
    assert_eq!(answer.outcome, Outcome::Several);
    let person = person(&answer);
    assert_eq!(
        person["reasons"],
        json!(["same_name", "birth_date_differs"])
    );
    assert!(person["score"].as_f64().unwrap() < 0.75);
}

#[tokio::test]
async fn nobody_is_found_only_after_every_spelling() {
    let site = Site::simulated().await;
    let searcher = Searcher::of(&site);
    let answer = searcher
        .name(fuzzy("José Luis", "Ninguno Nadie", "Guatemala"))
        .await;
    assert_eq!(answer.outcome, Outcome::NotFound);
    assert_eq!((answer.facts.lookups, site.searches()), (10, 10));
    let answer = searcher.name(exact("José", "Ninguno", "Guatemala")).await;
    assert_eq!(
        (answer.outcome, answer.facts.lookups),
        (Outcome::NotFound, 1)
    );
    let elsewhere = searcher.number("A900000001", "Honduras").await;
    assert_eq!(elsewhere.outcome, Outcome::NotFound);
}

#[tokio::test]
async fn without_fuzzy_search_the_site_decides() {
    let site = Site::simulated().await;
    let answer = Searcher::of(&site)
        .name(exact("Ana Lucía", "Ejemplo Prueba", "Guatemala"))
        .await;
    assert_eq!(answer.outcome, Outcome::NotFound);
}

#[tokio::test]
async fn somebody_released_is_found_without_a_facility() {
    let site = Site::simulated().await;
    let answer = Searcher::of(&site)
        .name(fuzzy("Rosa", "Libre", "Honduras"))
        .await;
    let person = person(&answer);
    assert_eq!(person["status"], "released");
    assert!(person.get("facility").is_none());
}

#[tokio::test]
async fn a_name_full_of_markup_comes_through_as_text() {
    let site = Site::simulated().await;
    let searcher = Searcher::of(&site);
    for fault in ["", "charset"] {
        if !fault.is_empty() {
            site.fault(fault).await;
        }
        // Another number each time would be another person: the cache must not answer.
        let searcher = if fault.is_empty() {
            &searcher
        } else {
            &Searcher::of(&site)
        };
        let answer = searcher.number("A900000008", "El Salvador").await;
        assert_eq!(answer.outcome, Outcome::Found, "{fault}");
        assert_eq!(
            person(&answer)["name"],
            "O'Muster-<i>Ñandú</i> & Co, Zoë \"Zed\"",
            "{fault}"
        );
    }
}

#[tokio::test]
async fn each_of_several_countries_is_asked_about_within_the_same_bound() {
    let site = Site::simulated().await;
    let searcher = Searcher::of(&site);
    let countries = "México, Honduras o Guatemala";
    let answer = searcher
        .name(fuzzy("Ana Lucia", "Ejemplo Prueba", countries))
        .await;
    assert_eq!((answer.outcome, answer.facts.lookups), (Outcome::Found, 3));
    let answer = searcher.number("A900000001", countries).await;
    assert_eq!(answer.outcome, Outcome::Found);
    assert_eq!(person(&answer)["reasons"], json!(["same_alien_number"]));
    let nobody = searcher.name(fuzzy("Nadia", "Ninguno", countries)).await;
    assert_eq!(nobody.outcome, Outcome::NotFound);
    assert!(nobody.facts.lookups <= 10);
}

#[tokio::test]
async fn a_country_is_asked_for_where_the_site_wants_one() {
    let site = Site::simulated().await;
    let searcher = Searcher::of(&site);
    let query = NameQuery::parse("Ana", None, "Ejemplo", None, None, true);
    let asked = searcher
        .search()
        .by_name(query.unwrap_or_else(|_| panic!()))
        .await;
    let asked = asked.err().unwrap();
    assert!(asked.field == "country_of_birth" && asked.missing);
    let query = AlienNumberQuery::parse("A1", None).unwrap_or_else(|_| panic!());
    let asked = searcher.search().by_alien_number(query).await;
    assert!(asked.err().unwrap().missing);
    assert_eq!(site.forms() + site.searches(), 0);
}

#[tokio::test]
async fn a_packed_answer_is_read_and_one_that_grows_without_end_is_given_up() {
    let long = format!("<!--{}-->{}", "x".repeat(100_000), nobody());
    let bomb = "x".repeat(200 * 1024 * 1024);
    for (page, outcome) in [(long, Outcome::NotFound), (bomb, Outcome::PageChanged)] {
        let packed = Arc::new(AtomicUsize::new(0));
        let seen = Arc::clone(&packed);
        let count = move |response: Response| {
            let encoding = response.headers().get(header::CONTENT_ENCODING);
            seen.fetch_add(
                usize::from(encoding.is_some_and(|name| name == "gzip")),
                Ordering::SeqCst,
            );
            std::future::ready(response)
        };
        let router = Router::new()
            .route("/", get(|| async { Html(FORM) }))
            .route("/search", post(|| async { Html(page) }))
            .layer(CompressionLayer::new())
            .layer(map_response(count));
        let site = Site::serving(router).await;
        let answer = Searcher::of(&site)
            .name(exact("Ana", "Nadie", "Guatemala"))
            .await;
        assert_eq!(answer.outcome, outcome);
        // The form, and the answer.
        assert_eq!(packed.load(Ordering::SeqCst), 2);
    }
}
