//! What people are told, in English and Spanish: what an outcome means, what to do next, where to turn. Links only lead to
//! public pages; telephone numbers come from the site's answer and from nowhere else.

use crate::language::Text;
use crate::observe::Outcome;

/// The public locator, for looking by hand.
pub const LOCATOR_URL: &str = "https://locator.ice.gov";

/// Somewhere to turn to.
pub struct Help {
    /// What it is.
    pub title: Text,
    /// Where it is.
    pub url: &'static str,
}

/// Where to turn to, whatever the outcome.
pub const HELP: [Help; 4] = [
    Help {
        title: Text {
            en: "Look by hand: the Online Detainee Locator System",
            es: "Buscar a mano: el localizador de personas detenidas en línea",
        },
        url: LOCATOR_URL,
    },
    Help {
        title: Text {
            en: "Detention facilities, with addresses and visiting rules",
            es: "Centros de detención, con direcciones y reglas de visita",
        },
        url: "https://www.ice.gov/detention-facilities",
    },
    Help {
        title: Text {
            en: "Immigration court dates and status, by A-number",
            es: "Fechas y estado del caso en la corte de inmigración, por número A",
        },
        url: "https://acis.eoir.justice.gov",
    },
    Help {
        title: Text {
            en: "Free and low-cost immigration lawyers near you",
            es: "Abogados de inmigración gratuitos o de bajo costo cerca de usted",
        },
        url: "https://www.immigrationlawhelp.org",
    },
];

/// What an outcome means.
pub const fn summary(outcome: Outcome) -> Text {
    match outcome {
        Outcome::Found => Text {
            en: "One person matches.",
            es: "Una persona coincide.",
        },
        Outcome::NotFound => Text {
            en: "The locator shows nobody who matches. This does not mean that the person is not detained.",
            es: "El localizador no muestra a nadie que coincida. Esto no significa que la persona no esté detenida.",
        },
        Outcome::Several => Text {
            en: "More than one person may match, or one who is not certain to be the right one.",
            es: "Puede coincidir más de una persona, o una sola que no es seguro que sea la buscada.",
        },
        Outcome::Partial => Text {
            en: "Only a part of the search was answered: there may be more than is shown here.",
            es: "Solo una parte de la búsqueda tuvo respuesta: puede haber más de lo que aquí se muestra.",
        },
        Outcome::Challenged => Text {
            en: "The locator asks for a person to continue. Whether somebody matches is not known.",
            es: "El localizador pide que continúe una persona. No se sabe si alguien coincide.",
        },
        Outcome::RateLimited => Text {
            en: "The locator asks to be asked more slowly. Whether somebody matches is not known.",
            es: "El localizador pide menos consultas seguidas. No se sabe si alguien coincide.",
        },
        Outcome::Unavailable => Text {
            en: "The locator does not answer at the moment. Whether somebody matches is not known.",
            es: "El localizador no responde en este momento. No se sabe si alguien coincide.",
        },
        Outcome::PageChanged => Text {
            en: "The locator answered in a way that this service cannot read. Whether somebody matches is not known.",
            es: "El localizador respondió de una forma que este servicio no sabe leer. No se sabe si alguien coincide.",
        },
        Outcome::Invalid => Text {
            en: "The search was not made: one of its details is missing or cannot be used.",
            es: "La búsqueda no se hizo: falta un dato o un dato no se puede usar.",
        },
    }
}

/// What to do next.
pub const fn next_steps(outcome: Outcome) -> &'static [Text] {
    match outcome {
        Outcome::Found => &[
            Text {
                en: "Call the facility before you travel: ask whether the person is still there, and about visiting hours.",
                es: "Llame al centro antes de viajar: pregunte si la persona sigue ahí y por los horarios de visita.",
            },
            Text {
                en: "Write down the A-number: facilities, courts and lawyers ask for it first.",
                es: "Anote el número A: es lo primero que piden los centros, las cortes y los abogados.",
            },
            Text {
                en: "Speak with an immigration lawyer before the person signs anything.",
                es: "Hable con un abogado de inmigración antes de que la persona firme nada.",
            },
        ],
        Outcome::NotFound => &[
            Text {
                en: "Search by A-number if you can: it does not depend on spelling.",
                es: "Busque por número A si puede: no depende de cómo se escriba el nombre.",
            },
            Text {
                en: "Try other spellings, the surnames in another order or one surname only, and check the country of birth.",
                es: "Pruebe otras formas de escribir el nombre, los apellidos en otro orden o uno solo, y revise el país de nacimiento.",
            },
            Text {
                en: "Search again later: after an arrest it can take a day or more until a person is shown.",
                es: "Vuelva a buscar más tarde: tras un arresto puede pasar un día o más hasta que la persona aparezca.",
            },
            Text {
                en: "Ask the person's consulate and a lawyer to look as well.",
                es: "Pida también ayuda al consulado de la persona y a un abogado.",
            },
        ],
        Outcome::Several => &[
            Text {
                en: "Compare country and date of birth with what you know of the person.",
                es: "Compare el país y la fecha de nacimiento con lo que sabe de la persona.",
            },
            Text {
                en: "Search again with the date of birth or the A-number to be sure.",
                es: "Busque otra vez con la fecha de nacimiento o el número A para estar seguro.",
            },
        ],
        Outcome::Partial => &[
            Text {
                en: "Search again in a few minutes before you rely on this.",
                es: "Busque otra vez en unos minutos antes de confiar en esto.",
            },
            Text {
                en: "Search by A-number if you can: it needs one question only.",
                es: "Busque por número A si puede: basta una sola consulta.",
            },
        ],
        Outcome::Challenged => &[
            Text {
                en: "Open the locator in a browser and make the search by hand.",
                es: "Abra el localizador en un navegador y haga la búsqueda a mano.",
            },
            Text {
                en: "Or search here again in an hour.",
                es: "O busque aquí otra vez en una hora.",
            },
        ],
        Outcome::RateLimited => &[
            Text {
                en: "Wait a few minutes, then search again.",
                es: "Espere unos minutos y busque otra vez.",
            },
            Text {
                en: "If it is urgent, make the search by hand.",
                es: "Si es urgente, haga la búsqueda a mano.",
            },
        ],
        Outcome::Unavailable => &[
            Text {
                en: "Search again in a few minutes.",
                es: "Busque otra vez en unos minutos.",
            },
            Text {
                en: "If it is urgent, make the search by hand or ask a lawyer to call.",
                es: "Si es urgente, haga la búsqueda a mano o pida a un abogado que llame.",
            },
        ],
        Outcome::PageChanged => &[Text {
            en: "Make the search by hand; those who run this service can see that it needs attention.",
            es: "Haga la búsqueda a mano; quienes operan este servicio pueden ver que necesita atención.",
        }],
        Outcome::Invalid => &[Text {
            en: "Give the detail that is named below in the form that is described, then search again.",
            es: "Dé el dato que se nombra abajo en la forma descrita y busque otra vez.",
        }],
    }
}

