//! What reports say.

use crate::language::{Text, text};
use crate::mcp::texts;
pub use crate::mcp::texts::words::{AS_OF, LIMITS};
use crate::observe::Outcome;

/// What an argument of a report must be.
pub fn expected(field: &str) -> Text {
    match field {
        "report_type" => text("legal, family or advocacy", "legal, family o advocacy"),
        "format" => text("markdown, html or json", "markdown, html o json"),
        "criteria" => text(
            "an object of texts: what was searched for",
            "un objeto de textos: lo que se buscó",
        ),
        "results" => text(
            "a list of 1 to 20 answers of earlier searches, unchanged",
            "una lista de 1 a 20 respuestas de búsquedas anteriores, sin cambios",
        ),
        other => texts::expected(other),
    }
}

/// For something within an answer of an earlier search.
pub const NO_ANSWER: Text = text(
    "missing, or not as a search answered it: pass answers on as they are",
    "falta, o no es como lo respondió una búsqueda: entregue las respuestas tal como son",
);
/// For both of what a report is made of, or neither.
pub const EITHER: Text = text(
    "give either results, the answers of earlier searches, or requests, searches to make now",
    "dé o bien results, las respuestas de búsquedas anteriores, o bien requests, búsquedas para hacer ahora",
);
/// Why a report would be too large.
pub const SIZE: Text = text(
    "more searches or people than a report can hold; make one for each case",
    "más búsquedas o personas de las que caben en un informe; haga uno por caso",
);
/// What to do with a report.
pub const ADVICE: Text = text(
    "Check the report before you pass it on. It names people: give it only to those whom it concerns.",
    "Revise el informe antes de entregarlo. Nombra a personas: déselo solo a quienes concierne.",
);

pub const TITLE_LEGAL: Text = text(
    "Search report for a legal file",
    "Informe de búsqueda para un expediente legal",
);
pub const TITLE_FAMILY: Text = text(
    "Search report for the family",
    "Informe de búsqueda para la familia",
);
pub const TITLE_ADVOCACY: Text = text(
    "Search report for a group",
    "Informe de búsqueda para un grupo",
);

pub const ABOUT: Text = text("About this report", "Sobre este informe");
pub const NO_PROOF: Text = text(
    "This report is no proof of custody and no legal advice. It repeats what the locator answered at the times given; people are moved without notice and the locator lags behind.",
    "Este informe no prueba la custodia ni es asesoría legal. Repite lo que el localizador respondió en las horas indicadas; las personas son trasladadas sin aviso y el localizador va con retraso.",
);
pub const MADE_AT: Text = text("Made at", "Hecho el");
pub const MADE_BY: Text = text("Made by", "Hecho por");
pub const SOURCE: Text = text("Source", "Fuente");
pub const FROM_NOW: Text = text(
    "answers of the detainee locator that this service asks, searched for this report",
    "respuestas del localizador que consulta este servicio, buscadas para este informe",
);
pub const FROM_EARLIER: Text = text(
    "answers of earlier searches, as the assistant passed them on; this service cannot tell whether they were changed on the way",
    "respuestas de búsquedas anteriores, tal como las entregó el asistente; este servicio no puede saber si se cambiaron por el camino",
);

pub const SEARCHED_FOR: Text = text("Searched for", "Se buscó");
pub const OUTCOMES: Text = text("Outcome of each search", "Resultado de cada búsqueda");
pub const NOT_SEARCHED: Text = text("not searched", "sin buscar");
pub const NOT_SEARCHED_WHY: Text = text(
    "The search was asked for and not made: nothing is known.",
    "La búsqueda se pidió y no se hizo: no se sabe nada.",
);
pub const SEARCH: Text = text("Search", "Búsqueda");
/// Between somebody's number and how many there are.
pub const OF: Text = text("of", "de");
pub const OUTCOME: Text = text("Outcome", "Resultado");
pub const MEANING: Text = text("What it means", "Qué significa");
pub const PEOPLE: Text = text("People shown", "Personas mostradas");
pub const COUNT: Text = text("Count", "Cantidad");

