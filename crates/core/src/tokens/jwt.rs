//! JSON Web Tokens (RFC 7519), signed with HMAC-SHA-256 (RFC 7515, `HS256`) and with nothing else.
//!
//! These are sixty lines over ring, which is linked anyway. The crate jsonwebtoken would add RSA
//! and elliptic curves, or aws-lc, and a second version of base64.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::hmac;
use serde::{Deserialize, Serialize};

/// `{"alg":"HS256","typ":"JWT"}`, the header of every token that is made here.
const HEADER: &str = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9";

/// The use of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum TokenUse {
    /// For requests.
    Access,
    /// For a new pair of tokens.
    Refresh,
}

/// The claims of a token (protocol.md 1.2).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Claims {
    pub iss: String,
    pub jti: String,
    /// In Unix seconds.
    pub iat: i64,
    /// In Unix seconds.
    pub exp: i64,
    pub scopes: Vec<String>,
    pub token_use: TokenUse,
    /// Only in a refresh token: the scopes of the pairs that it gives.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub original_scopes: Vec<String>,
}

/// Signs and verifies with the secret of this installation.
pub(super) struct Signer(hmac::Key);

impl Signer {
    pub fn new(secret: &str) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes()))
    }

    pub fn sign(&self, claims: &Claims) -> Result<String, serde_json::Error> {
        let claims = URL_SAFE_NO_PAD.encode(serde_json::to_vec(claims)?);
        let mut token = format!("{HEADER}.{claims}");
        let signature = URL_SAFE_NO_PAD.encode(hmac::sign(&self.0, token.as_bytes()));
        token.push('.');
        token.push_str(&signature);
        Ok(token)
    }

    /// Returns the claims of a token that was signed here, or `None` for any other. Compares in
    /// constant time, and verifies the signature first, so that no part of a foreign token is
    /// parsed.
    pub fn verify(&self, token: &str) -> Option<Claims> {
        let (signed, signature) = token.rsplit_once('.')?;
        let (header, claims) = signed.split_once('.')?;
        let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
        hmac::verify(&self.0, signed.as_bytes(), &signature).ok()?;
        // All our headers are equal, so comparing every byte also fixes the algorithm.
        if header != HEADER {
            return None;
        }
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).ok()?).ok()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn claims() -> Claims {
        Claims {
            iss: "simrelay".into(),
            jti: "V1StGXR8_Z5jdHi6B-myT".into(),
            iat: 1_700_000_000,
            exp: 1_700_086_400,
            scopes: vec!["webhooks:list".into()],
            token_use: TokenUse::Access,
            original_scopes: Vec::new(),
        }
    }

    #[test]
    fn signer_signs_the_example_of_the_specification() {
        // RFC 7515, appendix A.1.
        let key = "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow";
        let signed = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
        let key = URL_SAFE_NO_PAD.decode(key).expect("base64");
        let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &key), signed.as_bytes());
        assert_eq!(
            URL_SAFE_NO_PAD.encode(tag),
            "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
        );
    }

    #[test]
    fn verify_reads_only_tokens_signed_here() {
        let signer = Signer::new("ours");
        let token = signer.sign(&claims()).expect("claims are JSON");
        assert_eq!(signer.verify(&token), Some(claims()));
        assert_eq!(Signer::new("theirs").verify(&token), None);
        let parts: Vec<&str> = token.split('.').collect();
        let none = URL_SAFE_NO_PAD.encode(r#"{"alg":"none"}"#);
        let other = format!("{none}.{}", parts[1]);
        let tag = URL_SAFE_NO_PAD.encode(hmac::sign(&signer.0, other.as_bytes()));
        for forged in [
            String::new(),
            "x".into(),
            "..".into(),
            format!("{}.{}.", parts[0], parts[1]),
            format!("{none}.{}.", parts[1]),
            format!("{other}.{tag}"),
            format!("{token}A"),
            format!("{}.{}x.{}", parts[0], parts[1], parts[2]),
        ] {
            assert_eq!(signer.verify(&forged), None, "{forged}");
        }
    }

    proptest! {
        #[test]
        fn verify_never_panics(token in "\\PC{0,60}|[A-Za-z0-9_.-]{0,80}") {
            prop_assert_eq!(Signer::new("ours").verify(&token), None);
        }
    }
}
