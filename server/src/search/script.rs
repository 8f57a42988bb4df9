//! Names that come from other scripts and are put into Latin letters in more than one way: Mohamed and Muhammad, Zelensky and
//! Zelenskiy, Zhang and Cheung.

use std::collections::HashMap;
use std::sync::LazyLock;

const LIST: &str = include_str!("transliterations.txt");
/// Shorter words have too many neighbours for a rule; the list holds what is known of them.
const SHORTEST: usize = 5;

/// The lines of the list in which each name stands.
static GROUPS: LazyLock<HashMap<&'static str, Vec<&'static str>>> = LazyLock::new(|| {
    let mut groups: HashMap<&str, Vec<&str>> = HashMap::new();
    for line in LIST.lines().filter(|line| !line.starts_with('#')) {
        for name in line.split_whitespace() {
            groups.entry(name).or_default().push(line);
        }
    }
    groups
});

/// What is written in more than one way, and the one way that is compared: in this order.
const RULES: [(&str, &str); 27] = [
    ("shch", "sh"),
    ("sch", "sh"),
    ("tch", "ch"),
    ("dzh", "j"),
    ("dj", "j"),
    ("zh", "j"),
    ("kh", "h"),
    ("gh", "g"),
    ("dh", "d"),
    ("th", "t"),
    ("ph", "f"),
    ("ck", "k"),
    ("tz", "ts"),
    ("ks", "x"),
    ("q", "k"),
    ("w", "v"),
    ("ou", "u"),
    ("oo", "u"),
    ("ee", "i"),
    ("aa", "a"),
    ("y", "i"),
    ("ij", "i"),
    ("ii", "i"),
    ("ie", "e"),
    ("off", "ov"),
    ("eff", "ev"),
    ("'", ""),
];

/// What is the same of a name however it is put into Latin letters.
pub fn key(word: &str) -> String {
    let mut key = RULES
        .iter()
        .fold(word.to_owned(), |word, (from, to)| word.replace(from, to));
    let mut last = None;
    key.retain(|c| last.replace(c) != Some(c));
    if key.len() > SHORTEST && key.ends_with('h') {
        key.pop();
    }
    key
}

/// Other ways to write a name that are known by heart.
pub fn group(word: &str) -> impl Iterator<Item = &'static str> {
    let lines = GROUPS.get(word).into_iter().flatten();
    lines.flat_map(|line| line.split_whitespace())
}

/// Whether two words are one name.
pub fn are_one(one: &str, other: &str) -> bool {
    let long = one.len().min(other.len()) >= SHORTEST;
    long && key(one) == key(other) || group(one).any(|name| name == other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ways_to_write_one_name_are_one() {
        for (one, other) in [
            ("zelensky", "zelenskiy"),
            ("zelensky", "zelenskii"),
            ("kuznetsov", "kuznetsoff"),
            ("mohamed", "muhammad"),
            ("mohammed", "mohamed"),
            ("youssef", "yusuf"),
            ("zhang", "cheung"),
            ("petrosyan", "petrosian"),
            ("yulia", "iuliia"),
            ("khadijah", "khadija"),
        ] {
            assert!(are_one(one, other) && are_one(other, one), "{one} {other}");
        }
        for (one, other) in [
            ("zhang", "wong"),
            ("ivanov", "ivanova"),
            ("perez", "peres"),
            ("lara", "laura"),
        ] {
            assert!(!are_one(one, other), "{one} {other}");
        }
    }

    #[test]
    fn the_list_is_plain_words() {
        for line in LIST.lines().filter(|line| !line.starts_with('#')) {
            let plain = line.bytes().all(|b| b.is_ascii_lowercase() || b == b' ');
            assert!(plain && line.contains(' '), "{line}");
        }
    }
}
