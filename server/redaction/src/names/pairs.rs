//! What a word is by those beside it: two that may be names, one before a name, and single ones where nothing speaks against it.

use super::{Belief, OTHER, Search};
use crate::token::Case;
use crate::words::{self, Class};

/// What people do, and what is done to them.
const ACTS: &str = "called says said told asked wrote lives cried came calls went wants needs texted llamo dijo vive nacio trabaja trabajaba pregunto conto compro murio llora";
const MOVED: &str = "detained arrested deported transferred released detenido detenida arrestado arrestada deportado deportada trasladado \
    trasladada";
/// What stands before a place.
const BEFORE_PLACES: &str =
    "in near from en de desde to at the a el la of hacia para and y por through via";
/// How letters end.
const CLOSINGS: &str =
    "thanks thank you gracias regards saludos atentamente sincerely cordialmente best";

pub fn find(search: &mut Search) {
    search.small_pairs();
    search.pairs();
}

/// Names in a row: "Billy and Liz", or the cells of a table.
pub fn lists(search: &mut Search) {
    for at in 1..search.belief.len().saturating_sub(1) {
        if matches!(search.tokens.text(at), b"and" | b"y" | b"e") {
            search.joined_by(at);
        }
    }
    for at in 0..search.belief.len() {
        let class = search.token(at).class;
        if search.belief[at] == Belief::Likely
            && class.any(Class::COMMON_NAME)
            && !class.any(Class::TERM)
            && (search.acts(at) || search.signs(at))
        {
            search.belief[at] = Belief::Yes;
        }
    }
    for at in (0..search.belief.len().saturating_sub(1)).rev() {
        let gap = search.tokens.gap(at + 1);
        let before = search.tokens.gap(at);
        let is_cell = matches!(gap, b";" | b"," | b"|" | b"\t")
            && (at == 0 || before == gap || before.ends_with(b"\n"));
        if is_cell
            && search.belief[at + 1] == Belief::Yes
            && search.is_capital(at)
            && search.token(at).class.any(Class::COMMON_NAME)
        {
            search.belief[at] = Belief::Yes;
        }
    }
}

