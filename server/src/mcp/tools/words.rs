//! What is said about several searches in one call.

use std::time::Duration;

use super::super::arguments::{Unknown, Wrong};
use super::super::texts;
use super::bulk::{MOST, MOST_AT_ONCE};
use crate::language::{Language, Text, text};
use crate::observe::{Enumeration, Outcome};
use crate::texts::Answers;

/// Why nothing was searched for.
#[derive(Clone)]
pub struct Refusal {
    /// What is said of the call.
    pub outcome: Outcome,
    /// Which argument is to blame, by its path. In it are names of ours and places in lists, and nothing of the caller's.
    pub field: Option<String>,
    /// Why.
    reason: Text,
    /// The argument that there is none of.
    unknown: Option<Unknown>,
    /// When to come back.
    pub retry_after: Option<Duration>,
    /// By what it is known as one that looks through the locator.
    pub enumeration: Option<Enumeration>,
}

impl Refusal {
    fn invalid(reason: Text) -> Self {
        Self {
            outcome: Outcome::Invalid,
            field: None,
            reason,
            unknown: None,
            retry_after: None,
            enumeration: None,
        }
    }

    /// It looks through the locator instead of for somebody.
    pub fn enumeration(kind: Enumeration) -> Self {
        let reason = match kind {
            Enumeration::Range => RANGE,
            Enumeration::List => LIST,
        };
        Self {
            enumeration: Some(kind),
            ..Self::invalid(reason)
        }
    }

    /// This argument is not what it must be.
    pub fn argument(path: impl Into<String>, expected: Text) -> Self {
        Self {
            field: Some(path.into()),
            ..Self::invalid(expected)
        }
    }

    /// An argument is missing or not what it must be; `within` is the path of what it belongs to.
    pub fn wrong(wrong: Wrong, within: &str, expected: impl Fn(&str) -> Text) -> Self {
        match wrong {
            Wrong::Missing(field)
            | Wrong::Malformed(field)
            | Wrong::Misspelt(field, _)
            | Wrong::Child(field) => {
                let path = match within {
                    "" => field.to_owned(),
                    within => format!("{within}.{field}"),
                };
                Self::argument(path, expected(field))
            }
            Wrong::Unknown => Self::invalid(expected("")),
        }
    }

    /// There is no such argument in what has this path.
    pub fn unknown(unknown: Unknown, within: &str) -> Self {
        Self {
            field: (!within.is_empty()).then(|| within.to_owned()),
            unknown: Some(unknown),
            ..Self::invalid(UNKNOWN)
        }
    }

    /// The caller has asked for much already.
    pub fn rate_limited(wait: Duration) -> Self {
        Self {
            outcome: Outcome::RateLimited,
            retry_after: Some(wait),
            ..Self::invalid(TOO_MANY)
        }
    }

    /// The argument that may have been meant.
    pub fn suggestion(&self) -> Option<&'static str> {
        self.unknown?.meant
    }

    /// What to do about it.
    pub fn next_step(&self) -> Text {
        match self.outcome {
            Outcome::RateLimited => FEWER,
            _ => MEND,
        }
    }

    /// Why, in words: the argument, what it must be, and what it may have been meant to be.
    pub fn reason(&self, language: Language) -> String {
        let field = self.field.as_ref().map(|field| format!("{field}: "));
        let names = self
            .unknown
            .map(|unknown| format!(": {}", unknown.names.join(", ")));
        let meant = self.suggestion().map(|meant| {
            let perhaps = language.of(texts::words::PERHAPS);
            format!(". {perhaps}: {meant}")
        });
        [
            field.as_deref().unwrap_or_default(),
            language.of(self.reason),
            names.as_deref().unwrap_or_default(),
            meant.as_deref().unwrap_or_default(),
        ]
        .concat()
    }
}

