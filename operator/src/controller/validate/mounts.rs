//! The Secrets and ConfigMaps that pods see, each as one folder, however many settings name it. Pure.
//!
//! A pod does not start without what serves or protects people: it waits until that appears. What only watches it is
//! optional: it starts without, and takes it up when it appears. The callers' tokens are optional too: without them nobody is
//! let in, and tokens that are deleted with their Secret end at once, while of a Secret that must be there the kubelet would
//! keep the last that it saw.

use std::collections::{BTreeMap, BTreeSet};

use icelocator_config::{ConfigMapKeyRef, PeopleFile, SecretKeyRef, SecretRef, ServerConfig};

use crate::api::ReferenceKind::{self, ConfigMap, Secret};
use crate::controller::contents::{Contents, Digest};

/// A Secret or ConfigMap that pods see as a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mount {
    /// What it is.
    pub kind: ReferenceKind,
    /// Its name.
    pub name: String,
    /// Which of its keys are seen.
    pub which: Which,
    /// Whether pods start without it.
    pub optional: bool,
    /// What it holds of that which is read at the start only, by key: when this changes, pods are rolled.
    pub read_at_start: BTreeMap<String, Digest>,
}

/// Which keys of a Secret or ConfigMap are seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Which {
    /// All of them, also those that come later.
    All,
    /// These.
    Keys(BTreeSet<String>),
}

/// Collects what is seen.
#[derive(Default)]
struct Mounts(BTreeMap<(ReferenceKind, String), Mount>);

impl Mounts {
    fn mount(&mut self, kind: ReferenceKind, name: &str) -> &mut Mount {
        let key = (kind, name.to_owned());
        self.0.entry(key).or_insert_with(|| Mount {
            kind,
            name: name.to_owned(),
            which: Which::Keys(BTreeSet::new()),
            optional: true,
            read_at_start: BTreeMap::new(),
        })
    }

    /// A key of a Secret that only watching hangs on.
    fn extra(&mut self, SecretKeyRef { name, key }: &SecretKeyRef) -> &mut Mount {
        self.mount(Secret, name).see(key)
    }

    fn all(self) -> Vec<Mount> {
        self.0.into_values().collect()
    }
}

impl Mount {
    fn see(&mut self, key: &str) -> &mut Self {
        if let Which::Keys(keys) = &mut self.which {
            keys.insert(key.to_owned());
        }
        self
    }

    fn see_all(&mut self) -> &mut Self {
        self.which = Which::All;
        self
    }

    /// Pods wait for it.
    fn require(&mut self) -> &mut Self {
        self.optional = false;
        self
    }

    /// Pods are rolled when what they see of `key` changes.
    fn roll_with(&mut self, key: &str, contents: &Contents) {
        let held = contents.keys(self.kind, &self.name);
        let read = held.and_then(|held| *held.get(key)?);
        self.read_at_start
            .extend(read.map(|digest| (key.to_owned(), digest)));
    }
}

/// What the server's pods see. The settings hold only what is in effect, so nothing else is shown to them.
pub(super) fn of_server(config: &ServerConfig, contents: &Contents) -> Vec<Mount> {
    let mut mounts = Mounts::default();
    if let Some(profile) = &config.locator.profile {
        let ConfigMapKeyRef { name, key } = &profile.config_map_ref;
        let mount = mounts.mount(ConfigMap, name);
        mount.see(key).require().roll_with(key, contents);
    }
    let access = config.locator.access.as_ref();
    if let Some(proxies) = access.and_then(|access| access.egress_proxies.as_ref()) {
        let SecretKeyRef { name, key } = &proxies.secret_ref;
        mounts.mount(Secret, name).see(key).require();
    }
    if let Some(texts) = &config.texts {
        let name = &texts.config_map_ref.name;
        mounts.mount(ConfigMap, name).see_all().require();
    }
    watching(config, &mut mounts);
    let privacy = config.privacy.as_ref();
    if let Some(SecretRef { name }) =
        privacy.and_then(|privacy| privacy.pseudonym_keyring_secret_ref.as_ref())
    {
        mounts.mount(Secret, name).see_all().require();
    }
    if let Some(bearer) = &config.auth.bearer {
        let mount = mounts.mount(Secret, &bearer.secret_ref.name);
        mount.see_all().optional = true;
    }
    mounts.all()
}

