//! How callers are known. It must be said: a server without any way to know its callers runs only when its owner
//! writes `anonymous: true`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::check::{Check, FieldError, FieldPath};
use crate::schema::{is_false, rule};
use crate::{HttpUrl, SecretRef};

const SAYS_NOTHING: &str = "say how callers are known: bearer, oidc or tokenReview; or write anonymous: true to let anyone call";
const BOTH: &str = "anonymous: true excludes bearer, oidc and tokenReview: write one or the other";

/// How callers are known: `anonymous: true`, or one or more of the others.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("x-kubernetes-validations" = json!([
    rule(
        "(has(self.anonymous) && self.anonymous) || has(self.bearer) || has(self.oidc) || has(self.tokenReview)",
        SAYS_NOTHING,
        "",
    ),
    rule(
        "!(has(self.anonymous) && self.anonymous && (has(self.bearer) || has(self.oidc) || has(self.tokenReview)))",
        BOTH,
        ".anonymous",
    ),
])))]
pub struct Auth {
    /// Anyone may call, nobody is known.
    #[serde(default, skip_serializing_if = "is_false")]
    pub anonymous: bool,
    /// Callers show a token from a list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bearer: Option<Bearer>,
    /// Callers show a token (JWT) of an OpenID Connect issuer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub oidc: Option<Oidc>,
    /// Callers show a token of a Kubernetes ServiceAccount.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token_review: Option<TokenReview>,
}

/// Callers show a token from a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Bearer {
    /// The Secret: each key is a caller's name, its value that caller's token. Changes take effect in the running pods.
    pub secret_ref: SecretRef,
}

/// Callers show a token (JWT) of an OpenID Connect issuer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Oidc {
    /// Address of the issuer, exactly as its tokens name it.
    pub issuer: HttpUrl,
    /// The audience that tokens must name.
    #[schemars(length(min = 1, max = 253))]
    pub audience: String,
}

/// Callers show a token of a Kubernetes ServiceAccount.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TokenReview {
    /// The audience that tokens must name.
    #[schemars(length(min = 1, max = 253))]
    pub audience: String,
}

impl Auth {
    /// Anyone may call.
    pub fn anonymous() -> Self {
        Self {
            anonymous: true,
            ..Self::default()
        }
    }
}

impl Check for Auth {
    fn check(&self, at: &FieldPath, errors: &mut Vec<FieldError>) {
        let known = self.bearer.is_some() || self.oidc.is_some() || self.token_review.is_some();
        match (self.anonymous, known) {
            (false, false) => errors.push(at.error(SAYS_NOTHING)),
            (true, true) => errors.push(at.field("anonymous").error(BOTH)),
            _ => {}
        }
        if let Some(oidc) = &self.oidc {
            let at = at.field("oidc").field("issuer");
            if !oidc.issuer.is_confidential() {
                errors.push(at.error(
                    "write https://: over http:// anyone on the way could vouch for callers",
                ));
            }
            if oidc.issuer.as_str().contains(['?', '#']) {
                errors.push(at.error("leave out what begins with ? or #: an issuer has neither"));
            }
        }
        for (field, audience) in [
            ("oidc", self.oidc.as_ref().map(|oidc| &oidc.audience)),
            (
                "tokenReview",
                self.token_review.as_ref().map(|review| &review.audience),
            ),
        ] {
            if audience.is_some_and(String::is_empty) {
                errors.push(
                    at.field(field)
                        .field("audience")
                        .error("name the audience that tokens must carry"),
                );
            }
        }
    }
}
