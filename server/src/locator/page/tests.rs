use proptest::prelude::*;

use super::*;
use crate::locator::row::Status;

fn read(html: &str) -> Result<Answered, Unread> {
    let base = Url::parse("https://locator.example/search").unwrap();
    answer(&Profile::shipped().unwrap(), &base, html)
}

fn people(html: &str) -> Vec<Row> {
    match read(html) {
        Ok(Answered::People(people)) => people.rows,
        _ => panic!("not read"),
    }
}

const ROW: &str = r#"<tr><td class="name">Ejemplo, <b>Ana</b></td><td class="facility">Muster &amp; Co</td></tr>"#;
const NONE: &str = r#"<p class="no-results">0</p>"#;

fn results(inside: &str) -> String {
    format!(r#"<main id="locator-results">{inside}</main><footer id="end"></footer>"#)
}

fn table(rows: &str) -> String {
    results(&format!(
        r#"<table class="results"><tbody>{rows}</tbody></table>"#
    ))
}

#[test]
fn people_are_read_with_their_markup_undone() {
    let rows = people(&table(&format!("{ROW}{ROW}")));
    assert_eq!(rows.len(), 2);
    assert!(rows[0].last == "Ejemplo" && rows[0].first == "Ana");
    assert!(rows[0].facility.as_deref() == Some("Muster & Co"));
}

#[test]
fn nobody_is_only_what_the_page_says() {
    assert!(people(&results(NONE)).is_empty());
    for html in [results(""), table(""), String::new(), NONE.to_owned()] {
        assert_eq!(read(&html).err(), Some(Unread::Unknown), "{html}");
    }
}

#[test]
fn people_and_nobody_on_one_page_say_nothing() {
    let html = results(&format!(
        r#"<table class="results"><tbody>{ROW}</tbody></table>{NONE}"#
    ));
    assert_eq!(read(&html).err(), Some(Unread::Unknown));
}

#[test]
fn a_row_that_cannot_be_read_makes_the_page_unknown() {
    let broken = r#"<tr><td class="nom">x</td></tr>"#;
    let html = table(&format!("{ROW}{broken}"));
    assert_eq!(read(&html).err(), Some(Unread::Unknown));
}

#[test]
fn more_people_than_an_exact_name_can_have_are_another_kind_of_page() {
    assert_eq!(people(&table(&ROW.repeat(MOST))).len(), MOST);
    let html = table(&ROW.repeat(MOST + 1));
    assert_eq!(read(&html).err(), Some(Unread::Unknown));
}

#[test]
fn a_page_that_makes_much_of_little_is_not_read_to_its_end() {
    let open: Vec<_> = (0..1_500).map(|i| format!("<b a{i}>")).collect();
    let open = open.concat();
    let html = results(&format!("{NONE}<p>{open}{}", "</p><p>x".repeat(3_000)));
    assert!(is_readable(&html));
    let began = std::time::Instant::now();
    assert_eq!(read(&html).err(), Some(Unread::Unknown));
    assert!(began.elapsed() < std::time::Duration::from_secs(10));
}

#[test]
fn a_challenge_is_recognised_even_with_results_beside_it() {
    let html = results(&format!(r#"<form id="challenge-form"></form>{NONE}"#));
    assert_eq!(read(&html).err(), Some(Unread::Challenge));
}

#[test]
fn a_challenge_in_words_is_one_only_where_nothing_else_is_known() {
    let asked = "<h1>Please verify you are HUMAN</h1>";
    assert_eq!(read(asked).err(), Some(Unread::Challenge));
    let named = table(r#"<tr><td class="name">Captcha, Ana</td></tr>"#);
    assert_eq!(people(&named).len(), 1);
}

#[test]
fn what_makes_text_look_like_another_is_taken_out() {
    let row = "<tr><td class=\"name\">Ejem\u{202e}plo,\u{0}\u{200b} A\u{2066}na</td></tr>";
    let rows = people(&table(row));
    assert!(rows[0].last == "Ejemplo" && rows[0].first.ends_with("Ana"));
}

#[test]
fn a_very_long_name_is_cut_and_quotes_stay_text() {
    let long = format!(
        r#"<tr><td class="name">{}, &quot;&lt;script&gt;</td></tr>"#,
        "é".repeat(100_000)
    );
    let rows = people(&table(&long));
    assert!(rows[0].last.chars().count() == 200 && rows[0].first.is_empty());
    let quoted = r#"<tr><td class="name">O&#39;Ejemplo, &quot;&lt;script&gt;</td></tr>"#;
    let rows = people(&table(quoted));
    assert!(rows[0].last == "O'Ejemplo" && rows[0].first == "\"<script>");
}

#[test]
fn only_links_to_the_site_are_passed_on() {
    let link = |href: &str| {
        let row = format!(
            r#"<tr><td class="name">Ejemplo</td><td class="facility"><a href="{href}">x</a></td></tr>"#
        );
        people(&table(&row))[0].facility_link.clone()
    };
    assert_eq!(
        link("/facilities/1").as_deref(),
        Some("https://locator.example/facilities/1")
    );
    for elsewhere in [
        "javascript:alert(1)",
        "data:text/html,x",
        "https://evil.example/pay",
        "//evil.example/pay",
        "https://locator.example.evil.example/",
        "https://locator.example@evil.example/",
        "https://pay@locator.example/",
    ] {
        assert_eq!(link(elsewhere), None, "{elsewhere}");
    }
}

#[test]
fn a_profile_can_name_further_hosts_to_which_links_lead() {
    let profile = crate::locator::profile::SHIPPED
        .replace("linkHosts: []", "linkHosts: [Places.example.org]");
    let profile = Profile::from_yaml(&profile).unwrap();
    let base = Url::parse("https://locator.example/search").unwrap();
    for (host, passes) in [
        ("places.example.org", true),
        ("org", false),
        ("evil.example", false),
    ] {
        let row = format!(
            r#"<tr><td class="name">Ejemplo</td><td class="facility"><a href="https://{host}/1">x</a></td></tr>"#
        );
        let Ok(Answered::People(people)) = answer(&profile, &base, &table(&row)) else {
            panic!("not read");
        };
        assert_eq!(people.rows[0].facility_link.is_some(), passes, "{host}");
    }
}

#[test]
fn a_telephone_number_is_one_and_nothing_else() {
    let phone = |text: &str| {
        let row = format!(
            r#"<tr><td class="name">Ejemplo</td><td class="facility-phone">{text}</td></tr>"#
        );
        people(&table(&row))[0].facility_phone.clone()
    };
    for number in [
        "(202) 555-0152",
        "+1 202.555.0152 ext 7",
        "202-555-0152 Ext. 12",
    ] {
        assert_eq!(phone(number).as_deref(), Some(number));
    }
    for other in [
        "&lt;script&gt;1&lt;/script&gt; call +1 900 555 0100",
        "call (202) 555-0152",
        "(202) 555-0152 (202) 555-0152 7",
        "ext.",
        "(202) 555-0152; +1 900 555 0100",
    ] {
        assert_eq!(phone(other), None, "{other}");
    }
}

#[test]
fn what_breaks_a_line_is_a_space() {
    let row = "<tr><td class=\"name\">Ejem\u{85}plo,\u{7}Ana\u{2028}\nPaz\u{e0041}</td></tr>";
    let rows = people(&table(row));
    assert!(rows[0].last == "Ejem plo" && rows[0].first == "Ana Paz");
}

#[test]
fn statuses_are_known_in_both_languages_and_else_passed_on() {
    let status = |text: &str| {
        let row =
            format!(r#"<tr><td class="name">Ejemplo</td><td class="status">{text}</td></tr>"#);
        people(&table(&row))[0].status.clone()
    };
    assert!(status("IN CUSTODY") == Some(Status::InCustody));
    assert!(status("bajo custodia") == Some(Status::InCustody));
    assert!(status("In transit") == Some(Status::Other("In transit".to_owned())));
}

fn paged(inside: &str) -> Result<People, Unread> {
    let html = results(&format!(
        r#"<table class="results"><tbody>{ROW}</tbody></table>{inside}"#
    ));
    read(&html).map(|answered| match answered {
        Answered::People(people) => people,
        Answered::SessionExpired => panic!("expired"),
    })
}

#[test]
fn a_page_says_where_the_next_is_and_how_many_people_there_are() {
    let people = paged(
        r#"<p class="result-count" data-total="47">47</p><nav class="pages"><a class="next" href="/search?page=2">x</a></nav>"#,
    )
    .unwrap_or_else(|_| panic!("not read"));
    assert_eq!(
        people.next.unwrap().as_str(),
        "https://locator.example/search?page=2"
    );
    assert_eq!(people.total, Some(47));
    let last = paged("").unwrap_or_else(|_| panic!("not read"));
    assert!(last.next.is_none() && last.total.is_none());
}

#[test]
fn a_link_to_the_next_page_that_leads_elsewhere_is_not_taken_for_the_end() {
    for href in [
        r#"href="https://elsewhere.example/search?page=2""#,
        r#"href="javascript:more()""#,
        r#"href="https://""#,
        "",
    ] {
        let nav = format!(r#"<nav class="pages"><a class="next" {href}>x</a></nav>"#);
        assert_eq!(paged(&nav).err(), Some(Unread::Unknown), "{href}");
    }
}

#[test]
fn nobody_of_some_says_nothing() {
    for more in [
        r#"<p class="result-count" data-total="3">3</p>"#,
        r#"<nav class="pages"><a class="next" href="/search?page=2">x</a></nav>"#,
    ] {
        let html = results(&format!("{NONE}{more}"));
        assert_eq!(read(&html).err(), Some(Unread::Unknown), "{more}");
    }
    let none = results(&format!(
        r#"{NONE}<p class="result-count" data-total="0">0</p>"#
    ));
    assert!(people(&none).is_empty());
}

#[test]
fn a_total_in_words_is_read_by_its_number() {
    let profile = crate::locator::profile::SHIPPED.replace("  totalAttribute: data-total\n", "");
    let profile = Profile::from_yaml(&profile).unwrap();
    let paging = profile.paging.unwrap();
    for (text, expected) in [
        ("Showing 20 of many", Some(20)),
        ("none", None),
        ("99999999999999999999999999", None),
    ] {
        let page =
            Html::parse_document(&results(&format!(r#"<p class="result-count">{text}</p>"#)));
        assert_eq!(total(&paging, &page), expected, "{text}");
    }
}

proptest! {
    #[test]
    fn no_page_is_taken_for_an_answer_without_its_marks(html in "[ -~<>\"=/a-z]{0,400}") {
        prop_assert!(read(&html).is_err());
    }

    #[test]
    fn a_cut_page_is_never_an_answer(cut in 0usize..2000) {
        let whole = table(&ROW.repeat(20));
        let cut = cut.min(whole.find("<footer").unwrap());
        prop_assert!(read(&whole[..cut]).is_err());
    }

    #[test]
    fn any_name_is_read_back_as_it_was_escaped(name in "[\\PC&&[^,]]{1,40}") {
        let escaped = name.replace('&', "&amp;").replace('<', "&lt;");
        let rows = read(&table(&format!(r#"<tr><td class="name">{escaped}, Ana</td></tr>"#)));
        if let Ok(Answered::People(People { rows, .. })) = rows {
            let visible = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).collect::<String>();
            prop_assert!(visible(&rows[0].last) == visible(&name));
        }
    }
}