/// What the sinks of telemetry and analytics read, whenever it changes.
fn watching(config: &ServerConfig, mounts: &mut Mounts) {
    let project = config.analytics.as_ref();
    if let Some(project) = project.and_then(|a| a.project_id_secret_ref.as_ref()) {
        mounts.extra(project);
    }
    let headers = config.telemetry.otlp.as_ref();
    if let Some(SecretRef { name }) = headers.and_then(|otlp| otlp.headers_secret_ref.as_ref()) {
        mounts.mount(Secret, name).see_all();
    }
    if let Some(datadog) = &config.telemetry.datadog {
        mounts.extra(&datadog.api_key_secret_ref);
    }
    if let Some(sentry) = &config.telemetry.sentry {
        mounts.extra(&sentry.dsn_secret_ref);
    }
}

/// What the simulator's pod sees.
pub(super) fn of_simulator(file: Option<&PeopleFile>, contents: &Contents) -> Vec<Mount> {
    let mut mounts = Mounts::default();
    if let Some(PeopleFile { config_map_ref }) = file {
        let ConfigMapKeyRef { name, key } = config_map_ref;
        let mount = mounts.mount(ConfigMap, name);
        mount.see(key).require().roll_with(key, contents);
    }
    mounts.all()
}

#[cfg(test)]
mod tests {
    use icelocator_config::{
        Auth, Bearer, ConfigMapRef, Instance, Locator, Privacy, Profile, SecretRef, Texts,
    };

    use super::*;
    use crate::controller::contents::digest;

    fn key(name: &str, key: &str) -> ConfigMapKeyRef {
        ConfigMapKeyRef {
            name: name.to_owned(),
            key: key.to_owned(),
        }
    }

    fn config() -> ServerConfig {
        ServerConfig::new(Instance::default(), Locator::default(), Auth::anonymous())
    }

    #[test]
    fn settings_that_name_nothing_show_nothing() {
        assert_eq!(of_server(&config(), &Contents::default()), []);
        assert_eq!(of_simulator(None, &Contents::default()), []);
    }

    #[test]
    fn of_a_map_that_is_named_by_a_key_only_that_key_is_seen_and_counts() {
        let mut config = config();
        config.locator.profile = Some(Profile {
            config_map_ref: key("site", "profile.yaml"),
        });
        let mut contents = Contents::default();
        let held =
            ["profile.yaml", "other"].map(|key| (key.to_owned(), Some(digest(key.as_bytes()))));
        contents.put(ConfigMap, "site", held.into());
        let mounts = of_server(&config, &contents);
        assert_eq!(mounts.len(), 1);
        assert_eq!(
            mounts[0].which,
            Which::Keys(["profile.yaml".to_owned()].into())
        );
        let read: Vec<_> = mounts[0].read_at_start.keys().collect();
        assert_eq!(read, ["profile.yaml"]);
    }

    #[test]
    fn a_map_that_is_named_whole_and_by_a_key_is_seen_whole_and_once() {
        let mut config = config();
        config.locator.profile = Some(Profile {
            config_map_ref: key("site", "profile.yaml"),
        });
        config.texts = Some(Texts {
            config_map_ref: ConfigMapRef {
                name: "site".to_owned(),
            },
        });
        let mounts = of_server(&config, &Contents::default());
        assert_eq!(mounts.len(), 1);
        assert_eq!((&mounts[0].which, mounts[0].optional), (&Which::All, false));
    }

    #[test]
    fn the_keys_of_pseudonyms_are_seen_with_those_that_come_later() {
        let mut config = config();
        config.privacy = Some(Privacy {
            pseudonym_keyring_secret_ref: Some(SecretRef {
                name: "pseudonyms".to_owned(),
            }),
            ..Privacy::default()
        });
        let mounts = of_server(&config, &Contents::default());
        assert_eq!(mounts[0].name, "pseudonyms");
        assert_eq!((&mounts[0].which, mounts[0].optional), (&Which::All, false));
    }

    #[test]
    fn tokens_may_come_and_go() {
        let mut config = config();
        config.auth.bearer = Some(Bearer {
            secret_ref: SecretRef {
                name: "tokens".to_owned(),
            },
        });
        let mounts = of_server(&config, &Contents::default());
        assert!(mounts[0].optional && mounts[0].read_at_start.is_empty());
        assert_eq!(mounts[0].which, Which::All);
    }
}
