//! What is understood of what people write.

use proptest::prelude::*;

use super::*;
use crate::search::text::folded;

const TODAY: Date = Date::constant(2026, 11, 1);

fn value(part: Option<&Part>) -> &str {
    part.map_or("", |part| part.value.as_str())
}

/// Given names, surnames, country, birth date, A-number.
fn said(text: &str) -> [String; 5] {
    let understood = read(text, TODAY).understood;
    [
        &understood.first_name,
        &understood.last_name,
        &understood.country_of_birth,
        &understood.date_of_birth,
        &understood.alien_number,
    ]
    .map(|part| value(part.as_ref()).to_owned())
}

fn not_used(reading: &Reading) -> Vec<String> {
    let parts = reading.understood.not_used.iter();
    parts.map(|part| part.text.clone()).collect()
}

fn asked(text: &str) -> Vec<(Field, Why, Vec<String>)> {
    let asks = read(text, TODAY).asks;
    asks.into_iter()
        .map(|ask| (ask.field, ask.why, ask.options))
        .collect()
}

fn born(date: &str) -> String {
    let [.., date, _] = said(&format!("Ana Muestra, born {date}, from Honduras"));
    date
}

#[test]
fn sentences_of_both_languages_are_understood() {
    for (text, meant) in [
        (
            "mi hermano José Pérez de Guatemala, nacido el 15 de mayo de 1990",
            ["José", "Pérez", "Guatemala", "1990-05-15", ""],
        ),
        (
            "looking for my husband, carlos mendoza lopez, honduran, A 123 456 789, dob 3/14/85",
            [
                "carlos",
                "mendoza lopez",
                "Honduras",
                "1985-03-14",
                "123456789",
            ],
        ),
        (
            "MENDOZA LOPEZ, CARLOS ALBERTO; HONDURAS; 15may90",
            [
                "CARLOS ALBERTO",
                "MENDOZA LOPEZ",
                "Honduras",
                "1990-05-15",
                "",
            ],
        ),
        (
            "Apellidos: de la Cruz\nNombre: Ana María\nPaís: Perú",
            ["Ana María", "de la Cruz", "Peru", "", ""],
        ),
        (
            "My lawyer is John Smith and my brother is Pedro Gomez, from Cuba. He was arrested 03/15/2026",
            ["Pedro", "Gomez", "Cuba", "", ""],
        ),
    ] {
        assert!(said(text) == meant.map(str::to_owned), "{text}");
        assert!(asked(text).is_empty(), "{text}");
    }
}

#[test]
fn dates_are_read_however_they_are_written() {
    for date in [
        "15/05/1990",
        "May 15 1990",
        "15 de mayo de 1990",
        "1990-05-15",
        "15may90",
        "el quince de mayo de mil novecientos noventa",
        "May fifteenth nineteen ninety",
        "the 15th of May, '90",
    ] {
        assert_eq!(born(date), "1990-05-15", "{date}");
    }
    assert_eq!(
        born("3/14/26"),
        "2026-03-14",
        "the latest year that is not to come"
    );
    assert_eq!(born("3/14/27"), "1927-03-14");
}

#[test]
fn a_date_that_can_be_read_in_two_ways_is_asked_back() {
    for date in ["05/06/1990", "5-6-90"] {
        let text = format!("Ana Muestra from Honduras, born {date}");
        let options = vec!["1990-05-06".to_owned(), "1990-06-05".to_owned()];
        assert_eq!(
            asked(&text),
            [(Field::DateOfBirth, Why::Ambiguous, options)]
        );
        assert_eq!(born(date), "");
    }
    assert_eq!(born("05/05/1990"), "1990-05-05", "the same either way");
}

#[test]
fn a_date_that_is_none_or_lacks_a_part_is_asked_back() {
    for (date, why) in [
        ("31/02/1990", Why::Impossible),
        ("May 15 2090", Why::Impossible),
        ("in 1987", Why::Incomplete),
    ] {
        let text = format!("Ana Muestra from Honduras, born {date}");
        assert_eq!(
            asked(&text),
            [(Field::DateOfBirth, why, Vec::new())],
            "{date}"
        );
    }
}

