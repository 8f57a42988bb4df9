//! The file that lists egress proxies: one URL a line, credentials included. An error names the line, never what is in it.

use reqwest::Url;

/// Most proxies. Each has a label of its own.
const MOST: usize = 20;
/// Largest file that is read, in bytes.
pub const LARGEST: usize = 64 * 1024;
const SCHEMES: [&str; 4] = ["http", "https", "socks5", "socks5h"];

/// A proxy as its line says. It holds a password: it cannot be printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Listed {
    url: Url,
    name: String,
}

/// Why the file cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Invalid {
    /// A line is no proxy.
    #[error(
        "line {0}: not a proxy: write http://, https://, socks5:// or socks5h://, then user:password@ if it wants them (with %40 for an @ within), a host and a port"
    )]
    Line(usize),
    /// A proxy is listed twice.
    #[error("line {0}: this host and port are listed before: write each once")]
    Twice(usize),
    /// There are too many.
    #[error("line {0}: there are at most {MOST} proxies: leave out the others")]
    TooMany(usize),
    /// There are none.
    #[error("no proxy is listed: write one URL a line, such as http://proxy.example:3128")]
    Empty,
    /// It is no list.
    #[error("the list is larger than 64 KiB: no list is")]
    TooLarge,
}

impl Listed {
    fn parse(line: &str) -> Option<Self> {
        if line.contains(char::is_whitespace) {
            return None;
        }
        let url: Url = line.parse().ok()?;
        let host = url.host_str().filter(|host| !host.is_empty())?;
        let known = SCHEMES.contains(&url.scheme());
        let bare =
            matches!(url.path(), "" | "/") && url.query().is_none() && url.fragment().is_none();
        let port = match url.scheme() {
            "socks5" | "socks5h" => url.port().or(Some(1080)),
            _ => url.port_or_known_default(),
        };
        let name = format!("{host}:{}", port?);
        (known && bare && line.len() <= 2_000 && name.len() <= 260).then_some(Self { url, name })
    }

    /// Host and port, without what is secret.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// For the client.
    pub fn proxy(&self) -> Result<reqwest::Proxy, reqwest::Error> {
        reqwest::Proxy::all(self.url.clone())
    }
}

/// Reads the file.
pub fn read(text: &str) -> Result<Vec<Listed>, Invalid> {
    if text.len() > LARGEST {
        return Err(Invalid::TooLarge);
    }
    let mut all: Vec<Listed> = Vec::new();
    for (number, line) in (1..).zip(text.lines()) {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let listed = Listed::parse(line).ok_or(Invalid::Line(number))?;
        if all.iter().any(|other| other.name == listed.name) {
            return Err(Invalid::Twice(number));
        }
        if all.len() == MOST {
            return Err(Invalid::TooMany(number));
        }
        all.push(listed);
    }
    if all.is_empty() {
        return Err(Invalid::Empty);
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn error(text: &str) -> Invalid {
        match read(text) {
            Ok(_) => panic!("taken"),
            Err(invalid) => invalid,
        }
    }

    #[test]
    fn every_kind_is_read_with_its_name_and_without_its_secret() {
        let list = read(
            "# ours\n\nhttp://user:p%40ss@proxy.example:3128\r\nhttps://proxy.example\n  socks5://[::1]:1081 \nsocks5h://name:word@socks.example\n",
        )
        .unwrap_or_else(|_| panic!("refused"));
        let names: Vec<_> = list.iter().map(Listed::name).collect();
        assert_eq!(
            names,
            [
                "proxy.example:3128",
                "proxy.example:443",
                "[::1]:1081",
                "socks.example:1080"
            ]
        );
        icelocator_telemetry::install_tls();
        assert!(list.iter().all(|listed| listed.proxy().is_ok()));
    }

    #[test]
    fn an_error_names_the_line_and_never_what_is_in_it() {
        for line in [
            "proxy.example:3128",
            "ftp://secret:word@proxy.example",
            "http://",
            "http://secret word@proxy.example",
            "socks4://secret@proxy.example",
            "http://secret@proxy.example/path",
            "http://secret@proxy.example?x=1",
            "http://proxy.example:3128 # secret",
        ] {
            let error = error(&format!("# list\n{line}\n"));
            assert_eq!(error, Invalid::Line(2), "{line}");
            let text = error.to_string();
            assert!(
                text.starts_with("line 2: ") && !text.contains("secret"),
                "{text}"
            );
        }
    }

    #[test]
    fn a_list_has_some_proxies_each_once_and_not_too_many() {
        assert_eq!(error(""), Invalid::Empty);
        assert_eq!(error("# none yet\n"), Invalid::Empty);
        let twice = "http://a:b@proxy.example:3128\nhttp://c:d@proxy.example:3128";
        assert_eq!(error(twice), Invalid::Twice(2));
        let many: Vec<String> = (0..=MOST)
            .map(|number| format!("http://p{number}.example:1"))
            .collect();
        assert_eq!(error(&many.join("\n")), Invalid::TooMany(MOST + 1));
        assert_eq!(error(&"#\n".repeat(LARGEST)), Invalid::TooLarge);
    }

    proptest! {
        #[test]
        fn any_text_is_a_list_or_an_error(text in "(\\PC|\\n){0,200}") {
            let _ = read(&text);
        }

        #[test]
        fn any_line_is_a_proxy_or_an_error(rest in "[ -~]{0,60}") {
            if let Ok(list) = read(&format!("http://{rest}")) {
                prop_assert!(!list[0].name().contains('@'));
            }
        }
    }
}
