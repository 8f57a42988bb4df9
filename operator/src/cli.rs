//! The command line.

use std::net::SocketAddr;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};
use icelocator_config::{HttpUrl, OtlpProtocol};
use icelocator_telemetry::LogFormat;

/// Runs IceLocator servers in a Kubernetes cluster, and everything that watches them.
#[derive(Debug, Parser)]
#[command(version, max_term_width = 100, after_help = EXAMPLE)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

const EXAMPLE: &str = "\
Try it from outside a cluster, with the context of your kubeconfig:
  icelocator-operator crdgen | kubectl apply --server-side -f -
  icelocator-operator run --listen 127.0.0.1:8080 --log-format text
Then apply an IceLocator and watch it: kubectl get icelocators --watch";

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Watch IceLocator resources and make what they ask for
    Run(Run),
    /// Print the custom resource definition as YAML
    Crdgen,
    /// Ask a URL until it answers with success
    Probe(Probe),
}

/// Arguments of `run`.
#[derive(Debug, Args)]
pub struct Run {
    /// Namespaces to watch, separated by commas; without it the whole cluster
    #[arg(
        long,
        value_name = "NAMES",
        env = "WATCH_NAMESPACES",
        value_delimiter = ','
    )]
    pub watch_namespaces: Vec<String>,
    /// Image of servers whose resource names none
    #[arg(long, value_name = "IMAGE", env = "SERVER_IMAGE", default_value = DEFAULT_SERVER_IMAGE)]
    pub server_image: String,
    /// The cluster's role binding whose subjects may ask the API server about tokens, kept level with the resources
    /// that ask for it; without it they are refused
    #[arg(long, value_name = "NAME", env = "TOKEN_REVIEW_BINDING")]
    pub token_review_binding: Option<String>,
    /// Address for /metrics, /healthz and /readyz
    #[arg(long, value_name = "ADDRESS", default_value = "0.0.0.0:8080")]
    pub listen: SocketAddr,
    /// OpenTelemetry collector that gets traces and metrics of this process
    #[arg(long, value_name = "URL", env = "OTLP_ENDPOINT")]
    pub otlp_endpoint: Option<HttpUrl>,
    /// How the collector is spoken to
    #[arg(long, value_enum, default_value_t)]
    pub otlp_protocol: ProtocolArg,
    /// How log lines look; they go to standard error
    #[arg(long, value_enum, default_value_t)]
    pub log_format: LogFormat,
    /// What is logged: levels or target=level, separated by commas
    #[arg(long, value_name = "FILTER", env = "LOG_FILTER")]
    pub log_filter: Option<String>,
    /// Namespace of the lease by which operators agree who writes [default: that of the pod, or of the kubeconfig]
    #[arg(long, value_name = "NAME", env = "POD_NAMESPACE")]
    pub lease_namespace: Option<String>,
    /// Name of this process in the lease and in events [default: the host's]
    #[arg(long, value_name = "NAME", env = "POD_NAME")]
    pub pod_name: Option<String>,
    /// How servers are reached when they are verified
    #[arg(long, value_enum, default_value_t)]
    pub reach: ReachArg,
}

/// The server of the same version.
const DEFAULT_SERVER_IMAGE: &str = concat!(
    "ghcr.io/icelocator/icelocator-server:",
    env!("CARGO_PKG_VERSION")
);

/// Arguments of `probe`.
#[derive(Debug, Args)]
pub struct Probe {
    /// What to ask
    pub url: String,
    /// How many seconds to go on asking
    #[arg(long, value_name = "SECONDS", default_value = "60", value_parser = seconds)]
    pub patience: Duration,
}

fn seconds(text: &str) -> Result<Duration, std::num::ParseIntError> {
    text.parse().map(Duration::from_secs)
}

/// How the collector is spoken to.
#[derive(Clone, Copy, Debug, Default, ValueEnum)]
pub enum ProtocolArg {
    /// gRPC, usually port 4317
    #[default]
    Grpc,
    /// Protobuf over HTTP, usually port 4318
    Http,
}

impl From<ProtocolArg> for OtlpProtocol {
    fn from(protocol: ProtocolArg) -> Self {
        match protocol {
            ProtocolArg::Grpc => Self::Grpc,
            ProtocolArg::Http => Self::Http,
        }
    }
}

/// How servers are reached.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum ReachArg {
    /// By the Service's name within a cluster, through the API server outside
    #[default]
    Auto,
    /// By the Service's name
    Service,
    /// Through the API server's proxy
    Proxy,
}

#[cfg(test)]
mod tests {
    use clap::{CommandFactory as _, Parser as _};

    use super::*;

    #[test]
    fn the_command_line_makes_sense() {
        Cli::command().debug_assert();
    }

    #[test]
    fn namespaces_are_separated_by_commas() {
        let cli = Cli::parse_from(["icelocator-operator", "run", "--watch-namespaces=a,b"]);
        let Command::Run(run) = cli.command else {
            panic!("{cli:?}");
        };
        assert_eq!(run.watch_namespaces, ["a", "b"]);
        assert!(run.server_image.ends_with(env!("CARGO_PKG_VERSION")));
    }
}
