//! A visitor with a browser's cookies.

use reqwest::header::LOCATION;
use reqwest::redirect::Policy;
use reqwest::{Client, RequestBuilder, Response, StatusCode};

use crate::support::Site;

/// A visitor with a browser's cookies, who follows no redirect and unpacks nothing without being asked.
pub struct Visitor {
    pub http: Client,
    pub url: String,
}

impl Visitor {
    pub fn of(site: &Site) -> Self {
        let http = Client::builder()
            .cookie_store(true)
            .redirect(Policy::none())
            .no_gzip()
            .build()
            .unwrap();
        let url = site.url.clone();
        Self { http, url }
    }

    pub fn asks_for(&self, path: &str) -> RequestBuilder {
        self.http.get(format!("{}{path}", self.url))
    }

    pub async fn get(&self, path: &str) -> Response {
        self.asks_for(path).send().await.unwrap()
    }

    pub async fn page(&self, path: &str) -> (StatusCode, String) {
        let response = self.get(path).await;
        (response.status(), response.text().await.unwrap())
    }

    /// The token of a form.
    pub async fn token(&self) -> String {
        let (_, page) = self.page("/").await;
        between(&page, "name=\"csrf_token\" value=\"", "\"").unwrap()
    }

    pub fn searches_for(&self, fields: &[(&str, &str)]) -> RequestBuilder {
        self.http.post(format!("{}/search", self.url)).form(fields)
    }

    pub async fn ask(&self, fields: &[(&str, &str)]) -> (StatusCode, String) {
        let response = self.searches_for(fields).send().await.unwrap();
        (response.status(), response.text().await.unwrap())
    }

    /// Asks with a new token.
    pub async fn ask_anew(&self, fields: &[(&str, &str)]) -> (StatusCode, String) {
        let token = self.token().await;
        self.ask(&[&[("csrf_token", token.as_str())], fields].concat())
            .await
    }
}

/// What stands between two marks.
pub fn between(page: &str, before: &str, after: &str) -> Option<String> {
    let (_, rest) = page.split_once(before)?;
    Some(rest.split_once(after)?.0.to_owned())
}

/// Where a redirect goes.
pub fn location(response: &Response) -> String {
    response.headers()[LOCATION].to_str().unwrap().to_owned()
}

/// The next page's address, as a browser reads it.
pub fn next(page: &str) -> Option<String> {
    let link = between(
        page,
        r#"<nav class="pages"><a rel="next" class="next" href=""#,
        "\"",
    )?;
    Some(link.replace("&amp;", "&"))
}

/// The A-numbers on a page.
pub fn numbers(page: &str) -> Vec<String> {
    page.split(r#"class="a-number">"#)
        .skip(1)
        .map(|rest| rest[..9].to_owned())
        .collect()
}

/// Somebody of the fixed few.
pub const NAME: [(&str, &str); 3] = [
    ("first_name", "Ana Lucia"),
    ("last_name", "Ejemplo Prueba"),
    ("country", "Guatemala"),
];

/// More people of one name than fit on two pages.
pub const MANY: [(&str, &str); 3] = [
    ("first_name", "Maria"),
    ("last_name", "Paginas"),
    ("country", "Mexico"),
];
