//! Names of those who are spoken to, who speak, who are called by a title or a nickname, or to whom something is done.

use super::{Belief, OTHER, OTHER_BUT_PLACES, Search};
use crate::token::{Case, Shape};
use crate::words::{self, Class};

const GREETINGS: &str =
    "hi hey hello hola dear querido querida oye oiga estimado estimada apreciado apreciada";
/// Those who have such a title have a name after it, whatever word that is.
const TITLES: &str = "mr mrs ms miss don dona";
/// The same, where they have a capital themselves.
const OTHER_TITLES: &str = "chef pastor pastora reverend rev elder auntie aunty deacon sister brother mother father madre padre hermano \
    hermana";
/// The same, where they are small.
const KIN: &str = "uncle aunt cousin brother sister nephew niece grandma grandpa godfather godmother tio tia abuelo abuela primo prima hermano \
    hermana padrino madrina cunado cunada compadre comadre sobrino sobrina nina nino hijo hija esposo esposa suegro suegra yerno nuera \
    vecino vecina mijo mija";
/// What is said of people in Spanish before "a" and a name.
const DONE_TO: &str = "soltaron agarraron detuvieron encontramos encontraron encontro encontre vi vio vimos ver visitar visite \
    visito conoce conozco preguntale preguntenle dile digale diganle decirle dije dijo avisa avisale \
    avisenle ayuda ayudar ayudenle extrano extranamos sacaron deportaron arrestaron liberaron trajeron defiende representa \
    acompana acompanar cuida cuidar abraza besa";
/// The same in English, right before the name.
const TAKEN: &str = "arrested detained deported released";
/// What is no name after a title: "Señor Director".
const OFFICES: &str = "president presidente presidenta director directora consul secretary secretario secretaria senator governor minister \
    ministro speaker chairman general superior";

/// Before names are spread to the words beside them.
pub fn find(search: &mut Search) {
    for at in 1..search.belief.len() {
        if search.belief[at] < Belief::Yes && search.is_capital(at) && is_spoken_of(search, at) {
            search.belief[at] = Belief::Yes;
        }
    }
}

fn is_spoken_of(search: &Search, at: usize) -> bool {
    if is_nickname(search, at) {
        return true;
    }
    let class = search.token(at).class;
    if !may_be(search, at) || search.tokens.gap(at) != b" " {
        return false;
    }
    let named = class.any(Class::NAME) || class.is_unknown();
    let before = search.tokens.text(at - 1);
    let capital_before = search.token(at - 1).case == Case::Capital;
    let more = |count: usize| at.checked_sub(count).map(|one| search.tokens.text(one));
    let spaced = at > 1 && search.tokens.gap(at - 1) == b" ";
    let entitled = words::one_of(before, TITLES) && (capital_before || named)
        || words::one_of(before, OTHER_TITLES) && capital_before
        || words::one_of(before, KIN) && !capital_before;
    let done_to =
        before == b"a" && spaced && more(2).is_some_and(|verb| words::one_of(verb, DONE_TO))
            || words::one_of(before, TAKEN) && !capital_before
            || spaced && !capital_before && matches!((more(2), before), (Some(b"picked"), b"up"));
    let speaks = before == b"soy"
        || spaced
            && matches!((more(2), before), (Some(b"this"), b"is"))
            && search.tokens.all.get(at + 1).is_some_and(|_| {
                words::one_of(search.tokens.text(at + 1), "calling from speaking again")
            });
    // "Kenia", who is a country elsewhere.
    let place = class.any(Class::TERM);
    if entitled || done_to || speaks && !place {
        return !words::one_of(search.tokens.text(at), OFFICES);
    }
    if place || !named {
        return false;
    }
    if words::one_of(before, GREETINGS) {
        return search
            .tokens
            .after(at)
            .first()
            .is_none_or(|byte| b",!:.?\n".contains(byte));
    }
    let introduced = before == b"habla"
        || spaced
            && matches!(
                (more(2), before),
                (Some(b"this"), b"is") | (Some(b"i"), b"am")
            )
        || more(2) == Some(b"i") && before == b"m";
    introduced && class.any(Class::NAME)
}

/// "le dicen Pulga", "lo conocen como el Chino", "goes by Smiley".
fn is_nickname(search: &Search, at: usize) -> bool {
    let article = words::one_of(search.tokens.text(at - 1), "el la");
    let Some(last) = at.checked_sub(1 + usize::from(article)) else {
        return false;
    };
    let Some(first) = last.checked_sub(1) else {
        return false;
    };
    let pair = (search.tokens.text(first), search.tokens.text(last));
    matches!(
        pair,
        (
            b"le" | b"me" | b"les" | b"lo" | b"la",
            b"dicen" | b"decian" | b"apodan" | b"llaman"
        ) | (b"conocen" | b"conocido" | b"conocida", b"como")
            | (b"known", b"as")
            | (b"goes" | b"go" | b"went", b"by")
    ) && search.tokens.gap(last) == b" "
        && search.tokens.gap(at) == b" "
        && search.token(at).is_word()
        && !search
            .token(at)
            .class
            .any(Class::FUNCTION.and(Class::FACILITY))
}

