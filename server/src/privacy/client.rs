//! The client program, in words of ours: what it says of itself is free text, and free text is not passed on.

use crate::observe::Client;

/// Programs that are told apart. Any other is `other`.
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

/// The same client, in words of ours.
pub fn known(client: &Client) -> Client {
    Client {
        name: client_name(&client.name).to_owned(),
        version: client_version(&client.version).to_owned(),
    }
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

/// A version is two or three numbers and dots; what can be read as a date or an A-number is not taken for one.
fn client_version(version: &str) -> &str {
    let number = |part: &str| {
        let digits = part.bytes().all(|digit| digit.is_ascii_digit());
        let plain = digits && part.len() <= 2 && (part == "0" || !part.starts_with('0'));
        plain.then(|| part.parse::<u8>().ok()).flatten()
    };
    let numbers: Option<Vec<u8>> = version.split('.').map(number).collect();
    let is_version = match numbers.as_deref() {
        Some([_, _]) => true,
        Some(&[first, second, third]) => {
            let is_date = |year: u8, month: u8, day: u8| {
                year >= 10 && (1..=12).contains(&month) && (1..=31).contains(&day)
            };
            !is_date(third, second, first)
                && !is_date(third, first, second)
                && !is_date(first, second, third)
        }
        _ => false,
    };
    if is_version { version } else { "" }
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
            ("2.0.30", "2.0.30"),
            ("13.0.2", "13.0.2"),
            ("15.05.1990", ""),
            ("15.05.90", ""),
            ("15.5.90", ""),
            ("5.15.90", ""),
            ("90.5.15", ""),
            ("01.02.03", ""),
            ("1.2.3.4", ""),
            ("1..2", ""),
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
