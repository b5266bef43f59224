//! The rules of the routes, read from their own descriptions: `security(("basic" = []), ("bearer" =
//! ["webhooks:list"]))` beside the handler is the text that OpenAPI shows **and** the rule that is
//! enforced. So no route can forget it: a route without it is closed to all tokens except those of
//! `all:any`.
//!
//! Cost: two map look-ups a request. Only the paths and `security` of the description are read.

use std::collections::HashMap;

use axum::extract::{MatchedPath, Request};
use axum::http::Method;
use serde::Deserialize;
use serde::de::IgnoredAny;

use super::description;
use crate::tokens::{ALL, REFRESH};

/// The rules of all routes.
pub(super) struct Access {
    /// By path as in the description, and then by method.
    routes: HashMap<String, HashMap<Method, Rule>>,
    /// The rule for unknown paths: any authenticated caller gets the 404.
    missing: Rule,
    /// The rule for a route that is not described.
    undescribed: Rule,
}

/// Who may use a route.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Rule {
    /// Whether the user and password open it.
    pub basic: bool,
    /// Sets of scopes, each of which opens it; an empty set opens it for every access token.
    pub scopes: Vec<Vec<String>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Operation {
    security: Vec<Scheme>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Scheme {
    basic: Option<IgnoredAny>,
    bearer: Option<Vec<String>>,
}

impl Rule {
    /// Returns whether this is the exchange of refresh tokens, which takes no other token.
    pub fn is_refresh(&self) -> bool {
        self.scopes.iter().flatten().any(|scope| scope == REFRESH)
    }

    /// Returns the scopes that would open the route, for a sentence.
    pub fn wanted(&self) -> String {
        let sets = self.scopes.iter().map(|set| set.join(" and "));
        sets.collect::<Vec<_>>().join(" or ")
    }

    fn of(operation: Operation) -> Self {
        let mut rule = Self {
            basic: false,
            scopes: Vec::new(),
        };
        for scheme in operation.security {
            rule.basic |= scheme.basic.is_some();
            rule.scopes.extend(scheme.bearer);
        }
        if !rule.basic && rule.scopes.is_empty() {
            return Self {
                basic: true,
                scopes: vec![vec![ALL.into()]],
            };
        }
        rule
    }
}

impl Access {
    /// Reads a whole description (JSON). A part that cannot be read opens nothing.
    pub fn new(description: &str) -> Self {
        let mut access = Self {
            routes: HashMap::new(),
            missing: Rule {
                basic: true,
                scopes: vec![Vec::new()],
            },
            undescribed: Rule::of(Operation::default()),
        };
        access.extend(description);
        access
    }

    /// Adds the routes of another description.
    pub fn extend(&mut self, description: &str) {
        let operations = description::operations(description);
        let rules = operations.into_iter().map(|(path, methods)| {
            let rules = methods.into_iter();
            let rules = rules.map(|(method, operation)| (method, Rule::of(operation)));
            (path, rules.collect())
        });
        self.routes.extend(rules);
    }

    /// Returns the rule of a routed request.
    pub fn of(&self, request: &Request) -> &Rule {
        let Some(path) = request.extensions().get::<MatchedPath>() else {
            return &self.missing;
        };
        let Some(methods) = self.routes.get(path.as_str()) else {
            return &self.undescribed;
        };
        // A described path answers 405 to its other methods.
        methods
            .get(description::method_of(request))
            .unwrap_or(&self.missing)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use axum::Router;
    use axum::body::Body;
    use axum::middleware::{self, Next};
    use axum::routing::get;
    use serde_json::{Value, json};
    use tower::ServiceExt;

    use super::*;

    #[test]
    fn rule_without_security_is_closed_to_tokens() {
        let check = |security: Value, basic, scopes: &[&[&str]]| {
            let operation = json!({"security": security}).to_string();
            let rule = Rule::of(serde_json::from_str(&operation).unwrap());
            assert_eq!(
                (rule.basic, rule.scopes),
                (basic, owned(scopes)),
                "{security}"
            );
        };
        let both = json!([{"basic": []}, {"bearer": ["a:b"]}, {"bearer": ["c:d", "e:f"]}]);
        check(both, true, &[&["a:b"], &["c:d", "e:f"]]);
        check(json!([{"basic": []}, {"bearer": []}]), true, &[&[]]);
        check(json!([{"bearer": [REFRESH]}]), false, &[&[REFRESH]]);
        check(json!([{"basic": []}]), true, &[]);
        check(json!([]), true, &[&[ALL]]);
        let silent = Rule::of(serde_json::from_str("{}").unwrap());
        assert_eq!(silent.scopes, owned(&[&[ALL]]));
    }

    #[tokio::test]
    async fn access_finds_the_rule_of_a_routed_request() {
        let description = json!({"paths": {"/hooks/{id}": {
            "get": {"security": [{"basic": []}, {"bearer": ["hooks:read"]}]},
        }}});
        let access = Arc::new(Access::new(&description.to_string()));
        let look = move |request: Request, _: Next| {
            let wanted = access.of(&request).wanted();
            async move { wanted }
        };
        let router: Router = Router::new()
            .route("/hooks/{id}", get(async || ()))
            .route("/undescribed", get(async || ()))
            .layer(middleware::from_fn(look));
        for (method, path, wanted) in [
            ("GET", "/hooks/x", "hooks:read"),
            ("HEAD", "/hooks/%2F", "hooks:read"),
            ("DELETE", "/hooks/x", ""),
            ("GET", "/undescribed", ALL),
        ] {
            let request = Request::builder().method(method).uri(path);
            let request = request.body(Body::empty()).expect("a request");
            let answer = router.clone().oneshot(request).await.expect("an answer");
            let length = answer.headers()["content-length"].to_str().expect("digits");
            assert_eq!(length, wanted.len().to_string(), "{method} {path}");
        }
    }

    fn owned(scopes: &[&[&str]]) -> Vec<Vec<String>> {
        let set = |set: &&[&str]| set.iter().map(|scope| (*scope).to_owned()).collect();
        scopes.iter().map(set).collect()
    }
}
