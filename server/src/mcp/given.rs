//! What a message asks for: which prompt or resource, and which parameters. Named is what is on our lists, and nothing else
//! is told; what identifies somebody is told by its kind.

use icelocator_redaction::Kind;
use serde_json::value::RawValue;

use super::arguments::Unknown;
use super::message::{Argument, Fields, Params, Reference, value};
use super::{prompts, report, resources, tools};
use crate::observe::{Parameter, Value};
use crate::privacy::Shown;

/// Largest number that is told: a larger one may be an A-number or a date.
const LARGEST: u64 = 100;
const LANGUAGES: [&str; 2] = ["en", "es"];

/// What was asked for.
#[derive(Default)]
pub struct Given {
    /// The prompt, if it is one of ours.
    pub prompt: Option<&'static str>,
    /// The resource, if it is one of ours.
    pub resource: Option<&'static str>,
    /// The parameters of ours.
    pub parameters: Vec<Parameter>,
}

/// What a parameter holds.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    /// Something that identifies people.
    Identity(Kind),
    /// Words of the caller's.
    Text,
    /// One of these words.
    Word(&'static [&'static str]),
    Flag,
    Number,
    /// A search by name or number.
    Search,
    /// Several of them.
    Searches,
    /// Things that are counted.
    Count,
    /// What is not told: where few come from, it says who somebody is.
    Withheld,
}

impl Form {
    fn of(name: &str) -> Self {
        match name {
            "first_name" | "middle_name" | "last_name" => Self::Identity(Kind::Name),
            "alien_number" => Self::Identity(Kind::AlienNumber),
            "date_of_birth" => Self::Identity(Kind::Date),
            "query" | "facility" | "name" => Self::Text,
            "language" | "lang" => Self::Word(&LANGUAGES),
            "format" => Self::Word(&report::FORMATS),
            "report_type" => Self::Word(&report::TYPES),
            "fuzzy_search" | "continue_on_error" => Self::Flag,
            "max_concurrent" => Self::Number,
            "criteria" => Self::Search,
            "requests" => Self::Searches,
            "results" => Self::Count,
            _ => Self::Withheld,
        }
    }
}

/// Parts of a search, and how they are named within what.
const PARTS: [(&str, &str, &str); 8] = [
    ("first_name", "requests.first_name", "criteria.first_name"),
    (
        "middle_name",
        "requests.middle_name",
        "criteria.middle_name",
    ),
    ("last_name", "requests.last_name", "criteria.last_name"),
    (
        "date_of_birth",
        "requests.date_of_birth",
        "criteria.date_of_birth",
    ),
    (
        "country_of_birth",
        "requests.country_of_birth",
        "criteria.country_of_birth",
    ),
    (
        "alien_number",
        "requests.alien_number",
        "criteria.alien_number",
    ),
    ("language", "requests.language", "criteria.language"),
    (
        "fuzzy_search",
        "requests.fuzzy_search",
        "criteria.fuzzy_search",
    ),
];

impl Fields<'_> {
    /// Keeps who is searched for.
    fn show(&self, shown: &Shown) {
        let texts = |name: &'static str| {
            let all = self.0.iter().filter(move |(given, _)| given == name);
            all.filter_map(|(_, raw)| value::<String>(raw))
        };
        let names: Vec<String> = ["first_name", "middle_name", "last_name"]
            .into_iter()
            .flat_map(texts)
            .collect();
        shown.add(Kind::Name, &names.join(" "));
        for (name, raw) in &self.0 {
            if let Form::Identity(kind) = Form::of(name)
                && kind != Kind::Name
                && let Some(value) = value::<String>(raw)
            {
                shown.add(kind, &value);
            }
        }
    }
}

