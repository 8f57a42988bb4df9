//! An `AlertmanagerConfig` as Alertmanager's own configuration, the way the Prometheus operator makes it: receivers'
//! names carry the object's, the top route takes the namespace only and goes on to the next, Secrets are filled in.

use serde_json::{Map, Value, json};

/// Alertmanager's configuration with the routes and receivers of all `objects`.
pub fn configuration(objects: &[Value]) -> Value {
    let mut routes = Vec::new();
    let mut receivers = vec![json!({"name": "null"})];
    let mut inhibit_rules = Vec::new();
    for object in objects {
        let namespace = object["metadata"]["namespace"].as_str().unwrap_or_default();
        let name = object["metadata"]["name"].as_str().unwrap_or_default();
        let prefix = format!("{namespace}/{name}/");
        let spec = &object["spec"];

        let mut route = route(&spec["route"], &prefix);
        push(&mut route["matchers"], matcher("namespace", "=", namespace));
        route["continue"] = true.into();
        routes.push(route);

        for receiver in list(&spec["receivers"]) {
            let mut receiver = plain(receiver);
            receiver["name"] = format!("{prefix}{}", text(&receiver["name"])).into();
            receivers.push(receiver);
        }
        for rule in list(&spec["inhibitRules"]) {
            let matchers = |side: &str| {
                let mut all = matchers(&rule[side]);
                push(&mut all, matcher("namespace", "=", namespace));
                all
            };
            inhibit_rules.push(json!({
                "source_matchers": matchers("sourceMatch"),
                "target_matchers": matchers("targetMatch"),
                "equal": rule["equal"],
            }));
        }
    }
    json!({
        "route": {"receiver": "null", "routes": routes},
        "receivers": receivers,
        "inhibit_rules": inhibit_rules,
    })
}

fn route(route: &Value, prefix: &str) -> Value {
    let mut plain = plain(route);
    plain["receiver"] = format!("{prefix}{}", text(&route["receiver"])).into();
    plain["matchers"] = matchers(&route["matchers"]);
    if let Some(children) = route["routes"].as_array() {
        plain["routes"] = children
            .iter()
            .map(|child| self::route(child, prefix))
            .collect();
    }
    plain
}

fn matchers(objects: &Value) -> Value {
    list(objects)
        .iter()
        .map(|object| {
            matcher(
                text(&object["name"]),
                text(&object["matchType"]),
                text(&object["value"]),
            )
        })
        .collect()
}

fn matcher(name: &str, operator: &str, value: &str) -> Value {
    format!("{name}{operator}\"{value}\"").into()
}

/// The same with Alertmanager's names of fields, and something in each Secret's place.
fn plain(value: &Value) -> Value {
    match value {
        Value::Array(items) if items.iter().all(|item| item.get("key").is_some()) => items
            .iter()
            .map(|item| (text(&item["key"]).to_owned(), item["value"].clone()))
            .collect::<Map<_, _>>()
            .into(),
        Value::Array(items) => items.iter().map(plain).collect(),
        Value::Object(fields) => fields
            .iter()
            .map(|(field, value)| (field_name(field), filled_in(field, value)))
            .collect::<Map<_, _>>()
            .into(),
        scalar => scalar.clone(),
    }
}

fn filled_in(field: &str, value: &Value) -> Value {
    match field {
        "apiURL" | "urlSecret" => "http://secret.example/".into(),
        "routingKey" | "authPassword" => "secret".into(),
        _ => plain(value),
    }
}

fn field_name(field: &str) -> String {
    match field {
        "pagerDutyLinkConfigs" => "links".to_owned(),
        "alt" => "text".to_owned(),
        "apiURL" => "api_url".to_owned(),
        "urlSecret" => "url".to_owned(),
        "clientURL" => "client_url".to_owned(),
        "requireTLS" => "require_tls".to_owned(),
        _ => field
            .chars()
            .flat_map(|letter| {
                let separator = letter.is_ascii_uppercase().then_some('_');
                separator.into_iter().chain([letter.to_ascii_lowercase()])
            })
            .collect(),
    }
}

fn push(array: &mut Value, item: Value) {
    if let Some(items) = array.as_array_mut() {
        items.push(item);
    }
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
