//! Text as it is compared: what people write in many ways, in one.

use any_ascii::any_ascii;
use unicode_normalization::UnicodeNormalization as _;

/// As it was meant: full-width and other compatibility letters plain, nothing in it that cannot be seen, apostrophes and
/// hyphens of one kind, single spaces.
pub fn tidied(text: &str) -> String {
    if text.is_ascii() {
        return spaced(&text.replace('`', "'"));
    }
    // Before the normal form too: of an acute accent that serves as apostrophe it makes a space, and what cannot be seen
    // keeps a letter from its mark.
    let seen: String = text.chars().filter_map(as_seen).nfkc().collect();
    spaced(&seen.chars().filter_map(as_seen).nfc().collect::<String>())
}

fn as_seen(c: char) -> Option<char> {
    match c {
        '\u{ad}'
        | '\u{34f}'
        | '\u{61c}'
        | '\u{180e}'
        | '\u{200b}'..='\u{200f}'
        | '\u{2060}'
        | '\u{fe00}'..='\u{fe0f}'
        | '\u{feff}' => None,
        '’' | '‘' | '`' | '´' | 'ʼ' | 'ʻ' | 'ʹ' | '′' | '＇' | '‛' => Some('\''),
        '‐' | '‑' | '‒' | '–' | '—' | '−' | '－' => Some('-'),
        other => Some(other),
    }
}

/// Without accents, with single spaces. Only marks of Latin, Greek and Cyrillic letters are accents: those of other scripts
/// are vowels.
pub fn unaccented(text: &str) -> String {
    if text.is_ascii() {
        return spaced(text);
    }
    let is_accent = |c: &char| matches!(c, '\u{300}'..='\u{36f}');
    let plain: String = text.nfd().filter(|c| !is_accent(c)).nfc().collect();
    spaced(&plain)
}

/// Without accents, in lower case, with single spaces.
pub fn folded(text: &str) -> String {
    unaccented(text).to_lowercase()
}

/// In Latin letters without accents, in lower case: as a clerk would write it. Words that cannot be written so stay.
pub fn latin(text: &str) -> String {
    let folded = folded(text);
    if folded.is_ascii() {
        return folded;
    }
    let words: Vec<String> = folded.split(' ').map(latin_word).collect();
    words.join(" ")
}

fn latin_word(word: &str) -> String {
    if word.is_ascii() {
        return word.to_owned();
    }
    let written: String = any_ascii(word)
        .chars()
        .filter(|c| c.is_ascii_alphabetic() || matches!(c, '-' | '\''))
        .collect();
    // Signs for soft and hard letters come out as apostrophes, which nobody's papers have.
    let written = if word.contains('\'') {
        written
    } else {
        written.replace('\'', "")
    };
    if written.chars().any(|c| c.is_ascii_alphabetic()) {
        written.to_lowercase()
    } else {
        word.to_owned()
    }
}

/// Each word with a capital, as on papers.
pub fn capitalised(text: &str) -> String {
    let mut begins = true;
    let mut written = String::with_capacity(text.len());
    for c in text.chars() {
        if begins {
            written.extend(c.to_uppercase());
        } else {
            written.push(c);
        }
        begins = matches!(c, ' ' | '-' | '\'');
    }
    written
}

/// With single spaces, none around.
pub fn spaced(text: &str) -> String {
    let mut spaced = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !spaced.is_empty() {
            spaced.push(' ');
        }
        spaced.push_str(word);
    }
    spaced
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn accents_go_and_letters_stay() {
        assert_eq!(unaccented(" José  Ñuñez "), "Jose Nunez");
        for whole in ["한국", "हिन्दी", "محمد", "陳"] {
            assert_eq!(unaccented(whole), whole);
        }
    }

    #[test]
    fn names_begin_with_capitals() {
        assert_eq!(capitalised("ana o'muestra-ruiz"), "Ana O'Muestra-Ruiz");
    }

    #[test]
    fn what_looks_the_same_is_the_same() {
        for (written, meant) in [
            ("Ａｎａ", "Ana"),
            ("An\u{200b}a\u{feff}", "Ana"),
            ("Jose\u{200d}\u{301}", "José"),
            ("O´Ejemplo", "O'Ejemplo"),
            ("Ruiz—Prueba", "Ruiz-Prueba"),
            ("\u{a0}Ana\u{2003}Luz ", "Ana Luz"),
        ] {
            assert_eq!(tidied(written), meant, "{written:?}");
        }
    }

    #[test]
    fn other_scripts_are_written_in_latin_letters() {
        assert_eq!(latin("Владимир"), "vladimir");
        assert_eq!(latin("Наталья"), "natalya");
        assert_eq!(latin("Łukasz Straße"), "lukasz strasse");
        assert_eq!(latin("陳"), "chen");
    }

    proptest! {
        #[test]
        fn what_is_tidied_or_written_plainly_stays_so(text in "\\PC{0,60}") {
            let once = tidied(&text);
            prop_assert_eq!(&tidied(&once), &once);
            let once = folded(&text);
            prop_assert_eq!(&folded(&once), &once);
            let once = latin(&tidied(&text));
            prop_assert_eq!(&latin(&once), &once);
        }
    }
}
