//! What is said about several searches in one call.

use std::time::Duration;

use super::super::texts;
use super::bulk::MOST;
use crate::language::Text;
use crate::observe::{Enumeration, Outcome};

/// Why nothing was searched for.
#[derive(Clone, Copy)]
pub struct Refusal {
    /// What is said of the call.
    pub outcome: Outcome,
    /// Why.
    pub reason: Text,
    /// What to do about it.
    pub next_step: Text,
    /// When to come back.
    pub retry_after: Option<Duration>,
    /// By what it is known as one that looks through the locator.
    pub enumeration: Option<Enumeration>,
}

impl Refusal {
    /// It cannot be asked like this.
    pub const fn invalid(reason: Text) -> Self {
        Self {
            outcome: Outcome::Invalid,
            reason,
            next_step: MEND,
            retry_after: None,
            enumeration: None,
        }
    }

    /// It looks through the locator instead of for somebody.
    pub const fn enumeration(kind: Enumeration) -> Self {
        let reason = match kind {
            Enumeration::Range => RANGE,
            Enumeration::List => LIST,
        };
        Self {
            enumeration: Some(kind),
            ..Self::invalid(reason)
        }
    }

    /// The caller has asked for much already.
    pub const fn rate_limited(wait: Duration) -> Self {
        Self {
            outcome: Outcome::RateLimited,
            reason: TOO_MANY,
            next_step: FEWER,
            retry_after: Some(wait),
            enumeration: None,
        }
    }
}

/// What the outcome of all searches together means.
pub const fn summary(outcome: Outcome) -> Text {
    match outcome {
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
        other => texts::summary(other),
    }
}

/// What `requests` must be.
pub const REQUESTS: Text = Text {
    en: "requests: a list of 1 to 20 searches, each an object with first_name, last_name and country_of_birth, or with alien_number",
    es: "requests: una lista de 1 a 20 búsquedas, cada una un objeto con first_name, last_name y country_of_birth, o con alien_number",
};
const _: () = assert!(MOST == 20, "the text says so");
/// What the other arguments must be.
pub const BULK: Text = Text {
    en: "The arguments are requests, max_concurrent (1 to 5), continue_on_error (true or false) and language (en or es), and nothing else",
    es: "Los argumentos son requests, max_concurrent (1 a 5), continue_on_error (true o false) y language (en o es), y nada más",
};
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
