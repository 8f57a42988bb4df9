//! Standard input and output.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};

use serde_json::{Value, json};

use crate::support::agentcat::{AgentCat, INTENT, SESSIONS};
use crate::support::client::MODERN;
use crate::support::held_site::HeldSite;
use crate::support::process::Process;
use crate::support::wait::PATIENCE;
use crate::support::{Scratch, Simulator, begin};

const NOWHERE: &str = "http://127.0.0.1:1";

struct Pipe {
    process: Process,
    input: Option<ChildStdin>,
    output: Receiver<String>,
}

impl Pipe {
    fn start(base_url: &str) -> Self {
        Self::with(&["--base-url", base_url])
    }

    fn with(arguments: &[&str]) -> Self {
        Self::spawned(arguments, Process::spawn)
    }

    fn spawned(arguments: &[&str], spawn: impl Fn(&mut Command) -> Process) -> Self {
        let mut process = spawn(
            Command::new(env!("CARGO_BIN_EXE_icelocator-server"))
                .args(["serve", "--transport", "stdio"])
                .args(arguments)
                .stdin(Stdio::piped())
                .stdout(Stdio::piped()),
        );
        let input = process.child().stdin.take();
        let stdout = BufReader::new(process.child().stdout.take().unwrap());
        let (sender, output) = channel();
        std::thread::spawn(move || {
            for line in stdout.lines().map_while(Result::ok) {
                let _ = sender.send(line);
            }
        });
        Self {
            process,
            input,
            output,
        }
    }

    fn say(&mut self, message: &Value) {
        writeln!(self.input.as_mut().unwrap(), "{message}").unwrap();
    }

    fn hear(&mut self) -> Value {
        let line = self.output.recv_timeout(PATIENCE);
        let line = line.unwrap_or_else(|_| panic!("no answer\n{}", self.process.log()));
        serde_json::from_str(&line).unwrap_or_else(|_| panic!("{line:?}\n{}", self.process.log()))
    }

    fn ask(&mut self, method: &str, params: &Value) -> Value {
        self.say(&json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}));
        self.hear()
    }

    fn initialize(&mut self, version: &str) -> Value {
        let client = json!({"name": "claude-ai", "version": "1.2.3"});
        let params = json!({"protocolVersion": version, "capabilities": {}, "clientInfo": client});
        let reply = self.ask("initialize", &params);
        self.say(&json!({"jsonrpc": "2.0", "method": "notifications/initialized"}));
        reply
    }
}

#[test]
fn every_version_with_initialize_is_spoken() {
    for version in ["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"] {
        let mut pipe = Pipe::start(NOWHERE);
        assert_eq!(
            pipe.initialize(version)["result"]["protocolVersion"],
            version
        );
        let tools = pipe.ask("tools/list", &json!({}));
        assert_eq!(tools["result"]["tools"].as_array().unwrap().len(), 5);
    }
}

#[test]
fn the_newest_version_is_spoken() {
    let mut pipe = Pipe::start(NOWHERE);
    let meta = json!({
        "io.modelcontextprotocol/protocolVersion": MODERN,
        "io.modelcontextprotocol/clientCapabilities": {},
    });
    let found = pipe.ask("server/discover", &json!({"_meta": meta}));
    assert!(
        found["result"]["supportedVersions"]
            .as_array()
            .unwrap()
            .contains(&json!(MODERN))
    );
    let tools = pipe.ask("tools/list", &json!({"_meta": meta}));
    assert_eq!(tools["result"]["tools"].as_array().unwrap().len(), 5);
}

