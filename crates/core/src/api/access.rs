//! What a route asks for, read from its own description: `security(("basic" = []), ("bearer" =
//! ["webhooks:list"]))` beside the handler is what OpenAPI shows **and** what is enforced. So no route
//! can forget it: what says nothing is closed to all tokens but those of `all:any`.
//!
//! Cost: one map look-up a request.

use std::collections::HashMap;

use axum::extract::{MatchedPath, Request};
use axum::http::Method;
use serde_json::Value;

use crate::tokens::{ALL, REFRESH};

/// The rules of all routes, by path as it is described and then by method in lower case.
pub(super) struct Access(HashMap<String, HashMap<String, Rule>>);

/// Who may use a route.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Rule {
    /// The user and password open it.
    pub basic: bool,
    /// Sets of scopes, each of which opens it; an empty set opens it for every access token.
    pub scopes: Vec<Vec<String>>,
}

impl Rule {
    /// For what is not there: anybody who may ask is told so.
    const ANY: fn() -> Self = || Self {
        basic: true,
        scopes: vec![Vec::new()],
    };

    /// The exchange of refresh tokens, which takes no other.
    pub fn is_refresh(&self) -> bool {
        self.scopes.iter().flatten().any(|scope| scope == REFRESH)
    }

    /// The scopes that would do, for a sentence.
    pub fn wanted(&self) -> String {
        let sets = self.scopes.iter().map(|set| set.join(" and "));
        sets.collect::<Vec<_>>().join(" or ")
    }

    fn of(operation: &Value) -> Self {
        let schemes = operation["security"].as_array().into_iter().flatten();
        let mut rule = Self {
            basic: false,
            scopes: Vec::new(),
        };
        for scheme in schemes {
            rule.basic |= scheme.get("basic").is_some();
            let scopes = scheme.get("bearer").and_then(Value::as_array);
            rule.scopes.extend(scopes.map(|scopes| {
                let names = scopes.iter().filter_map(Value::as_str);
                names.map(str::to_owned).collect()
            }));
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
    /// Reads the whole description.
    pub fn new(description: &Value) -> Self {
        let members = |value: &Value| value.as_object().cloned().unwrap_or_default();
        let methods = |methods: &Value| {
            let operations = members(methods).into_iter();
            operations
                .map(|(method, operation)| (method, Rule::of(&operation)))
                .collect()
        };
        let paths = members(&description["paths"]).into_iter();
        Self(
            paths
                .map(|(path, operations)| (path, methods(&operations)))
                .collect(),
        )
    }

    /// The rule of a request that was routed.
    pub fn of(&self, request: &Request) -> Rule {
        let Some(path) = request.extensions().get::<MatchedPath>() else {
            return Rule::ANY();
        };
        let Some(methods) = self.0.get(path.as_str()) else {
            return Rule::of(&Value::Null);
        };
        // A method that a described path does not take ends at 405.
        methods
            .get(&method_of(request))
            .cloned()
            .unwrap_or_else(Rule::ANY)
    }
}

/// The method as a description has it.
pub(super) fn method_of(request: &Request) -> String {
    match *request.method() {
        Method::HEAD => "get".to_owned(),
        ref method => method.as_str().to_ascii_lowercase(),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use axum::Router;
    use axum::body::Body;
    use axum::middleware::{self, Next};
    use axum::routing::get;
    use serde_json::json;
    use tower::ServiceExt;

    use super::*;

    #[test]
    fn a_route_that_says_nothing_is_closed_to_tokens() {
        let check = |security: Value, basic, scopes: &[&[&str]]| {
            let rule = Rule::of(&json!({"security": security}));
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
        check(Value::Null, true, &[&[ALL]]);
    }

    #[tokio::test]
    async fn what_was_routed_finds_its_rule() {
        let description = json!({"paths": {"/hooks/{id}": {
            "get": {"security": [{"basic": []}, {"bearer": ["hooks:read"]}]},
        }}});
        let access = Arc::new(Access::new(&description));
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