impl Search<'_> {
    /// Whether what follows is told of people: "Rosa's husband", "Luz llamó".
    fn acts(&self, at: usize) -> bool {
        let next = at + 1;
        if next + 1 >= self.tokens.all.len() {
            return false;
        }
        let word = self.tokens.text(next);
        match self.tokens.gap(next) {
            b"'" => word == b"s" && self.token(next + 1).case == Case::Small,
            b" " => {
                let passive = matches!(word, b"was" | b"is" | b"fue" | b"esta")
                    && words::one_of(self.tokens.text(next + 1), MOVED);
                passive || words::one_of(word, ACTS)
            }
            _ => false,
        }
    }

    /// Whether a word right before a name is part of it, though it is another word or a place, too: "the guard Rich Ejemplo",
    /// "es Arcadia Ejemplo", "DUNG PHAM".
    pub(super) fn is_given(&self, at: usize) -> bool {
        let token = self.token(at);
        if !token.is_word() || token.len() < 3 || self.tokens.gap(at + 1) != b" " {
            return false;
        }
        let class = token.class;
        if self.shouting {
            return class.any(Class::ORDINARY) && !class.any(OTHER) && class.any(Class::NAME);
        }
        if token.case != Case::Capital || !self.is_capital(at + 1) || self.is_start(at) {
            return false;
        }
        let before = self.token(at - 1);
        if class.any(Class::TERM) {
            return !class.any(Class::ORDINARY.and(Class::FACILITY).and(Class::MONTH))
                && before.case == Case::Small
                && !words::one_of(self.tokens.text(at - 1), BEFORE_PLACES);
        }
        // "Will Ejemplo".
        let word = if class.any(Class::FUNCTION) {
            class.any(Class::NAME)
        } else {
            class.any(Class::ORDINARY)
        };
        // "Mor Talla Ejemplo".
        let second = before.case == Case::Capital
            && !self.is_start(at - 1)
            && !before.class.any(OTHER)
            && self.token(at - 2).case == Case::Small;
        word && !class.any(Class::PERSON.and(Class::FACILITY).and(Class::MONTH))
            && (before.case == Case::Small || second)
    }

    /// Whether a letter ends so: "Thanks, Robin".
    fn signs(&self, at: usize) -> bool {
        at > 0
            && matches!(self.tokens.gap(at), b", " | b",\n" | b"\n")
            && words::one_of(self.tokens.text(at - 1), CLOSINGS)
            && (at + 1 == self.belief.len() || self.tokens.after(at) != b" ")
    }

    /// "and" makes a name of what may be one, beside a name or beside another such word.
    fn joined_by(&mut self, and: usize) {
        let near = self.tokens.gap(and) == b" " && self.tokens.gap(and + 1) == b" ";
        let may = |at: usize, kind: Class| {
            let class = self.token(at).class;
            self.belief[at] == Belief::Likely && class.any(kind) && !class.any(Class::TERM)
        };
        let sure = |at: usize| self.belief[at] == Belief::Yes && self.is_capital(at);
        let (one, other) = (and - 1, and + 1);
        let both = [one, other].iter().all(|at| may(*at, Class::COMMON_NAME));
        // "Ederson and Milton", who is a town elsewhere.
        let beside = |at: usize, name: usize| {
            let class = self.token(at).class;
            sure(name) && self.belief[at] == Belief::Likely && class.any(Class::NAME)
        };
        if near && (both || beside(one, other) || beside(other, one)) {
            self.belief[one] = Belief::Yes;
            self.belief[other] = Belief::Yes;
        }
    }

    /// Two words beside each other that may be names, and single ones where nothing speaks against it.
    fn pairs(&mut self) {
        let mut at = 0;
        while at < self.belief.len() {
            let mut end = at;
            while end < self.belief.len()
                && self.belief[end] == Belief::Likely
                && (end == at || matches!(self.tokens.gap(end), b" " | b"-" | b"'"))
            {
                end += 1;
            }
            if end == at {
                at += 1;
                continue;
            }
            let class = |at: usize| self.token(at).class;
            let unknown = (at..end).filter(|one| class(*one).is_unknown()).count();
            let named = (at..end)
                .filter(|one| class(*one).any(Class::COMMON_NAME) && !class(*one).any(Class::TERM))
                .count();
            let bounded = !self.tokens.all.get(end).is_some_and(|next| {
                next.case != Case::Small && next.is_word() && self.tokens.gap(end) == b" "
            });
            let quiet =
                at > 0 && !self.is_start(at) && self.token(at - 1).case == Case::Small && bounded;
            let is_name = match end - at {
                1 => {
                    quiet && !self.is_code(at) && named == 1
                        || quiet && unknown == 1 && self.token(at).case == Case::Capital
                }
                _ => unknown > 0 || named > 1 || named == 1 && quiet,
            };
            if is_name {
                self.belief[at..end].fill(Belief::Yes);
            }
            at = end;
        }
    }

    /// "vadym shevchuk": a name of the lists and one that is no other word, without capitals that tell something.
    fn small_pairs(&mut self) {
        let weak = Class::ORDINARY.and(Class::TERM).and(Class::PARTICLE);
        for at in 1..self.belief.len() {
            if self.tokens.gap(at) != b" " {
                continue;
            }
            let pair = [at - 1, at].map(|one| (self.belief[one], self.token(one).class));
            let fits = pair
                .iter()
                .all(|(belief, class)| *belief == Belief::Beside && !class.any(weak))
                && (pair.iter().any(|(_, class)| class.any(Class::NAME)) || self.is_field(at));
            if fits || self.is_ordinary_pair(at) && self.is_field(at) {
                self.belief[at - 1..=at].fill(Belief::Yes);
            }
        }
    }

    /// "dung vuong": a name that is a word, too, and one that is none.
    fn is_ordinary_pair(&self, at: usize) -> bool {
        let named = |one: usize| {
            let token = self.token(one);
            token.is_word() && token.class.any(Class::NAME) && !token.class.any(OTHER)
        };
        let alone = |one: usize| {
            self.belief[one] == Belief::Beside && !self.token(one).class.any(Class::ORDINARY)
        };
        named(at - 1) && alone(at) || alone(at - 1) && named(at)
    }

    /// Whether a word and the one before it are all of a value: `"query":"vadym shevchuk"`, "result: vadym shevchuk, moved".
    fn is_field(&self, at: usize) -> bool {
        let before = self.tokens.gap(at - 1);
        let opened = at == 1 || before.ends_with(b":\"") || before.ends_with(b": ");
        let after = self.tokens.after(at);
        opened && after != b" " && (at > 1 || after.len() > 1)
    }
}
