//! What must not be told without a source: telephone numbers, postal addresses, deadlines. People act on them, and a wrong
//! one costs a hearing or a day's travel. Errs on the side of refusing: a plain sentence can be worded otherwise.

use std::sync::LazyLock;

use regex::Regex;

/// What a text holds that wants a source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Claim {
    /// A telephone number.
    Telephone,
    /// A postal address.
    Address,
    /// A deadline.
    Deadline,
}

impl Claim {
    /// In words.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Telephone => "a telephone number",
            Self::Address => "a postal address",
            Self::Deadline => "a deadline",
        }
    }
}

/// Seven digits and more, however they are set apart; numbers spelt with letters after a toll-free code; short codes.
const TELEPHONE: &str = r"(?xi)
    \d (?: [\s().\u{00a0}/‐‑–-]* \d ){6,}
    | \b (?: 1 [\s.-]* )? 8(?:00|33|44|55|66|77|88) [\s.)-]+ [a-z0-9]{3,}
    | \b (?: call | dial | phone | llame | llamar | marque | marcar | tel[eé]fono | tel\.? ) \b [^.\n]{0,20} \b \d{3,} \b";
/// A house number beside a kind of street, in either order; a state with its ZIP code; a post-office box.
const ADDRESS: &str = r"(?xi)
    \b \d{1,6} \s+ (?: [\p{L}\d.'’]+ \s+ ){0,4}
        (?: street | st\. | avenue | ave\b | road | rd\b | boulevard | blvd | drive | dr\b | lane | ln\b | highway | hwy | parkway
          | pkwy | court\b | place\b | suite | floor | calle | avenida | av\. | carretera | camino | paseo | plaza )
    | \b (?: calle | avenida | av\. | carretera | camino | paseo | plaza | suite | highway | hwy | route ) \s+ [^.\n]{0,40} \d
    | \b (?-i:[A-Z]{2}) ,? \s+ \d{5} \b
    | \b (?: p\.? \s* o\.? \s* box | apartado (?: \s+ postal | \s+ \d ) )";
/// A number of days and the like, in figures or words, after a word that makes it a limit, or with a word that does.
const DEADLINE: &str = r"(?xi)
    (?: \d+ | \b (?: one | two | three | four | five | six | seven | eight | nine | ten | fifteen | twenty | thirty | sixty | ninety
        | un | una | dos | tres | cuatro | cinco | seis | siete | ocho | nueve | diez | quince | veinte | treinta | sesenta | noventa ) )
        [\s-]+ (?: (?: business | calendar | working | court ) [\s-]+ )?
        (?: hours? | days? | weeks? | months? | years? | horas? | d[ií]as? | semanas? | mes(?:es)? | años? ) \b
    | \b (?: deadline | due | no \s+ later \s+ than | before | by | until | plazo | antes \s+ del? | hasta | a \s+ más \s+ tardar )
        \b [^.\n]{0,30} \b \d{1,4} \b";

static PATTERNS: LazyLock<Vec<(Claim, Regex)>> = LazyLock::new(|| {
    [
        (Claim::Telephone, TELEPHONE),
        (Claim::Address, ADDRESS),
        (Claim::Deadline, DEADLINE),
    ]
    .into_iter()
    // One that did not compile would let everything through; a test holds that all three do.
    .filter_map(|(claim, pattern)| Regex::new(pattern).ok().map(|regex| (claim, regex)))
    .collect()
});

/// The first claim in a text that wants a source.
pub fn claim(text: &str) -> Option<Claim> {
    let found = PATTERNS.iter().find(|(_, pattern)| pattern.is_match(text));
    found.map(|(claim, _)| *claim)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn telephone_numbers_addresses_and_deadlines_are_seen_in_both_languages() {
        let all = [
            (Claim::Telephone, "Call (202) 555-0100 first."),
            (Claim::Telephone, "Llame al 202.555.0100"),
            (Claim::Telephone, "202 555 0100"),
            (Claim::Telephone, "+1-202-555-0100"),
            (Claim::Telephone, "1-800-EXAMPLE"),
            (Claim::Telephone, "Dial 211 for help"),
            (Claim::Telephone, "marque el 211"),
            (Claim::Address, "12 Example Street, Springfield"),
            (Claim::Address, "1200 North Example Blvd"),
            (Claim::Address, "Springfield, TX 78000"),
            (Claim::Address, "P.O. Box 12"),
            (Claim::Address, "PO Box 12"),
            (Claim::Address, "Calle Ejemplo 12"),
            (Claim::Address, "Avenida de los Ejemplos, número 4"),
            (Claim::Deadline, "Appeal within 30 days."),
            (Claim::Deadline, "You have thirty days"),
            (Claim::Deadline, "a 10-day notice"),
            (Claim::Deadline, "within ten business days"),
            (Claim::Deadline, "En un plazo de 30 días"),
            (Claim::Deadline, "tiene treinta días"),
            (Claim::Deadline, "dentro de 48 horas"),
            (Claim::Deadline, "File by March 3"),
            (Claim::Deadline, "antes del 3 de marzo"),
        ];
        for (expected, text) in all {
            assert_eq!(claim(text), Some(expected), "{text}");
        }
    }

    #[test]
    fn plain_sentences_are_let_be() {
        for text in [
            "Call the facility before you travel.",
            "Llame al centro antes de viajar.",
            "Write down the A-number.",
            "Deadlines depend on the case and change.",
            "Court dates and case status by A-number",
            "Ask a lawyer in the place where the person is held",
        ] {
            assert_eq!(claim(text), None, "{text}");
        }
    }

    #[test]
    fn every_pattern_is_in_use() {
        assert_eq!(PATTERNS.len(), 3);
    }

    proptest! {
        #[test]
        fn any_ten_digits_are_seen_however_they_are_set_apart(
            digits in "[0-9]{10}", gap in "[ .()-]{0,2}", around in "[a-z ]{0,8}",
        ) {
            let number: Vec<String> = digits.chars().map(|digit| digit.to_string()).collect();
            let text = format!("{around} {} {around}", number.join(&gap));
            prop_assert!(claim(&text).is_some(), "{text}");
        }
    }
}
