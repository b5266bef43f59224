//! The credentials for the local API.

use std::fmt;

use ring::digest;
use subtle::ConstantTimeEq;

/// The user and password of Basic authentication. `Debug` hides the password.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    /// `sms` unless the owner changed it.
    pub user: String,
    /// Generated at random on the first start.
    pub password: String,
}

impl Credentials {
    /// Returns whether both match. Compares in constant time; comparing digests hides the lengths
    /// too.
    pub(crate) fn fits(&self, user: &str, password: &str) -> bool {
        let same = |ours: &str, theirs: &str| {
            let hash = |text: &str| digest::digest(&digest::SHA256, text.as_bytes());
            hash(ours).as_ref().ct_eq(hash(theirs).as_ref())
        };
        bool::from(same(&self.user, user) & same(&self.password, password))
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Credentials")
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_fit_only_if_both_match() {
        let credentials = Credentials {
            user: "sms".into(),
            password: "pw".into(),
        };
        for (user, password, fits) in [
            ("sms", "pw", true),
            ("sms", "pW", false),
            ("sm", "pw", false),
            ("", "", false),
        ] {
            assert_eq!(credentials.fits(user, password), fits, "{user}:{password}");
        }
        assert!(!format!("{credentials:?}").contains("pw"));
    }
}
