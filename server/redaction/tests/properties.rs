//! What holds for any text.

use icelocator_redaction::{Guard, Key, Kind, Redactor, Seen};
use proptest::prelude::*;

fn redactor() -> Redactor {
    Redactor::new(Key::of(b"a key for tests alone"))
}

/// Text that is made of what the redactor looks at.
fn pieces() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        "\\PC{0,6}",
        "[0-9]{1,10}",
        "[A-Za-z]{1,9}",
        "[ .,:;/()@+_'\"\\\\\\-\n%&=\\[\\]]{1,3}",
        prop::sample::select(vec![
            "Maria",
            "Pérez",
            "rosa",
            "Cruz",
            "Will",
            "de la",
            "A",
            "born",
            "passport",
            "password: ",
            "May",
            "mayo",
            "de",
            "Calle",
            "Street",
            "at",
            "dot",
            "com",
            "nine",
            "nueve",
            "mil",
            "twenty",
            "my brother",
            "se llama",
            "Mr. ",
            "Detention Center",
            "\u{200b}",
            "\u{301}",
            "%C3%A9",
            "&eacute;",
            "\\u00e9",
            "Мария",
            "王伟",
            "SXhjaGVs",
            "[name:bcdfghjkmn]",
            "2026-11-27T01:44:54Z",
            "San José",
            "ＡＢＣ",
            "а",
            "http://",
            "i",
            "x",
            "o",
        ])
        .prop_map(str::to_owned),
    ];
    prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

fn seen(names: &[String]) -> Seen {
    let mut seen = Seen::default();
    for name in names {
        seen.add(Kind::Name, name);
    }
    seen
}

fn letters(text: &str) -> String {
    text.to_lowercase()
        .chars()
        .filter(|one| one.is_alphanumeric())
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn no_text_is_too_strange(text in any::<String>(), value in any::<String>()) {
        let mut seen = Seen::default();
        for kind in Kind::ALL {
            seen.add(kind, &value);
            redactor().value(kind, &text);
        }
        redactor().text(&text, &seen);
        Guard::default().find(text.as_bytes());
    }

    #[test]
    fn what_is_left_stands_in_the_text_in_order(text in pieces()) {
        let cleaned = redactor().text(&text, &Seen::default());
        let mut rest = text.as_str();
        let mut hidden = 0;
        for part in cleaned.text.split_inclusive(']') {
            let (kept, told) = match part.rfind('[') {
                Some(at) if part.ends_with(']') && !text.contains(&part[at..]) => (&part[..at], true),
                _ => (part, false),
            };
            hidden += usize::from(told);
            let at = rest.find(kept);
            prop_assert!(at.is_some(), "{kept:?} of {:?}", cleaned.text);
            rest = &rest[at.unwrap() + kept.len()..];
        }
        prop_assert_eq!(hidden, cleaned.hidden.len());
    }

    #[test]
    fn redacting_again_changes_nothing(text in pieces(), names in prop::collection::vec("[A-Z][a-z]{2,8} [A-Z][a-z]{3,9}", 0..3)) {
        let seen = seen(&names);
        let once = redactor().text(&text, &seen).text;
        let twice = redactor().text(&once, &seen).text;
        prop_assert_eq!(once, twice);
    }

    #[test]
    fn what_was_seen_is_gone(
        before in pieces(),
        name in "[A-Z][a-z]{2,8} ([A-Z][a-z]{3,9} )?[A-Z][a-z]{3,9}",
        after in pieces(),
        form in 0..6,
    ) {
        let seen = seen(std::slice::from_ref(&name));
        let written = match form {
            0 => name.to_uppercase(),
            1 => name.replace(' ', "-"),
            2 => name.replace(' ', "%20"),
            3 => name.replace('e', "é").replace('a', "á"),
            4 => name.split(' ').rev().collect::<Vec<_>>().join(", "),
            _ => name.clone(),
        };
        let text = format!("{before} {written} {after}");
        let cleaned = redactor().text(&text, &seen).text;
        prop_assert!(!letters(&cleaned).contains(&letters(&name)) || letters(&before).contains(&letters(&name)) || letters(&after).contains(&letters(&name)),
            "{name} is left in {cleaned:?}");
        prop_assert!(!cleaned.contains(&written), "{written} is left in {cleaned:?}");
    }

    #[test]
    fn a_number_that_was_seen_is_gone(before in "[a-z ]{0,20}", number in "[1-9][0-9]{7,8}", after in "[a-z ]{0,20}", gaps in prop::collection::vec(prop::sample::select(vec!["", " ", "-", ".", "/"]), 9)) {
        let mut seen = Seen::default();
        seen.add(Kind::Other, &number);
        let written: String = number.chars().zip(&gaps).flat_map(|(digit, gap)| [digit].into_iter().chain(gap.chars())).collect();
        let cleaned = redactor().text(&format!("{before} {written} {after}"), &seen).text;
        let digits: String = cleaned.split(['[', ']']).step_by(2).flat_map(str::chars).filter(char::is_ascii_digit).collect();
        prop_assert!(!digits.contains(&number), "{number} is left in {cleaned:?}");
    }
}

