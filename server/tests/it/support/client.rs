//! An MCP client that can also misbehave.

use std::sync::atomic::{AtomicU64, Ordering};

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use serde_json::{Value, json};

pub const LEGACY: &str = "2025-06-18";
pub const MODERN: &str = "2026-07-28";

/// Talks to one server. Cheap to clone.
#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    pub url: String,
    headers: HeaderMap,
    meta: Option<Value>,
}

/// What came back.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: String,
}

impl Reply {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("not JSON: {self:?}"))
    }

    /// The result of a request that went well.
    pub fn result(&self) -> Value {
        let json = self.json();
        assert!(json.get("result").is_some(), "no result: {self:?}");
        json["result"].clone()
    }

    pub fn error_code(&self) -> i64 {
        self.json()["error"]["code"]
            .as_i64()
            .unwrap_or_else(|| panic!("no error: {self:?}"))
    }

    /// The structured answer of a search.
    pub fn answer(&self) -> Value {
        self.result()["structuredContent"].clone()
    }

    pub fn session(&self) -> Option<String> {
        Some(
            self.headers
                .get("mcp-session-id")?
                .to_str()
                .unwrap()
                .to_owned(),
        )
    }
}

impl Client {
    pub fn new(url: &str) -> Self {
        let client = Self {
            http: reqwest::Client::new(),
            url: url.to_owned(),
            headers: HeaderMap::new(),
            meta: None,
        };
        client
            .header("accept", "application/json, text/event-stream")
            .header("content-type", "application/json")
            .header("mcp-protocol-version", LEGACY)
    }

    /// The same, of the generation that has neither `initialize` nor sessions.
    pub fn modern(&self) -> Self {
        let mut client = self.header("mcp-protocol-version", MODERN);
        client.meta = Some(json!({
            "io.modelcontextprotocol/protocolVersion": MODERN,
            "io.modelcontextprotocol/clientCapabilities": {},
            "io.modelcontextprotocol/clientInfo": {"name": "inspector", "version": "2.12.0"},
        }));
        client
    }

    /// The same with a further header.
    pub fn header(&self, name: &'static str, value: &str) -> Self {
        let mut client = self.clone();
        client.headers.insert(
            HeaderName::from_static(name),
            HeaderValue::from_str(value).unwrap(),
        );
        client
    }

    /// The same with further `_meta`.
    pub fn meta(&self, more: &Value) -> Self {
        let mut client = self.clone();
        let meta = client.meta.get_or_insert_with(|| json!({}));
        for (key, value) in more.as_object().unwrap() {
            meta[key] = value.clone();
        }
        client
    }

    pub async fn send(&self, body: impl Into<reqwest::Body>) -> Reply {
        self.try_send(body).await.unwrap()
    }

    pub async fn try_send(&self, body: impl Into<reqwest::Body>) -> reqwest::Result<Reply> {
        let response = self.open(body).await?;
        Ok(Reply {
            status: response.status().as_u16(),
            headers: response.headers().clone(),
            body: response.text().await?,
        })
    }

    /// Sends and waits for the head of the answer only.
    pub async fn open(&self, body: impl Into<reqwest::Body>) -> reqwest::Result<reqwest::Response> {
        self.http
            .post(&self.url)
            .headers(self.headers.clone())
            .body(body)
            .send()
            .await
    }

    pub async fn request(&self, method: &str, params: Value) -> Reply {
        self.try_request(method, params).await.unwrap()
    }

    pub async fn try_request(&self, method: &str, mut params: Value) -> reqwest::Result<Reply> {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        let mut client = self.clone();
        if let Some(meta) = &self.meta {
            params["_meta"] = meta.clone();
            if meta
                .get("io.modelcontextprotocol/protocolVersion")
                .is_some()
            {
                client = client.header("mcp-method", method);
                if let Some(name) = params.get("name").and_then(Value::as_str) {
                    client = client.header("mcp-name", name);
                }
            }
        }
        let id = NEXT.fetch_add(1, Ordering::Relaxed);
        let body = json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params});
        client.try_send(body.to_string()).await
    }

    pub async fn initialize(&self) -> Reply {
        let params = json!({
            "protocolVersion": self.headers["mcp-protocol-version"].to_str().unwrap(),
            "capabilities": {},
            "clientInfo": {"name": "claude-ai", "version": "1.2.3"},
        });
        self.request("initialize", params).await
    }

    pub async fn call(&self, tool: &str, arguments: Value) -> Reply {
        self.request("tools/call", json!({"name": tool, "arguments": arguments}))
            .await
    }

    /// The tool as the server publishes it.
    pub async fn tool(&self, name: &str) -> Value {
        let tools = self.request("tools/list", json!({})).await.result();
        let tools = tools["tools"].as_array().unwrap();
        let tool = tools.iter().find(|tool| tool["name"] == name);
        tool.unwrap_or_else(|| panic!("no tool {name}")).clone()
    }

    pub async fn try_call(&self, tool: &str, arguments: Value) -> reqwest::Result<Reply> {
        self.try_request("tools/call", json!({"name": tool, "arguments": arguments}))
            .await
    }
}

/// What a tool publishes of its answers, closed: a field that the schema does not know is found too.
pub struct Published(jsonschema::Validator);

impl Published {
    pub fn of(tool: &Value) -> Self {
        let mut schema = tool["outputSchema"].clone();
        schema["additionalProperties"] = json!(false);
        Self(jsonschema::validator_for(&schema).unwrap())
    }

    pub fn assert_holds_of(&self, answer: &Value) {
        let errors: Vec<_> = self
            .0
            .iter_errors(answer)
            .map(|error| error.to_string())
            .collect();
        assert!(errors.is_empty(), "{}: {errors:?}", answer["outcome"]);
    }
}
