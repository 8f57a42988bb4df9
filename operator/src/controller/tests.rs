//! Whole passes over a resource, upon a small API server in memory.

mod answers;
mod deploys;
mod grants;
mod ownership;
mod sinks;
mod writes;

use serde_json::{Value, json};

use super::testing::World;
use crate::api::Phase;

fn demo() -> Value {
    json!({"locator": {"simulator": {}}, "auth": {"anonymous": true}})
}

fn with_channel() -> Value {
    let mut spec = demo();
    spec["monitoring"]["alerting"] = json!({
        "channels": [{"name": "hook", "webhook": {"urlSecretRef": {"name": "hook", "key": "url"}}}],
        "routes": {"critical": ["hook"]},
    });
    spec
}

async fn running() -> World {
    let world = World::new();
    world.apply_demo(demo());
    world.pass().await;
    world.answer(Some("1.0.0"));
    world.pods(1);
    world.settle().await;
    assert_eq!(
        world.status().phase,
        Some(Phase::Ready),
        "{:?}",
        world.status()
    );
    world.writes();
    world
}