/// What to do when the person is not where the answer says.
pub const IF_MOVED: Text = Text {
    en: "People are moved without notice. If the facility says that the person is not there, ask where to, and search again after some hours: the locator lags behind.",
    es: "Las personas son trasladadas sin aviso. Si el centro dice que la persona no está ahí, pregunte adónde fue y busque otra vez después de unas horas: el localizador va con retraso.",
};

/// Whom the site never shows.
pub const LIMITS: [Text; 3] = [
    Text {
        en: "Only adults are shown: nobody under 18.",
        es: "Solo aparecen adultos: nadie menor de 18 años.",
    },
    Text {
        en: "Only people who are in immigration custody now, or were released within the last 60 days.",
        es: "Solo personas que están ahora bajo custodia de inmigración o que salieron en los últimos 60 días.",
    },
    Text {
        en: "Name and country of birth must be exactly as they are on record.",
        es: "El nombre y el país de nacimiento deben ser exactamente como están registrados.",
    },
];

/// What an argument must look like.
pub fn expected(field: &str) -> Text {
    match field {
        "first_name" | "last_name" | "middle_name" => Text {
            en: "a name: letters, spaces, hyphens and apostrophes, at most 100 characters",
            es: "un nombre: letras, espacios, guiones y apóstrofos, como máximo 100 caracteres",
        },
        "date_of_birth" => Text {
            en: "a past date as YYYY-MM-DD, such as 1990-05-15",
            es: "una fecha pasada como AAAA-MM-DD, por ejemplo 1990-05-15",
        },
        "country_of_birth" => Text {
            en: "the country of birth, such as Guatemala, or a few of which it may be one (Guatemala or Mexico): the locator does not search without it",
            es: "el país de nacimiento, por ejemplo Guatemala, o unos pocos entre los que esté (Guatemala o México): el localizador no busca sin él",
        },
        "alien_number" => Text {
            en: "an A-number: the letter A and up to nine digits, such as A012345678; a Social Security number (123-45-6789) is not one",
            es: "un número A: la letra A y hasta nueve dígitos, por ejemplo A012345678; un número de Seguro Social (123-45-6789) no lo es",
        },
        "query" => Text {
            en: "what is known of the person, in a sentence or a few, at most 1,000 characters",
            es: "lo que se sabe de la persona, en una o varias frases, como máximo 1000 caracteres",
        },
        "person" => Text {
            en: "one person at a time",
            es: "una persona a la vez",
        },
        "language" => Text {
            en: "en or es",
            es: "en o es",
        },
        "fuzzy_search" => Text {
            en: "true or false",
            es: "true o false",
        },
        _ => Text {
            en: "only the arguments that the tool's schema lists",
            es: "solo los argumentos que figuran en el esquema de la herramienta",
        },
    }
}

/// Words around an answer's parts.
pub mod words {
    use super::Text;

    /// Before the time of an answer.
    pub const AS_OF: Text = Text {
        en: "As of",
        es: "Según datos de",
    };
    /// Before what to do next.
    pub const NEXT: Text = Text {
        en: "Next steps",
        es: "Qué hacer ahora",
    };
    /// Before whom the site never shows.
    pub const LIMITS: Text = Text {
        en: "What the locator does not show",
        es: "Lo que el localizador no muestra",
    };
    /// Before what to do when the person was moved.
    pub const IF_MOVED: Text = Text {
        en: "If the person is moved",
        es: "Si trasladan a la persona",
    };
    /// Before where to turn to.
    pub const HELP: Text = Text {
        en: "Help",
        es: "Ayuda",
    };
    /// Before what may have been meant by it.
    pub const PERHAPS: Text = Text {
        en: "Perhaps meant",
        es: "Quizás quiso decir",
    };
    /// Before the argument that was wrong.
    pub const INVALID: Text = Text {
        en: "Needed",
        es: "Hace falta",
    };
}
