//! The command line.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::str::FromStr;

use clap::{ArgGroup, Args, Parser, Subcommand, ValueEnum};
use icelocator_config::{HttpUrl, Mounts};
use icelocator_telemetry::LogFormat;

use crate::locator::profile::reading::Kind;
use crate::simulator::LARGEST_CROWD;

/// Where the operator mounts the key that all replicas share.
const SESSION_KEY: &str = "/etc/icelocator-session/key";

/// Where the operator mounts the token of the admin port.
const ADMIN_TOKEN: &str = "/etc/icelocator-admin/token";

/// Answers AI clients over MCP that look for where a detained person is held.
#[derive(Debug, Parser)]
#[command(version, max_term_width = 100, after_help = EXAMPLE)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

const EXAMPLE: &str = "\
Try it on one machine, with invented people and without a settings file:
  icelocator-server simulate --listen 127.0.0.1:8081
  icelocator-server serve --base-url http://127.0.0.1:8081 --anonymous
Then point an MCP client at http://127.0.0.1:8080/mcp";

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Serve MCP, over HTTP or standard input and output
    Serve(Serve),
    /// Serve a stand-in for the locator site, with invented people
    Simulate(Simulate),
    /// Show or check a site profile, which says how the locator's pages are read
    #[command(subcommand)]
    Profile(ProfileCommand),
    /// Print what would leave of text or JSON lines on standard input: without what identifies a person
    Redact(Redact),
}

const REDACTED: &str = "\
Each thing that identifies somebody is replaced by its kind and a pseudonym that is the same for
the same thing: [name:kcvbqtdfhj]. The kinds are name, a_number, ssn, phone, email, address, date,
document, credential and other.

Try it:
  echo 'My brother Juan Ejemplo, A123456789, was taken on Monday' | icelocator-server redact

A file of what was seen holds one value a line, at most 512 of at most 200 bytes, as many as a
session keeps. Whatever it holds is hidden however it is written:
  Ana Lucia Ejemplo Prueba
  a_number: A123456789
  phone: +502 5555 0142
Empty lines and lines that begin with # are skipped.

Of JSON lines keys and structure stay. Values of text are redacted, and a number that could be
somebody's becomes text. A line of more than 1 MiB is redacted in pieces, as text, which
--format json does not take.";

/// Print what would leave of text or JSON lines on standard input: without what identifies a person
#[derive(Debug, Args)]
#[command(after_help = REDACTED)]
pub struct Redact {
    /// How lines are read
    #[arg(long, value_enum, default_value_t)]
    pub format: RedactFormat,
    /// Values that a session has shown, to be hidden wherever they come back
    #[arg(long, value_name = "FILE")]
    pub seen: Option<PathBuf>,
    /// Key of the pseudonyms, 16 bytes or more; or a folder of such files, whose last by name counts [default: one that
    /// nobody knows, so pseudonyms change with each start]
    #[arg(long, value_name = "FILE|DIR")]
    pub key: Option<PathBuf>,
}

/// How lines are read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum RedactFormat {
    /// A line that is a JSON object or array is JSON, any other is text
    #[default]
    Auto,
    /// Text
    Text,
    /// JSON; a line that is none ends it
    Json,
}

/// What to do with a site profile.
#[derive(Debug, Subcommand)]
pub enum ProfileCommand {
    /// Print the profile that ships inside, to start one's own from
    Show,
    /// Check a profile and, with a saved page, say what it reads from it. Ends with 1 when something is wrong
    Check(ProfileCheck),
}

/// Arguments of `profile check`.
#[derive(Debug, Args)]
pub struct ProfileCheck {
    /// The profile (YAML); every error in it is named by its field [default: the one that ships inside]
    #[arg(value_name = "FILE")]
    pub file: Option<PathBuf>,
    /// A page of the site, as it was saved
    #[arg(long, value_name = "HTML")]
    pub page: Option<PathBuf>,
    /// What kind of page it is [default: what it looks like]
    #[arg(long, value_enum, requires = "page")]
    pub kind: Option<Kind>,
    /// Say it in JSON, for programs
    #[arg(long)]
    pub json: bool,
    /// Show what is read from each row, too: personal data, so not by default
    #[arg(long, requires = "page")]
    pub show_values: bool,
}

/// Arguments of `serve`.
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("site").required(true).args(["settings", "base_url"]))]
pub struct Serve {
    /// Settings file (YAML); every error in it is named by its field
    #[arg(
        long,
        value_name = "FILE",
        env = "ICELOCATOR_SETTINGS",
        conflicts_with = "anonymous"
    )]
    pub settings: Option<PathBuf>,
    /// Without a settings file: address of the locator site
    #[arg(long, value_name = "URL")]
    pub base_url: Option<HttpUrl>,
    /// Without a settings file: let anyone who reaches this server call it
    #[arg(long)]
    pub anonymous: bool,
    /// How clients connect
    #[arg(long, value_enum, default_value_t)]
    pub transport: TransportArg,
    /// Address for MCP over HTTP [default: 0.0.0.0:8080 with a settings file, else 127.0.0.1:8080]
    #[arg(long, value_name = "ADDRESS")]
    pub listen: Option<SocketAddr>,
    /// Address for /metrics, /livez and /readyz [default: as --listen, port 9090; none with --transport stdio]
    #[arg(long, value_name = "ADDRESS")]
    pub metrics_listen: Option<SocketAddr>,
    /// Address for CPU profiles, at /debug/pprof/profile, where the settings switch them on
    /// [default: 0.0.0.0:9091 if they do]
    #[arg(long, value_name = "ADDRESS")]
    pub admin_listen: Option<SocketAddr>,
    /// Token that whoever wants a profile must show, at least 16 characters; read anew for each
    #[arg(long, value_name = "FILE", default_value = ADMIN_TOKEN)]
    pub admin_token: PathBuf,
    /// Key that seals session ids, 32 bytes; replicas share it. Without one sessions end with this process
    /// [default: /etc/icelocator-session/key if it is there]
    #[arg(long, value_name = "FILE")]
    pub session_key: Option<PathBuf>,
    /// Folder in which each Secret that the settings name is a folder, each of its keys a file
    #[arg(long, value_name = "DIR", default_value_os_t = Mounts::default().secrets)]
    pub secrets_dir: PathBuf,
    /// The same for ConfigMaps
    #[arg(long, value_name = "DIR", default_value_os_t = Mounts::default().config_maps)]
    pub config_maps_dir: PathBuf,
    /// How this process logs.
    #[command(flatten)]
    pub log: Log,
}

