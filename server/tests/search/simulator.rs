//! The stand-in site is as strict as the real one, and says on every page what it is.

use reqwest::{Client, Response, StatusCode};

use crate::support::Site;

/// A visitor with a browser's cookies.
struct Visitor {
    http: Client,
    url: String,
}

impl Visitor {
    fn of(site: &Site) -> Self {
        let http = Client::builder().cookie_store(true).build().unwrap();
        let url = site.url.clone();
        Self { http, url }
    }

    async fn get(&self, path: &str) -> Response {
        let request = self.http.get(format!("{}{path}", self.url));
        request.send().await.unwrap()
    }

    /// The token of a form.
    async fn token(&self) -> String {
        let page = self.get("/").await.text().await.unwrap();
        let (_, rest) = page.split_once("name=\"csrf_token\" value=\"").unwrap();
        rest.split('"').next().unwrap().to_owned()
    }

    async fn ask(&self, fields: &[(&str, &str)]) -> (StatusCode, String) {
        let request = self.http.post(format!("{}/search", self.url)).form(fields);
        let response = request.send().await.unwrap();
        (response.status(), response.text().await.unwrap())
    }
}

const NAME: [(&str, &str); 3] = [
    ("first_name", "Ana Lucia"),
    ("last_name", "Ejemplo Prueba"),
    ("country", "Guatemala"),
];

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
    for refused in [
        &[("a_number", "900000001")][..],
        &[("a_number", "900000001"), ("country", "Atlantis")],
        &[("a_number", "A900000001"), gt],
        &[("a_number", "90000001"), gt],
        &[("first_name", "Ana Lucia"), gt],
        &[("first_name", " "), ("last_name", "Ejemplo Prueba"), gt],
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
async fn faults_are_shown_switched_and_never_touch_the_probes() {
    let site = Site::simulated().await;
    let http = Client::new();
    let at = |path: &str| format!("{}{path}", site.url);
    let shown = async || {
        http.get(at("/-/faults"))
            .send()
            .await
            .unwrap()
            .text()
            .await
            .unwrap()
    };
    site.fault("unavailable").await;
    assert!(shown().await.contains("unavailable"));
    assert_eq!(http.get(at("/")).send().await.unwrap().status(), 503);
    for probe in ["/livez", "/readyz"] {
        assert_eq!(http.get(at(probe)).send().await.unwrap().status(), 200);
    }
    site.delete("faults").await;
    assert!(!shown().await.contains("unavailable"));
    assert_eq!(http.get(at("/")).send().await.unwrap().status(), 200);
    for wrong in [
        r#"{"fault": "fire"}"#,
        r#"{"share": 2}"#,
        r#"{"fualt": "slow"}"#,
    ] {
        let request = http
            .put(at("/-/faults"))
            .header("content-type", "application/json");
        let status = request.body(wrong).send().await.unwrap().status();
        assert!(status.is_client_error(), "{wrong}: {status}");
    }
}
