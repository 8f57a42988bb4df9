//! Prompts, resources and completions, as a public client meets them.

use serde_json::{Value, json};

use crate::support::client::Client;
use crate::support::people::{KNOWN, holds};
use crate::support::{Scratch, Server, Simulator, begin};

const NOWHERE: &str = "http://127.0.0.1:1";
const BY_NUMBER: &str = "search_detainee_by_alien_number";

async fn read(client: &Client, uri: &str) -> String {
    let reply = client.request("resources/read", json!({"uri": uri})).await;
    let contents = reply.result()["contents"][0].clone();
    assert_eq!(contents["uri"], uri);
    contents["text"].as_str().unwrap().to_owned()
}

async fn read_json(client: &Client, uri: &str) -> Value {
    serde_json::from_str(&read(client, uri).await).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn prompts_are_listed_filled_in_and_completed() {
    begin();
    let server = Server::start(NOWHERE);
    for client in [server.client.clone(), server.client.modern()] {
        let listed = client.request("prompts/list", json!({})).await.result();
        let prompts = listed["prompts"].as_array().unwrap();
        assert_eq!(prompts.len(), 3);
        for prompt in prompts {
            let name = &prompt["name"];
            let arguments = json!({"language": "es"});
            let params = json!({"name": name, "arguments": arguments});
            let got = client.request("prompts/get", params).await.result();
            let text = got["messages"][0]["content"]["text"].as_str().unwrap();
            assert!(!text.is_empty() && got["messages"][0]["role"] == "user");
            for argument in prompt["arguments"].as_array().unwrap() {
                let reference = json!({"type": "ref/prompt", "name": name});
                let argument = json!({"name": argument["name"], "value": ""});
                let params = json!({"ref": reference, "argument": argument});
                client.request("completion/complete", params).await.result();
            }
        }
        let params = json!({"name": "planted", "arguments": {}});
        let reply = client.request("prompts/get", params).await;
        assert_eq!(reply.error_code(), -32602);
    }
    // The search by number asks for it as well.
    for (language, both) in [
        ("en", "A-number and the country of birth: with them"),
        ("es", "número A y el país de nacimiento: con ellos"),
    ] {
        let arguments = json!({"language": language});
        let params = json!({"name": "detainee_search_guide", "arguments": arguments});
        let guide = server.client.request("prompts/get", params).await;
        let text = guide.result()["messages"][0]["content"]["text"].to_string();
        assert!(text.contains(both), "{text}");
    }
    let tool = server.client.tool(BY_NUMBER).await;
    let described = tool["description"].as_str().unwrap();
    assert!(
        described.contains("A-number and country of birth"),
        "{described}"
    );
    let reference = json!({"type": "ref/prompt", "name": "detainee_search_guide"});
    let argument = json!({"name": "country_of_birth", "value": "guat"});
    let params = json!({"ref": reference, "argument": argument});
    let found = server
        .client
        .request("completion/complete", params)
        .await
        .result();
    assert_eq!(
        found["completion"],
        json!({"values": ["Guatemala"], "total": 1, "hasMore": false})
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn resources_are_listed_with_what_they_take_and_read() {
    begin();
    let server = Server::start(NOWHERE);
    let listed = server
        .client
        .request("resources/list", json!({}))
        .await
        .result();
    let resources = listed["resources"].as_array().unwrap();
    let uris: Vec<&str> = resources
        .iter()
        .map(|one| one["uri"].as_str().unwrap())
        .collect();
    assert_eq!(
        uris,
        [
            "ice://facilities/database",
            "ice://search/history",
            "ice://legal/templates",
            "ice://support/resources",
            "ice://statistics/trends",
            "ice://service/status",
        ]
    );
    for uri in uris {
        let both = read(&server.client, uri).await;
        let spanish = read(&server.client, &format!("{uri}?lang=es")).await;
        assert!(both.len() > spanish.len(), "{uri}");
    }
    let templates = server
        .client
        .request("resources/templates/list", json!({}))
        .await
        .result();
    assert_eq!(templates["resourceTemplates"].as_array().unwrap().len(), 6);
    let unknown = json!({"uri": "ice://people/database"});
    let reply = server.client.request("resources/read", unknown).await;
    assert_eq!(reply.error_code(), -32002);
}

#[tokio::test(flavor = "multi_thread")]
async fn history_is_the_callers_own_and_names_nobody() {
    begin();
    let simulator = Simulator::start();
    let server = Server::start(&simulator.url);
    let mut sessions = Vec::new();
    for _ in 0..2 {
        let session = server.client.initialize().await.session().unwrap();
        sessions.push(server.client.header("mcp-session-id", &session));
    }
    sessions[0].call(BY_NUMBER, KNOWN.by_number()).await;
    sessions[0]
        .call("search_detainee_by_name", KNOWN.by_name())
        .await;
    let uri = "ice://search/history";
    let own = read_json(&sessions[0], uri).await;
    assert_eq!(own["calls"].as_array().unwrap().len(), 2, "{own}");
    assert_eq!(own["calls"][1]["tool"], BY_NUMBER);
    assert_eq!(own["calls"][0]["outcome"], "found");
    let text = own.to_string();
    for secret in KNOWN.secrets() {
        assert!(!holds(&text, &secret), "{secret} in {text}");
    }
    assert!(!text.contains(KNOWN.country), "{text}");
    for other in [&sessions[1], &server.client] {
        assert_eq!(read_json(other, uri).await["calls"], json!([]));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn status_and_places_follow_what_the_locator_answers_and_statistics_do_so_later() {
    begin();
    let simulator = Simulator::start();
    let server = Server::start(&simulator.url);
    let status = "ice://service/status?lang=en";
    let trends = "ice://statistics/trends";
    let before = read_json(&server.client, trends).await;
    assert_eq!(read_json(&server.client, status).await["status"], "unknown");
    for _ in 0..6 {
        server.client.call(BY_NUMBER, KNOWN.by_number()).await;
    }
    assert_eq!(read_json(&server.client, status).await["status"], "working");
    let after = read_json(&server.client, trends).await;
    let same_hour = before["as_of"] == after["as_of"];
    assert!(!same_hour || after["days"] == json!([]), "{after}");
    let places = read_json(&server.client, "ice://facilities/database?name=ejemplo").await;
    let place = &places["facilities"][0];
    assert!(
        place["name"].as_str().unwrap().contains(KNOWN.facility),
        "{places}"
    );
    assert_eq!(place["phone"], KNOWN.phone, "as the site gave it");
    let day = place["as_of"].as_str().unwrap();
    assert!(day.parse::<jiff::civil::Date>().is_ok() && day.len() == 10);
    let reference = json!({"type": "ref/prompt", "name": "legal_report_template"});
    let argument = json!({"name": "facility", "value": "EJEM"});
    let params = json!({"ref": reference, "argument": argument});
    let found = server
        .client
        .request("completion/complete", params)
        .await
        .result();
    assert_eq!(found["completion"]["values"][0], place["name"]);
    let challenged =
        json!({"first_name": "Ana", "last_name": "Falla-Reto", "country_of_birth": "Guatemala"});
    server
        .client
        .call("search_detainee_by_name", challenged)
        .await;
    let now = read_json(&server.client, status).await;
    assert_eq!(now["status"], "partly_working");
}

#[tokio::test(flavor = "multi_thread")]
async fn texts_of_ones_own_take_the_place_of_the_shipped_and_follow_their_file() {
    begin();
    let scratch = Scratch::new();
    let texts =
        |title: &str| format!("title: {{en: {title}, es: T}}\nintroduction: {{en: I, es: I}}\n");
    scratch.write("support.yaml", texts("One"));
    let folder = scratch.path();
    let (parent, name) = (folder.parent().unwrap(), folder.file_name().unwrap());
    let settings = format!(
        "texts: {{configMapRef: {{name: {}}}}}",
        name.to_str().unwrap()
    );
    let mounts = ["--config-maps-dir", parent.to_str().unwrap()];
    let server = Server::with(NOWHERE, &settings, &mounts);
    let uri = "ice://support/resources?lang=en";
    assert!(read(&server.client, uri).await.starts_with("# One\n"));
    scratch.write("support.yaml", texts("Two"));
    server.process.says(&["texts were read again"]);
    assert!(read(&server.client, uri).await.starts_with("# Two\n"));
    scratch.write("support.yaml", texts("Call (202) 555-0100"));
    let warned = ["those before stay in place", "support.yaml: title.en"];
    server.process.says(&warned);
    assert!(read(&server.client, uri).await.starts_with("# Two\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_answers_say_next_is_a_text_of_ones_own_too() {
    begin();
    let scratch = Scratch::new();
    let step = "Speak with an immigration lawyer before the person signs anything.";
    let own = "Come to the legal clinic before the person signs anything.";
    let shipped = include_str!("../../texts/answers.yaml");
    assert!(shipped.contains(step));
    scratch.write("answers.yaml", shipped.replace(step, own));
    let folder = scratch.path();
    let (parent, name) = (folder.parent().unwrap(), folder.file_name().unwrap());
    let settings = format!(
        "texts: {{configMapRef: {{name: {}}}}}",
        name.to_str().unwrap()
    );
    let mounts = ["--config-maps-dir", parent.to_str().unwrap()];
    let simulator = Simulator::start();
    let server = Server::with(&simulator.url, &settings, &mounts);
    for (tool, arguments) in [
        (BY_NUMBER, KNOWN.by_number()),
        (
            "bulk_search_detainees",
            json!({"requests": [KNOWN.by_number()]}),
        ),
    ] {
        let reply = server.client.call(tool, arguments).await;
        assert!(reply.body.contains(own), "{tool}: {reply:?}");
        assert!(!reply.body.contains(step), "{tool}: {reply:?}");
    }
    // One with a telephone number that no page is named for is not told.
    scratch.write(
        "answers.yaml",
        shipped.replace(step, "Call (202) 555-0100."),
    );
    let warned = "answers.yaml: next_steps.found[1].en";
    server.process.says(&[warned]);
}
