//! What a request's message says, read as it stands: before the protocol's library reads it, and without what it leaves out.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{DeserializeOwned, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

/// The methods of ours that do not go without parameters.
pub const WITH_PARAMETERS: [&str; 4] = [
    "tools/call",
    "prompts/get",
    "resources/read",
    "completion/complete",
];

#[derive(Default, Deserialize)]
#[serde(default)]
struct Message<'a> {
    #[serde(borrow)]
    params: Option<&'a RawValue>,
}

/// The parameters of those methods that have some.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Params<'a> {
    /// Of a tool or a prompt.
    #[serde(borrow)]
    pub name: Option<&'a RawValue>,
    /// Of a resource.
    #[serde(borrow)]
    pub uri: Option<&'a RawValue>,
    /// For a tool or a prompt.
    #[serde(borrow)]
    pub arguments: Option<&'a RawValue>,
    /// What is completed.
    #[serde(borrow)]
    pub r#ref: Option<&'a RawValue>,
    /// What is completed of it.
    #[serde(borrow)]
    pub argument: Option<&'a RawValue>,
}

impl<'a> Params<'a> {
    /// Those in this message; none where the method takes none, it has none, or it is no message.
    pub fn read(method: &str, message: &'a [u8]) -> Self {
        if !WITH_PARAMETERS.contains(&method) {
            return Self::default();
        }
        let message: Message<'_> = serde_json::from_slice(message).unwrap_or_default();
        let params = message.params.map(RawValue::get).unwrap_or_default();
        serde_json::from_str(params).unwrap_or_default()
    }
}

/// A prompt or a resource that is referred to.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Reference {
    /// The prompt's.
    pub name: Option<String>,
    /// The resource's.
    pub uri: Option<String>,
}

/// An argument that is completed.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Argument<'a> {
    /// Its name.
    pub name: Option<String>,
    /// What there is of it.
    #[serde(borrow)]
    pub value: Option<&'a RawValue>,
}

/// The fields of an object as they stand, one that stands twice included.
pub struct Fields<'a>(pub Vec<(Cow<'a, str>, &'a RawValue)>);

impl<'a> Fields<'a> {
    /// Those of this object; none where it is none.
    pub fn read(raw: Option<&'a RawValue>) -> Self {
        let fields = raw.and_then(|raw| serde_json::from_str(raw.get()).ok());
        fields.unwrap_or(Self(Vec::new()))
    }
}

impl<'de> Deserialize<'de> for Fields<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visit<'de>(PhantomData<&'de ()>);
        impl<'de> Visitor<'de> for Visit<'de> {
            type Value = Fields<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Fields<'de>, A::Error> {
                let mut fields = Vec::new();
                while let Some((Name(name), value)) = map.next_entry()? {
                    fields.push((name, value));
                }
                Ok(Fields(fields))
            }
        }
        deserializer.deserialize_map(Visit(PhantomData))
    }
}

#[derive(Deserialize)]
struct Name<'a>(#[serde(borrow)] Cow<'a, str>);

/// What this is, if it is of that kind.
pub fn value<T: DeserializeOwned>(raw: &RawValue) -> Option<T> {
    serde_json::from_str(raw.get()).ok()
}
