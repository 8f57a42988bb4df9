//! Where the server looks people up, and how.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::check::{Check, FieldError, FieldPath, within};
use crate::schema::rule;
use crate::{Access, Bounds, ConfigMapKeyRef, Duration, HttpUrl};

const TIMEOUT: Bounds = Bounds::new(Duration::from_secs(1), Duration::from_mins(5));
const TTL: Bounds = Bounds::new(Duration::from_secs(0), Duration::from_days(1));
const MAX_ENTRIES: u32 = 1_000_000;
const MAX_PEOPLE: u32 = 100_000;
const MAX_SEED: u32 = u32::MAX;

/// The site that is asked: a simulator, or the one at `baseUrl`; exactly one of them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("x-kubernetes-validations" = json!([rule(
    "has(self.simulator) != has(self.baseUrl)",
    "write exactly one of simulator and baseUrl",
    "",
)])))]
pub struct Locator {
    /// A stand-in site with invented people, run beside the server; no upstream is contacted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub simulator: Option<Simulator>,
    /// Address of the site, without a path.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base_url: Option<HttpUrl>,
    /// How to read the site's pages; the server ships one for the public site.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile: Option<Profile>,
    /// Longest time for one lookup, retries included: 1s to 5m.
    #[serde(default = "default_timeout")]
    #[schemars(extend("x-kubernetes-validations" = TIMEOUT.rules()))]
    pub timeout: Duration,
    /// Answers remembered in memory, in each pod.
    #[serde(default)]
    pub cache: Cache,
    /// How the site is reached: pace, proxies, circuit breaker. Left out: directly.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub access: Option<Access>,
}

/// How often the site is asked for one search, at most.
pub const MOST_LOOKUPS: u32 = 10;
/// How long one search may take, in halves of the longest time of one lookup: most lookups take far less, and who asks does
/// not wait for ever.
const LONGEST_SEARCH: u32 = 12;

impl Locator {
    /// Longest time for one search: what a call may take, and a server that ends must wait for.
    pub fn longest_search(&self) -> std::time::Duration {
        self.timeout.get() / 2 * LONGEST_SEARCH
    }

    /// When a search stops asking and tells what it knows: sooner than the call that waits for it is given up.
    pub fn search_deadline(&self) -> std::time::Duration {
        self.timeout.get() / 2 * (LONGEST_SEARCH - 1)
    }
}

/// A stand-in site with invented people.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("x-kubernetes-validations" = json!([rule(
    "!(has(self.seed) || has(self.people)) || !has(self.peopleFile)",
    "people come from a file or from a seed: write one or the other",
    ".peopleFile",
)])))]
pub struct Simulator {
    /// Which people there are beside a fixed few: others for each number, 0 to 4294967295. Default 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(max = MAX_SEED))]
    pub seed: Option<u32>,
    /// How many people there are beside the fixed few: 0 to 100000. Default 2000.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(max = MAX_PEOPLE))]
    pub people: Option<u32>,
    /// Invented people of one's own instead, never real ones: whoever reaches the stand-in site can look up everybody in it
    /// and switch its faults, without a password.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub people_file: Option<PeopleFile>,
}

/// Invented people, as a CSV file with the columns that `icelocator-server simulate --help` names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PeopleFile {
    /// The ConfigMap's key that holds the file: at most 1 MiB, as all of a ConfigMap. When it changes, the stand-in site is
    /// started anew.
    pub config_map_ref: ConfigMapKeyRef,
}

/// A site profile kept outside the image, for when the site changes before the next build.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Profile {
    /// The ConfigMap's key that holds the profile (YAML). When it changes, the pods are replaced one after the other.
    pub config_map_ref: ConfigMapKeyRef,
}

/// Answers remembered in memory, in each pod, for each caller alone. They are never written to a disk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Cache {
    /// How long an answer that found someone is reused; 0s never reuses one. At most 1d.
    #[serde(default = "default_ttl")]
    #[schemars(extend("x-kubernetes-validations" = TTL.rules()))]
    pub ttl: Duration,
    /// How long an answer that found nobody is reused; 0s never reuses one. At most 1d.
    #[serde(default = "default_not_found_ttl")]
    #[schemars(extend("x-kubernetes-validations" = TTL.rules()))]
    pub not_found_ttl: Duration,
    /// Most answers kept in one pod, one of several people counting as several; the least used go first.
    #[serde(default = "default_max_entries")]
    #[schemars(range(min = 1, max = MAX_ENTRIES))]
    pub max_entries: u32,
}

fn default_timeout() -> Duration {
    Duration::from_secs(30)
}

fn default_ttl() -> Duration {
    Duration::from_mins(15)
}

fn default_not_found_ttl() -> Duration {
    Duration::from_mins(2)
}

fn default_max_entries() -> u32 {
    10_000
}

impl Default for Cache {
    fn default() -> Self {
        Self {
            ttl: default_ttl(),
            not_found_ttl: default_not_found_ttl(),
            max_entries: default_max_entries(),
        }
    }
}

impl Locator {
    /// A locator that asks the site at `base_url`, everything else at its default.
    pub fn at(base_url: HttpUrl) -> Self {
        Self {
            base_url: Some(base_url),
            ..Self::default()
        }
    }
}

impl Default for Locator {
    /// No site yet: [`Check`] refuses it until one is named.
    fn default() -> Self {
        Self {
            simulator: None,
            base_url: None,
            profile: None,
            timeout: default_timeout(),
            cache: Cache::default(),
            access: None,
        }
    }
}

impl Check for Locator {
    fn check(&self, at: &FieldPath, errors: &mut Vec<FieldError>) {
        match (&self.simulator, &self.base_url) {
            (Some(_), Some(_)) | (None, None) => {
                errors.push(at.error("write exactly one of simulator and baseUrl"));
            }
            _ => {}
        }
        self.simulator.check(&at.field("simulator"), errors);
        TIMEOUT.check(self.timeout, &at.field("timeout"), errors);
        let cache = at.field("cache");
        TTL.check(self.cache.ttl, &cache.field("ttl"), errors);
        TTL.check(
            self.cache.not_found_ttl,
            &cache.field("notFoundTtl"),
            errors,
        );
        within(
            &self.cache.max_entries,
            &1,
            &MAX_ENTRIES,
            &cache.field("maxEntries"),
            errors,
        );
        self.access.check(&at.field("access"), errors);
    }
}

impl Check for Simulator {
    fn check(&self, at: &FieldPath, errors: &mut Vec<FieldError>) {
        if self.people_file.is_some() && (self.seed.is_some() || self.people.is_some()) {
            errors.push(
                at.field("peopleFile")
                    .error("people come from a file or from a seed: write one or the other"),
            );
        }
        if let Some(people) = self.people {
            within(&people, &0, &MAX_PEOPLE, &at.field("people"), errors);
        }
    }
}
