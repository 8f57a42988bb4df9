//! What the site says, in English and Spanish, and in which of them.

use axum::http::{HeaderMap, header};

/// What the site says, in one language.
pub struct Words {
    pub lang: &'static str,
    pub title: &'static str,
    pub banner: &'static str,
    pub search: &'static str,
    pub none: &'static str,
    pub one: &'static str,
    pub many: &'static str,
    pub next: &'static str,
    pub expired: &'static str,
    pub refused: &'static str,
    pub challenge: &'static str,
    pub unavailable: &'static str,
    pub missing: &'static str,
    pub custody: &'static str,
    pub released: &'static str,
    pub headings: [&'static str; 7],
    pub fields: [&'static str; 5],
}

static EN: Words = Words {
    lang: "en",
    title: "Detainee locator (simulated)",
    banner: "This is a simulator. Everybody in it is invented.",
    search: "Search",
    none: "Your search has returned zero matching records.",
    one: "matching record",
    many: "matching records",
    next: "Next page",
    expired: "Your session has expired. Please start again.",
    refused: "A country of birth is required, and either a nine-digit A-number or a first and a last name.",
    challenge: "Please show that you are a person.",
    unavailable: "The service is temporarily unavailable.",
    missing: "There is no such page.",
    custody: "In custody",
    released: "Not in custody",
    headings: [
        "Name",
        "A-number",
        "Country of birth",
        "Date of birth",
        "Status",
        "Facility",
        "Phone",
    ],
    fields: [
        "A-number",
        "First name",
        "Last name",
        "Date of birth",
        "Country of birth",
    ],
};

static ES: Words = Words {
    lang: "es",
    title: "Localizador de personas detenidas (simulado)",
    banner: "Esto es un simulador. Todas las personas son inventadas.",
    search: "Buscar",
    none: "Su búsqueda no ha producido ningún resultado.",
    one: "resultado",
    many: "resultados",
    next: "Página siguiente",
    expired: "Su sesión ha caducado. Empiece de nuevo.",
    refused: "Se requiere el país de nacimiento, y un número A de nueve dígitos o un nombre y un apellido.",
    challenge: "Demuestre que es una persona.",
    unavailable: "El servicio no está disponible temporalmente.",
    missing: "Esa página no existe.",
    custody: "Bajo custodia",
    released: "Ya no está bajo custodia",
    headings: [
        "Nombre",
        "Número A",
        "País de nacimiento",
        "Fecha de nacimiento",
        "Estado",
        "Centro",
        "Teléfono",
    ],
    fields: [
        "Número A",
        "Nombre",
        "Apellido",
        "Fecha de nacimiento",
        "País de nacimiento",
    ],
};

impl Words {
    /// In the language that the address or the form names; else in the one that the browser likes best of the two;
    /// else in English.
    pub fn of(lang: &str, headers: &HeaderMap) -> &'static Self {
        match lang {
            "en" => &EN,
            "es" => &ES,
            _ => Self::liked(headers),
        }
    }

    fn liked(headers: &HeaderMap) -> &'static Self {
        let likes = headers
            .get(header::ACCEPT_LANGUAGE)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default();
        let weight = |lang: &str| {
            likes
                .split(',')
                .filter_map(|like| {
                    let (tag, weight) = like.split_once(';').unwrap_or((like, "q=1"));
                    let main = tag.trim().split('-').next().unwrap_or_default();
                    let weight: f32 = weight.trim().strip_prefix("q=")?.parse().ok()?;
                    main.eq_ignore_ascii_case(lang).then_some(weight)
                })
                .fold(0.0, f32::max)
        };
        if weight("es") > weight("en") {
            &ES
        } else {
            &EN
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn the_address_says_the_language_before_the_browser_does() {
        let speaks = |lang, likes| {
            let likes = HeaderValue::from_static(likes);
            let headers = HeaderMap::from_iter([(header::ACCEPT_LANGUAGE, likes)]);
            Words::of(lang, &headers).lang
        };
        for (likes, expected) in [
            ("es", "es"),
            ("es-GT,es;q=0.9,en;q=0.8", "es"),
            ("en-US,en;q=0.9,es;q=0.8", "en"),
            ("en;q=0.2, ES-mx;q=0.7", "es"),
            ("fr, de;q=0.5", "en"),
            ("es;q=", "en"),
            (",;,;;q=x", "en"),
        ] {
            assert_eq!(speaks("", likes), expected, "{likes}");
            assert_eq!(speaks("en", likes), "en", "{likes}");
            assert_eq!(speaks("es", likes), "es", "{likes}");
            assert_eq!(speaks("xx", likes), expected, "{likes}");
        }
        assert_eq!(Words::of("", &HeaderMap::new()).lang, "en");
    }
}
