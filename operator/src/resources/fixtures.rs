//! Resources that tests build from, read and validated as the controller does it.

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

fn read(yaml: &str) -> ValidatedLocator {
    let resource: IceLocator = serde_saphyr::from_str(yaml).expect("a resource");
    let facts = Facts {
        default_image: "ghcr.io/icelocator/icelocator-server:0.1.0".to_owned(),
        session_key: SessionKey::new([0; 32]),
    };
    validate(&resource, facts).expect("a resource that makes sense")
}
