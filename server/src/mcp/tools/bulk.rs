//! Several searches in one call, for somebody who looks for a family. Bounded in number and time; one bad request harms only
//! itself; what was answered is kept, whatever becomes of the rest. Lists and ranges are not looked up: that is no search for
//! somebody.

use std::time::{Duration, Instant};

use futures::stream::{self, StreamExt as _};
use rmcp::model::{CallToolResult, ContentBlock, JsonObject, Tool};
use serde_json::{Value, json};

use super::super::Face;
use super::super::answer::SearchAnswer;
use super::super::arguments::{Arguments, Wrong};
use super::super::names::BULK_SEARCH;
use super::super::progress::Progress;
use super::bulk_answer::{BulkAnswer, BulkResult, Results, Status};
use super::enumeration;
use super::words::{self, Refusal};
use super::{schema, search};
use crate::language::Language;
use crate::observe::{CallContext, Outcome, SearchReport};
use crate::privacy::Shown;
use crate::search::{AlienNumberQuery, Facts};

/// Most searches of one call.
pub const MOST: usize = 20;
/// Most searches at once.
pub const MOST_AT_ONCE: u64 = 5;
/// How many are made at once when nothing else is asked for.
const AT_ONCE: u64 = 2;

/// What it takes.
pub const ARGUMENTS: [&str; 4] = [
    "requests",
    "max_concurrent",
    "continue_on_error",
    "language",
];

/// The tool as clients see it.
pub fn declaration() -> Tool {
    schema::tool::<BulkAnswer>(
        BULK_SEARCH,
        "Find several detained people",
        "Makes up to 20 searches in one call, such as for the members of a family. Each request is a search by name \
         (first_name, last_name, country_of_birth and more) or by A-number (alien_number and more), as the tools for one \
         person take them. Results come in the order of the requests; one bad request harms only itself. Lists of names and \
         ranges of numbers are refused. A request that was not searched for is not known, and never 'not found'.",
        json!({
            "type": "object",
            "properties": {
                "requests": requests_field(),
                "max_concurrent": {
                    "type": "integer", "minimum": 1, "maximum": MOST_AT_ONCE, "default": AT_ONCE,
                    "description": "How many searches are made at once",
                },
                "continue_on_error": {
                    "type": "boolean", "default": true,
                    "description": "Whether to go on when a search is not answered",
                },
                "language": schema::language_field(),
            },
            "required": ["requests"],
            "additionalProperties": false,
        }),
    )
}

/// Searches to make.
pub fn requests_field() -> Value {
    let mut properties = JsonObject::new();
    for tool in search::declarations() {
        if let Some(Value::Object(fields)) = tool.input_schema.get("properties") {
            properties.extend(fields.clone());
        }
    }
    json!({
        "type": "array", "minItems": 1, "maxItems": MOST,
        "description": "Searches to make, each by name or by A-number",
        "items": {
            "type": "object",
            "properties": properties,
            "anyOf": [{"required": ["first_name", "last_name"]}, {"required": ["alien_number"]}],
            "additionalProperties": false,
        },
    })
}

/// Searches that were asked for.
pub struct Requests<'a> {
    all: Vec<&'a Value>,
    at_once: usize,
    continue_on_error: bool,
    language: Language,
}

impl<'a> Requests<'a> {
    /// Reads a list of searches.
    pub fn read(given: &'a JsonObject, language: Language) -> Result<Self, Refusal> {
        let all: Vec<&Value> = match given.get("requests") {
            Some(Value::Array(all)) if (1..=MOST).contains(&all.len()) => all.iter().collect(),
            _ => return Err(Refusal::argument("requests", words::REQUESTS)),
        };
        enumeration::check(&all).map_err(Refusal::enumeration)?;
        Ok(Self {
            all,
            at_once: usize::try_from(AT_ONCE).unwrap_or(1),
            continue_on_error: true,
            language,
        })
    }

    fn with_options(given: &'a JsonObject, language: Language) -> Result<Self, Refusal> {
        let arguments =
            Arguments::new(given, &ARGUMENTS).map_err(|unknown| Refusal::unknown(unknown, ""))?;
        let invalid = |wrong| Refusal::wrong(wrong, "", words::expected);
        arguments.check_language().map_err(invalid)?;
        let continue_on_error = arguments.flag("continue_on_error", true).map_err(invalid)?;
        let at_once = match given.get("max_concurrent") {
            None | Some(Value::Null) => Some(AT_ONCE),
            Some(value) => value.as_u64(),
        };
        let at_once = at_once
            .filter(|at_once| (1..=MOST_AT_ONCE).contains(at_once))
            .and_then(|at_once| usize::try_from(at_once).ok())
            .ok_or_else(|| Refusal::argument("max_concurrent", words::AT_ONCE))?;
        Ok(Self {
            at_once,
            continue_on_error,
            ..Self::read(given, language)?
        })
    }

