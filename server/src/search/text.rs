//! Text as it is compared: what people write in many ways, in one.

use unicode_normalization::UnicodeNormalization as _;

/// Without accents, with single spaces. Only marks of Latin, Greek and Cyrillic letters are accents: those of other scripts
/// are vowels.
pub fn unaccented(text: &str) -> String {
    let is_accent = |c: &char| matches!(c, '\u{300}'..='\u{36f}');
    let plain: String = text.nfd().filter(|c| !is_accent(c)).nfc().collect();
    spaced(&plain)
}

/// Without accents, in lower case, with single spaces.
pub fn folded(text: &str) -> String {
    unaccented(text).to_lowercase()
}

/// With single spaces, none around.
pub fn spaced(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The parts of a name, folded: `Ejemplo-Ruiz` has two, `O'Ejemplo` has one.
pub fn parts(name: &str) -> Vec<String> {
    folded(name)
        .replace(['\'', '’', '.'], "")
        .split([' ', '-'])
        .filter(|part| !part.is_empty())
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accents_go_and_letters_stay() {
        assert_eq!(unaccented(" José  Ñuñez "), "Jose Nunez");
        for whole in ["한국", "हिन्दी", "محمد", "陳"] {
            assert_eq!(unaccented(whole), whole);
        }
    }

    #[test]
    fn a_name_falls_apart_at_spaces_and_hyphens() {
        assert_eq!(
            parts("O’Ejemplo-Ruiz de  la Peña"),
            ["oejemplo", "ruiz", "de", "la", "pena"]
        );
        assert_eq!(parts("-"), Vec::<String>::new());
    }
}