/// Reads what is asked for, as far as it can be read; the values only where `shown` is kept, as nobody is told them else.
pub fn read(
    method: &'static str,
    tool: Option<&'static str>,
    params: &Params<'_>,
    shown: &Shown,
) -> Given {
    let mut given = Given::default();
    let mut reader = Reader {
        shown,
        parameters: Vec::new(),
    };
    match method {
        "tools/call" => reader.read(tool.map(tools::arguments), params.arguments),
        "prompts/get" => {
            let name = params.name.and_then(value::<String>).unwrap_or_default();
            given.prompt = prompts::known(&name);
            reader.read(prompts::arguments(&name), params.arguments);
        }
        "resources/read" => {
            let uri = params.uri.and_then(value::<String>).unwrap_or_default();
            given.resource = resources::known(&uri);
            if let Some(resource) = given.resource {
                reader.query(resource, &uri);
            }
        }
        "completion/complete" => {
            let reference: Reference = params.r#ref.and_then(value).unwrap_or_default();
            let argument = params.argument.map(RawValue::get).unwrap_or_default();
            let argument: Argument<'_> = serde_json::from_str(argument).unwrap_or_default();
            let prompt = reference.name.unwrap_or_default();
            let uri = reference.uri.unwrap_or_default();
            given.prompt = prompts::known(&prompt);
            given.resource = resources::known(&uri);
            let name = argument.name.unwrap_or_default();
            let mut of_prompt = prompts::arguments(&prompt)
                .unwrap_or_default()
                .iter()
                .copied();
            let mut of_resource = resources::variables(&uri).into_iter().flatten();
            let known = of_prompt
                .find(|known| *known == name)
                .or_else(|| of_resource.find(|known| *known == name));
            if let (Some(name), Some(raw)) = (known, argument.value) {
                reader.tell(name, raw);
            }
        }
        _ => {}
    }
    given.parameters = reader.parameters;
    given
}

struct Reader<'a> {
    shown: &'a Shown,
    parameters: Vec<Parameter>,
}

impl Reader<'_> {
    /// Takes the arguments that are among `names`.
    fn read(&mut self, names: Option<&'static [&'static str]>, arguments: Option<&RawValue>) {
        let Some(names) = names else {
            return;
        };
        let fields = Fields::read(arguments);
        if self.shown.is_kept() {
            fields.show(self.shown);
        }
        for (given, raw) in &fields.0 {
            match names.iter().find(|name| *name == given) {
                Some(name) => self.tell(name, raw),
                None => self.remember_misspelt(given, names, raw),
            }
        }
    }

    /// What stands under a name nearly like one of ours identifies somebody all the same.
    fn remember_misspelt(&self, given: &str, names: &'static [&'static str], raw: &RawValue) {
        if self.shown.is_kept()
            && let Some(meant) = Unknown::new(given, names).meant
            && let Form::Identity(kind) = Form::of(meant)
            && let Some(value) = value::<String>(raw)
        {
            self.shown.add(kind, &value);
        }
    }

    /// What a resource is asked besides.
    fn query(&mut self, resource: &'static str, uri: &str) {
        let Ok(url) = reqwest::Url::parse(uri) else {
            return;
        };
        for (given, value) in url.query_pairs() {
            let mut names = resources::variables(resource).into_iter().flatten();
            let raw = serde_json::value::to_raw_value(&value).ok();
            if let (Some(name), Some(raw)) = (names.find(|name| *name == given), raw) {
                self.tell(name, &raw);
            }
        }
    }

    fn tell(&mut self, name: &'static str, raw: &RawValue) {
        // As models write what they leave out.
        if raw.get() == "null" || self.parameters.iter().any(|told| told.name == name) {
            return;
        }
        if !self.shown.is_kept() {
            return self.push(name, Value::Withheld);
        }
        match Form::of(name) {
            Form::Search => {
                self.push(name, Value::Withheld);
                let fields = Fields::read(Some(raw));
                fields.show(self.shown);
                for (given, raw) in &fields.0 {
                    let part = PARTS.iter().find(|(part, ..)| part == given);
                    if let Some((part, _, path)) = part {
                        self.push(path, told(Form::of(part), raw));
                    }
                }
            }
            Form::Searches => self.searches(name, raw),
            form => self.push(name, told(form, raw)),
        }
    }

    /// How many searches there are, and how many of them say what.
    fn searches(&mut self, name: &'static str, raw: &RawValue) {
        let Ok(all) = serde_json::from_str::<Vec<&RawValue>>(raw.get()) else {
            return self.push(name, Value::Withheld);
        };
        self.push(name, Value::Plain(all.len().to_string()));
        let all: Vec<Fields<'_>> = all.into_iter().map(|one| Fields::read(Some(one))).collect();
        for one in &all {
            one.show(self.shown);
        }
        for (part, path, _) in PARTS {
            let says = |one: &&Fields<'_>| one.0.iter().any(|(given, _)| given == part);
            let count = all.iter().filter(says).count();
            if count > 0 {
                self.push(path, Value::Plain(count.to_string()));
            }
        }
    }

    fn push(&mut self, name: &'static str, value: Value) {
        self.parameters.push(Parameter { name, value });
    }
}

