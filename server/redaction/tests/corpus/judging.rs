//! The judge held to what it promises.

use icelocator_redaction::Kind;

use super::cases::{Case, Planted};
use super::judge::judge;

fn case(text: &str, hidden: &str, kind: Kind, value: &str) -> Case {
    let start = text.find(hidden).unwrap();
    Case {
        id: "x".to_owned(),
        language: "en".to_owned(),
        class: "test".to_owned(),
        how: "hand".to_owned(),
        held_out: false,
        text: text.to_owned(),
        planted: vec![Planted {
            kind,
            value: value.to_owned(),
            start,
            end: start + hidden.len(),
        }],
        neutral: Vec::new(),
        seen: Vec::new(),
    }
}

fn survives(kind: Kind, value: &str, out: &str) -> bool {
    let case = case("please help VALUE today", "VALUE", kind, value);
    judge(&case, out).survives[0]
}

#[test]
fn a_name_survives_in_any_part_and_any_disguise() {
    let case = case(
        "help María Xicará soon",
        "María Xicará",
        Kind::Name,
        "María Xicará",
    );
    for out in [
        "help María Xicará soon",
        "help XICARA soon",
        "help [name:ab12cd34ef] Xicará soon",
        "help [name:ab12cd34ef] Xicara\u{301} soon",
        "help Xi\u{200b}cará soon",
        "help Ｘｉｃａｒá soon",
        "help Хісаrа soon",
        "help Xicar%C3%A1 soon",
        "help Xicar&aacute; soon",
        "help Xicar\\u00e1 soon",
        "help WGljYXLDoQ== soon",
        "help 586963617261 soon",
        "help [name:xicara soon",
        "help [name:María] soon",
    ] {
        assert!(judge(&case, out).survives[0], "{out}");
    }
    for out in [
        "help [name:ab12cd34ef] soon",
        "help [name:ab12cd34ef] [name:00aa11bb22] soon",
        "help soon",
        "",
        "[name:xicara] soon",
    ] {
        assert!(!judge(&case, out).survives[0], "{out}");
    }
}

#[test]
fn disguised_letters_are_read_however_they_are_spread() {
    let spaced = case("he is E l m e r now", "E l m e r", Kind::Name, "Elmer");
    assert!(judge(&spaced, "he is E l m e r now").survives[0]);
    assert!(!judge(&spaced, "he is [name:ab12cd34ef] now").survives[0]);
    let leet = case("he is 3lm3r now", "3lm3r", Kind::Name, "Elmer");
    assert!(judge(&leet, "he is 3lm3r now").survives[0]);
    assert!(!judge(&leet, "he is [name:ab12cd34ef] now").survives[0]);
}

#[test]
fn a_word_that_is_also_a_name_does_not_count_as_the_name() {
    let case = case("Rosa compró una rosa", "Rosa", Kind::Name, "Rosa");
    assert!(judge(&case, "Rosa compró una rosa").survives[0]);
    let out = judge(&case, "[name:ab12cd34ef] compró una rosa");
    assert!(!out.survives[0]);
    assert_eq!((out.words, out.lost.len()), (3, 0));
}

#[test]
fn five_digits_of_a_number_are_enough() {
    for out in [
        "A215448019",
        "215-448-019",
        "2 1 5 4 4 8",
        "A***48019",
        "two one five four four eight zero one nine",
        "Ａ２１５４４８",
        "2l5448O19",
        "215%2D448",
        "QTIxNTQ0ODAxOQ==",
    ] {
        assert!(survives(Kind::AlienNumber, "215448019", out), "{out}");
    }
    for out in [
        "A215-[a_number:ab12cd34ef]-019",
        "[a_number:ab12cd34ef]",
        "number 8019",
        "",
    ] {
        assert!(!survives(Kind::AlienNumber, "215448019", out), "{out}");
    }
    assert!(survives(
        Kind::Ssn,
        "734286619",
        "siete tres cuatro, veintiocho, sesenta y seis diecinueve"
    ));
    assert!(survives(
        Kind::Phone,
        "7135550142",
        "seven one three, triple five, oh one four two"
    ));
}

#[test]
fn a_day_with_its_month_is_enough() {
    for out in [
        "1988-03-14",
        "03/14/1988",
        "14/3/88",
        "March 14",
        "14 de marzo",
        "the fourteenth of March",
        "14-mar-88",
        "14mar1988",
        "19880314",
        "1 4 / 0 3 / 1 9 8 8",
        "14/III/1988",
        "catorce de marzo de mil novecientos",
        "O3/l4/1988",
        "March 14th",
        "0３/14",
    ] {
        assert!(survives(Kind::Date, "1988-03-14", out), "{out}");
    }
    for out in [
        "[date:ab12cd34ef]",
        "March 1988",
        "1988",
        "14",
        "03/15/1988",
        "3 of [date:ab12cd34ef] 14",
    ] {
        assert!(!survives(Kind::Date, "1988-03-14", out), "{out}");
    }
}

#[test]
fn the_local_part_of_a_mailbox_is_enough() {
    for out in [
        "elmer.tzoc@gmail.com",
        "elmer.tzoc@[other:ab12cd34ef]",
        "elmer dot tzoc at",
        "ELMER.TZOC",
        "elmer&#46;tzoc&#64;gmail",
        "[name:ab12cd34ef]r.tzoc@gmail.com",
    ] {
        assert!(survives(Kind::Email, "elmer.tzoc@gmail.com", out), "{out}");
    }
    assert!(!survives(
        Kind::Email,
        "elmer.tzoc@gmail.com",
        "[email:ab12cd34ef]@gmail.com"
    ));
}

#[test]
fn a_house_is_its_number_with_its_street() {
    assert!(survives(Kind::Address, "1428 Oakmont", "1428 OAKMONT st"));
    assert!(survives(Kind::Address, "1428 Oakmont", "1428%20Oakmont"));
    assert!(!survives(Kind::Address, "1428 Oakmont", "Oakmont Street"));
    assert!(!survives(
        Kind::Address,
        "1428 Oakmont",
        "[address:ab12cd34ef], Houston"
    ));
}

#[test]
fn a_dozen_characters_of_a_credential_are_enough() {
    let value = "abcdefgh12345678ijklmnop";
    assert!(survives(Kind::Credential, value, "x efgh12345678 y"));
    assert!(!survives(
        Kind::Credential,
        value,
        "x efgh1234567 y [credential:ab12cd34ef]"
    ));
    assert!(survives(Kind::Document, "G28456173", "g-28456173"));
    assert!(!survives(
        Kind::Document,
        "G28456173",
        "G[document:ab12cd34ef]"
    ));
}

#[test]
fn what_looks_like_a_replacement_but_was_there_before_is_read() {
    let case = case("see [name:elmer] now", "elmer", Kind::Name, "elmer");
    assert!(judge(&case, "see [name:elmer] now").survives[0]);
    assert!(!judge(&case, "see [name:[name:ab12cd34ef]] now").survives[0]);
}