pub const CASE_FACTS: Text = text(
    "Facts of the case, as the locator shows them",
    "Datos del caso, como los muestra el localizador",
);
pub const FACT: Text = text("Fact", "Dato");
pub const VALUE: Text = text("Value", "Valor");
pub const NOT_SHOWN: Text = text("not shown", "no se muestra");
pub const NAME: Text = text("Name", "Nombre");
pub const ALIEN_NUMBER: Text = text("A-number", "Número A");
pub const BIRTH: Text = text("Date of birth", "Fecha de nacimiento");
pub const COUNTRY: Text = text("Country of birth", "País de nacimiento");
pub const STATUS: Text = text("Custody", "Custodia");
pub const FACILITY: Text = text("Facility", "Centro");
pub const PHONE: Text = text(
    "Facility's phone, as the locator gives it",
    "Teléfono del centro, según el localizador",
);
pub const PAGE: Text = text("Facility's page", "Página del centro");
pub const MATCH: Text = text("Match", "Coincidencia");
pub const WHY: Text = text("Why", "Por qué");
pub const IN_CUSTODY: Text = text("in custody", "bajo custodia");
pub const RELEASED: Text = text("not in custody any more", "ya no está bajo custodia");
pub const NOBODY: Text = text(
    "None of these searches names anybody.",
    "Ninguna de estas búsquedas nombra a nadie.",
);
pub const CHRONOLOGY: Text = text("Chronology", "Cronología");

pub const WHERE: Text = text("Where the person is", "Dónde está la persona");
pub const SHOWN_AT: Text = text("is shown by the locator at", "aparece en el localizador en");
pub const SHOWN: Text = text(
    "is shown by the locator, without a place",
    "aparece en el localizador, sin lugar",
);
pub const CALL: Text = text("Call", "Llame al");
pub const MAY_BE: Text = text(
    "More than one person may match. Compare dates and countries before you rely on this.",
    "Puede coincidir más de una persona. Compare fechas y países antes de confiar en esto.",
);

pub const COUNTS: Text = text("Counts", "Cifras");
pub const BY_PERSON: Text = text(
    "People shown, without names",
    "Personas mostradas, sin nombres",
);
pub const PERSON: Text = text("Person", "Persona");

pub const VERIFY: Text = text("How to verify this", "Cómo comprobarlo");
pub const VERIFY_BY: [Text; 3] = [
    text(
        "If a facility is named, call it and ask whether the person is there.",
        "Si se nombra un centro, llame y pregunte si la persona está ahí.",
    ),
    text(
        "Make the search by hand in the public locator.",
        "Haga la búsqueda a mano en el localizador público.",
    ),
    text(
        "Search again before you rely on this report. An unknown outcome does not mean that nobody is held.",
        "Busque otra vez antes de confiar en este informe. Un resultado desconocido no significa que nadie esté detenido.",
    ),
];

/// An outcome in a word or two.
pub const fn outcome(outcome: Outcome) -> Text {
    match outcome {
        Outcome::Found => text("found", "encontrada"),
        Outcome::NotFound => text("nobody shown", "no se muestra a nadie"),
        Outcome::Several => text("several may match", "pueden coincidir varias"),
        Outcome::Partial => text("answered in part", "respuesta parcial"),
        Outcome::Challenged => text(
            "not known: a person must continue",
            "no se sabe: debe continuar una persona",
        ),
        Outcome::RateLimited => text(
            "not known: asked too fast",
            "no se sabe: demasiadas consultas",
        ),
        Outcome::Unavailable => text("not known: no answer", "no se sabe: sin respuesta"),
        Outcome::PageChanged => text(
            "not known: answer cannot be read",
            "no se sabe: respuesta ilegible",
        ),
        Outcome::Invalid => text(
            "not searched: details cannot be used",
            "no se buscó: datos no utilizables",
        ),
    }
}

/// A detail of a search, if it is one.
pub fn detail(field: &str) -> Option<Text> {
    Some(match field {
        "first_name" => text("First name", "Nombre"),
        "middle_name" => text("Middle name", "Segundo nombre"),
        "last_name" => text("Last name", "Apellidos"),
        "date_of_birth" => BIRTH,
        "country_of_birth" => COUNTRY,
        "alien_number" => ALIEN_NUMBER,
        _ => return None,
    })
}
