//! The invented people of the simulator whom the tests search for, and such as are not there.

use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::Result;
use serde_json::{Value, json};

use crate::mcp::{Answer, BY_NAME, Mcp, Session};

/// Someone in the simulator's list.
pub fn known() -> Value {
    json!({"first_name": "Ana Lucia", "last_name": "Ejemplo Prueba", "country_of_birth": "Guatemala"})
}

/// The number of someone in the simulator's list.
pub fn known_number() -> Value {
    json!({"alien_number": "A900000001", "country_of_birth": "Guatemala"})
}

/// Someone who is not there.
pub fn unknown() -> Value {
    json!({"first_name": "Nadia", "last_name": "Nirgendwer", "country_of_birth": "Guatemala"})
}

/// A number that nobody has.
pub fn unknown_number() -> Value {
    json!({"alien_number": "A999999998", "country_of_birth": "Guatemala"})
}

/// Someone new each time, who is not there: no cache knows the answer.
pub fn invented() -> Value {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let mut number = NEXT.fetch_add(1, Ordering::Relaxed);
    let mut name = String::from("Nadia");
    for _ in 0..5 {
        name.push(char::from(
            b'a' + u8::try_from(number % 26).unwrap_or_default(),
        ));
        number /= 26;
    }
    json!({
        "first_name": name, "last_name": "Nirgendwer", "country_of_birth": "Guatemala",
        // One lookup a search: how long it takes is known.
        "fuzzy_search": false,
    })
}

/// Searches for someone who is there.
pub async fn search_known(mcp: &Mcp, session: &Session) -> Result<Answer> {
    mcp.call(session, BY_NAME, known()).await
}
