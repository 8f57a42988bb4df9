//! Numbers in words, English and Spanish.

use crate::token::Tokens;
use crate::words::Class;

/// The number that a word says, below a hundred.
pub fn small(word: &[u8]) -> Option<u32> {
    const UNITS: [&[&[u8]]; 30] = [
        &[b"zero", b"cero", b"oh"],
        &[b"one", b"uno", b"un", b"una", b"first", b"primero"],
        &[b"two", b"dos", b"second"],
        &[b"three", b"tres", b"third"],
        &[b"four", b"cuatro", b"fourth"],
        &[b"five", b"cinco", b"fifth"],
        &[b"six", b"seis", b"sixth"],
        &[b"seven", b"siete", b"seventh"],
        &[b"eight", b"ocho", b"eighth"],
        &[b"nine", b"nueve", b"ninth"],
        &[b"ten", b"diez", b"tenth"],
        &[b"eleven", b"once", b"eleventh"],
        &[b"twelve", b"doce", b"twelfth"],
        &[b"thirteen", b"trece", b"thirteenth"],
        &[b"fourteen", b"catorce", b"fourteenth"],
        &[b"fifteen", b"quince", b"fifteenth"],
        &[b"sixteen", b"dieciseis", b"sixteenth"],
        &[b"seventeen", b"diecisiete", b"seventeenth"],
        &[b"eighteen", b"dieciocho", b"eighteenth"],
        &[b"nineteen", b"diecinueve", b"nineteenth"],
        &[b"twenty", b"veinte", b"twentieth"],
        &[b"veintiuno", b"veintiun"],
        &[b"veintidos"],
        &[b"veintitres"],
        &[b"veinticuatro"],
        &[b"veinticinco"],
        &[b"veintiseis"],
        &[b"veintisiete"],
        &[b"veintiocho"],
        &[b"veintinueve"],
    ];
    const TENS: [&[&[u8]]; 7] = [
        &[b"thirty", b"treinta", b"thirtieth"],
        &[b"forty", b"cuarenta"],
        &[b"fifty", b"cincuenta"],
        &[b"sixty", b"sesenta"],
        &[b"seventy", b"setenta"],
        &[b"eighty", b"ochenta"],
        &[b"ninety", b"noventa"],
    ];
    let place = |lists: &[&[&[u8]]]| lists.iter().position(|words| words.contains(&word));
    if let Some(units) = place(&UNITS) {
        return u32::try_from(units).ok();
    }
    u32::try_from(place(&TENS)? * 10 + 30).ok()
}

fn hundreds(word: &[u8]) -> Option<u32> {
    Some(match word {
        b"cien" | b"ciento" => 100,
        b"doscientos" => 200,
        b"trescientos" => 300,
        b"cuatrocientos" => 400,
        b"quinientos" => 500,
        b"seiscientos" => 600,
        b"setecientos" => 700,
        b"ochocientos" => 800,
        b"novecientos" => 900,
        _ => return None,
    })
}

/// The number below a hundred that begins at token `at`, and the token after it.
pub fn below_hundred(tokens: &Tokens, at: usize) -> Option<(u32, usize)> {
    let word = |at: usize| {
        let token = tokens.all.get(at)?;
        token.class.any(Class::NUMBER).then(|| tokens.text(at))
    };
    let first = small(word(at)?)?;
    if first < 20 || first % 10 != 0 {
        return Some((first, at + 1));
    }
    let and = tokens
        .all
        .get(at + 1)
        .is_some_and(|_| tokens.text(at + 1) == b"y");
    let next = at + 1 + usize::from(and);
    match word(next).and_then(small) {
        Some(unit @ 1..=9) if tokens.gap(next).len() == 1 => Some((first + unit, next + 1)),
        _ => Some((first, at + 1)),
    }
}

/// The year that begins at token `at`, in words, and the token after it: "nineteen ninety", "mil novecientos noventa".
pub fn year(tokens: &Tokens, at: usize) -> Option<(u32, usize)> {
    let text = |at: usize| tokens.all.get(at).map(|_| tokens.text(at));
    let rest = |at: usize, base: u32| {
        let skip = matches!(text(at), Some(b"and" | b"y"));
        match below_hundred(tokens, at + usize::from(skip)) {
            Some((more, end)) => (base + more, end),
            None => (base, at),
        }
    };
    match (text(at)?, text(at + 1)) {
        (b"mil", Some(word)) => {
            let base = 1000 + hundreds(word)?;
            Some(rest(at + 2, base))
        }
        (b"two", Some(b"thousand")) | (b"dos", Some(b"mil")) => Some(rest(at + 2, 2000)),
        (b"nineteen", Some(b"hundred")) => Some(rest(at + 2, 1900)),
        (century @ (b"nineteen" | b"twenty"), Some(next)) => {
            let century = if century == b"twenty" { 2000 } else { 1900 };
            if matches!(next, b"oh" | b"o") {
                let (units, end) = below_hundred(tokens, at + 2)?;
                return Some((century + units, end));
            }
            let (years, end) = below_hundred(tokens, at + 1)?;
            (years >= 10).then_some((century + years, end))
        }
        _ => None,
    }
}
