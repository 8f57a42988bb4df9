//! Secrets and ConfigMaps as folders in pods, where [`icelocator_config::Mounts`] says that a server finds them.

use std::path::PathBuf;

use icelocator_config::Mounts;
use k8s_openapi::api::core::v1::{
    ConfigMapVolumeSource, KeyToPath, SecretVolumeSource, Volume, VolumeMount,
};

use crate::api::ReferenceKind;
use crate::controller::validate::{Mount, Which};

/// Readable by the group that the pod's volumes belong to, and by nobody else.
pub const MODE: i32 = 0o440;

/// A Secret or ConfigMap, for a pod and for its container.
pub fn folders(mounts: &[Mount]) -> (Vec<Volume>, Vec<VolumeMount>) {
    mounts
        .iter()
        .enumerate()
        .map(|(number, mount)| {
            // Names of Secrets may be longer than a volume's, and hold dots.
            let volume = volume(format!("folder-{number}"), mount);
            let mounted = mounted(&volume.name, &path(mount).display().to_string());
            (volume, mounted)
        })
        .unzip()
}

/// A volume, as a container sees it.
pub fn mounted(volume: &str, path: &str) -> VolumeMount {
    VolumeMount {
        name: volume.to_owned(),
        mount_path: path.to_owned(),
        read_only: Some(true),
        ..VolumeMount::default()
    }
}

fn path(mount: &Mount) -> PathBuf {
    let Mounts {
        secrets,
        config_maps,
    } = Mounts::default();
    match mount.kind {
        ReferenceKind::Secret => secrets.join(&mount.name),
        ReferenceKind::ConfigMap => config_maps.join(&mount.name),
    }
}

fn volume(name: String, mount: &Mount) -> Volume {
    let items = match &mount.which {
        Which::All => None,
        Which::Keys(keys) => Some(keys.iter().map(|key| item(key)).collect()),
    };
    let optional = Some(mount.optional);
    match mount.kind {
        ReferenceKind::Secret => Volume {
            name,
            secret: Some(SecretVolumeSource {
                secret_name: Some(mount.name.clone()),
                items,
                optional,
                default_mode: Some(MODE),
            }),
            ..Volume::default()
        },
        ReferenceKind::ConfigMap => Volume {
            name,
            config_map: Some(ConfigMapVolumeSource {
                name: mount.name.clone(),
                items,
                optional,
                default_mode: Some(MODE),
            }),
            ..Volume::default()
        },
    }
}

fn item(key: &str) -> KeyToPath {
    KeyToPath {
        key: key.to_owned(),
        path: key.to_owned(),
        ..KeyToPath::default()
    }
}