/// What is told of a value.
fn told(form: Form, raw: &RawValue) -> Value {
    let told = match form {
        Form::Identity(kind) => value(raw).map(|text| Value::Sensitive(kind, text)),
        Form::Text => value(raw).map(Value::Text),
        Form::Word(words) => value::<String>(raw)
            .filter(|text| words.contains(&text.as_str()))
            .map(Value::Plain),
        Form::Flag => value::<bool>(raw).map(|flag| Value::Plain(flag.to_string())),
        Form::Number => value::<u64>(raw)
            .filter(|number| *number <= LARGEST)
            .map(|number| Value::Plain(number.to_string())),
        Form::Count => {
            value::<Vec<serde::de::IgnoredAny>>(raw).map(|all| Value::Plain(all.len().to_string()))
        }
        Form::Search | Form::Searches | Form::Withheld => None,
    };
    told.unwrap_or(Value::Withheld)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mcp::names;

    #[test]
    fn every_argument_of_ours_has_a_form() {
        let prompts = [
            names::SEARCH_GUIDE,
            names::LEGAL_TEMPLATE,
            names::FAMILY_GUIDE,
        ];
        let of_prompts = prompts.into_iter().filter_map(prompts::arguments);
        let of_resources = ["lang", "name"];
        let of_tools = names::TOOLS.map(tools::arguments);
        assert!(of_tools.iter().all(|names| !names.is_empty()));
        let all = of_tools.into_iter().chain(of_prompts).flatten().copied();
        for name in all.chain(of_resources) {
            let withheld = Form::of(name) == Form::Withheld;
            assert_eq!(withheld, name == "country_of_birth", "{name}");
        }
        let parts = tools::arguments(names::SEARCH_BY_NAME).iter();
        for part in parts.chain(tools::arguments(names::SEARCH_BY_ALIEN_NUMBER)) {
            assert!(PARTS.iter().any(|(known, ..)| known == part), "{part}");
        }
    }

    #[test]
    fn where_nobody_wants_to_know_names_are_read_and_nothing_else() {
        let message = br#"{"params": {"name": "x", "arguments": {"first_name": "Planted", "requests": [{"first_name": "Planted"}]}}}"#;
        let shown = Shown::default();
        let params = Params::read("tools/call", message);
        let given = read("tools/call", Some(names::SEARCH_BY_NAME), &params, &shown);
        assert_eq!(given.parameters.len(), 1);
        assert!(matches!(given.parameters[0].value, Value::Withheld));
    }

    #[test]
    fn what_is_no_message_asks_for_nothing() {
        for message in [
            "",
            "7",
            "[]",
            r#"{"params": 7}"#,
            r#"{"params": {"arguments": [1]}}"#,
            "{\"params\"",
        ] {
            for method in [
                "tools/call",
                "prompts/get",
                "resources/read",
                "completion/complete",
            ] {
                let tool = Some(names::SEARCH_BY_NAME);
                let params = Params::read(method, message.as_bytes());
                let given = read(method, tool, &params, &Shown::default());
                assert!(
                    given.parameters.is_empty() && given.prompt.is_none(),
                    "{message}"
                );
            }
        }
    }
}
