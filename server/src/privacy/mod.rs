//! The one place where an event becomes fit to leave.

use crate::observe::{CallEvent, Client};

/// Something from which all that a caller wrote has been taken. Only this module can make one.
pub struct Redacted<T>(T);

impl<T> Redacted<T> {
    /// What is left.
    pub fn get(&self) -> &T {
        &self.0
    }
}

/// Programs that are told apart. Any other is `other`: a client's name is free text, and free text is not passed on.
const KNOWN_CLIENTS: [&str; 14] = [
    "claude",
    "chatgpt",
    "openai",
    "cursor",
    "copilot",
    "vscode",
    "windsurf",
    "zed",
    "goose",
    "gemini",
    "librechat",
    "inspector",
    "icelocator",
    "rmcp",
];

/// Takes from `event` all that a caller wrote.
pub fn redact(mut event: CallEvent) -> Redacted<CallEvent> {
    event.client = Client {
        name: client_name(&event.client.name).to_owned(),
        version: client_version(&event.client.version).to_owned(),
    };
    Redacted(event)
}

fn client_name(name: &str) -> &'static str {
    if name.is_empty() {
        return "unknown";
    }
    let name: String = name
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|letter| letter.to_ascii_lowercase())
        .collect();
    KNOWN_CLIENTS
        .into_iter()
        .find(|known| name.contains(known))
        .unwrap_or("other")
}

/// A version is numbers and dots; a date of birth or an A-number is not taken for one.
fn client_version(version: &str) -> &str {
    let parts: Vec<_> = version.split('.').collect();
    let plain = |part: &&str| {
        (1..=2).contains(&part.len()) && part.bytes().all(|digit| digit.is_ascii_digit())
    };
    if (2..=4).contains(&parts.len()) && parts.iter().all(plain) {
        version
    } else {
        ""
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clients_name_is_one_of_ours_or_other() {
        for (said, told) in [
            ("", "unknown"),
            ("claude-ai", "claude"),
            ("Visual Studio Code (VS Code)", "vscode"),
            ("Ana Planted's own client", "other"),
        ] {
            assert_eq!(client_name(said), told, "{said}");
        }
    }

    #[test]
    fn a_clients_version_is_numbers_and_dots() {
        for (said, told) in [
            ("1.0", "1.0"),
            ("0.13.5", "0.13.5"),
            ("15.05.1990", ""),
            ("1.0-planted", ""),
            ("123.456.789", ""),
            ("1.100", ""),
            ("A123456789", ""),
            ("123456789", ""),
            ("", ""),
        ] {
            assert_eq!(client_version(said), told, "{said}");
        }
    }
}
