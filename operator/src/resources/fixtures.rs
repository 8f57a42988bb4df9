//! Resources that tests build from, read and validated as the controller does it.

use std::fs;
use std::path::{Path, PathBuf};

use crate::api::IceLocator;
use crate::controller::validate::{Facts, SessionKey, ValidatedLocator, validate};

/// Everything by its defaults: `default/demo`.
pub fn demo() -> ValidatedLocator {
    read(include_str!("../../../tests/rules/resources/demo.yaml"))
}

/// Everything that bears on alerts and dashboards set: `families/legal-aid`.
pub fn legal_aid() -> ValidatedLocator {
    read(include_str!(
        "../../../tests/rules/resources/legal-aid.yaml"
    ))
}

/// The root of the source tree.
pub fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Every resource that has to be refused, with its path.
pub fn refused() -> impl Iterator<Item = (PathBuf, String)> {
    let entries = fs::read_dir(repository().join("tests/system/invalid")).expect("a folder");
    entries.map(|entry| {
        let path = entry.expect("an entry").path();
        let text = fs::read_to_string(&path).expect("a text");
        (path, text)
    })
}

/// What has to be said of it: its first line.
pub fn refusal(text: &str) -> &str {
    let line = text.lines().next().expect("a line");
    line.strip_prefix("# refused: ").expect("a refusal")
}

fn read(yaml: &str) -> ValidatedLocator {
    let resource: IceLocator = serde_saphyr::from_str(yaml).expect("a resource");
    let facts = Facts::new(
        "ghcr.io/icelocator/icelocator-server:0.1.0".to_owned(),
        SessionKey::new([0; 32]),
    );
    validate(&resource, facts).expect("a resource that makes sense")
}
