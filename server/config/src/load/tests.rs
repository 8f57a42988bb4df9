//! Settings files as a person writes them.

use super::*;
use crate::{Auth, Duration, OtlpProtocol, Ratio};

const SMALLEST: &str = "configVersion: 1
locator: {baseUrl: http://localhost:8081}
auth: {anonymous: true}
";

fn errors(text: &str) -> Vec<String> {
    match ServerConfig::from_yaml(text) {
        Ok(config) => panic!("accepted: {config:?}"),
        Err(error) => error.to_string().lines().map(str::to_owned).collect(),
    }
}

#[test]
fn the_smallest_file_gets_every_default() {
    let config = ServerConfig::from_yaml(SMALLEST).unwrap();
    assert_eq!(config.instance.name, "icelocator");
    assert_eq!(config.locator.timeout, Duration::from_secs(30));
    assert_eq!(config.locator.cache.ttl, Duration::from_mins(15));
    assert_eq!(config.locator.cache.not_found_ttl, Duration::from_mins(2));
    assert_eq!(config.locator.cache.max_entries, 10_000);
    assert_eq!(config.auth, Auth::anonymous());
    assert_eq!(config.limits.max_in_flight, 64);
    assert_eq!(config.telemetry.otlp, None);
}

#[test]
fn what_is_written_is_read_back_alike() {
    let config = ServerConfig::from_yaml(&format!(
        "{SMALLEST}instance: {{name: demo, namespace: default}}
limits: {{maxInFlight: 8}}
telemetry: {{otlp: {{endpoint: \"http://collector:4318\", protocol: http, traceSampling: 0.1}}}}
"
    ))
    .unwrap();
    let otlp = config.telemetry.otlp.as_ref().unwrap();
    assert_eq!(
        (otlp.protocol, otlp.trace_sampling),
        (OtlpProtocol::Http, Ratio::per_mille(100))
    );
    let again = ServerConfig::from_yaml(&config.to_yaml().unwrap()).unwrap();
    assert_eq!(again, config);
}

#[test]
fn a_mistake_is_named_by_the_path_of_its_field() {
    for (text, expected) in [
        (
            "locator: {baseUrl: \"http://a\", cache: {ttl: soon}}",
            "locator.cache.ttl: ",
        ),
        (
            "locator: {baseUrl: \"http://a\", cache: {ttl: 2d}}",
            "locator.cache.ttl: 2d is out of range: it must lie between 0s and 1d",
        ),
        (
            "locator: {baseUrl: \"http://a\", timeout: 10ms}",
            "locator.timeout: 10ms is out of range",
        ),
        ("locator: {baseUrl: \"ftp://a\"}", "locator.baseUrl: "),
        (
            "locator: {baseUrl: \"http://me:secret@a\"}",
            "locator.baseUrl: ",
        ),
        (
            "locator: {timeout: 5s}",
            "locator: write exactly one of simulator and baseUrl",
        ),
        (
            "locator: {simulator: {}}",
            "locator.simulator: a settings file names the site itself",
        ),
        ("auth: {}", "auth: say how callers are known"),
        ("auth: {anonymous: maybe}", "auth.anonymous: "),
        (
            "limits: {maxInFlight: 0}",
            "limits.maxInFlight: 0 is out of range",
        ),
        ("limits: {maxInFlight: many}", "limits.maxInFlight: "),
        (
            "auth: {oidc: {issuer: \"http://id.example\", audience: a}}",
            "auth.oidc.issuer: write https://",
        ),
        (
            "auth: {oidc: {issuer: \"https://id.example?a\", audience: a}}",
            "auth.oidc.issuer: leave out",
        ),
        (
            "http: {allowedOrigins: [\"https://*.example\"]}",
            "http.allowedOrigins",
        ),
        (
            "telemetry: {otlp: {endpoint: \"http://c\", traceSampling: 2}}",
            "telemetry.otlp.traceSampling: ",
        ),
        ("telemetry: {otlp: {protocol: grpc}}", "telemetry.otlp"),
    ] {
        let section = text.split(':').next().unwrap();
        let rest: Vec<&str> = SMALLEST
            .lines()
            .filter(|line| !line.starts_with(section))
            .collect();
        let errors = errors(&format!("{}\n{text}\n", rest.join("\n")));
        assert!(
            errors.iter().any(|error| error.starts_with(expected)),
            "{text}\nsays {errors:?}\nnot {expected}"
        );
    }
}

#[test]
fn a_secret_in_an_address_is_not_repeated() {
    let text =
        "configVersion: 1\nlocator: {baseUrl: \"http://me:hunter2@a\"}\nauth: {anonymous: true}\n";
    assert!(!errors(text).concat().contains("hunter2"));
}

#[test]
fn unknown_fields_are_refused_wherever_they_stand() {
    let errors = errors(
        "configVersion: 1
locater: {}
locator: {baseUrl: \"http://a\", chace: {ttl: 5m}, cache: {tll: 5m}}
auth: {anonymous: true}
telemetry: {otlp: {endpoint: \"http://c\", protocl: http}}
",
    );
    assert_eq!(
        errors,
        [
            "locater: unknown field",
            "locator.chace: unknown field",
            "locator.cache.tll: unknown field",
            "telemetry.otlp.protocl: unknown field",
        ]
    );
}

#[test]
fn everything_that_is_wrong_is_said_at_once() {
    let errors = errors("configVersion: 1\n");
    assert_eq!(errors.len(), 2, "{errors:?}");
    assert!(
        errors[0].starts_with("locator: ") && errors[1].starts_with("auth: "),
        "{errors:?}"
    );
}

#[test]
fn a_file_of_another_version_is_told_apart_from_a_mistaken_one() {
    for (version, expected) in [
        ("", "configVersion: missing: write configVersion: 1"),
        (
            "configVersion: 2\n",
            "configVersion: 2 is not known to this version",
        ),
        (
            "configVersion: 0\n",
            "configVersion: 0 is not known to this version",
        ),
    ] {
        // A newer file has fields that this build has never heard of; they are not what is wrong with it.
        let errors = errors(&format!("{version}somethingNew: {{}}\n"));
        assert!(
            errors.len() == 1 && errors[0].starts_with(expected),
            "{errors:?}"
        );
    }
}

#[test]
fn a_section_that_cannot_be_honoured_keeps_the_server_from_starting() {
    for (text, field) in [
        ("guard: {}", "guard"),
        ("sessions: {recording: metadata}", "sessions.recording"),
        (
            "compliance: {report: {schedule: 0 6 * * 1}}",
            "compliance.report",
        ),
        ("tuning: {enabled: true}", "tuning"),
    ] {
        assert_eq!(
            errors(&format!("{SMALLEST}{text}\n")),
            [format!(
                "{field}: not supported yet by this version: leave it out"
            )]
        );
    }
}

#[test]
fn no_secret_is_sent_in_the_clear_but_to_what_is_near() {
    for (field, secret, section) in [
        (
            "otlp.endpoint",
            "what headersSecretRef names",
            "otlp: {endpoint: \"URL\", headersSecretRef: {name: a}}",
        ),
        (
            "datadog.intakeUrl",
            "the API key",
            "datadog: {intakeUrl: \"URL\", apiKeySecretRef: {name: a, key: b}}",
        ),
        (
            "sentry.deploys.url",
            "the token",
            "sentry: {dsnSecretRef: {name: a, key: b}, deploys: {url: \"URL\", org: a, project: b, tokenSecretRef: {name: a, key: c}}}",
        ),
    ] {
        let to = |url: &str| format!("{SMALLEST}telemetry: {{{}}}\n", section.replace("URL", url));
        assert_eq!(
            errors(&to("http://far.example:4317")),
            [format!(
                "telemetry.{field}: {secret} would be sent in the clear: write an https address, or one within this machine or \
                 this cluster, such as http://NAME.NAMESPACE.svc"
            )]
        );
        for near in [
            "https://far.example",
            "http://near.monitoring.svc:4317",
            "http://localhost:4317",
        ] {
            ServerConfig::from_yaml(&to(near)).unwrap();
        }
    }
    let without_headers = "telemetry: {otlp: {endpoint: \"http://far.example:4317\"}}";
    ServerConfig::from_yaml(&format!("{SMALLEST}{without_headers}\n")).unwrap();
}

#[test]
fn what_is_switched_off_does_not_keep_the_server_from_starting() {
    ServerConfig::from_yaml(&format!(
        "{SMALLEST}sessions: {{recording: none}}
privacy: {{redaction: false, retention: 30d, pseudonymKeyringSecretRef: {{name: pseudonyms}}}}
compliance: {{enabled: true}}
tuning: {{enabled: false}}
analytics: {{enabled: false}}
"
    ))
    .unwrap();
}

#[test]
fn models_are_asked_why_they_call_and_in_which_session() {
    let asked = |more: &str| {
        let text =
            format!("{SMALLEST}analytics: {{projectIdSecretRef: {{name: a, key: b}}{more}}}\n");
        let analytics = ServerConfig::from_yaml(&text).unwrap().analytics.unwrap();
        (analytics.capture_intent, analytics.issue_sessions)
    };
    assert_eq!(asked(""), (false, false));
    assert_eq!(asked(", captureIntent: true"), (true, false));
    assert_eq!(asked(", issueSessions: true"), (false, true));
}

#[test]
fn text_that_is_not_yaml_is_said_to_be_so() {
    assert!(errors("\"configVersion\n")[0].starts_with("the settings are not YAML: "));
}

#[test]
fn a_file_that_is_not_there_is_named() {
    let error = ServerConfig::load(Path::new("/nowhere/settings.yaml")).unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with("cannot read the settings file /nowhere/settings.yaml: ")
    );
}
