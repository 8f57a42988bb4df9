use super::*;

fn guard() -> Guard {
    let guard = Guard::default();
    guard.remember(Kind::Name, "María José Pérez López");
    guard.remember(Kind::Name, "Will Grace");
    guard.remember(Kind::AlienNumber, "A900000001");
    guard
}

#[test]
fn what_must_not_leave_is_found() {
    let guard = guard();
    for (text, kind) in [
        ("{\"error\":\"no A123456789 here\"}", Kind::AlienNumber),
        ("A-123-456-789", Kind::AlienNumber),
        ("ssn 123-45-6789.", Kind::Ssn),
        ("call 512-555-0142", Kind::Phone),
        ("call (512) 555-0142", Kind::Phone),
        ("\"+15125550142\"", Kind::Phone),
        ("to ana.ejemplo@example.com,", Kind::Email),
        ("born 05/15/1990", Kind::Date),
        ("born 05-15-90, they say", Kind::Date),
        ("15.05.1990", Kind::Date),
        ("on May 15th, 1990", Kind::Date),
        ("el 15 de mayo del 1990", Kind::Date),
        ("nació en 1990 en Nebaj", Kind::Date),
        ("A 900 000 002", Kind::AlienNumber),
        ("A# 900000002", Kind::AlienNumber),
        ("A-900-000-002", Kind::AlienNumber),
        ("{\"a_number\":\"900000002\"}", Kind::AlienNumber),
        ("{\"aNumber\": 900000002}", Kind::AlienNumber),
        ("mi n\\u00famero A es 900000002", Kind::AlienNumber),
        ("seguro social 123 45 6789", Kind::Ssn),
        ("ssn 123456789", Kind::Ssn),
        ("+502 5555 0142", Kind::Phone),
        ("512 555 0142", Kind::Phone),
        ("write to 5125550142.", Kind::Phone),
        ("{\"phone\":\"55550142\"}", Kind::Phone),
        ("passport C4471902", Kind::Document),
        ("pasaporte 900000002", Kind::Document),
        ("DUI 04567812-3", Kind::Document),
        ("password=hunter2x", Kind::Credential),
        (
            "\"api_key\": \"0123456789abcdef0123456789abcdef\"",
            Kind::Credential,
        ),
        ("la contraseña es Maiz1990", Kind::Credential),
        ("the password Maiz*1990x", Kind::Credential),
        ("\"1990-05-15\"", Kind::Date),
        ("1990-05-15T00:00:00Z", Kind::Date),
        ("Bearer abcdefghij0123456789", Kind::Credential),
        ("postgres://user:sup3r@db/x", Kind::Credential),
        ("ghp_abcdefghijklmnopqrstuvwxyz0123456789", Kind::Credential),
        ("maria perez", Kind::Name),
        ("PÉREZ LÓPEZ, MARÍA", Kind::Name),
        ("?first=Maria&last=P%20x&Lopez", Kind::Name),
        ("will grace", Kind::Name),
        ("the number 900000001", Kind::Other),
    ] {
        assert_eq!(guard.find(text.as_bytes()), Some(kind), "{text}");
    }
    // Protobuf: what follows a string looks like a digit of it.
    let message = b"\x0a\x0f\x0a\x0bMay 15 19902\x00";
    assert_eq!(guard.find(message), Some(Kind::Date));
    // Protobuf: a tag, a length that looks like a letter, a string.
    let text = "Maria Perez was looked for and not found at all on any page here";
    let mut message = vec![0x0a, u8::try_from(text.len()).unwrap()];
    message.extend_from_slice(text.as_bytes());
    assert_eq!(guard.find(&message), Some(Kind::Name));
}

#[test]
fn what_may_leave_is_not_found() {
    let guard = guard();
    for text in [
        "{\"timeUnixNano\":\"1764207894123456789\",\"intValue\":\"900000001\",\"asDouble\":0.123456789}",
        "{\"traceId\":\"4bf92f3577b34da6a3ce929d0e0e4736\",\"spanId\":\"00f067aa0ba902b7\"}",
        "550e8400-e29b-41d4-a716-446655440000",
        "2026-11-27T01:44:54.123456Z level=info 10.123.45.67:8080",
        "{\"version\":\"1.10.20+20130313144700\",\"protocol\":\"2025-06-18\"}",
        "2tP3Z8vYb1YwqJ9x0mZkQ4nT5rS image@sha256:abcdef0123 git@github.com:x/y.git serde@1.0.228",
        "{\"dsn\":\"https://abcdef0123456789abcdef0123456789@o123.ingest.sentry.io/42\"}",
        "icelocator-7d9f8b6c5d-x2v9k [name:bcdfghjkmn] will not fall from grace",
        "http_request_duration_seconds_bucket{le=\"0.005\"} 123456789",
        "Maria and Lopez are cities",
        "1970-01-01T00:00:00Z 1e+10 +0000 127.0.0.1 255.255.255.255",
        "{\"name\":\"tools/call\",\"count\":900000002} search_by_a_number_total 900000002",
        "alien_lookups_total{phone=\"yes\"} 5125550142\nphone_bytes 5125550142\n",
        "{\"a_number\":\"[a_number:bcdfghjkmn]\",\"password\":\"[credential:bcdfghjkmn]\",\"duration\":900000002}",
        "took 5125550142 ns, a token is required, born [date:9747f10a66], passport number missing",
        "Fri, 27 Nov 2026 01:44:54 GMT 12/11/2026 2026.11.27 20130101-1",
        "{\"sum\":900000001,\"buckets\":[900000001,900000001]}",
    ] {
        let found = guard.find(text.as_bytes());
        // Two words of one name near each other are that name, wherever they stand.
        let expected = text.starts_with("Maria and").then_some(Kind::Name);
        assert_eq!(found, expected, "{text}");
    }
}