#[test]
fn an_age_is_told_and_never_made_a_date() {
    let reading = read("Ana Muestra, 17 years old, from Honduras", TODAY);
    assert!(
        reading
            .understood
            .age
            .as_ref()
            .is_some_and(|age| age.years == 17)
    );
    assert!(reading.understood.date_of_birth.is_none() && reading.asks.is_empty());
    assert!(
        reading
            .suggestions
            .iter()
            .any(|suggestion| suggestion.tip == Tip::Minor)
    );
}

#[test]
fn what_is_missing_is_asked_for() {
    let fields = |text| {
        asked(text)
            .into_iter()
            .map(|(field, ..)| field)
            .collect::<Vec<_>>()
    };
    assert_eq!(fields("se llama maria y es mexicana"), [Field::LastName]);
    assert_eq!(fields("busco a Ana Muestra"), [Field::CountryOfBirth]);
    assert_eq!(
        fields("Busco a Juan Lopez y a Maria Lopez, de Honduras"),
        [Field::Person]
    );
    assert_eq!(
        fields("hello"),
        [Field::CountryOfBirth, Field::FirstName, Field::LastName]
    );
}

#[test]
fn a_second_person_is_asked_about_and_never_dropped() {
    for text in [
        "Busco a José Muestra García y a su primo Pedro, ambos de Honduras",
        "Jose Muestra Garcia and his wife",
        "looking for Jose Muestra Garcia, from Honduras, and his cousin Pedro",
        "Busco a José Muestra y María su esposa, de Honduras",
        "Jose Muestra Garcia and Pedro, both from Honduras",
        "not Jose Perez, but Jose Muestra Garcia, from Honduras",
        "no es José Pérez sino José Muestra García, de Honduras",
    ] {
        let question = (Field::Person, Why::Ambiguous, Vec::new());
        assert_eq!(asked(text), [question], "{text}");
    }
    let reading = read(
        "My brother Jose Muestra Garcia, from Honduras, and his wife is worried",
        TODAY,
    );
    assert!(reading.asks.is_empty() && reading.understood.relation == Some("brother"));
    assert_eq!(not_used(&reading), ["his wife"]);
    let text = "Both last names of José and where he is from: José Muestra García, Honduras";
    assert!(asked(text).is_empty(), "both names of one person");
}

#[test]
fn a_relative_of_who_is_looked_for_is_no_relation_of_who_writes() {
    let relation = |text| read(text, TODAY).understood.relation;
    assert_eq!(relation("José Muestra García, con su esposa"), None);
    assert_eq!(
        relation("mi tío José Muestra García y su esposa está preocupada"),
        Some("uncle")
    );
}

#[test]
fn a_state_with_a_country_s_name_is_asked_about_unless_somebody_was_born_there() {
    let question = (
        Field::CountryOfBirth,
        Why::State,
        vec!["Georgia".to_owned()],
    );
    for text in [
        "José Muestra García de Georgia, lo agarraron en Atlanta",
        "Jose Muestra Garcia from Georgia",
    ] {
        assert_eq!(asked(text), std::slice::from_ref(&question), "{text}");
    }
    let [.., country, _, _] = said("Jose Muestra Garcia, born in Georgia");
    assert_eq!(country, "Georgia");
    for text in [
        "Jose Muestra Garcia from Honduras, held in Atlanta, Georgia",
        "Jose Muestra Garcia from Georgia, he is Honduran",
    ] {
        let reading = read(text, TODAY);
        assert!(reading.asks.is_empty(), "{text}");
        assert!(value(reading.understood.country_of_birth.as_ref()) == "Honduras");
        assert!(not_used(&reading).contains(&"Georgia".to_owned()), "{text}");
    }
}

#[test]
fn years_and_ages_that_are_not_searched_by_are_named() {
    for (text, unused) in [
        ("Maria Muestra, Mexico, 1992", "1992"),
        ("Maria Muestra, Mexico, about 34 years old", "34 years"),
        ("Maria Muestra, 34, Mexico", "34"),
    ] {
        assert_eq!(not_used(&read(text, TODAY)), [unused], "{text}");
    }
    assert!(not_used(&read("Maria Muestra, Mexico, born 15/05/1990", TODAY)).is_empty());
}

