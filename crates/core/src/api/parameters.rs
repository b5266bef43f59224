//! Query parameters that a route does not know are ignored, and named in a header of the answer and
//! in the log. The known parameters come from the route's description, so that no route can forget
//! them.
//!
//! Cost: one map look-up for a request with a query.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use axum::extract::{MatchedPath, Request};
use axum::http::{HeaderValue, Method};
use axum::response::Response;
use serde::Deserialize;
use url::form_urlencoded;

use super::auth::Caller;
use super::{ApiState, description};
use crate::model::ignored::{HEADER, Ignored};

/// The same names are logged again after this time, and at most [`MOST`] different ones within it:
/// a client that sends a request every second must not fill the log.
const AGAIN: Duration = Duration::from_secs(3_600);
const MOST: usize = 50;

/// The query parameters of all routes.
pub(super) struct Parameters {
    /// By path as in the description, and then by method.
    known: HashMap<String, HashMap<Method, HashSet<String>>>,
    /// The logged names, and when they were logged.
    logged: Mutex<HashMap<String, Duration>>,
}

/// The parts of a described operation that are read here.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Operation {
    parameters: Vec<Parameter>,
}

#[derive(Deserialize)]
struct Parameter {
    name: String,
    r#in: String,
}

impl Parameters {
    /// Reads a whole description (JSON).
    pub fn new(description: &str) -> Self {
        let mut parameters = Self {
            known: HashMap::new(),
            logged: Mutex::default(),
        };
        parameters.extend(description);
        parameters
    }

    /// Adds the routes of another description.
    pub fn extend(&mut self, description: &str) {
        let operations = description::operations(description);
        let known = operations.into_iter().map(|(path, methods)| {
            let methods = methods.into_iter();
            let names = methods.map(|(method, operation)| (method, names(operation)));
            (path, names.collect())
        });
        self.known.extend(known);
    }

    /// Returns the parameters of a request that its route does not know.
    fn ignored(&self, request: &Request) -> Option<Ignored> {
        let query = request.uri().query()?;
        let path = request.extensions().get::<MatchedPath>()?;
        let known = self.known.get(path.as_str())?;
        let known = known.get(description::method_of(request))?;
        let names = form_urlencoded::parse(query.as_bytes()).map(|(name, _)| name);
        let unknown = names.filter(|name| !known.contains(&**name));
        let ignored = Ignored::new(unknown.map(|name| name.into_owned()).collect());
        (!ignored.is_empty()).then_some(ignored)
    }

    fn is_news(&self, what: String, now: Duration) -> bool {
        let mut logged = self.logged.lock().unwrap_or_else(PoisonError::into_inner);
        logged.retain(|_, at| now.saturating_sub(*at) < AGAIN);
        if logged.len() >= MOST || logged.contains_key(&what) {
            return false;
        }
        logged.insert(what, now);
        true
    }
}

fn names(operation: Operation) -> HashSet<String> {
    let parameters = operation.parameters.into_iter();
    let of_query = parameters.filter(|parameter| parameter.r#in == "query");
    of_query.map(|parameter| parameter.name).collect()
}

/// Returns the ignored parameters of a request, and logs them.
pub(crate) fn ignored(state: &ApiState, request: &Request) -> Option<Ignored> {
    request.uri().query()?;
    let ignored = state.parameters.ignored(request)?;
    // Strangers write nothing into the log.
    if request.extensions().get::<Caller>().is_some() {
        log(state, request, &ignored);
    }
    Some(ignored)
}

/// Names the ignored parameters in the answer.
pub(crate) fn named(mut response: Response, ignored: &Ignored) -> Response {
    if let Some(names) = ignored.header() {
        let names = match response.headers().get(HEADER) {
            None => Some(names),
            Some(before) => {
                let both = [before.as_bytes(), names.as_bytes()].join(&b", "[..]);
                HeaderValue::from_bytes(&both).ok()
            }
        };
        let headers = response.headers_mut();
        headers.extend(names.map(|names| (HEADER, names)));
    }
    response
}

fn log(state: &ApiState, request: &Request, ignored: &Ignored) {
    let names = ignored.for_log();
    let Some(path) = request.extensions().get::<MatchedPath>() else {
        return;
    };
    let route = format!("{} {}", request.method(), path.as_str());
    let now = state.gateway.clock().monotonic();
    if names.is_empty()
        || !state
            .parameters
            .is_news(format!("{route} {}", names.join(" ")), now)
    {
        return;
    }
    state.gateway.log_ignored(&route, &names);
}