/// Whether a word can be a name for all that is known of it alone.
fn may_be(search: &Search, at: usize) -> bool {
    let token = search.token(at);
    let other = if token.class.any(Class::NAME) {
        OTHER_BUT_PLACES
    } else {
        OTHER
    };
    token.shape == Shape::Word
        && token.len() > 2
        && !token.class.any(other)
        && search.belief[at] != Belief::Never
}

/// After names were spread: what is joined to one, stands between two, follows a surname with a comma, or is said again.
pub fn complete(search: &mut Search) {
    for at in 1..search.belief.len() {
        if search.belief[at] != Belief::Yes && completes(search, at) {
            search.belief[at] = Belief::Yes;
        }
    }
    said_again(search);
}

fn completes(search: &Search, at: usize) -> bool {
    let token = search.token(at);
    if token.shape != Shape::Word || search.belief[at] == Belief::Never {
        return false;
    }
    let gap = search.tokens.gap(at);
    let next = at + 1;
    let after_name = search.belief[at - 1] == Belief::Yes && search.token(at - 1).is_word();
    let before_name = search.belief.get(next) == Some(&Belief::Yes) && search.token(next).is_word();
    if !after_name && !before_name {
        return false;
    }
    // "Hyun-woo", "Ter-Minasyan", "O'Rourke".
    let tail = matches!(gap, b"-" | b"'")
        && after_name
        && search.token(at - 1).case == Case::Capital
        && !words::one_of(search.tokens.text(at), "s t d ll re ve m based born led");
    let head = before_name
        && matches!(search.tokens.gap(next), b"-" | b"'")
        && search.is_capital(at)
        && search.token(next).case != Case::Small;
    if tail && token.len() > 1 || head {
        return true;
    }
    if !after_name || !search.is_capital(at) {
        return false;
    }
    // "Macario Us Tum": a small word, were it not for its capital between two.
    let between = gap == b" "
        && token.class.any(Class::FUNCTION)
        && search.is_capital(at - 1)
        && token.len() == 2
        && search.tokens.after(at) == b" "
        && search
            .tokens
            .all
            .get(next)
            .is_some_and(|next| next.case != Case::Small);
    // `Ignacio "Nacho" Buelna`.
    let quoted = before_name && gap == b" \"" && search.tokens.gap(next) == b"\" ";
    // "Tum" of "Us Tum".
    let last = gap == b" "
        && token.class.is_unknown()
        && token.len() > 2
        && search.token(at - 1).class.any(Class::FUNCTION);
    // "SINGH, JASKARAN", all of a line.
    let inverted = gap == b", "
        && token.case == search.token(at - 1).case
        && (token.class.any(Class::NAME) || token.class.is_unknown())
        && !token.class.any(Class::TERM)
        && !search.tokens.after(at).starts_with(b",")
        && begins(search, at - 1);
    // "Joel Ernesto Cienfuegos", which is a town elsewhere.
    let third = at > 1
        && gap == b" "
        && search.belief[at - 2] == Belief::Yes
        && search.is_capital(at - 1)
        && search.tokens.gap(at - 1) == b" "
        && token.case == Case::Capital
        && token.class.any(Class::TERM)
        && !token
            .class
            .any(Class::FACILITY.and(Class::MONTH).and(Class::ORDINARY))
        && !search.tokens.after(at).starts_with(b",");
    between || quoted || last || inverted || third
}

/// Whether the name that ends at `at` is the first of a line or of a field.
fn begins(search: &Search, at: usize) -> bool {
    let mut first = at;
    while first > 0 && search.belief[first - 1] == Belief::Yes && search.is_joined(first) {
        first -= 1;
    }
    first == 0
        || search.tokens.gap(first).contains(&b'\n')
        || search.tokens.gap(first).ends_with(b": ")
        || search.tokens.gap(first).ends_with(b"\"")
}

/// A word of a name of more than one, or of one with a title, is hidden wherever it comes again with a capital.
fn said_again(search: &mut Search) {
    let parts = |search: &Search, at: usize| {
        search.belief[at] == Belief::Yes
            && search.token(at).case == Case::Capital
            && search.token(at).len() > 2
            && !search.token(at).class.any(Class::PERSON.and(Class::TERM))
    };
    let joined = |search: &Search, at: usize| {
        at > 0
            && at < search.belief.len()
            && search.tokens.gap(at) == b" "
            && search.belief[at - 1] == Belief::Yes
            && search.belief[at] == Belief::Yes
    };
    let entitled = |at: usize| at > 0 && words::one_of(search.tokens.text(at - 1), TITLES);
    let mut hashes: Vec<u64> = (0..search.belief.len())
        .filter(|at| {
            parts(search, *at) && (joined(search, *at) || joined(search, *at + 1) || entitled(*at))
        })
        .map(|at| search.token(at).hash)
        .collect();
    if hashes.is_empty() {
        return;
    }
    hashes.sort_unstable();
    for at in 0..search.belief.len() {
        let token = search.token(at);
        if matches!(
            search.belief[at],
            Belief::No | Belief::Beside | Belief::Likely
        ) && token.case == Case::Capital
            && hashes.binary_search(&token.hash).is_ok()
        {
            search.belief[at] = Belief::Yes;
        }
    }
}
