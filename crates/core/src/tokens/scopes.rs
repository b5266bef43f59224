//! The rights of a token.

/// All scopes that a token can have (protocol.md 1.2), as they are written in requests.
pub(crate) const SCOPES: [&str; 18] = [
    ALL,
    "messages:send",
    "messages:read",
    "messages:list",
    "messages:export",
    "messages:cancel",
    "inbox:list",
    "inbox:read",
    "inbox:refresh",
    "devices:list",
    "devices:delete",
    "webhooks:list",
    "webhooks:write",
    "webhooks:delete",
    "settings:read",
    "settings:write",
    "logs:read",
    "tokens:manage",
];

/// Includes every other scope.
pub(crate) const ALL: &str = "all:any";

/// The only scope of a refresh token. It allows nothing but the exchange, and cannot be requested.
pub(crate) const REFRESH: &str = "tokens:refresh";

/// At least one scope, each once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Scopes(Vec<&'static str>);

impl Scopes {
    /// Parses the scopes of a request or a token; `Err` is a sentence that says what to change.
    pub fn parse(asked: &[String]) -> Result<Self, String> {
        let mut scopes = Vec::new();
        for name in asked {
            let Some(known) = SCOPES.iter().find(|known| *known == name) else {
                return Err(format!("scopes may contain only {}.", SCOPES.join(", ")));
            };
            if !scopes.contains(known) {
                scopes.push(known);
            }
        }
        if scopes.is_empty() {
            return Err(format!(
                "scopes must name at least one of {}.",
                SCOPES.join(", ")
            ));
        }
        Ok(Self(scopes))
    }

    /// Returns whether the scopes include that scope.
    pub fn hold(&self, scope: &str) -> bool {
        self.0.iter().any(|held| *held == ALL || *held == scope)
    }

    /// Returns the first of `others` that these scopes do not include.
    pub fn first_beyond(&self, others: &Self) -> Option<&'static str> {
        others.0.iter().copied().find(|scope| !self.hold(scope))
    }

    /// Returns the scopes as a token holds them.
    pub fn to_claim(&self) -> Vec<String> {
        self.0.iter().map(|scope| (*scope).to_owned()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scopes(names: &[&str]) -> Result<Scopes, String> {
        Scopes::parse(
            &names
                .iter()
                .map(|name| (*name).to_owned())
                .collect::<Vec<_>>(),
        )
    }

    #[test]
    fn parse_accepts_only_known_scopes() {
        for refused in [&[][..], &[""], &["webhooks"], &["all:any", "x"], &[REFRESH]] {
            let sentence = scopes(refused).expect_err("refused");
            assert!(
                sentence.contains("messages:send, messages:read"),
                "{refused:?}"
            );
        }
        let twice = scopes(&["logs:read", "logs:read"]).expect("known");
        assert_eq!(twice.to_claim(), ["logs:read"]);
    }

    #[test]
    fn first_beyond_finds_the_first_missing_scope() {
        let check = |held: &[&str], asked: &[&str], beyond: Option<&str>| {
            let (held, asked) = (scopes(held).expect("known"), scopes(asked).expect("known"));
            assert_eq!(held.first_beyond(&asked), beyond, "{held:?} {asked:?}");
        };
        check(&["all:any"], &["all:any", "logs:read"], None);
        check(&["logs:read", "webhooks:list"], &["webhooks:list"], None);
        check(
            &["logs:read"],
            &["logs:read", "webhooks:list"],
            Some("webhooks:list"),
        );
        check(&["tokens:manage"], &["all:any"], Some("all:any"));
    }
}
