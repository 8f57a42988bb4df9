//! What names are called for short, and in other languages: Pepe is José, Bill is William, Joseph may be José.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::script;
use super::text::folded;

const LIST: &str = include_str!("nicknames.txt");

/// From each name to those on papers that it may stand for, and from those to what they are called.
struct Known {
    papers: HashMap<String, Vec<String>>,
    short: HashMap<String, Vec<String>>,
}

static KNOWN: LazyLock<Known> = LazyLock::new(|| {
    let mut known = Known {
        papers: HashMap::new(),
        short: HashMap::new(),
    };
    for (name, called) in lines() {
        let name = folded(name);
        for nickname in called.split_whitespace().map(folded) {
            put(&mut known.papers, &nickname, &name);
            put(&mut known.short, &name, &nickname);
        }
    }
    known
});

fn put(map: &mut HashMap<String, Vec<String>>, from: &str, to: &str) {
    let all = map.entry(from.to_owned()).or_default();
    if !all.iter().any(|known| known == to) {
        all.push(to.to_owned());
    }
}

fn lines() -> impl Iterator<Item = (&'static str, &'static str)> {
    LIST.lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split_once(':'))
}

/// The names on papers that somebody who is called so may have, likeliest first.
pub fn on_papers(called: &str) -> &'static [String] {
    KNOWN.papers.get(called).map_or(&[], Vec::as_slice)
}

/// What somebody with this name on papers may be called.
pub fn called(name: &str) -> &'static [String] {
    KNOWN.short.get(name).map_or(&[], Vec::as_slice)
}

/// Whether one of the two may stand for the other.
pub fn are_one(one: &str, other: &str) -> bool {
    let stands_for = |one, other: &str| on_papers(one).iter().any(|name| name == other);
    stands_for(one, other) || stands_for(other, one) || script::are_one(one, other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nicknames_lead_to_papers_and_back() {
        for (called, name) in [
            ("pepe", "jose"),
            ("paco", "francisco"),
            ("chuy", "jesus"),
            ("lupe", "guadalupe"),
            ("bill", "william"),
            ("joseph", "jose"),
            ("chema", "jose maria"),
        ] {
            assert!(on_papers(called).contains(&name.to_owned()), "{called}");
            assert!(are_one(called, name) && are_one(name, called), "{called}");
        }
        assert!(!are_one("pepe", "francisco"));
        assert!(called("jose").contains(&"pepe".to_owned()));
    }

    #[test]
    fn the_list_is_well_formed() {
        let rest = LIST.lines().filter(|line| !line.starts_with('#'));
        assert_eq!(rest.count(), lines().count());
        for (name, called) in lines() {
            assert!(
                !name.trim().is_empty() && !called.trim().is_empty(),
                "{name}"
            );
            let own = called
                .split_whitespace()
                .any(|nickname| folded(nickname) == folded(name));
            assert!(!own, "{name} is no nickname of itself");
        }
    }
}
