//! Which letter a character stands for.

use std::collections::HashMap;
use std::sync::LazyLock;

use any_ascii::any_ascii_char;
use unicode_normalization::char::is_combining_mark;

/// The last of the Latin letters with accents, which come right after ASCII.
const LAST_ACCENTED: char = '\u{24f}';

/// Whether nothing is left of a character: it shows nothing, or only changes the letter before it.
pub fn is_gone(character: char) -> bool {
    if character <= LAST_ACCENTED {
        return character == '\u{ad}';
    }
    is_invisible(character) || is_combining_mark(character)
}

/// Whether a character shows nothing.
fn is_invisible(character: char) -> bool {
    matches!(character,
        '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{e0000}'..='\u{e0fff}')
}

/// Letters of other scripts that look like Latin ones, each before the one it looks like.
const LOOKALIKES: &str = "\
    аaсcеeоoрpхxуyіiјjѕsԁdһhӏlвbнhкkмmтtгrпnԛqԝwАAВBСCЕEНHІIЈJКKМMОOРPЅSТTХXУYԌGԜWҮYЗ3Ӏl\
    αaοoνvρpιiκkτtυuχxγyωwηnεeΑAΒBΕEΖZΗHΙIΚKΜMΝNΟOΡPΤTΥYΧX\
    օoսuհhոnցgԼLՕOՏSꓐBꓑPꓒPꓓDꓔTꓖGꓗKꓙJꓚCꓜZꓝFꓟMꓠNꓡLꓢSꓣRꓤAꓦVꓧHꓪWꓫXꓬYꓮAꓰEꓲIꓳOꓴU";

static LATIN: LazyLock<HashMap<char, u8>> = LazyLock::new(|| {
    let letters: Vec<char> = LOOKALIKES.chars().collect();
    letters
        .chunks_exact(2)
        .filter_map(|pair| Some((pair[0], u8::try_from(pair[1].to_ascii_lowercase()).ok()?)))
        .collect()
});

/// The Latin letter that `character` looks like, small.
pub fn lookalike(character: char) -> Option<u8> {
    if character.is_ascii() {
        return None;
    }
    LATIN.get(&character).copied()
}

/// Whether the word imitates Latin letters: some are Latin, or all look so.
pub fn is_lookalike_word(word: &(impl Iterator<Item = char> + Clone)) -> bool {
    let mut foreign = word.clone().filter(|one| is_foreign(*one)).peekable();
    foreign.peek().is_some()
        && (word.clone().any(|one| !is_foreign(one)) || foreign.all(|one| lookalike(one).is_some()))
}

/// Whether it is a letter of another script than Latin.
pub fn is_foreign(character: char) -> bool {
    let latin = matches!(character,
        '\0'..='\u{24f}' | '\u{250}'..='\u{2af}' | '\u{2b0}'..='\u{2ff}' | '\u{1d00}'..='\u{1dbf}' | '\u{1e00}'..='\u{1eff}'
        | '\u{2070}'..='\u{218f}' | '\u{2460}'..='\u{24ff}' | '\u{2c60}'..='\u{2c7f}' | '\u{a720}'..='\u{a7ff}'
        | '\u{ab30}'..='\u{ab6f}' | '\u{fb00}'..='\u{fb06}' | '\u{ff00}'..='\u{ff5e}' | '\u{1d400}'..='\u{1d7ff}'
        | '\u{1f100}'..='\u{1f1ff}');
    !latin && character.is_alphabetic()
}

/// Puts down what `character` is in plain ASCII.
pub fn plain(character: char, to: &mut Vec<u8>) {
    if character.is_ascii() {
        to.push((character as u8).to_ascii_lowercase());
    } else if character <= LAST_ACCENTED {
        to.extend_from_slice(&ACCENTED[character as usize - 0x80]);
    } else {
        spelled(character, to);
    }
}

/// What the characters from the end of ASCII to `LAST_ACCENTED` are: most that are not ASCII are among them.
static ACCENTED: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    ('\u{80}'..=LAST_ACCENTED)
        .map(|character| {
            let mut letters = Vec::new();
            spelled(character, &mut letters);
            letters
        })
        .collect()
});

fn spelled(character: char, to: &mut Vec<u8>) {
    let ascii = any_ascii_char(character);
    let enclosed = matches!(character, '\u{1f100}'..='\u{1f1ff}');
    if character.is_alphanumeric() || enclosed {
        to.extend(
            ascii
                .bytes()
                .filter(u8::is_ascii_alphanumeric)
                .map(|letter| letter.to_ascii_lowercase()),
        );
    } else {
        to.push(match ascii.as_bytes() {
            [mark] if mark.is_ascii_punctuation() => *mark,
            [b'-', ..] => b'-',
            _ if character == '\u{2028}' || character == '\u{2029}' => b'\n',
            _ => b' ',
        });
    }
}
