//! The server's settings file, whole.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::check::{Check, FieldError, FieldPath, within};
use crate::{
    Analytics, Auth, Compliance, Guard, Http, Limits, Locator, Os, Privacy, Profiling, Recording,
    Sessions, Telemetry, Texts, Tuning,
};

/// The version of the settings file that this build writes and the newest that it reads.
pub const CONFIG_VERSION: u32 = 1;

const MAX_REPLICAS: u32 = 1_000;

/// The server's settings. In a cluster the operator writes them; elsewhere a person does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ServerConfig {
    /// Version of this file: 1.
    pub config_version: u32,
    /// Which server this is among others.
    #[serde(default)]
    pub instance: Instance,
    /// Most servers that run at the same time with these settings: 1 to 1000. Each takes its share of what holds for all
    /// together.
    #[serde(default = "default_replicas")]
    #[schemars(range(min = 1, max = MAX_REPLICAS))]
    pub replicas: u32,
    /// Where people are looked up, and how.
    #[serde(default)]
    pub locator: Locator,
    /// Texts of one's own in place of the shipped ones.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub texts: Option<Texts>,
    /// How callers are known; must be said.
    #[serde(default)]
    pub auth: Auth,
    /// How much is taken at once.
    #[serde(default)]
    pub limits: Limits,
    /// How MCP is served over HTTP.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub http: Option<Http>,
    /// What is done about callers who abuse the service.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub guard: Option<Guard>,
    /// Where measurements and traces are sent.
    #[serde(default)]
    pub telemetry: Telemetry,
    /// Product analytics.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub analytics: Option<Analytics>,
    /// Recording of sessions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sessions: Option<Sessions>,
    /// What is hidden, and how long anything is kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub privacy: Option<Privacy>,
    /// Controls that are checked continuously.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compliance: Option<Compliance>,
    /// Settings that the server may change by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tuning: Option<Tuning>,
    /// CPU profiles on demand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profiling: Option<Profiling>,
    /// Measurements of process and container.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub os: Option<Os>,
}

/// Which server this is among others; goes with every measurement and trace.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Instance {
    /// Name of the resource that it runs for.
    #[serde(default = "default_name")]
    pub name: String,
    /// Namespace of that resource.
    #[serde(default = "default_namespace")]
    pub namespace: String,
}

fn default_replicas() -> u32 {
    1
}

fn default_name() -> String {
    "icelocator".to_owned()
}

fn default_namespace() -> String {
    "local".to_owned()
}

impl Default for Instance {
    fn default() -> Self {
        Self {
            name: default_name(),
            namespace: default_namespace(),
        }
    }
}

impl ServerConfig {
    /// Settings for one site and one way to know callers, everything else at its default.
    pub fn new(instance: Instance, locator: Locator, auth: Auth) -> Self {
        Self {
            config_version: CONFIG_VERSION,
            instance,
            replicas: default_replicas(),
            locator,
            texts: None,
            auth,
            limits: Limits::default(),
            http: None,
            guard: None,
            telemetry: Telemetry::default(),
            analytics: None,
            sessions: None,
            privacy: None,
            compliance: None,
            tuning: None,
            profiling: None,
            os: None,
        }
    }

    /// The sections that this build reads but cannot honour yet. A server that is given one refuses to start: what
    /// protects people is never silently left out.
    pub fn not_in_effect(&self) -> Vec<&'static str> {
        let recording = self
            .sessions
            .as_ref()
            .map_or(Recording::None, |s| s.recording);
        [
            (self.guard.is_some(), "guard"),
            (recording != Recording::None, "sessions.recording"),
            (
                self.compliance.as_ref().is_some_and(|c| c.report.is_some()),
                "compliance.report",
            ),
            (self.tuning.as_ref().is_some_and(|t| t.enabled), "tuning"),
        ]
        .into_iter()
        .filter_map(|(written, field)| written.then_some(field))
        .collect()
    }
}

impl Check for ServerConfig {
    fn check(&self, at: &FieldPath, errors: &mut Vec<FieldError>) {
        let locator = at.field("locator");
        if self.locator.simulator.is_some() {
            errors.push(locator.field("simulator").error(
                "a settings file names the site itself: run `icelocator-server simulate` and write its address in locator.baseUrl",
            ));
        } else {
            self.locator.check(&locator, errors);
        }
        within(
            &self.replicas,
            &1,
            &MAX_REPLICAS,
            &at.field("replicas"),
            errors,
        );
        self.auth.check(&at.field("auth"), errors);
        self.limits.check(&at.field("limits"), errors);
        self.http.check(&at.field("http"), errors);
        self.telemetry.check(&at.field("telemetry"), errors);
        self.analytics.check(&at.field("analytics"), errors);
        self.sessions.check(&at.field("sessions"), errors);
        self.privacy.check(&at.field("privacy"), errors);
        self.compliance.check(&at.field("compliance"), errors);
        self.tuning.check(&at.field("tuning"), errors);
        self.os.check(&at.field("os"), errors);
        for field in self.not_in_effect() {
            errors.push(
                at.field(field)
                    .error("not supported yet by this version: leave it out"),
            );
        }
    }
}
