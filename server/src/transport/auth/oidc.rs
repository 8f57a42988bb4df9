//! Tokens (JWT) of an OpenID Connect issuer: signed by a key of its, made for us, and valid now.

use axum::http::HeaderMap;
use axum::http::header::HOST;
use axum::http::uri::{Authority, Uri};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use icelocator_config::Oidc as Settings;
use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{Validation, decode, decode_header};
use serde::Deserialize;
use serde_json::{Value, json};

use super::jwks::{Jwks, NoKey};
use super::pseudonym::Pseudonyms;
use super::{Failed, Reason, signature};

/// How far clocks may differ.
const LEEWAY_SECONDS: u64 = 30;
/// Longest name of a key and of a caller.
const LONGEST_NAME: usize = 255;

/// Where programs find out whose token they need, without and with the path of what it opens.
pub const METADATA: [&str; 2] = [
    "/.well-known/oauth-protected-resource",
    "/.well-known/oauth-protected-resource/mcp",
];

/// Knows callers by an issuer's tokens.
pub struct Oidc {
    settings: Settings,
    keys: Jwks,
    pseudonyms: Pseudonyms,
}

/// What is read of a token, once it is known to be the issuer's.
#[derive(Deserialize)]
struct Claims {
    iss: String,
    sub: String,
}

/// What a token says of itself before it is checked.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Unchecked {
    iss: Value,
    aud: Value,
}

impl Unchecked {
    /// Reads it, if this looks like a JWT at all.
    pub fn read(token: &str) -> Option<Self> {
        let mut parts = token.split('.');
        let (Some(_), Some(claims), Some(_), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return None;
        };
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).ok()?).ok()
    }

    /// Whether it says that it was made for this audience.
    pub fn is_for(&self, audience: &str) -> bool {
        match &self.aud {
            Value::String(one) => one == audience,
            Value::Array(all) => all.iter().any(|one| one == audience),
            _ => false,
        }
    }
}

impl Oidc {
    /// As the settings say.
    pub fn new(settings: &Settings, pseudonyms: Pseudonyms) -> Result<Self, reqwest::Error> {
        signature::install();
        Ok(Self {
            keys: Jwks::new(settings.issuer.clone())?,
            settings: settings.clone(),
            pseudonyms,
        })
    }

    /// Whether a token says that it is this issuer's.
    pub fn gave(&self, token: &Unchecked) -> bool {
        token.iss == self.settings.issuer.as_str()
    }

    /// The pseudonym of who has this token.
    pub async fn caller(&self, token: &str) -> Result<String, Failed> {
        let header = decode_header(token).map_err(|_| Failed::Bad(Reason::Malformed))?;
        if !signature::is_allowed(header.alg) {
            return Err(Failed::Bad(Reason::Algorithm));
        }
        let id = header.kid.as_deref();
        // What must be understood and is not makes a token invalid, says its standard.
        if header.crit.is_some() || id.is_some_and(|id| id.len() > LONGEST_NAME) {
            return Err(Failed::Bad(Reason::Malformed));
        }
        let mut validation = Validation::new(header.alg);
        validation.leeway = LEEWAY_SECONDS;
        validation.validate_nbf = true;
        validation.set_audience(&[&self.settings.audience]);
        validation.set_issuer(&[self.settings.issuer.as_str()]);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        let checked = self
            .keys
            .with_key(id, header.alg, |key| {
                decode::<Claims>(token, key, &validation)
            })
            .await
            .map_err(|no_key| match no_key {
                NoKey::Unknown => Failed::Bad(Reason::Key),
                NoKey::Unavailable => Failed::Unavailable,
            })?;
        let Claims { iss, sub } = checked
            .map_err(|error| Failed::Bad(reason(error.kind())))?
            .claims;
        // The library takes a list of issuers too, of which one is ours.
        if iss != self.settings.issuer.as_str() {
            return Err(Failed::Bad(Reason::Issuer));
        }
        if sub.is_empty() || sub.len() > LONGEST_NAME {
            return Err(Failed::Bad(Reason::Malformed));
        }
        Ok(self.pseudonyms.of(&["oidc", &iss, &sub]))
    }

    /// What RFC 9728 wants to be said of this server, under the name that it was asked by.
    pub fn metadata(&self, headers: &HeaderMap, uri: &Uri) -> Option<Value> {
        Some(json!({
            "resource": format!("{}/mcp", base(headers, uri)?),
            "authorization_servers": [self.settings.issuer.as_str()],
            "bearer_methods_supported": ["header"],
        }))
    }
}

/// Where a client finds [`Oidc::metadata`].
pub fn metadata_url(headers: &HeaderMap, uri: &Uri) -> Option<String> {
    Some(format!("{}{}", base(headers, uri)?, METADATA[1]))
}

/// The address by which we were asked. It is echoed to who said it and decides nothing: the audience is in the settings.
fn base(headers: &HeaderMap, uri: &Uri) -> Option<String> {
    let host: Authority = match headers.get(HOST) {
        Some(host) => host.to_str().ok()?.parse().ok()?,
        None => uri.authority()?.clone(),
    };
    // Letters that need no quoting wherever this is put, and no user.
    let plain = host
        .as_str()
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || b"-._:[]".contains(&byte));
    let secure = headers
        .get("x-forwarded-proto")
        .is_some_and(|scheme| scheme.as_bytes().eq_ignore_ascii_case(b"https"));
    plain.then(|| format!("{}://{host}", if secure { "https" } else { "http" }))
}

fn reason(error: &ErrorKind) -> Reason {
    match error {
        ErrorKind::InvalidSignature => Reason::Signature,
        ErrorKind::ExpiredSignature => Reason::Expired,
        ErrorKind::ImmatureSignature => Reason::NotYetValid,
        ErrorKind::InvalidIssuer => Reason::Issuer,
        ErrorKind::InvalidAudience => Reason::Audience,
        ErrorKind::InvalidAlgorithm | ErrorKind::UnsupportedAlgorithm => Reason::Algorithm,
        _ => Reason::Malformed,
    }
}