#[test]
fn long_and_hostile_text_comes_to_an_end() {
    let redactor = redactor();
    let mut seen = Seen::default();
    for at in 0..512 {
        seen.add(Kind::Name, &format!("Aa{at} Aa Aaa Aaaa Bb"));
        seen.add(Kind::Other, &"a ".repeat(90 + at % 8));
    }
    let size = 1 << 16;
    for unit in [
        "a",
        "a ",
        "1",
        "1 ",
        "1-",
        "A1",
        "aA",
        "%",
        "%25",
        "&",
        "&amp;",
        "\\",
        "\\u0041",
        "[",
        "[name:",
        "@",
        "a@",
        "a.",
        "at ",
        "a at ",
        "dot ",
        "a dot ",
        "eyJ",
        "://:",
        "nine ",
        "mil ",
        "May ",
        "1 May ",
        "calle ",
        "1 oak ",
        "password ",
        "password: ",
        "brother ",
        "Mr. ",
        "Maria ",
        "Maria, ",
        "San ",
        "Detention ",
        "é",
        "а",
        "王",
        "\u{200b}",
        "\u{301}",
        "aа",
        "TWFy",
        "-----BEGIN ",
        "Bearer ",
        "passport ",
        "a-",
        "3a",
        "born 1",
        "=C3",
        "xox",
        "A-1",
        "\u{93e}",
        "а\u{200b}",
        "1a",
        "aA1",
        "\\xc3",
        "Billy and ",
        "Ana;",
        "busco a ",
        "mandandoselas ",
        "Rosa es mi hija ",
    ] {
        let text = unit.repeat(size / unit.len());
        let cleaned = redactor.text(&text, &seen);
        assert!(cleaned.text.len() <= text.len() * 24, "{unit}");
        Guard::default().find(text.as_bytes());
    }
}

/// Nanoseconds that this thread has run: other threads do not count.
fn ran() -> u64 {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    told.split(' ')
        .next()
        .and_then(|time| time.parse().ok())
        .unwrap_or_default()
}

#[test]
fn long_text_takes_no_longer_than_the_same_in_parts() {
    const PART: usize = 1 << 14;
    const PARTS: usize = 16;
    /// The clock is only set on so often.
    const TICKS: u64 = 20_000_000;
    let redactor = redactor();
    let seen = Seen::default();
    let took = |text: &str, times: usize| {
        let begun = ran();
        for _ in 0..times {
            redactor.text(text, &seen);
        }
        ran() - begun
    };
    for unit in [
        "а\u{200b}",
        "aA",
        "aA1 ",
        "a@",
        "at ",
        "1 ",
        "1a",
        "&amp;",
        "\\xc3",
        "mandandoselas ",
        "Ana;",
        "busco a ",
    ] {
        let count = PART / unit.len();
        let parts = took(&unit.repeat(count), PARTS);
        let long = took(&unit.repeat(count * PARTS), 1);
        // In square time it would be sixteen times as long; caches make some difference.
        assert!(
            long <= parts * 6 + TICKS,
            "{unit}: {parts} ns, but {long} ns at once"
        );
    }
}