#[test]
fn one_of_a_few_countries_is_searched_for_in_each() {
    for text in [
        "Ana Muestra, guatemalteca o mexicana",
        "Ana Muestra from Guatemala or Mexico",
        "Ana Muestra, Guatemala/México",
        "Ana Muestra nació en Guatemala o en México",
    ] {
        let [.., country, _, _] = said(text);
        assert!(
            country == "Guatemala or Mexico" && asked(text).is_empty(),
            "{text}"
        );
    }
    let [.., country, _, _] = said("Ana Muestra from Guatemala, Mexico, Honduras or Cuba");
    assert_eq!(country, "Guatemala or Mexico or Honduras or Cuba");
    let [(field, why, options)] =
        &asked("Ana Muestra from Guatemala, Mexico, Honduras, Peru or Cuba")[..]
    else {
        panic!("one question");
    };
    assert!(*field == Field::CountryOfBirth && *why == Why::TooMany && options.len() == 5);
    let mut reading = read("Ana Muestra", TODAY);
    reading.complete(&Completion::parse(Some("gt o mx"), None).unwrap());
    assert!(value(reading.understood.country_of_birth.as_ref()) == "Guatemala or Mexico");
}

#[test]
fn the_country_of_who_writes_is_theirs() {
    for text in [
        "Me llamo Laura Gómez, de México. Busco a mi esposo José Muestra García, de Honduras",
        "I am Laura Gomez from Mexico, looking for my husband José Muestra García from Honduras",
    ] {
        let [first, last, country, ..] = said(text);
        assert!(
            [first.as_str(), &last, &country] == ["José", "Muestra García", "Honduras"],
            "{text}"
        );
        assert!(asked(text).is_empty(), "{text}");
    }
}

#[test]
fn surnames_that_stand_first_are_surnames() {
    for (text, meant) in [
        ("Muestra Garcia Jose hondureño", ["Jose", "Muestra Garcia"]),
        (
            "GARCIA LOPEZ JOSE LUIS, HONDURAS",
            ["JOSE LUIS", "GARCIA LOPEZ"],
        ),
        ("Jose Luis Garcia, Honduras", ["Jose Luis", "Garcia"]),
    ] {
        let [first, last, ..] = said(text);
        assert!([first.as_str(), &last] == meant, "{text}");
    }
}

#[test]
fn a_place_after_a_name_is_no_surname() {
    for (text, place) in [
        (
            "José Muestra García de San Pedro Sula, hondureño",
            "San Pedro Sula",
        ),
        (
            "José Muestra García de El Progreso, Yoro, hondureño",
            "El Progreso, Yoro",
        ),
        ("José Muestra García, hondureño, from Yorito", "Yorito"),
    ] {
        let reading = read(text, TODAY);
        assert!(
            value(reading.understood.last_name.as_ref()) == "Muestra García",
            "{text}"
        );
        assert_eq!(not_used(&reading), [place], "{text}");
    }
    let [_, last, ..] = said("Ana García de la Cruz, de Honduras");
    assert_eq!(last, "García de la Cruz");
}

#[test]
fn a_social_security_number_is_left_out_and_never_repeated() {
    for text in [
        "Ana Muestra from Honduras, 123-45-6789",
        "Ana Muestra from Honduras, SSN 123-45-6789",
    ] {
        let reading = read(text, TODAY);
        assert!(reading.asks.is_empty() && reading.understood.alien_number.is_none());
        assert!(not_used(&reading).is_empty(), "{text}");
        assert!(
            reading
                .suggestions
                .iter()
                .any(|suggestion| suggestion.tip == Tip::SocialSecurity)
        );
    }
    let question = (Field::AlienNumber, Why::Impossible, Vec::new());
    assert_eq!(asked("A# 123-45-6789, from Honduras"), [question]);
}

