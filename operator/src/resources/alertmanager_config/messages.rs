//! What a notification says, as Alertmanager's templates: title, summary, description, links.
//!
//! Alerts are grouped by name and instance, so that summary, runbook and dashboard are the same for all alerts of a
//! notification; only their descriptions differ.

use super::{KeyValue, PagerDutyLink};

/// One line: how bad, which alert, what it means, which instance.
pub(super) const TITLE: &str = r#"[{{ if eq .Status "firing" }}{{ .CommonLabels.severity | toUpper }}{{ else }}RESOLVED{{ end }}] {{ .CommonLabels.alertname }}: {{ .CommonAnnotations.summary }} ({{ .CommonLabels.namespace }}/{{ .CommonLabels.icelocator }})"#;

/// Slack's colour bar. Red is for what is failing.
pub(super) const SLACK_COLOR: &str = r#"{{ if eq .Status "resolved" }}good{{ else if eq .CommonLabels.severity "critical" }}danger{{ else if eq .CommonLabels.severity "warning" }}warning{{ else }}#439FE0{{ end }}"#;

/// The pager's severities are ours, but for those that wake nobody.
pub(super) const PAGERDUTY_SEVERITY: &str = r#"{{ if or (eq .CommonLabels.severity "critical") (eq .CommonLabels.severity "warning") }}{{ .CommonLabels.severity }}{{ else }}info{{ end }}"#;

const RUNBOOK: &str = "{{ .CommonAnnotations.runbook_url }}";
const DASHBOARD: &str = "{{ .CommonAnnotations.dashboard_url }}";

/// The templates of one instance's notifications.
pub(super) struct Messages {
    /// Whether alerts carry an address of the dashboard that can be clicked.
    pub dashboard: bool,
}

impl Messages {
    /// The address a title leads to.
    pub fn title_link(&self) -> String {
        if self.dashboard { DASHBOARD } else { RUNBOOK }.to_owned()
    }

    /// The address of the dashboard.
    pub fn dashboard_link(&self) -> Option<String> {
        self.dashboard.then(|| DASHBOARD.to_owned())
    }

    /// The text below the title, in Slack's markup.
    pub fn slack_text(&self) -> String {
        let dashboard = if self.dashboard {
            format!(" · <{DASHBOARD}|Dashboard>")
        } else {
            String::new()
        };
        format!(
            "{}\n<{RUNBOOK}|Runbook>{dashboard}",
            descriptions("*Over:* ")
        )
    }

    /// An e-mail for those who read plain text.
    pub fn plain_text(&self) -> String {
        let dashboard = if self.dashboard {
            format!("\nDashboard: {DASHBOARD}")
        } else {
            String::new()
        };
        format!(
            "{TITLE}\n\n{}\n\nRunbook: {RUNBOOK}{dashboard}\n",
            descriptions("Over: ")
        )
    }

    /// An e-mail for everyone else; Alertmanager escapes what is filled in.
    pub fn html(&self) -> String {
        let dashboard = if self.dashboard {
            format!(r#" · <a href="{DASHBOARD}">Dashboard</a>"#)
        } else {
            String::new()
        };
        format!(
            r#"<h2>{TITLE}</h2>{{{{ range .Alerts }}}}<p>{{{{ if eq .Status "resolved" }}}}<b>Over:</b> {{{{ end }}}}{{{{ .Annotations.description }}}}</p>{{{{ end }}}}<p><a href="{RUNBOOK}">Runbook</a>{dashboard}</p>"#
        )
    }

    /// The links `PagerDuty` shows beside the incident.
    pub fn pagerduty_links(&self) -> Vec<PagerDutyLink> {
        let runbook = PagerDutyLink {
            href: RUNBOOK.to_owned(),
            text: "Runbook",
        };
        let dashboard = self.dashboard_link().map(|href| PagerDutyLink {
            href,
            text: "Dashboard",
        });
        [runbook].into_iter().chain(dashboard).collect()
    }

    /// What `PagerDuty` shows with the incident.
    pub fn pagerduty_details(&self) -> Vec<KeyValue> {
        let mut details = vec![
            KeyValue {
                key: "description",
                value: descriptions("Over: "),
            },
            KeyValue {
                key: "runbook",
                value: RUNBOOK.to_owned(),
            },
        ];
        if self.dashboard {
            details.push(KeyValue {
                key: "dashboard",
                value: DASHBOARD.to_owned(),
            });
        }
        details
    }
}

/// Each alert's description on a line of its own; those that are over say so.
fn descriptions(over: &str) -> String {
    format!(
        r#"{{{{ range $index, $alert := .Alerts }}}}{{{{ if $index }}}}
{{{{ end }}}}{{{{ if eq $alert.Status "resolved" }}}}{over}{{{{ end }}}}{{{{ $alert.Annotations.description }}}}{{{{ end }}}}"#
    )
}
