//! The texts, and what is planted in them.

use icelocator_redaction::{Kind, Seen};
use serde::Deserialize;

/// A text, one line of a file.
#[derive(Deserialize)]
pub struct Case {
    pub id: String,
    pub language: String,
    pub class: String,
    /// By hand, or made from a template.
    pub how: String,
    /// Of the half that the redactor is not tuned with.
    pub held_out: bool,
    pub text: String,
    #[serde(default)]
    pub planted: Vec<Planted>,
    /// Places in the text that count neither as planted nor as harmless.
    #[serde(default)]
    pub neutral: Vec<(usize, usize)>,
    #[serde(default)]
    pub seen: Vec<Shown>,
}

/// A value that is to be hidden.
#[derive(Deserialize)]
pub struct Planted {
    #[serde(deserialize_with = "kind")]
    pub kind: Kind,
    /// What it stands for, without its disguise.
    pub value: String,
    pub start: usize,
    pub end: usize,
}

/// A value that the session has shown.
#[derive(Deserialize)]
pub struct Shown {
    #[serde(deserialize_with = "kind")]
    pub kind: Kind,
    pub value: String,
}

/// What leaves when all is right.
#[derive(Deserialize)]
pub struct Clean {
    pub id: String,
    pub form: String,
    pub text: String,
}

impl Case {
    /// The text between what is planted: what is harmless, with a mark where something was taken out.
    pub fn rest(&self) -> String {
        let mut taken: Vec<_> = self
            .planted
            .iter()
            .map(|p| (p.start, p.end))
            .chain(self.neutral.iter().copied())
            .collect();
        taken.sort_unstable();
        let mut rest = String::new();
        let mut last = 0;
        for (start, end) in taken {
            rest.push_str(&self.text[last..start]);
            rest.push(super::judge::GONE);
            last = end;
        }
        rest.push_str(&self.text[last..]);
        rest
    }

    /// What the session has shown before this text.
    pub fn seen(&self) -> Seen {
        let mut seen = Seen::default();
        for shown in &self.seen {
            seen.add(shown.kind, &shown.value);
        }
        seen
    }
}

fn kind<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Kind, D::Error> {
    let name = String::deserialize(deserializer)?;
    Kind::ALL
        .into_iter()
        .find(|kind| kind.as_str() == name)
        .ok_or_else(|| serde::de::Error::custom(format!("no kind is called {name}")))
}

/// The lines of a file.
pub fn lines<T: for<'de> Deserialize<'de>>(file: &str) -> Vec<T> {
    file.lines()
        .enumerate()
        .map(|(at, line)| {
            serde_json::from_str(line).unwrap_or_else(|error| panic!("line {}: {error}", at + 1))
        })
        .collect()
}
