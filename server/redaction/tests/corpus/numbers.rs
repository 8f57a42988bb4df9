//! Numbers and days as a reader finds them, in digits or in words.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::fold::words;

/// A piece of a text that may belong to a number or a day.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Digits(String),
    Month(u8),
    /// Says nothing itself: "of", "de", "th".
    Filler,
    /// "double", "triple".
    Times(usize),
    Break,
}

/// What a word may mean in a number or a day.
#[derive(Clone, Copy)]
enum Meaning {
    Small(u16),
    Tens(u16),
    Hundreds(u16),
    Month(u8),
    Filler,
    Times(usize),
}

const ROMAN: &str = "i ii iii iv v vi vii viii ix x xi xii";

/// Words in the order of their values.
const SMALL: [&str; 5] = [
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen",
    "cero uno dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince dieciseis diecisiete dieciocho \
     diecinueve veinte veintiuno veintidos veintitres veinticuatro veinticinco veintiseis veintisiete veintiocho veintinueve",
    "oh first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth \
     sixteenth seventeenth eighteenth nineteenth twentieth",
    "- primero",
    "- un",
];
const TENS: [&str; 2] = [
    "- - twenty thirty forty fifty sixty seventy eighty ninety",
    "- - veinte treinta cuarenta cincuenta sesenta setenta ochenta noventa",
];
const HUNDREDS: [&str; 2] = [
    "- cien doscientos trescientos cuatrocientos quinientos seiscientos setecientos ochocientos novecientos",
    "- ciento",
];
const MONTHS: [&str; 2] = [
    "- january february march april may june july august september october november december",
    "- enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
];
const FILLERS: &str = "de del of the th st nd rd el dia day mes month ano year y and t";

/// What a word means in a number or a day, if anything.
fn meaning(word: &str) -> Option<Meaning> {
    static MEANINGS: LazyLock<HashMap<&str, Meaning>> = LazyLock::new(|| {
        let mut known = HashMap::new();
        let mut add = |lists: &[&'static str], meaning: &dyn Fn(u8) -> Meaning| {
            for (value, word) in lists.iter().flat_map(|list| (0..).zip(list.split(' '))) {
                known.insert(word, meaning(value));
            }
        };
        add(&[FILLERS], &|_| Meaning::Filler);
        add(&["- - double triple"], &|value| {
            Meaning::Times(value.into())
        });
        add(&SMALL, &|value| Meaning::Small(value.into()));
        add(&TENS, &|value| Meaning::Tens(u16::from(value) * 10));
        add(&HUNDREDS, &|value| {
            Meaning::Hundreds(u16::from(value) * 100)
        });
        let short = MONTHS.map(|list| {
            list.split(' ')
                .map(|month| &month[..month.len().min(3)])
                .collect::<Vec<_>>()
        });
        for (value, word) in short.iter().flat_map(|list| (0..).zip(list)) {
            known.insert(word, Meaning::Month(value));
        }
        for (value, word) in MONTHS.iter().flat_map(|list| (0..).zip(list.split(' '))) {
            known.insert(word, Meaning::Month(value));
        }
        known.insert("sept", Meaning::Month(9));
        known.insert("thirtieth", Meaning::Small(30));
        known.insert("una", Meaning::Small(1));
        known.remove("-");
        known
    });
    MEANINGS.get(word).copied()
}

/// A number in words that begins at `words[0]`, and how many words it takes.
fn spoken(words: &[&str]) -> Option<(u16, usize)> {
    match meaning(words.first()?)? {
        Meaning::Small(value) => Some((value, 1)),
        Meaning::Tens(tens) => {
            let joined = usize::from(words.get(1) == Some(&"y"));
            let Some(Meaning::Small(unit @ 1..10)) =
                words.get(1 + joined).and_then(|word| meaning(word))
            else {
                return Some((tens, 1));
            };
            Some((tens + unit, 2 + joined))
        }
        Meaning::Hundreds(hundreds) => {
            let rest = spoken(&words[1..]).filter(|(rest, _)| (1..100).contains(rest));
            Some(rest.map_or((hundreds, 1), |(rest, took)| (hundreds + rest, took + 1)))
        }
        _ => None,
    }
}

