//! What a name is made of: given names, surnames with the particles that belong to them, and what stands behind a name
//! without being one.

use super::text::latin;

/// Words that stand before a surname and belong to it.
const PARTICLES: [&str; 36] = [
    "de", "del", "dela", "delos", "la", "las", "los", "le", "lo", "da", "das", "do", "dos", "di",
    "du", "des", "van", "von", "der", "den", "ter", "zu", "al", "el", "ul", "abu", "ibn", "bin",
    "bint", "ben", "st", "san", "santa", "mc", "mac", "o",
];
/// Particles that are joined to their surname in writing as often as not.
const TIED: [&str; 10] = [
    "dela", "delos", "delas", "del", "de", "al", "el", "la", "san", "mac",
];
/// What tells father from son.
const SUFFIXES: [&str; 9] = [
    "jr", "sr", "ii", "iii", "iv", "hijo", "junior", "segundo", "padre",
];
/// What a person is addressed with.
const TITLES: [&str; 8] = ["mr", "mrs", "ms", "sr", "sra", "srta", "dr", "dra"];

/// A surname and what stands before it.
pub struct Surname {
    /// Such as `de`, `la`.
    pub particles: Vec<String>,
    /// The name itself.
    pub core: String,
}

impl Surname {
    /// All of it.
    pub fn text(&self) -> String {
        let mut text = self.particles.join(" ");
        if !text.is_empty() {
            text.push(' ');
        }
        text + &self.core
    }
}

/// Given names, in Latin letters, without titles; what they were tied with does not matter.
pub fn given(text: &str) -> Vec<String> {
    let mut words = plain(text);
    let titles = words.iter().take_while(|word| is(&TITLES, word)).count();
    if titles < words.len() {
        words.drain(..titles);
    }
    drop_suffixes(&mut words, &SUFFIXES[..5]);
    words
}

/// Surnames, in Latin letters, without a suffix.
pub fn surnames(text: &str) -> Vec<Surname> {
    let mut words = plain(text);
    drop_suffixes(&mut words, &SUFFIXES);
    // Spanish `y`, Portuguese `e`, between two surnames.
    let between = |at: usize| at > 0 && at + 1 < words.len();
    let names = (0..words.len())
        .filter(|at| !(between(*at) && matches!(words[*at].as_str(), "y" | "e" | "i")));
    let mut all: Vec<Surname> = Vec::new();
    let mut particles = Vec::new();
    for word in names.map(|at| words[at].clone()) {
        if is(&PARTICLES, &word) {
            particles.push(word);
        } else {
            all.push(Surname {
                particles: std::mem::take(&mut particles),
                core: word,
            });
        }
    }
    // Particles with nothing behind them are a name after all.
    if let Some(core) = particles.pop() {
        all.push(Surname { particles, core });
    }
    all
}

/// As a clerk would type it, in Latin letters: hyphens and apostrophes as they were, dots gone; what says father or son only
/// where `suffix`.
pub fn typed(text: &str, suffix: bool) -> String {
    let text = latin(text).replace('.', " ");
    let mut words: Vec<String> = text.split_whitespace().map(str::to_owned).collect();
    if !suffix {
        drop_suffixes(&mut words, &SUFFIXES);
    }
    words.join(" ")
}

/// The particles that were joined to a surname, and what remains: `delacruz`. `is_name` tells whether something is one.
pub fn untied(core: &str, is_name: impl Fn(&str) -> bool) -> Option<Surname> {
    let tied = TIED.iter().find_map(|particle| {
        let rest = core.strip_prefix(particle)?;
        let sure = particle.len() > 3 || is_name(rest);
        (sure && rest.len() > 2).then_some((*particle, rest))
    })?;
    let particles = match tied.0 {
        "dela" => vec!["de", "la"],
        "delos" => vec!["de", "los"],
        "delas" => vec!["de", "las"],
        other => vec![other],
    };
    Some(Surname {
        particles: particles.into_iter().map(str::to_owned).collect(),
        core: tied.1.to_owned(),
    })
}

/// Words in Latin letters, apart at spaces and hyphens, without dots. Apostrophes stay.
fn plain(text: &str) -> Vec<String> {
    latin(text)
        .split([' ', '-', '.'])
        .filter(|word| word.chars().any(char::is_alphabetic))
        .map(str::to_owned)
        .collect()
}

fn drop_suffixes(words: &mut Vec<String>, suffixes: &[&str]) {
    while words.len() > 1 && words.last().is_some_and(|word| is(suffixes, word)) {
        words.pop();
    }
}

fn is(list: &[&str], word: &str) -> bool {
    list.contains(&word)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn texts(text: &str) -> Vec<String> {
        surnames(text).iter().map(Surname::text).collect()
    }

    #[test]
    fn particles_stay_with_their_surname() {
        assert_eq!(texts("de la Cruz Ejemplo"), ["de la cruz", "ejemplo"]);
        assert_eq!(texts("Muestra de León"), ["muestra", "de leon"]);
        assert_eq!(texts("Cruz-Ejemplo"), ["cruz", "ejemplo"]);
        assert_eq!(texts("Muestra y Ejemplo"), ["muestra", "ejemplo"]);
        assert_eq!(texts("Al-Muestra"), ["al muestra"]);
        assert_eq!(texts("de la"), ["de la"]);
    }

    #[test]
    fn suffixes_and_titles_are_no_names_where_a_name_remains() {
        assert_eq!(texts("Muestra Jr."), ["muestra"]);
        assert_eq!(texts("Muestra hijo"), ["muestra"]);
        assert_eq!(texts("Segundo"), ["segundo"]);
        assert_eq!(given("Sra. Ana Luz"), ["ana", "luz"]);
        assert_eq!(given("Luis III"), ["luis"]);
        assert_eq!(given("Junior"), ["junior"]);
        assert_eq!(typed("O'Muestra-Ruiz Jr.", false), "o'muestra-ruiz");
        assert_eq!(typed("Muestra Jr.", true), "muestra jr");
    }

    #[test]
    fn a_particle_that_was_joined_is_seen_where_the_rest_is_a_name() {
        let is_name = |rest: &str| rest == "muestra";
        assert_eq!(
            untied("delamuestra", is_name).map(|name| name.text()),
            Some("de la muestra".to_owned())
        );
        assert!(untied("delgado", is_name).is_none());
    }

    proptest! {
        #[test]
        fn whatever_has_a_letter_has_a_surname_and_a_given_name(text in "\\PC{0,40}") {
            if !plain(&text).is_empty() {
                prop_assert!(!surnames(&text).is_empty() && !given(&text).is_empty());
            }
        }
    }
}
