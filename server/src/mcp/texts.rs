//! Words of answers that belong to how this service works: what the site never shows, what arguments must be, headings. What
//! people are told to do, and where to turn, is in the files of texts.

use jiff::Timestamp;

use crate::language::{Language, Text, text};

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

/// What an argument is called, where it is about a person.
pub fn field(name: &str) -> Option<Text> {
    Some(match name {
        "first_name" => text("first name", "nombre"),
        "middle_name" => text("middle name", "segundo nombre"),
        "last_name" => text("last name", "apellidos"),
        "date_of_birth" => text("date of birth", "fecha de nacimiento"),
        "country_of_birth" => text("country of birth", "país de nacimiento"),
        "alien_number" => text("A-number", "número A"),
        "person" => text("person", "persona"),
        _ => return None,
    })
}

/// What the date of birth must be, where it was that of a child.
pub const ADULT: Text = Text {
    en: "the date of birth of an adult: the locator lists nobody under 18",
    es: "la fecha de nacimiento de una persona adulta: el localizador no muestra a nadie menor de 18 años",
};

/// A time to the minute, as people write it, in the one zone that every reader can be told.
pub fn time(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M UTC").to_string()
}

/// A wait of so many seconds, where that is known.
pub fn wait(seconds: Option<u64>, language: Language) -> String {
    let (count, one, many) = match seconds {
        None => {
            return language
                .of(text("a few minutes", "unos minutos"))
                .to_owned();
        }
        Some(seconds @ ..=90) => (
            seconds.max(1),
            text("second", "segundo"),
            text("seconds", "segundos"),
        ),
        Some(seconds @ ..=5_400) => (
            seconds.div_ceil(60),
            text("minute", "minuto"),
            text("minutes", "minutos"),
        ),
        Some(seconds) => (
            seconds.div_ceil(3_600),
            text("hour", "hora"),
            text("hours", "horas"),
        ),
    };
    let unit = if count == 1 { one } else { many };
    format!("{count} {}", language.of(unit))
}

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
        es: "Consultado el",
    };
    /// Before how many more may match than are shown.
    pub const MORE: Text = Text {
        en: "More people who may match, not shown here",
        es: "Otras personas que pueden coincidir y no se muestran aquí",
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