    /// Makes the searches, equal ones once. Takes from the caller's allowance before the first.
    pub async fn search(
        self,
        face: &Face,
        context: &CallContext,
        progress: &Progress,
    ) -> Result<Results, Refusal> {
        let (first, same_as) = distinct(&self.all);
        let total = u32::try_from(first.len()).unwrap_or(u32::MAX);
        // The call itself has taken one.
        if let Err(wait) = context.allowance.take(total.saturating_sub(1)) {
            return Err(Refusal::rate_limited(wait));
        }
        let mut results: Vec<BulkResult> = (1..=self.all.len())
            .map(|request| BulkResult {
                request,
                status: Status::NotSearched,
                same_as: None,
                answer: None,
            })
            .collect();
        let mut facts = Facts::default();
        let mut searches = Vec::new();
        for &index in &first {
            let request = self.all[index];
            searches.push(async move {
                (
                    index,
                    one(face, request, self.language, &context.shown).await,
                )
            });
        }
        let mut running = stream::iter(searches).buffer_unordered(self.at_once);
        let mut time_is_up = std::pin::pin!(tokio::time::sleep(face.longest_bulk()));
        let mut done = 0;
        loop {
            let ended = tokio::select! {
                biased;
                ended = running.next() => ended,
                () = &mut time_is_up => None,
            };
            let Some((index, (answer, more))) = ended else {
                break;
            };
            facts.add(&more);
            let failed = !answer.outcome().is_answer();
            results[index].status = match answer.outcome() {
                Outcome::Invalid => Status::Invalid,
                _ => Status::Searched,
            };
            results[index].answer = Some(answer.brief());
            done += 1;
            progress.is_at(done, total).await;
            if failed && !self.continue_on_error {
                break;
            }
        }
        // Those still under way are of no use to anybody any more.
        drop(running);
        for (index, same_as) in same_as.into_iter().enumerate() {
            if let Some(before) = same_as
                && results[before].status != Status::NotSearched
            {
                results[index].status = Status::Repeated;
                results[index].same_as = Some(results[before].request);
            }
        }
        Ok(Results {
            all: results,
            facts,
        })
    }
}

/// Which requests differ from all before them; and for each the equal one before it.
fn distinct(all: &[&Value]) -> (Vec<usize>, Vec<Option<usize>>) {
    let keys: Vec<_> = all.iter().map(|request| key(request)).collect();
    let same_as: Vec<Option<usize>> = keys
        .iter()
        .enumerate()
        .map(|(index, key)| keys[..index].iter().position(|before| before == key))
        .collect();
    let first = (0..all.len())
        .filter(|index| same_as[*index].is_none())
        .collect();
    (first, same_as)
}

/// The same for requests that ask the same.
fn key(request: &Value) -> Vec<(String, String)> {
    let Some(request) = request.as_object() else {
        return vec![(String::new(), request.to_string())];
    };
    let mut key: Vec<(String, String)> = request
        .iter()
        .filter(|(_, value)| !value.is_null())
        .map(|(name, value)| {
            let text = value.as_str().map_or_else(
                || value.to_string(),
                |text| {
                    let number = (name == "alien_number")
                        .then(|| AlienNumberQuery::parse(text, None).ok())
                        .flatten();
                    let words: Vec<&str> = text.split_whitespace().collect();
                    number.map_or_else(
                        || words.join(" ").to_lowercase(),
                        |number| number.digits().to_owned(),
                    )
                },
            );
            (name.clone(), text)
        })
        .collect();
    key.sort();
    key
}

/// Makes one of the searches.
async fn one(
    face: &Face,
    request: &Value,
    language: Language,
    shown: &Shown,
) -> (SearchAnswer, Facts) {
    let texts = face.library.texts();
    let told = &texts.answers;
    let Some(request) = request.as_object() else {
        let wrong = Wrong::Malformed("requests");
        return (
            SearchAnswer::invalid(wrong, told, language),
            Facts::default(),
        );
    };
    let own = request.get("language").and_then(Value::as_str);
    let language = own.map_or(language, |_| Arguments::language(request));
    let by_number = request
        .get("alien_number")
        .is_some_and(|number| !number.is_null());
    let answer = if by_number {
        search::by_alien_number(&face.search, request).await
    } else {
        search::by_name(&face.search, request).await
    };
    match answer {
        Ok(answer) => {
            answer.show(shown);
            let facts = answer.facts.clone();
            (SearchAnswer::new(answer, told, language), facts)
        }
        Err(wrong) => (
            SearchAnswer::invalid(wrong, told, language),
            Facts::default(),
        ),
    }
}

