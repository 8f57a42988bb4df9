//! Numbers in words, as dates and ages have them, in English and Spanish.

use super::token::Tokens;

const ONES: [(&str, &str, u8); 30] = [
    ("one", "uno", 1),
    ("two", "dos", 2),
    ("three", "tres", 3),
    ("four", "cuatro", 4),
    ("five", "cinco", 5),
    ("six", "seis", 6),
    ("seven", "siete", 7),
    ("eight", "ocho", 8),
    ("nine", "nueve", 9),
    ("ten", "diez", 10),
    ("eleven", "once", 11),
    ("twelve", "doce", 12),
    ("thirteen", "trece", 13),
    ("fourteen", "catorce", 14),
    ("fifteen", "quince", 15),
    ("sixteen", "dieciseis", 16),
    ("seventeen", "diecisiete", 17),
    ("eighteen", "dieciocho", 18),
    ("nineteen", "diecinueve", 19),
    ("oh", "", 0),
    ("", "veintiuno", 21),
    ("", "veintidos", 22),
    ("", "veintitres", 23),
    ("", "veinticuatro", 24),
    ("", "veinticinco", 25),
    ("", "veintiseis", 26),
    ("", "veintisiete", 27),
    ("", "veintiocho", 28),
    ("", "veintinueve", 29),
    ("", "un", 1),
];
const TENS: [(&str, &str, u8); 8] = [
    ("twenty", "veinte", 20),
    ("thirty", "treinta", 30),
    ("forty", "cuarenta", 40),
    ("fifty", "cincuenta", 50),
    ("sixty", "sesenta", 60),
    ("seventy", "setenta", 70),
    ("eighty", "ochenta", 80),
    ("ninety", "noventa", 90),
];
const ORDINALS: [(&str, u8); 21] = [
    ("first", 1),
    ("second", 2),
    ("third", 3),
    ("fourth", 4),
    ("fifth", 5),
    ("sixth", 6),
    ("seventh", 7),
    ("eighth", 8),
    ("ninth", 9),
    ("tenth", 10),
    ("eleventh", 11),
    ("twelfth", 12),
    ("thirteenth", 13),
    ("fourteenth", 14),
    ("fifteenth", 15),
    ("sixteenth", 16),
    ("seventeenth", 17),
    ("eighteenth", 18),
    ("nineteenth", 19),
    ("twentieth", 20),
    ("thirtieth", 30),
];

/// A number of words below a hundred, and where it ends.
pub fn below_hundred(text: &Tokens, at: usize) -> Option<(u8, usize)> {
    let word = text.word(at);
    if let Some((tens, ones)) = word.split_once('-') {
        return Some((ten(tens)? + one(ones)?, at + 1));
    }
    let Some(tens) = ten(word) else {
        return Some((one(word)?, at + 1));
    };
    let next = at + 1 + usize::from(text.word(at + 1) == "y");
    match one(text.word(next)) {
        Some(ones) if (1..10).contains(&ones) => Some((tens + ones, next + 1)),
        _ => Some((tens, at + 1)),
    }
}

/// The number of a day in words, cardinal or ordinal.
pub fn day(text: &Tokens, at: usize) -> Option<(u8, usize)> {
    let word = text.word(at);
    if word == "primero" {
        return Some((1, at + 1));
    }
    if let Some(day) = ordinal(word) {
        return Some((day, at + 1));
    }
    if let Some((tens, ones)) = word.split_once('-')
        && let (Some(tens), Some(ones)) = (ten(tens), ordinal(ones))
    {
        return Some((tens + ones, at + 1));
    }
    if let (Some(tens), Some(ones)) = (ten(word), ordinal(text.word(at + 1))) {
        return Some((tens + ones, at + 2));
    }
    below_hundred(text, at).filter(|(day, _)| (1..=31).contains(day))
}

/// A year in words: `mil novecientos noventa`, `dos mil uno`, `nineteen ninety-five`, `two thousand one`.
pub fn year(text: &Tokens, at: usize) -> Option<(i16, usize)> {
    if text.says(at, &["mil", "novecientos"]) {
        return Some(plus(text, 1900, at + 2));
    }
    if text.says(at, &["dos", "mil"]) || text.says(at, &["two", "thousand"]) {
        let next = at + 2 + usize::from(text.word(at + 2) == "and");
        let (year, end) = plus(text, 2000, next);
        return Some((year, if year == 2000 { at + 2 } else { end }));
    }
    let century = match text.word(at) {
        "nineteen" => 1900,
        "twenty" => 2000,
        _ => return None,
    };
    let (year, end) = plus(
        text,
        century,
        at + 1 + usize::from(text.word(at + 1) == "hundred"),
    );
    (year > century).then_some((year, end))
}

/// The digit that a word is.
pub fn digit(word: &str) -> Option<char> {
    match word {
        "zero" | "cero" | "oh" => Some('0'),
        _ => one(word)
            .filter(|value| (1..10).contains(value) && word != "un")
            .map(|value| char::from(b'0' + value)),
    }
}

fn plus(text: &Tokens, century: i16, at: usize) -> (i16, usize) {
    match below_hundred(text, at) {
        // "Nineteen oh five".
        Some((0, next)) => match one(text.word(next)) {
            Some(ones) if ones < 10 => (century + i16::from(ones), next + 1),
            _ => (century, at),
        },
        Some((rest, next)) => (century + i16::from(rest), next),
        None => (century, at),
    }
}

fn one(word: &str) -> Option<u8> {
    let is = |(english, spanish, _): &&(&str, &str, u8)| {
        !word.is_empty() && (word == *english || word == *spanish)
    };
    ONES.iter().find(is).map(|(_, _, value)| *value)
}

fn ten(word: &str) -> Option<u8> {
    TENS.iter()
        .find(|(english, spanish, _)| word == *english || word == *spanish)
        .map(|(_, _, value)| *value)
}

fn ordinal(word: &str) -> Option<u8> {
    ORDINALS
        .iter()
        .find(|(name, _)| word == *name)
        .map(|(_, value)| *value)
}