#[test]
fn a_number_that_cannot_be_an_a_number_is_asked_back() {
    for (text, likely) in [("A1234567890", None), ("A12345678O", Some("A123456780"))] {
        let options: Vec<String> = likely.into_iter().map(str::to_owned).collect();
        let question = (Field::AlienNumber, Why::Impossible, options);
        assert_eq!(
            asked(&format!("{text}, from Honduras")),
            [question],
            "{text}"
        );
    }
    let [.., number] = said("A# 12345678, from Honduras");
    assert_eq!(number, "012345678");
    let [.., number] = said("A nine zero zero zero zero zero zero zero one, from Honduras");
    assert_eq!(number, "900000001");
    let [.., number] = said("Ana Muestra, Honduras, call 202-555-0141");
    assert_eq!(number, "");
}

#[test]
fn a_country_that_may_be_two_or_is_misspelt_is_asked_or_told() {
    let [(field, why, options)] = &asked("Jean Exemple is Congolese")[..] else {
        panic!("one question");
    };
    assert!(*field == Field::CountryOfBirth && *why == Why::Ambiguous && options.len() == 2);
    let reading = read("Ana Muestra from Guatamala", TODAY);
    assert!(value(reading.understood.country_of_birth.as_ref()) == "Guatemala");
    assert!(
        reading
            .suggestions
            .iter()
            .any(|suggestion| suggestion.tip == Tip::Country)
    );
}

#[test]
fn what_is_told_besides_completes_the_text() {
    let mut reading = read("Ana Muestra, born 05/06/1990", TODAY);
    let completion = Completion::parse(Some("hn"), Some("1990-06-05")).unwrap();
    reading.complete(&completion);
    assert!(reading.asks.is_empty());
    assert!(value(reading.understood.country_of_birth.as_ref()) == "Honduras");
    assert!(value(reading.understood.date_of_birth.as_ref()) == "1990-06-05");
    assert_eq!(
        Completion::parse(None, Some("5/6/90"))
            .err()
            .map(|wrong| wrong.field),
        Some("date_of_birth")
    );
}

fn words() -> impl Strategy<Value = String> {
    let word = prop_oneof![
        "\\PC{0,6}",
        "[0-9]{1,9}",
        Just("born".to_owned()),
        Just("de".to_owned()),
        Just("José".to_owned()),
        Just("Pérez,".to_owned()),
        Just("apellido:".to_owned()),
        Just("15/05/1990".to_owned()),
        Just("A".to_owned()),
        Just("\"Chepe\"".to_owned()),
        Just("\u{202e}\u{200d}e\u{301}\u{301}".to_owned()),
        Just("\n".to_owned()),
        Just("mayo".to_owned()),
        Just("Honduras".to_owned()),
        Just("sorry".to_owned()),
    ];
    proptest::collection::vec(word, 0..40).prop_map(|words| words.join(" "))
}

proptest! {
    #[test]
    fn nothing_is_invented_and_nothing_panics(text in words()) {
        let reading = read(&text, TODAY);
        let understood = &reading.understood;
        let text = folded(&text);
        for part in [&understood.first_name, &understood.middle_name, &understood.last_name] {
            for word in value(part.as_ref()).split(' ') {
                prop_assert!(text.contains(&folded(word)), "a word of a name that is not in the text");
            }
        }
        let digits: String = text.chars().filter(char::is_ascii_digit).collect();
        let number = value(understood.alien_number.as_ref()).trim_start_matches('0');
        prop_assert!(digits.contains(number), "digits that are not in the text");
        prop_assert!(understood.date_of_birth.is_none() || !digits.is_empty());
    }

    #[test]
    fn what_is_understood_says_where_it_stands(text in words()) {
        let length = text.chars().count();
        let understood = read(&text, TODAY).understood;
        for part in [understood.first_name, understood.last_name, understood.date_of_birth].into_iter().flatten() {
            prop_assert!(!part.from.is_empty());
            prop_assert!(part.from.iter().all(|span| span.start < span.end && span.end <= length));
        }
    }

    #[test]
    fn any_text_at_all_is_read(text in "[\\s\\S]{0,1200}") {
        let _ = read(&text, TODAY);
    }
}