#[test]
fn a_search_is_answered() {
    let simulator = Simulator::start();
    let mut pipe = Pipe::start(&simulator.url);
    pipe.initialize("2025-06-18");
    let arguments = json!({"alien_number": "A100000009", "country_of_birth": "Guatemala"});
    let params = json!({"name": "search_detainee_by_alien_number", "arguments": arguments});
    let reply = pipe.ask("tools/call", &params);
    assert_eq!(
        reply["result"]["structuredContent"]["outcome"], "not_found",
        "{reply}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_is_asked_why_it_calls_and_in_which_session() {
    begin();
    let simulator = Simulator::start();
    let mut agentcat = AgentCat::new(&format!("{INTENT}, {SESSIONS}")).await;
    let scratch = Scratch::new();
    let settings = format!(
        "configVersion: 1\nauth: {{anonymous: true}}\nlocator: {{baseUrl: \"{}\"}}\n{}\n",
        simulator.url, agentcat.settings
    );
    let settings = scratch.write("settings.yaml", settings);
    let mut pipe = Pipe::with(&["--settings", &settings, "--secrets-dir", agentcat.secrets()]);
    pipe.initialize("2025-06-18");
    let tools = pipe.ask("tools/list", &json!({}));
    for tool in tools["result"]["tools"].as_array().unwrap() {
        let properties = &tool["inputSchema"]["properties"];
        assert!(properties.get("context").is_some() && properties.get("session_id").is_some());
    }
    let mut session = json!("start");
    for (status, words) in [("issued", "A brother asks."), ("active", "He asks again.")] {
        let arguments = json!({
            "alien_number": "A100000009", "country_of_birth": "Guatemala", "context": words, "session_id": session,
        });
        let params = json!({"name": "search_detainee_by_alien_number", "arguments": arguments});
        let reply = pipe.ask("tools/call", &params);
        let answer = &reply["result"]["structuredContent"];
        assert_eq!(answer["outcome"], "not_found", "{reply}");
        assert_eq!(answer["mcp_session"]["status"], status);
        session = answer["mcp_session"]["session_id"].clone();
        let event = agentcat.event().await;
        assert_eq!(
            (&event["session_id"], &event["user_intent"]),
            (&session, &json!(words))
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_the_client_takes_back_ends_at_once() {
    let site = HeldSite::start().await;
    let mut pipe = Pipe::start(&site.url);
    pipe.initialize("2025-06-18");
    let somebody = |number| json!({"alien_number": number, "country_of_birth": "Guatemala"});
    let several = json!({"requests": [somebody("A100000009"), somebody("A100000010")]});
    let calls = [
        ("search_detainee_by_alien_number", somebody("A100000009")),
        ("bulk_search_detainees", several),
    ];
    for (number, (name, arguments)) in calls.into_iter().enumerate() {
        let id = 5 + number;
        let params = json!({"name": name, "arguments": arguments});
        pipe.say(&json!({"jsonrpc": "2.0", "id": id, "method": "tools/call", "params": params}));
        site.asked_by(number + 1).await;
        let params = json!({"requestId": id});
        let method = "notifications/cancelled";
        pipe.say(&json!({"jsonrpc": "2.0", "method": method, "params": params}));
        pipe.process.says(&["call ended", name, "cancelled"]);
        assert_eq!(pipe.ask("ping", &json!({}))["result"], json!({}));
    }
}

#[test]
fn a_line_that_is_no_message_is_answered() {
    let mut pipe = Pipe::start(NOWHERE);
    let say = |pipe: &mut Pipe, line: &str| {
        writeln!(pipe.input.as_mut().unwrap(), "{line}").unwrap();
    };
    // Before the conversation is opened, and then.
    for opened in [false, true] {
        if opened {
            pipe.initialize("2025-06-18");
        }
        let long = "x".repeat(2 * 1024 * 1024);
        for line in ["planted", "{", "{\"jsonrpc\": \"2.0\",", &long] {
            say(&mut pipe, line);
            let reply = pipe.hear();
            assert_eq!(reply["error"]["code"], -32700, "{reply}");
            // As the protocol has it where no id could be read.
            assert!(reply.get("id").is_none_or(Value::is_null), "{reply}");
            assert!(!reply.to_string().contains("planted"), "{reply}");
        }
        say(&mut pipe, "");
    }
    say(&mut pipe, "[1]");
    assert_eq!(pipe.hear()["error"]["code"], -32600);
    let params = json!({"name": "search_detainee_by_name", "arguments": []});
    assert_eq!(pipe.ask("tools/call", &params)["error"]["code"], -32602);
    assert_eq!(pipe.ask("ping", &json!({}))["result"], json!({}));
    say(&mut pipe, "planted");
    drop(pipe.input.take());
    assert_eq!(pipe.hear()["error"]["code"], -32700);
    assert!(pipe.process.end().success());
}

#[test]
fn limits_hold_here_too() {
    let scratch = Scratch::new();
    let file = scratch.write(
        "settings.yaml",
        "configVersion: 1\nauth: {bearer: {secretRef: {name: none}}}\nlocator: {baseUrl: \"http://127.0.0.1:1\"}\nlimits: {perCaller: {requestsPerMinute: 1, burst: 1}}\n",
    );
    let mut pipe = Pipe::with(&["--settings", &file, "--metrics-listen", "127.0.0.1:0"]);
    pipe.initialize("2025-06-18");
    let params = json!({"name": "search_detainee_by_alien_number", "arguments": {}});
    let reply = pipe.ask("tools/call", &params);
    assert_eq!(reply["error"]["code"], -32000, "{reply}");
    let seconds = reply["error"]["data"]["retryAfterSeconds"]
        .as_u64()
        .unwrap();
    assert!((1..=60).contains(&seconds), "{reply}");
}

#[test]
fn the_clients_leaving_ends_the_process_in_order() {
    let mut pipe = Pipe::start(NOWHERE);
    pipe.initialize("2025-06-18");
    drop(pipe.input.take());
    assert!(pipe.process.end().success());
}

#[test]
fn a_signal_ends_the_process_though_the_client_stays() {
    let mut pipe = Pipe::start(NOWHERE);
    pipe.initialize("2025-06-18");
    pipe.process.signal("TERM");
    assert!(pipe.process.end().success());
}

#[test]
fn what_is_logged_does_not_get_between_the_messages() {
    let mut pipe = Pipe::start(NOWHERE);
    pipe.initialize("2025-06-18");
    let params =
        json!({"name": "search_detainee_by_alien_number", "arguments": {"alien_number": "?"}});
    assert_eq!(pipe.ask("tools/call", &params)["result"]["isError"], true);
    pipe.process.says(&["call ended"]);
    assert_eq!(pipe.ask("ping", &json!({}))["result"], json!({}));
}

#[test]
fn a_log_that_nobody_reads_holds_up_neither_calls_nor_the_end() {
    let mut pipe = Pipe::spawned(&["--base-url", NOWHERE], Process::unread);
    pipe.initialize("2025-06-18");
    let params =
        json!({"name": "search_detainee_by_alien_number", "arguments": {"alien_number": "?"}});
    // Each leaves a line: far more than a pipe holds.
    for _ in 0..3000 {
        assert_eq!(pipe.ask("tools/call", &params)["result"]["isError"], true);
    }
    drop(pipe.input.take());
    assert!(pipe.process.end().success());
}