/// What the outcome of all searches together means.
pub fn summary(outcome: Outcome, told: &Answers, language: Language) -> String {
    let text = match outcome {
        Outcome::Found | Outcome::Several => Text {
            en: "Every search was answered. Look at each result.",
            es: "Todas las búsquedas tuvieron respuesta. Mire cada resultado.",
        },
        Outcome::NotFound => Text {
            en: "Every search was answered. The locator shows nobody who matches. This does not mean that they are not detained.",
            es: "Todas las búsquedas tuvieron respuesta. El localizador no muestra a nadie que coincida. Esto no significa que no estén detenidos.",
        },
        Outcome::Partial => Text {
            en: "Some searches were answered, others not or not whole. Look at each result.",
            es: "Algunas búsquedas tuvieron respuesta; otras no, o no completa. Mire cada resultado.",
        },
        Outcome::Invalid => Text {
            en: "Nothing could be searched for: what was asked cannot be used.",
            es: "No se pudo buscar nada: lo que se pidió no se puede usar.",
        },
        other => return told.summaries.of(other).of(language).to_owned(),
    };
    language.of(text).to_owned()
}

/// What `requests` must be.
pub const REQUESTS: Text = text(
    "a list of 1 to 20 searches, each an object with first_name, last_name and country_of_birth, or with alien_number and country_of_birth",
    "una lista de 1 a 20 búsquedas, cada una un objeto con first_name, last_name y country_of_birth, o con alien_number y country_of_birth",
);
const _: () = assert!(MOST == 20, "the text says so");
/// What `max_concurrent` must be.
pub const AT_ONCE: Text = text("a whole number from 1 to 5", "un número entero de 1 a 5");
const _: () = assert!(MOST_AT_ONCE == 5, "the text says so");
const UNKNOWN: Text = text(
    "there is an argument that is not taken; taken are",
    "hay un argumento que no se acepta; se aceptan",
);

/// What the other arguments must be.
pub fn expected(field: &str) -> Text {
    match field {
        "continue_on_error" => text("true or false", "true o false"),
        other => texts::expected(other),
    }
}

/// Why a range is refused.
const RANGE: Text = Text {
    en: "These A-numbers lie close together or at equal distances. This service looks for people one case at a time and does not look through ranges of numbers.",
    es: "Estos números A están muy juntos o a distancias iguales. Este servicio busca a personas caso por caso y no recorre series de números.",
};
/// Why a list is refused.
const LIST: Text = Text {
    en: "These are many combinations of few names. This service looks for people one case at a time and does not look through lists of names.",
    es: "Son muchas combinaciones de pocos nombres y apellidos. Este servicio busca a personas caso por caso y no recorre listas de nombres.",
};
const TOO_MANY: Text = Text {
    en: "This is more than you may ask for at the moment. Nothing was searched for.",
    es: "Esto es más de lo que puede pedir en este momento. No se buscó nada.",
};
const FEWER: Text = Text {
    en: "Wait as long as is said, or ask for fewer people at once.",
    es: "Espere el tiempo indicado o pregunte por menos personas a la vez.",
};
const MEND: Text = Text {
    en: "Ask again in the form that is described, for people whom you are looking for.",
    es: "Pregunte otra vez en la forma descrita, por las personas a quienes busca.",
};
/// What to do next, whatever came of it.
pub const EACH: Text = Text {
    en: "Follow the next steps of each result. Search again for those without an answer: for them nothing is known.",
    es: "Siga los pasos de cada resultado. Busque otra vez a quienes quedaron sin respuesta: de ellos no se sabe nada.",
};
/// Before a result.
pub const REQUEST: Text = Text {
    en: "Request",
    es: "Solicitud",
};
/// Before the place of an equal request.
pub const SAME_AS: Text = Text {
    en: "The same as request",
    es: "Igual que la solicitud",
};
/// Before the number of requests that were not searched for.
pub const NOT_SEARCHED: Text = Text {
    en: "not searched",
    es: "sin buscar",
};
/// For a request that was not searched for.
pub const NOT_SEARCHED_WHY: Text = Text {
    en: "Not searched for: an earlier search was not answered, or time was up. Nothing is known.",
    es: "No se buscó: una búsqueda anterior no tuvo respuesta o se acabó el tiempo. No se sabe nada.",
};
