//! How well a search finds people: the questions of `name-queries.csv`, asked of the real search, which asks the simulator
//! with the people of `people.csv`. Prints tables, and fails when it finds less, or spends more, than it did.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod baseline;
mod table;

use std::collections::BTreeMap;

use futures::stream::{self, StreamExt as _};
use icelocator_config::{HttpUrl, Locator};
use icelocator_server::observe::Outcome;
use icelocator_server::search::{NameQuery, Search, Surroundings};
use icelocator_server::simulator::{self, Site};
use serde::Deserialize;
use tokio::net::TcpListener;

use self::table::{Ranks, Tally};

const PEOPLE: &str = include_str!("people.csv");
const QUERIES: &str = include_str!("name-queries.csv");
/// Searches at one time.
const AT_ONCE: usize = 16;

/// Somebody whom the site knows.
#[derive(Deserialize)]
pub struct Person {
    first_name: String,
    last_name: String,
    alien_number: String,
    country_of_birth: String,
    date_of_birth: String,
}

/// A question. Where no number is given, nobody is meant.
#[derive(Deserialize)]
pub struct Query {
    language: String,
    kind: String,
    first_name: String,
    middle_name: Option<String>,
    last_name: String,
    date_of_birth: Option<String>,
    country_of_birth: String,
    alien_number: Option<String>,
}

/// What a search answered.
struct Answered {
    /// Numbers of the people, best first.
    numbers: Vec<String>,
    outcome: Outcome,
    lookups: u32,
}

#[tokio::test(flavor = "multi_thread")]
async fn people_are_found_as_often_as_they_were_and_nobody_is_made_up() {
    let people: Vec<Person> = rows(PEOPLE);
    let queries: Vec<Query> = rows(QUERIES);
    let search = search().await;
    let answers: Vec<Answered> = stream::iter(&queries)
        .map(|query| ask(&search, query))
        .buffered(AT_ONCE)
        .collect()
        .await;

    let mut all = [Tally::default(); 3];
    let mut kinds: BTreeMap<(String, String), [Tally; 3]> = BTreeMap::new();
    let mut made_up = 0;
    for (query, answer) in queries.iter().zip(&answers) {
        let exact = baseline::exact(query, &people);
        let distance = baseline::edit_distance(query, &people);
        let ranks = [&answer.numbers, &exact, &distance].map(|numbers| Ranks::of(query, numbers));
        let kind = (query.language.clone(), query.kind.clone());
        let of_kind = kinds.entry(kind).or_default();
        for (method, ranks) in ranks.into_iter().enumerate() {
            all[method].count(ranks);
            of_kind[method].count(ranks);
        }
        let nobody = query.alien_number.is_none();
        made_up += u32::from(nobody && answer.outcome == Outcome::Found);
    }
    let wrong = queries
        .iter()
        .zip(&answers)
        .filter(|(query, answer)| {
            answer.outcome == Outcome::Found
                && query.alien_number.as_ref() != answer.numbers.first()
        })
        .count();
    let lookups: Vec<u32> = answers.iter().map(|answer| answer.lookups).collect();
    let (mean, p95) = table::spent(&lookups);
    table::print(&kinds, &all);
    println!(
        "lookups: mean {mean:.2}, p95 {p95}; told as found: {wrong} wrong, {made_up} of nobody"
    );

    let [ours, exact, distance] = all;
    assert_eq!(made_up, 0, "nobody was told as found");
    assert_eq!(wrong, 0, "somebody else was told as found");
    floors(&ours, &exact, &distance, mean);
}

/// A little below what was measured; see the README.
fn floors(ours: &Tally, exact: &Tally, distance: &Tally, mean: f64) {
    for (what, measured, floor) in [
        ("recall at rank 1", ours.recall_1(), 0.64),
        ("recall at rank 3", ours.recall_3(), 0.64),
        ("precision at rank 1", ours.precision_1(), 0.93),
        (
            "against exact matching",
            ours.recall_1() - exact.recall_1(),
            0.51,
        ),
        (
            "against edit distance",
            ours.recall_1() - distance.recall_1(),
            0.16,
        ),
    ] {
        assert!(measured >= floor, "{what}: {measured:.3}, not {floor}");
    }
    assert!(mean <= 6.0, "lookups: {mean:.2}");
}

fn rows<T: for<'de> Deserialize<'de>>(text: &str) -> Vec<T> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    reader.deserialize().map(Result::unwrap).collect()
}

async fn search() -> Search {
    icelocator_telemetry::install_tls();
    let site = simulator::router(Site::from_csv(PEOPLE.as_bytes()).unwrap());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(axum::serve(listener, site).into_future());
    let settings = Locator::at(url.parse::<HttpUrl>().unwrap());
    let meter = opentelemetry::global::meter("evaluation");
    Search::new(&settings, &meter, Surroundings::default()).unwrap()
}

async fn ask(search: &Search, query: &Query) -> Answered {
    let parsed = NameQuery::parse(
        &query.first_name,
        query.middle_name.as_deref(),
        &query.last_name,
        query.date_of_birth.as_deref(),
        Some(&query.country_of_birth),
        true,
    );
    // A question that is refused finds nobody, and says so.
    let answer = match parsed {
        Ok(parsed) => search.by_name(parsed).await,
        Err(wrong) => Err(wrong),
    };
    let Ok(answer) = answer else {
        return Answered {
            numbers: Vec::new(),
            outcome: Outcome::Invalid,
            lookups: 0,
        };
    };
    assert!(answer.outcome.is_answer(), "{}", answer.outcome.as_str());
    let people = serde_json::to_value(&answer.people).unwrap();
    let number = |person: &serde_json::Value| Some(person["alien_number"].as_str()?.to_owned());
    Answered {
        numbers: people
            .as_array()
            .unwrap()
            .iter()
            .filter_map(number)
            .collect(),
        outcome: answer.outcome,
        lookups: answer.facts.lookups,
    }
}
