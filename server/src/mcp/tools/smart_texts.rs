//! What is asked back of a query in plain language, and what may be corrected, in English and Spanish.

use super::super::texts;
use crate::language::{Text, text};
use crate::search::plain::{Field, Tip, Why};

/// Before what was understood.
pub const UNDERSTOOD: Text = Text {
    en: "Understood",
    es: "Se entendió",
};
/// Before what the search does not go by.
pub const NOT_USED: Text = Text {
    en: "Not used in the search",
    es: "No se usó en la búsqueda",
};
/// Before what has to be asked.
pub const QUESTIONS: Text = Text {
    en: "Please answer",
    es: "Por favor responda",
};
/// Before what may be corrected.
pub const SUGGESTIONS: Text = Text {
    en: "Please check",
    es: "Por favor revise",
};

/// What a field is called.
pub fn field(field: Field) -> Text {
    let name = field.as_str();
    texts::field(name).unwrap_or(text(name, name))
}

/// The question about a field.
pub const fn question(field: Field, why: Why) -> Text {
    match (field, why) {
        (Field::Person, _) => text(
            "Several people seem to be meant. Whom shall we look for first? Each needs a search of their own.",
            "Parece que se trata de varias personas. ¿A quién buscamos primero? Cada una necesita su propia búsqueda.",
        ),
        (Field::FirstName | Field::MiddleName, _) => text(
            "What is the person's first name, as on their papers?",
            "¿Cuál es el nombre de la persona, como está en sus papeles?",
        ),
        (Field::LastName, _) => text(
            "What is the person's last name, or both, as on their papers?",
            "¿Cuáles son los apellidos de la persona, como están en sus papeles?",
        ),
        (Field::CountryOfBirth, Why::Ambiguous) => text(
            "In which of these countries was the person born?",
            "¿En cuál de estos países nació la persona?",
        ),
        (Field::CountryOfBirth, Why::State) => text(
            "Is the country meant, or the U.S. state of the same name? In which country was the person born?",
            "¿Se trata del país o del estado de EE. UU. del mismo nombre? ¿En qué país nació la persona?",
        ),
        (Field::CountryOfBirth, Why::TooMany) => text(
            "A search takes at most four countries. In which of these was the person most likely born?",
            "Una búsqueda admite como máximo cuatro países. ¿En cuáles de estos es más probable que haya nacido la persona?",
        ),
        (Field::CountryOfBirth, _) => text(
            "In which country was the person born?",
            "¿En qué país nació la persona?",
        ),
        (Field::DateOfBirth, Why::Ambiguous | Why::Several) => text(
            "Which of these days is the date of birth (year-month-day)?",
            "¿Cuál de estos días es la fecha de nacimiento (año-mes-día)?",
        ),
        (Field::DateOfBirth, Why::Incomplete) => text(
            "Do you know the whole date of birth: day, month and year? The search does without it.",
            "¿Sabe la fecha de nacimiento completa: día, mes y año? La búsqueda puede hacerse sin ella.",
        ),
        (Field::DateOfBirth, _) => text(
            "The date of birth is no day that there is. What is it: day, month and year?",
            "La fecha de nacimiento no es un día que exista. ¿Cuál es: día, mes y año?",
        ),
        (Field::AlienNumber, _) => text(
            "An A-number has up to nine digits and no letters after the A. What is it exactly?",
            "Un número A tiene hasta nueve dígitos y ninguna letra después de la A. ¿Cuál es exactamente?",
        ),
    }
}

/// What may be corrected.
pub const fn suggestion(tip: Tip) -> Text {
    match tip {
        Tip::Country => text(
            "The name of the country seems to be misspelt; it was read as",
            "El nombre del país parece mal escrito; se leyó como",
        ),
        Tip::Month => text(
            "The name of the month seems to be misspelt; the date was read as",
            "El nombre del mes parece mal escrito; la fecha se leyó como",
        ),
        Tip::Padded => text(
            "The A-number has fewer than nine digits; zeros were put in front",
            "El número A tiene menos de nueve dígitos; se le pusieron ceros delante",
        ),
        Tip::Digits => text(
            "The A-number has letters where digits belong; perhaps it is",
            "El número A tiene letras donde van dígitos; tal vez sea",
        ),
        Tip::SocialSecurity => text(
            "A number written like a Social Security number was left out: it is not an A-number, and the locator has no use for it",
            "Se dejó fuera un número escrito como uno de Seguro Social: no es un número A, y al localizador no le sirve",
        ),
        Tip::Minor => text(
            "The locator shows nobody under 18",
            "El localizador no muestra a nadie menor de 18 años",
        ),
        Tip::ByName => text(
            "The number finds nobody. The name was not searched for: search by name as well",
            "El número no encuentra a nadie. El nombre no se buscó: busque también por nombre",
        ),
        Tip::OtherReading => text(
            "Where given names end and surnames begin is not certain; it may also be (given names / surnames)",
            "No es seguro dónde terminan los nombres y empiezan los apellidos; también puede ser (nombres / apellidos)",
        ),
    }
}
