//! A tool's arguments, read one by one, so that what is wrong can be named. What was written is never repeated.

use rmcp::model::JsonObject;
use serde_json::Value;

use crate::language::Language;

/// Longest text of an argument, in characters. No name is that long.
const LONGEST: usize = 100;

/// An argument that cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wrong {
    /// It is missing, or empty.
    Missing(&'static str),
    /// It is not of the form that it must have.
    Malformed(&'static str),
    /// The same; this, of a list of ours, may have been meant.
    Misspelt(&'static str, &'static str),
    /// It is the birth date of a child, whom the site never shows.
    Child(&'static str),
    /// There is none of this name; what the tool takes is on its schema.
    Unknown,
}

/// Arguments of one call.
pub struct Arguments<'a> {
    given: &'a JsonObject,
}

impl<'a> Arguments<'a> {
    /// Takes the arguments when all are among `names`: one that is misspelt would otherwise be ignored, and the search
    /// be a different one from what was asked for.
    pub fn new(given: &'a JsonObject, names: &[&str]) -> Result<Self, Wrong> {
        if given.keys().all(|name| names.contains(&name.as_str())) {
            Ok(Self { given })
        } else {
            Err(Wrong::Unknown)
        }
    }

    /// The language asked for; English when none was, or when there is no such.
    pub fn language(given: &JsonObject) -> Language {
        match given.get("language").and_then(Value::as_str) {
            Some("es") => Language::Es,
            _ => Language::En,
        }
    }

    /// Whether the language is one that we speak.
    pub fn check_language(&self) -> Result<(), Wrong> {
        match self.text("language")? {
            None | Some("en" | "es") => Ok(()),
            Some(_) => Err(Wrong::Malformed("language")),
        }
    }

    /// A text that must be there.
    pub fn required(&self, name: &'static str) -> Result<&'a str, Wrong> {
        self.text(name)?.ok_or(Wrong::Missing(name))
    }

    /// A text that may be there. `null` and blanks are taken for absent, as models write them.
    pub fn text(&self, name: &'static str) -> Result<Option<&'a str>, Wrong> {
        self.text_up_to(name, LONGEST)
    }

    /// A text of so many characters that may be there.
    pub fn text_up_to(&self, name: &'static str, longest: usize) -> Result<Option<&'a str>, Wrong> {
        match self.given.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) if text.chars().count() > longest => {
                Err(Wrong::Malformed(name))
            }
            Some(Value::String(text)) => Ok(Some(text.trim()).filter(|text| !text.is_empty())),
            Some(_) => Err(Wrong::Malformed(name)),
        }
    }

    /// A switch.
    pub fn flag(&self, name: &'static str, default: bool) -> Result<bool, Wrong> {
        match self.given.get(name) {
            None | Some(Value::Null) => Ok(default),
            Some(Value::Bool(value)) => Ok(*value),
            Some(_) => Err(Wrong::Malformed(name)),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const NAMES: [&str; 3] = ["first_name", "fuzzy_search", "language"];

    fn object(value: &Value) -> JsonObject {
        value.as_object().unwrap().clone()
    }

    #[test]
    fn blanks_and_null_are_absent() {
        for value in [
            json!({}),
            json!({"first_name": null}),
            json!({"first_name": "  "}),
        ] {
            let given = object(&value);
            let arguments = Arguments::new(&given, &NAMES).unwrap();
            assert_eq!(arguments.text("first_name"), Ok(None));
            assert_eq!(
                arguments.required("first_name"),
                Err(Wrong::Missing("first_name"))
            );
        }
    }

    #[test]
    fn what_has_the_wrong_form_is_named() {
        let given = object(&json!({"first_name": 7, "fuzzy_search": "yes", "language": "de"}));
        let arguments = Arguments::new(&given, &NAMES).unwrap();
        assert_eq!(
            arguments.text("first_name"),
            Err(Wrong::Malformed("first_name"))
        );
        assert_eq!(
            arguments.flag("fuzzy_search", true),
            Err(Wrong::Malformed("fuzzy_search"))
        );
        assert_eq!(
            arguments.check_language(),
            Err(Wrong::Malformed("language"))
        );
        let long = object(&json!({"first_name": "é".repeat(101)}));
        let arguments = Arguments::new(&long, &NAMES).unwrap();
        assert_eq!(
            arguments.text("first_name"),
            Err(Wrong::Malformed("first_name"))
        );
    }

    #[test]
    fn a_misspelt_name_is_not_ignored() {
        let given = object(&json!({"firstName": "Ana"}));
        assert_eq!(Arguments::new(&given, &NAMES).err(), Some(Wrong::Unknown));
    }

    #[test]
    fn switches_have_their_default() {
        let given = object(&json!({}));
        let arguments = Arguments::new(&given, &NAMES).unwrap();
        assert_eq!(arguments.flag("fuzzy_search", true), Ok(true));
        assert_eq!(Arguments::language(&given), Language::En);
    }
}
