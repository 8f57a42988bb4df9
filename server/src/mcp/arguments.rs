//! A tool's arguments, read one by one, so that what is wrong can be named. What was written is never repeated.

use rmcp::model::JsonObject;
use serde_json::Value;

use crate::language::Language;

/// Longest text of an argument, in characters. No name is that long.
const LONGEST: usize = 100;

/// What else callers write for an argument, in letters and digits only.
const ALIASES: [(&str, &[&str]); 6] = [
    (
        "first_name",
        &["nombre", "nombres", "given", "givenname", "givennames"],
    ),
    ("middle_name", &["segundonombre", "middle", "secondname"]),
    (
        "last_name",
        &[
            "apellido",
            "apellidos",
            "surname",
            "surnames",
            "familyname",
            "family",
        ],
    ),
    (
        "date_of_birth",
        &[
            "dob",
            "birthdate",
            "birthday",
            "fechadenacimiento",
            "fechanacimiento",
            "nacimiento",
        ],
    ),
    (
        "country_of_birth",
        &[
            "country",
            "birthcountry",
            "nationality",
            "pais",
            "país",
            "paisdenacimiento",
            "paísdenacimiento",
            "nacionalidad",
        ],
    ),
    (
        "alien_number",
        &["anumber", "a", "alien", "alienid", "numeroa", "númeroa"],
    ),
];
/// As far from a name of ours may another be to be taken for it.
const NEAR: f64 = 0.88;

/// An argument that there is none of. Its name is not repeated: it may be what should have been its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unknown {
    /// What there is.
    pub names: &'static [&'static str],
    /// Which of these may have been meant.
    pub meant: Option<&'static str>,
}

impl Unknown {
    /// The nearest of `names`.
    pub fn new(name: &str, names: &'static [&'static str]) -> Self {
        let plain = |name: &str| -> String {
            name.chars()
                .filter(|c| c.is_alphanumeric())
                .flat_map(char::to_lowercase)
                .take(LONGEST)
                .collect()
        };
        let name = plain(name);
        let alias = ALIASES
            .iter()
            .find(|(_, aliases)| aliases.contains(&name.as_str()))
            .map(|(meant, _)| *meant)
            .filter(|meant| names.contains(meant));
        let likeness = |known: &'static str| (strsim::jaro_winkler(&name, &plain(known)), known);
        let nearest = names
            .iter()
            .map(|known| likeness(known))
            .filter(|(likeness, _)| *likeness >= NEAR)
            .max_by(|one, other| one.0.total_cmp(&other.0));
        Self {
            names,
            meant: alias.or(nearest.map(|(_, known)| known)),
        }
    }
}

impl From<Unknown> for Wrong {
    fn from(unknown: Unknown) -> Self {
        unknown
            .meant
            .map_or(Self::Unknown, |meant| Self::Misspelt(meant, meant))
    }
}

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
    pub fn new(given: &'a JsonObject, names: &'static [&'static str]) -> Result<Self, Unknown> {
        match given.keys().find(|name| !names.contains(&name.as_str())) {
            Some(unknown) => Err(Unknown::new(unknown, names)),
            None => Ok(Self { given }),
        }
    }

    /// Takes the arguments whatever else is given, to repeat what can be read.
    pub fn of(given: &'a JsonObject) -> Self {
        Self { given }
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
    fn a_misspelt_name_is_not_ignored_and_the_nearest_of_ours_is_told() {
        for (name, meant) in [
            ("firstName", Some("first_name")),
            ("First-Name", Some("first_name")),
            ("frist_name", Some("first_name")),
            ("nombre", Some("first_name")),
            ("fuzzySearch", Some("fuzzy_search")),
            // Meant well, but not taken here.
            ("apellidos", None),
            ("Ana", None),
            ("A900000002", None),
            ("", None),
        ] {
            let given = object(&json!({name: "Ana", "language": "en"}));
            let unknown = Arguments::new(&given, &NAMES).err().unwrap();
            assert_eq!(unknown.meant, meant, "{name}");
            assert_eq!(unknown.names, NAMES);
        }
    }

    #[test]
    fn switches_have_their_default() {
        let given = object(&json!({}));
        let arguments = Arguments::new(&given, &NAMES).unwrap();
        assert_eq!(arguments.flag("fuzzy_search", true), Ok(true));
        assert_eq!(Arguments::language(&given), Language::En);
    }
}
