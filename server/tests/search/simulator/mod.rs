//! The stand-in site is as strict as the real one, and says on every page what it is.

mod faults;
mod visitor;

use axum::body::{Body, to_bytes};
use axum::http::{Request, header};
use icelocator_server::simulator;
use proptest::prelude::*;
use reqwest::{Client, StatusCode};
use tower::ServiceExt as _;

use self::visitor::{MANY, NAME, Visitor, next, numbers};
use crate::support::Site;

#[tokio::test]
async fn only_a_form_of_its_own_session_is_taken() {
    let site = Site::simulated().await;
    let visitor = Visitor::of(&site);
    let token = visitor.token().await;
    let with = |token| [&[("csrf_token", token)], &NAME[..]].concat();
    let (status, page) = visitor.ask(&with(&token)).await;
    assert!(status.is_success() && page.contains("900000001"), "{page}");
    for wrong in [with("guessed"), NAME.to_vec()] {
        let (status, page) = visitor.ask(&wrong).await;
        assert_eq!(status, StatusCode::FORBIDDEN);
        assert!(page.contains("session-expired") && !page.contains("900000001"));
    }
    let (status, _) = Visitor::of(&site).ask(&with(&token)).await;
    assert_eq!(status, StatusCode::FORBIDDEN);
    site.delete("sessions").await;
    let (status, _) = visitor.ask(&with(&token)).await;
    assert_eq!(status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn it_takes_exact_names_a_country_and_nine_digits_only() {
    let site = Site::simulated().await;
    let visitor = Visitor::of(&site);
    let token = visitor.token().await;
    let ask = async |fields: &[(&str, &str)]| {
        let fields = [&[("csrf_token", token.as_str())], fields].concat();
        visitor.ask(&fields).await
    };
    let gt = ("country", "Guatemala");
    let long = "x".repeat(101);
    for refused in [
        &[("a_number", "900000001")][..],
        &[("a_number", "900000001"), ("country", "Atlantis")],
        &[("a_number", "A900000001"), gt],
        &[("a_number", "90000001"), gt],
        &[("first_name", "Ana Lucia"), gt],
        &[("first_name", " "), ("last_name", "Ejemplo Prueba"), gt],
        &[("first_name", &long), ("last_name", "Ejemplo Prueba"), gt],
        // The site spells countries in its own way only.
        &[NAME[0], NAME[1], ("country", "México")],
    ] {
        let (status, page) = ask(refused).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{refused:?}");
        assert!(!page.contains("no-results"), "{refused:?}");
    }
    let name = |first, last| [("first_name", first), ("last_name", last), gt];
    for nobody in [
        name("Ana", "Ejemplo Prueba"),
        name("Ana Lucía", "Ejemplo Prueba"),
        name("Ana Lucia", "Ejemplo"),
        name("Ana Lucia", "Ejemplo Prueb"),
    ] {
        let (status, page) = ask(&nobody).await;
        assert!(
            status.is_success() && page.contains("no-results"),
            "{nobody:?}"
        );
    }
    let (_, page) = ask(&name("ana lucia", "EJEMPLO PRUEBA")).await;
    assert!(page.contains("900000001"));
    let born = |date| {
        [
            &name("Ana Lucia", "Ejemplo Prueba")[..],
            &[("date_of_birth", date)],
        ]
        .concat()
    };
    assert!(ask(&born("1990-05-15")).await.1.contains("900000001"));
    assert!(ask(&born("1990-05-16")).await.1.contains("no-results"));
}

#[tokio::test]
async fn every_page_says_that_everybody_is_invented() {
    let site = Site::simulated().await;
    let visitor = Visitor::of(&site);
    for (path, banner, lang) in [
        ("/", "Everybody in it is invented", "en"),
        ("/?lang=es", "Todas las personas son inventadas", "es"),
        ("/facilities/1", "Everybody in it is invented", "en"),
    ] {
        let response = visitor.get(path).await;
        assert_eq!(
            response.headers()["x-simulated-site"],
            "invented-people-only"
        );
        assert_eq!(response.headers()["x-robots-tag"], "noindex, nofollow");
        let page = response.text().await.unwrap();
        assert!(page.contains(banner), "{path}: {page}");
        assert!(page.contains(&format!("lang=\"{lang}\"")), "{path}");
    }
    let token = visitor.token().await;
    let asked = [&[("csrf_token", token.as_str()), ("lang", "es")], &NAME[..]].concat();
    let (_, page) = visitor.ask(&asked).await;
    assert!(
        page.contains("Bajo custodia") && page.contains("inventadas"),
        "{page}"
    );
}

#[tokio::test]
async fn children_are_not_shown_and_the_released_are_shown_as_released() {
    let site = Site::simulated().await;
    let visitor = Visitor::of(&site);
    let child = [
        ("first_name", "Nina"),
        ("last_name", "Menor Ejemplo"),
        ("country", "Guatemala"),
    ];
    let (status, page) = visitor.ask_anew(&child).await;
    assert!(status.is_success() && page.contains("no-results"), "{page}");
    let number = [("a_number", "900000009"), ("country", "Guatemala")];
    assert!(visitor.ask_anew(&number).await.1.contains("no-results"));
    let released = [("a_number", "900000007"), ("country", "Honduras")];
    let (_, page) = visitor.ask_anew(&released).await;
    assert!(page.contains("Not in custody") && !page.contains("/facilities/"));
}

#[tokio::test]
async fn a_long_answer_has_pages_for_the_session_that_asked() {
    let site = Site::simulated().await;
    let visitor = Visitor::of(&site);
    for (lang, word) in [("en", "Next page"), ("es", "Página siguiente")] {
        let question = [&MANY[..], &[("lang", lang)]].concat();
        let (_, mut page) = visitor.ask_anew(&question).await;
        let mut everybody = numbers(&page);
        assert_eq!(everybody.len(), 10);
        let mut pages = 1;
        while let Some(path) = next(&page) {
            assert!(page.contains(word), "{page}");
            let (status, further) = visitor.page(&path).await;
            assert_eq!(status, StatusCode::OK, "{path}");
            assert!(further.contains(&format!("lang=\"{lang}\"")), "{further}");
            assert!(further.contains(r#"<p class="result-count" data-total="23">"#));
            everybody.extend(numbers(&further));
            page = further;
            pages += 1;
        }
        assert_eq!((pages, everybody.len()), (3, 23));
        everybody.dedup();
        assert_eq!(everybody.len(), 23);
    }
    let (_, page) = visitor.ask_anew(&MANY).await;
    let path = next(&page).unwrap();
    for (wrong, status) in [
        (path.replace("page=2", "page=0"), StatusCode::NOT_FOUND),
        (path.replace("page=2", "page=4"), StatusCode::NOT_FOUND),
        (
            path.replace("page=2", "page=18446744073709551615"),
            StatusCode::NOT_FOUND,
        ),
        (path.replace("of=", "of=x"), StatusCode::FORBIDDEN),
        ("/search/results".to_owned(), StatusCode::FORBIDDEN),
    ] {
        let (got, page) = visitor.page(&wrong).await;
        assert_eq!(got, status, "{wrong}");
        assert!(numbers(&page).is_empty() && !page.contains("no-results"));
    }
    let other = Visitor::of(&site);
    other.token().await;
    assert_eq!(other.page(&path).await.0, StatusCode::FORBIDDEN);
    site.delete("sessions").await;
    assert_eq!(visitor.page(&path).await.0, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn everything_is_said_in_spanish_to_whom_asks_for_it() {
    let site = Site::simulated().await;
    let visitor = Visitor::of(&site);
    let (_, form) = visitor.page("/?lang=es").await;
    for part in [
        r#"<input type="hidden" name="lang" value="es">"#,
        r#"<option value="Haiti">Haití</option>"#,
        "Fecha de nacimiento",
        "Buscar",
    ] {
        assert!(form.contains(part), "{part}: {form}");
    }
    let liked = visitor
        .asks_for("/")
        .header(header::ACCEPT_LANGUAGE, "es-GT,en;q=0.5");
    let page = liked.send().await.unwrap().text().await.unwrap();
    assert!(page.contains("lang=\"es\"") && page.contains("Buscar"));

    let haiti = [
        ("first_name", "Jean"),
        ("last_name", "Exemple"),
        ("country", "Haiti"),
        ("lang", "es"),
    ];
    let (_, found) = visitor.ask_anew(&haiti).await;
    for part in [
        r#"<td class="country">Haití</td>"#,
        "Bajo custodia",
        "1 resultado<",
        "Teléfono",
        "/facilities/0?lang=es",
    ] {
        assert!(found.contains(part), "{part}: {found}");
    }
    assert!(
        visitor
            .page("/facilities/0?lang=es")
            .await
            .1
            .contains("simulador")
    );
    let released = [
        ("a_number", "900000007"),
        ("country", "Honduras"),
        ("lang", "es"),
    ];
    assert!(
        visitor
            .ask_anew(&released)
            .await
            .1
            .contains("Ya no está bajo custodia")
    );
    let nobody = [
        ("a_number", "999999999"),
        ("country", "Honduras"),
        ("lang", "es"),
    ];
    assert!(
        visitor
            .ask_anew(&nobody)
            .await
            .1
            .contains("ningún resultado")
    );
    let (status, page) = visitor.ask_anew(&[("lang", "es")]).await;
    assert!(status == 422 && page.contains("Se requiere el país"));
    let (status, page) = visitor.ask(&[("lang", "es")]).await;
    assert!(status == 403 && page.contains("Su sesión ha caducado"));
    let (status, page) = visitor.page("/facilities/99?lang=es").await;
    assert!(status == 404 && page.contains("Esa página no existe"));
    for (fault, says) in [
        ("unavailable", "no está disponible"),
        ("rate_limited", "no está disponible"),
        ("challenge", "Demuestre que es una persona"),
    ] {
        let request = visitor
            .asks_for("/?lang=es")
            .header("x-simulate-fault", fault);
        let page = request.send().await.unwrap().text().await.unwrap();
        assert!(page.contains(says) && page.contains("inventadas"), "{page}");
    }
}

#[tokio::test]
async fn pages_are_packed_for_whom_can_unpack_them() {
    let site = Site::simulated().await;
    let visitor = Visitor::of(&site);
    let (_, plain) = visitor.page("/").await;
    let packed = visitor
        .asks_for("/")
        .header(header::ACCEPT_ENCODING, "gzip");
    let packed = packed.send().await.unwrap();
    assert_eq!(packed.headers()[header::CONTENT_ENCODING], "gzip");
    assert!(packed.bytes().await.unwrap().len() < plain.len() / 2);
    let unpacked = Client::new().get(&site.url).send().await.unwrap();
    let unpacked = unpacked.text().await.unwrap();
    assert!(unpacked.contains("locator-form") && unpacked.len() == plain.len());
}

#[tokio::test]
async fn a_file_has_its_own_people_and_nobody_else() {
    let file = "first_name,last_name,alien_number,country_of_birth,date_of_birth,status,facility\n\
        Alma,Cuento Verso,123456789,Peru,1980-02-29,in_custody,House of <Tales>\n\
        Nina,Cuento,123456790,Peru,2024-02-29,,\n";
    let people = simulator::Site::from_csv(file.as_bytes()).unwrap_or_else(|_| panic!());
    let site = Site::serving(simulator::router(people)).await;
    let visitor = Visitor::of(&site);
    let alma = [
        ("first_name", "alma"),
        ("last_name", "Cuento Verso"),
        ("country", "Peru"),
    ];
    let (_, page) = visitor.ask_anew(&alma).await;
    assert_eq!(numbers(&page), ["123456789"]);
    assert!(page.contains(r#"<a href="/facilities/4">House of &lt;Tales&gt;</a>"#));
    assert!(
        visitor
            .page("/facilities/4")
            .await
            .1
            .contains("House of &lt;Tales&gt;")
    );
    for (number, country) in [("123456790", "Peru"), ("900000001", "Guatemala")] {
        let question = [("a_number", number), ("country", country)];
        assert!(visitor.ask_anew(&question).await.1.contains("no-results"));
    }
}

#[test]
fn the_people_of_the_evaluation_can_be_served() {
    let file = include_bytes!("../../../../tests/evaluation/people.csv");
    assert!(simulator::Site::from_csv(&file[..]).is_ok());
}

/// The status and the page that a form brings which a browser would not send.
fn posted(body: &[u8], kind: &str) -> (StatusCode, String) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    runtime.block_on(async {
        let router = simulator::router(simulator::Site::seeded(0, 0));
        let opened = Request::get("/").body(Body::empty()).unwrap();
        let form = router.clone().oneshot(opened).await.unwrap();
        let cookie = form.headers()[header::SET_COOKIE].to_str().unwrap();
        let cookie = cookie.split(';').next().unwrap().to_owned();
        let form = to_bytes(form.into_body(), usize::MAX).await.unwrap();
        let form = String::from_utf8_lossy(&form);
        let token = visitor::between(&form, "name=\"csrf_token\" value=\"", "\"").unwrap();
        let body = [format!("csrf_token={token}&").as_bytes(), body].concat();
        let request = Request::post("/search")
            .header(header::CONTENT_TYPE, kind)
            .header(header::COOKIE, cookie)
            .body(Body::from(body))
            .unwrap();
        let response = router.oneshot(request).await.unwrap();
        let status = response.status();
        let page = to_bytes(response.into_body(), usize::MAX).await.unwrap();
        (status, String::from_utf8_lossy(&page).into_owned())
    })
}

const FORM: &str = "application/x-www-form-urlencoded";

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn whatever_is_posted_is_answered(body in proptest::collection::vec(any::<u8>(), 0..300)) {
        let (status, page) = posted(&body, FORM);
        prop_assert!([200, 403, 422].contains(&status.as_u16()), "{status}");
        prop_assert!(page.contains("Everybody in it is invented") || page.contains("inventadas"));
    }

    #[test]
    fn whatever_a_field_holds_is_answered_and_never_shown(
        first in "\\PC{1,40}", last in "\\PC{1,40}", born in "\\PC{0,12}", number in "[0-9A\\PC]{0,10}",
    ) {
        let fields = [
            ("first_name", first.as_str()), ("last_name", &last), ("date_of_birth", &born),
            ("a_number", &number), ("country", "Guatemala"),
        ];
        let body = fields.map(|(name, value)| {
            let value: Vec<String> = value.bytes().map(|byte| format!("%{byte:02x}")).collect();
            format!("{name}={}", value.concat())
        });
        let (status, page) = posted(body.join("&").as_bytes(), FORM);
        prop_assert!([200, 422].contains(&status.as_u16()), "{status}");
        prop_assert!(page.contains("no-results") || page.contains("id=\"refused\""), "{page}");
    }
}

#[test]
fn a_form_that_is_none_is_refused() {
    for (body, kind) in [
        (b"first_name=a&first_name=b".to_vec(), FORM),
        (b"{}".to_vec(), "application/json"),
        (vec![b'x'; 20 * 1024], FORM),
    ] {
        let (status, page) = posted(&body, kind);
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(page.contains("id=\"refused\""));
    }
}