fn pieces(folded: &str) -> Vec<Piece> {
    let words = words(folded);
    let mut pieces = Vec::new();
    let mut at = 0;
    while at < words.len() {
        let word = words[at];
        at += 1;
        if let Some((number, took)) = spoken(&words[at - 1..]) {
            pieces.push(Piece::Digits(number.to_string()));
            at += took - 1;
        } else if word.chars().any(|c| c.is_ascii_digit()) {
            mixed(word, &mut pieces);
        } else {
            pieces.push(other(word));
        }
    }
    pieces
}

/// What a word is that is no number.
fn other(word: &str) -> Piece {
    match meaning(word) {
        Some(Meaning::Month(month)) => Piece::Month(month),
        Some(Meaning::Filler) => Piece::Filler,
        Some(Meaning::Times(times)) => Piece::Times(times),
        _ => Piece::Break,
    }
}

/// A word with digits in it: "a215448019", "14mar1988", "o3", "b019".
fn mixed(word: &str, pieces: &mut Vec<Piece>) {
    let digits: Option<String> = word
        .chars()
        .map(|c| match c {
            'o' => Some('0'),
            'l' | 'i' => Some('1'),
            's' => Some('5'),
            'b' => Some('8'),
            _ => c.is_ascii_digit().then_some(c),
        })
        .collect();
    if let Some(digits) = digits {
        pieces.push(Piece::Digits(digits));
        return;
    }
    if let Some(rest) = word
        .strip_prefix('a')
        .filter(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
    {
        mixed(rest, pieces);
        return;
    }
    let mut rest = word;
    while let Some(first) = rest.chars().next() {
        let digit = first.is_ascii_digit();
        let end = rest
            .find(|c: char| c.is_ascii_digit() != digit)
            .unwrap_or(rest.len());
        let (part, after) = rest.split_at(end);
        pieces.push(if digit {
            Piece::Digits(part.to_owned())
        } else {
            other(part)
        });
        rest = after;
    }
}

/// All runs of digits that follow one another with nothing but signs between them.
pub fn runs(folded: &str) -> String {
    let mut runs = String::new();
    let mut times = 1;
    for piece in pieces(folded) {
        match piece {
            Piece::Digits(digits) => {
                let repeated = digits.len() == 1;
                runs.push_str(&digits.repeat(if repeated { times } else { 1 }));
                times = 1;
            }
            Piece::Times(number) => times = number,
            _ => runs.push(' '),
        }
    }
    runs
}

/// How often a day can be read: with its month as a word beside it, as two numbers side by side, or in one run of digits.
pub fn days(folded: &str, year: Option<u16>, month: u8, day: u8) -> usize {
    let all = words(folded);
    let roman = all.windows(3).filter(|three| {
        three[0].parse() == Ok(day)
            && ROMAN.split(' ').nth(usize::from(month) - 1) == Some(three[1])
            && three[2].len() == 4
            && three[2].parse::<u16>().is_ok()
    });
    let mut count = roman.count();
    let pieces: Vec<_> = pieces(folded)
        .into_iter()
        .filter(|piece| *piece != Piece::Filler)
        .collect();
    let is = |piece: &Piece, number: u8| matches!(piece, Piece::Digits(digits) if digits.len() < 3 && digits.parse() == Ok(number));
    for pair in pieces.windows(2) {
        let named = (is(&pair[0], day) && pair[1] == Piece::Month(month))
            || (pair[0] == Piece::Month(month) && is(&pair[1], day));
        let numbers = (is(&pair[0], day) && is(&pair[1], month))
            || (is(&pair[0], month) && is(&pair[1], day));
        count += usize::from(named || numbers);
    }
    if let Some(year) = year {
        let runs = runs(folded);
        let short = year % 100;
        for run in [
            format!("{year}{month:02}{day:02}"),
            format!("{day:02}{month:02}{year}"),
            format!("{month:02}{day:02}{year}"),
            format!("{day}{month}{year}"),
            format!("{month}{day}{year}"),
            format!("{short:02}{month:02}{day:02}"),
            format!("{day:02}{month:02}{short:02}"),
            format!("{month:02}{day:02}{short:02}"),
        ] {
            count += runs.matches(&run).count();
        }
    }
    count
}
