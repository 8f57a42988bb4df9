//! Forms of Spanish verbs, of which word lists have few: "trabaja", "encuentro", "enviarle".

use crate::words::{self, Class};

/// Longest ending, and shortest stem.
const ENDING: usize = 7;
const STEM: usize = 2;

/// Whether `word`, which no list has, is a form of a verb that a list has.
pub fn is_inflected(word: &[u8]) -> bool {
    let endings = STEM..word.len();
    endings.rev().take(ENDING).any(|at| {
        let (stem, ending) = word.split_at(at);
        in_ar(ending) && is_verb(stem, &[b"ar"])
            || in_er(ending) && is_verb(stem, &[b"er", b"ir"])
            || is_pronoun(ending) && is_before_pronoun(stem)
    })
}

fn in_ar(ending: &[u8]) -> bool {
    matches!(
        ending,
        b"o" | b"a"
            | b"as"
            | b"an"
            | b"amos"
            | b"e"
            | b"es"
            | b"en"
            | b"emos"
            | b"aste"
            | b"aron"
            | b"aba"
            | b"abas"
            | b"aban"
            | b"abamos"
            | b"are"
            | b"ara"
            | b"aras"
            | b"aran"
            | b"aremos"
            | b"aramos"
            | b"aria"
            | b"arias"
            | b"arian"
            | b"ariamos"
            | b"ado"
            | b"ada"
            | b"ados"
            | b"adas"
            | b"ando"
    )
}

fn in_er(ending: &[u8]) -> bool {
    matches!(
        ending,
        b"o" | b"a"
            | b"as"
            | b"an"
            | b"amos"
            | b"e"
            | b"es"
            | b"en"
            | b"emos"
            | b"imos"
            | b"i"
            | b"io"
            | b"iste"
            | b"ieron"
            | b"ia"
            | b"ias"
            | b"ian"
            | b"iamos"
            | b"ere"
            | b"era"
            | b"eras"
            | b"eran"
            | b"eremos"
            | b"eria"
            | b"erian"
            | b"ire"
            | b"ira"
            | b"iras"
            | b"iran"
            | b"iremos"
            | b"iria"
            | b"irian"
            | b"iera"
            | b"ieras"
            | b"ieran"
            | b"iendo"
            | b"ido"
            | b"ida"
            | b"idos"
            | b"idas"
    )
}

fn is_pronoun(ending: &[u8]) -> bool {
    matches!(
        ending,
        b"me"
            | b"te"
            | b"se"
            | b"lo"
            | b"la"
            | b"le"
            | b"los"
            | b"las"
            | b"les"
            | b"nos"
            | b"melo"
            | b"mela"
            | b"selo"
            | b"sela"
            | b"telo"
    )
}

/// "enviar", "enviando".
fn is_before_pronoun(word: &[u8]) -> bool {
    let infinitive = word.ends_with(b"ar") || word.ends_with(b"er") || word.ends_with(b"ir");
    infinitive && is_ordinary(word)
        || word
            .strip_suffix(b"ando")
            .is_some_and(|stem| is_verb(stem, &[b"ar"]))
        || word
            .strip_suffix(b"iendo")
            .is_some_and(|stem| is_verb(stem, &[b"er", b"ir"]))
}

/// Whether there is a verb with this stem, which may be written or sound otherwise in some forms.
fn is_verb(stem: &[u8], infinitives: &[&[u8]]) -> bool {
    let is_one = |stem: &[u8]| {
        infinitives
            .iter()
            .any(|ending| is_ordinary(&[stem, ending].concat()))
    };
    // "busqué", "pagué", "empecé".
    let written: Option<Vec<u8>> = match stem {
        [.., b'q', b'u'] => Some([&stem[..stem.len() - 2], b"c"].concat()),
        [.., b'g', b'u'] => Some(stem[..stem.len() - 1].to_vec()),
        [.., b'c'] => Some([&stem[..stem.len() - 1], b"z"].concat()),
        _ => None,
    };
    // "encuentro", "quiero", "sigue".
    let sounded = |stem: &[u8]| {
        [(&b"ue"[..], &b"o"[..]), (b"ie", b"e"), (b"i", b"e")]
            .into_iter()
            .any(|(sounds, was)| {
                let place = stem.windows(sounds.len()).rposition(|part| part == sounds);
                place.is_some_and(|at| {
                    is_one(&[&stem[..at], was, &stem[at + sounds.len()..]].concat())
                })
            })
    };
    is_one(stem)
        || sounded(stem)
        || written.is_some_and(|written| is_one(&written) || sounded(&written))
}

fn is_ordinary(word: &[u8]) -> bool {
    words::class(word).any(Class::ORDINARY)
}

#[cfg(test)]
mod tests {
    use super::is_inflected;

    #[test]
    fn forms_of_verbs_are_told_from_names() {
        for form in [
            "trabaja",
            "represento",
            "sigue",
            "encuentro",
            "quiero",
            "busque",
            "llegue",
            "enviarle",
            "mandandoles",
            "viven",
        ] {
            assert!(is_inflected(form.as_bytes()), "{form}");
        }
        for name in ["tzunux", "ibekwe", "vuong", "anatoli"] {
            assert!(!is_inflected(name.as_bytes()), "{name}");
        }
    }
}