/// Makes the searches and tells how they went, to the caller and to who watches.
pub async fn answer(
    face: &Face,
    given: &JsonObject,
    context: &CallContext,
    progress: &Progress,
) -> CallToolResult {
    let language = Arguments::language(given);
    let began = Instant::now();
    let results = match Requests::with_options(given, language) {
        Ok(requests) => requests.search(face, context, progress).await,
        Err(refusal) => Err(refusal),
    };
    let (people, facts) = results
        .as_ref()
        .map(|results| (results.people(), results.facts()))
        .unwrap_or_default();
    let told = &face.library.texts().answers;
    let refused = results.as_ref().err().and_then(|why| why.enumeration);
    let answer = match results {
        Ok(results) => BulkAnswer::new(results, told, language),
        Err(refusal) => BulkAnswer::refused(refusal, told, language),
    };
    context.report.say(SearchReport {
        outcome: answer.outcome(),
        language: language.as_str(),
        duration: began.elapsed(),
        people,
        facts,
        refused,
    });
    let text = vec![ContentBlock::text(answer.text())];
    let mut result = if answer.outcome().is_answer() {
        CallToolResult::success(text)
    } else {
        CallToolResult::error(text)
    };
    result.structured_content = serde_json::to_value(&answer).ok();
    result
}

/// Longest time for all searches of a call that may take `call` itself: what is there when it is over has yet to be sent.
pub fn longest(call: Duration) -> Duration {
    call.saturating_sub(call / 10)
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use icelocator_config::Locator;

    use super::*;
    use crate::caller::Allowance;
    use crate::observe::Transport;
    use crate::search::{Search, Surroundings};
    use crate::texts::Library;

    #[test]
    fn requests_that_ask_the_same_are_known_as_equal() {
        let all = [
            json!({"alien_number": "A900000001", "country_of_birth": "Guatemala"}),
            json!({"alien_number": "900-000-001", "country_of_birth": "guatemala", "language": null}),
            json!({"first_name": "Ana", "last_name": "Ejemplo"}),
            json!({"last_name": " ejemplo", "first_name": "ANA"}),
            json!({"first_name": "Aná", "last_name": "Ejemplo"}),
            json!(7),
        ];
        let all: Vec<&Value> = all.iter().collect();
        let (first, same_as) = distinct(&all);
        assert_eq!(first, [0, 2, 4, 5]);
        assert_eq!(same_as, [None, Some(0), None, Some(2), None, None]);
    }

    /// What may be asked for, and what was.
    struct Allowed(u32, Mutex<Vec<u32>>);

    impl Allowance for Allowed {
        fn take(&self, searches: u32) -> Result<(), Duration> {
            self.1.lock().unwrap().push(searches);
            let enough = searches <= self.0;
            enough.then_some(()).ok_or(Duration::from_secs(30))
        }
    }

    #[tokio::test]
    async fn more_than_a_caller_may_ask_for_is_not_searched_for_at_all() {
        icelocator_telemetry::install_tls();
        let site = Locator::at("http://127.0.0.1:1".parse().unwrap());
        let meter = opentelemetry::global::meter("test");
        let search = Arc::new(Search::new(&site, &meter, Surroundings::default()).unwrap());
        let library = Arc::new(Library::open(None).unwrap());
        let minute = Duration::from_mins(1);
        let face = Face::new(search, library, Arc::default(), Transport::Http, minute);
        let request =
            |n: u32| json!({"alien_number": format!("A{n}"), "country_of_birth": "Honduras"});
        let given = json!({"requests": [request(3), request(5), request(3), request(9)]});
        for (allowed, outcome, results) in [(1, "rate_limited", 0), (2, "unavailable", 4)] {
            let allowance = Arc::new(Allowed(allowed, Mutex::default()));
            let context = CallContext {
                allowance: Arc::<Allowed>::clone(&allowance),
                ..CallContext::default()
            };
            let given = given.as_object().unwrap();
            let told = answer(&face, given, &context, &Progress::default()).await;
            let told = told.structured_content.unwrap();
            assert_eq!(told["outcome"], outcome, "{told}");
            assert_eq!(told["results"].as_array().unwrap().len(), results);
            let wait = (outcome == "rate_limited").then_some(30);
            assert_eq!(told["retry_after_seconds"].as_u64(), wait);
            // One is the call's own; equal ones are one.
            assert_eq!(*allowance.1.lock().unwrap(), [2]);
        }
    }
}
