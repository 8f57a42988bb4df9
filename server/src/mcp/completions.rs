//! Completions: what an argument may become, of countries and places, in either language, with or without accents.

use rmcp::model::{CompleteRequestParams, CompleteResult, CompletionInfo, ErrorData, Reference};

use super::{prompts, report, resources};
use crate::search::{country, folded};

/// Longest beginning that is looked up, in bytes. No name is longer.
const LONGEST: usize = 400;

/// What the argument may become.
pub fn complete(
    request: &CompleteRequestParams,
    facilities: impl FnOnce() -> Vec<String>,
) -> Result<CompleteResult, ErrorData> {
    let argument = request.argument.name.as_str();
    let known = match &request.r#ref {
        Reference::Prompt(prompt) => prompts::arguments(&prompt.name)
            .ok_or_else(|| refused("there is no such prompt"))?
            .contains(&argument),
        Reference::Resource(resource) => resources::variables(&resource.uri)
            .ok_or_else(|| refused("there is no such resource"))?
            .any(|name| name == argument),
        _ => false,
    };
    if !known {
        return Err(refused("there is no such argument"));
    }
    let begun = &request.argument.value;
    if begun.len() > LONGEST {
        return listed(Vec::new());
    }
    let begun = folded(begun);
    let fixed = |all: &[&str]| all.iter().map(|one| (*one).to_owned()).collect();
    let all = match argument {
        "language" | "lang" => fixed(&["en", "es"]),
        "format" => fixed(&report::FORMATS),
        "country_of_birth" => return listed(countries(&begun, in_spanish(request))),
        _ => facilities(),
    };
    listed(all.into_iter().filter(|one| begins(one, &begun)).collect())
}

/// Whether the person chose Spanish before.
fn in_spanish(request: &CompleteRequestParams) -> bool {
    let chosen = request
        .context
        .as_ref()
        .and_then(|context| context.get_argument("language"));
    chosen.is_some_and(|language| language == "es")
}

/// Countries that begin so in either language, in the language that was chosen or else in the one that was begun.
fn countries(begun: &str, in_spanish: bool) -> Vec<String> {
    let mut found: Vec<String> = country::in_both_languages()
        .filter_map(|(en, es)| {
            let (chosen, other) = if in_spanish { (es, en) } else { (en, es) };
            if begins(chosen, begun) {
                Some(chosen)
            } else {
                begins(other, begun).then_some(if in_spanish { chosen } else { other })
            }
        })
        .map(str::to_owned)
        .collect();
    found.sort_by_key(|name| folded(name));
    found
}

/// Whether a name, or a word in it, begins so.
fn begins(name: &str, begun: &str) -> bool {
    let name = folded(name);
    name.starts_with(begun)
        || name
            .match_indices(' ')
            .any(|(at, _)| name[at + 1..].starts_with(begun))
}

fn listed(mut values: Vec<String>) -> Result<CompleteResult, ErrorData> {
    let total = u32::try_from(values.len()).ok();
    let more = values.len() > CompletionInfo::MAX_VALUES;
    values.truncate(CompletionInfo::MAX_VALUES);
    CompletionInfo::with_pagination(values, total, more)
        .map(CompleteResult::new)
        .map_err(|_| ErrorData::internal_error("this is a bug", None))
}

fn refused(what: &'static str) -> ErrorData {
    ErrorData::invalid_params(what, None)
}

#[cfg(test)]
mod tests {
    use rmcp::model::{ArgumentInfo, CompletionContext};

    use super::*;
    use crate::mcp::names;

    fn ask(reference: Reference, argument: &str, value: &str) -> Result<CompletionInfo, ErrorData> {
        let request = CompleteRequestParams::new(reference, ArgumentInfo::new(argument, value));
        let facilities = || vec!["Centro Ejemplo".to_owned(), "Muestra County".to_owned()];
        complete(&request, facilities).map(|result| result.completion)
    }

    fn country(value: &str) -> CompletionInfo {
        let prompt = Reference::for_prompt(names::SEARCH_GUIDE);
        ask(prompt, "country_of_birth", value).unwrap()
    }

    #[test]
    fn countries_are_completed_in_both_languages_with_or_without_accents() {
        assert_eq!(country("guat").values, ["Guatemala"]);
        assert_eq!(country("hai").values, ["Haiti"]);
        for begun in ["méx", "MEX"] {
            assert!(
                country(begun).values.contains(&"Mexico".to_owned()),
                "{begun}"
            );
        }
        assert!(
            country("Estados U")
                .values
                .contains(&"Estados Unidos".to_owned())
        );
        assert_eq!(country("xyzzy").values, Vec::<String>::new());
    }

    #[test]
    fn who_chose_spanish_is_answered_in_spanish() {
        let prompt = Reference::for_prompt(names::SEARCH_GUIDE);
        let argument = ArgumentInfo::new("country_of_birth", "Domin");
        let chosen = [("language".to_owned(), "es".to_owned())];
        let context = CompletionContext::with_arguments(chosen.into_iter().collect());
        let request = CompleteRequestParams::new(prompt, argument).with_context(context);
        let found = complete(&request, Vec::new).unwrap().completion.values;
        assert!(
            found.contains(&"República Dominicana".to_owned()),
            "{found:?}"
        );
    }

    #[test]
    fn no_more_than_a_hundred_come_back_and_it_is_said() {
        let all = country("");
        assert_eq!(all.values.len(), 100);
        assert!(all.has_more == Some(true) && all.total > Some(190));
        assert_eq!(country("guat").has_more, Some(false));
        assert!(country(&"x".repeat(5000)).values.is_empty());
    }

    #[test]
    fn places_formats_and_languages_are_completed_where_they_are_asked_for() {
        let legal = || Reference::for_prompt(names::LEGAL_TEMPLATE);
        assert_eq!(
            ask(legal(), "facility", "ejem").unwrap().values,
            ["Centro Ejemplo"]
        );
        assert_eq!(ask(legal(), "format", "h").unwrap().values, ["html"]);
        assert_eq!(ask(legal(), "language", "").unwrap().values, ["en", "es"]);
        let template = Reference::for_resource(format!("{}{{?lang,name}}", names::FACILITIES));
        assert_eq!(
            ask(template, "name", "mues").unwrap().values,
            ["Muestra County"]
        );
    }

    #[test]
    fn what_is_not_there_is_refused() {
        for (reference, argument) in [
            (Reference::for_prompt("planted"), "language"),
            (Reference::for_prompt(names::SEARCH_GUIDE), "facility"),
            (Reference::for_resource("ice://planted"), "lang"),
            (Reference::for_resource(names::LEGAL), "name"),
        ] {
            let error = ask(reference, argument, "").unwrap_err();
            assert_eq!(error.code.0, -32602);
            assert!(!error.message.contains("planted"));
        }
    }
}