const SIMULATED: &str = "\
For invented people only: whoever reaches this site can look up everybody in it and switch its
faults, without a password. Never give it a file of real people.

A file of people is CSV. Its heading names the columns, in any order:
  first_name, last_name   as the site is to spell them, up to 100 characters
  alien_number            nine digits, without the A
  country_of_birth        a name in English or Spanish, or an ISO code
  date_of_birth           YYYY-MM-DD; whoever is younger than 18 is never shown
  status                  in_custody or released; left out or empty: in_custody
  facility                where they are held; may be left out

Faults, for a share of all requests, until DELETE /-/faults:
  curl -X PUT http://127.0.0.1:8080/-/faults -H 'Content-Type: application/json' -d \\
    '{\"delay\": \"20ms\", \"faults\": [{\"fault\": \"slow\", \"share\": 0.2, \"delay\": \"3s\"}, {\"fault\": \"reset\", \"share\": 0.01}]}'
The first delay is every page's, another is its own fault's: how late a slow answer is, or how long
rate_limited asks to wait. For one request, whatever else is wanted:
  X-Simulate-Fault: slow;delay=2s, truncated
There are slow, unavailable, challenge, page_changed, rate_limited, rate_limited_until, truncated,
charset, broken_html, huge, reset, broken_off, token_expired, redirect and redirect_elsewhere.
DELETE /-/sessions ends all sessions.";

/// Arguments of `simulate`.
#[derive(Debug, Args)]
#[command(after_help = SIMULATED)]
pub struct Simulate {
    /// Address for the site, /livez and /readyz
    #[arg(long, value_name = "ADDRESS", default_value = "0.0.0.0:8080")]
    pub listen: SocketAddr,
    /// Which invented people there are beside the fixed few, where there is no file [default: 0]
    #[arg(long, value_name = "NUMBER")]
    pub seed: Option<u64>,
    /// How many invented people there are beside the fixed few, at most 100000; or a file (CSV) with the only people there
    /// are, see below. A number is a count
    #[arg(long, value_name = "COUNT|FILE", default_value = "2000")]
    pub people: People,
    /// How this process logs.
    #[command(flatten)]
    pub log: Log,
}

/// Who is on the stand-in site.
#[derive(Clone, Debug)]
pub enum People {
    /// The fixed few and so many that are invented.
    Count(u32),
    /// Those of a file.
    File(PathBuf),
}

impl FromStr for People {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let digits = text.strip_prefix('-').unwrap_or(text);
        if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Ok(Self::File(text.into()));
        }
        let count = text.parse().ok().filter(|count| *count <= LARGEST_CROWD);
        count
            .map(Self::Count)
            .ok_or_else(|| format!("write a count from 0 to {LARGEST_CROWD}, or a file"))
    }
}

/// How a process logs.
#[derive(Debug, Args)]
pub struct Log {
    /// How log lines look; they go to standard error
    #[arg(long, value_enum, default_value_t)]
    pub log_format: LogFormat,
    /// What is logged: levels or target=level, separated by commas
    #[arg(long, value_name = "FILTER", env = "ICELOCATOR_LOG")]
    pub log_filter: Option<String>,
}

/// How clients connect.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum TransportArg {
    /// Streamable HTTP, at /mcp
    #[default]
    Http,
    /// Standard input and output, for one local client
    Stdio,
}

impl Serve {
    /// The address for MCP. Without a settings file this is somebody's own machine: only it may call.
    pub fn listen(&self) -> SocketAddr {
        let host = if self.settings.is_some() {
            [0, 0, 0, 0]
        } else {
            [127, 0, 0, 1]
        };
        self.listen.unwrap_or((host, 8080).into())
    }

    /// The address for metrics and probes, if there is to be one.
    pub fn metrics_listen(&self) -> Option<SocketAddr> {
        let beside = || {
            let mut address = self.listen();
            address.set_port(9090);
            (self.transport == TransportArg::Http).then_some(address)
        };
        self.metrics_listen.or_else(beside)
    }

    /// The address for profiles.
    pub fn admin_listen(&self) -> SocketAddr {
        self.admin_listen
            .unwrap_or_else(|| ([0, 0, 0, 0], 9091).into())
    }

    /// Where references in the settings are found.
    pub fn mounts(&self) -> Mounts {
        Mounts {
            secrets: self.secrets_dir.clone(),
            config_maps: self.config_maps_dir.clone(),
        }
    }

    /// The file with the session key, if there is to be one.
    pub fn session_key(&self) -> Option<PathBuf> {
        let mounted = || Some(PathBuf::from(SESSION_KEY)).filter(|path| path.exists());
        self.session_key.clone().or_else(mounted)
    }
}
