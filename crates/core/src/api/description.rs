//! Reads the operations of a description into small types: as a tree of JSON values, a whole
//! description takes 3 MB.

use std::collections::HashMap;

use axum::extract::Request;
use axum::http::Method;
use serde::Deserialize;
use serde::de::DeserializeOwned;

#[derive(Deserialize)]
struct Description<T> {
    paths: HashMap<String, Operations<T>>,
}

#[derive(Deserialize)]
struct Operations<T> {
    get: Option<T>,
    post: Option<T>,
    put: Option<T>,
    patch: Option<T>,
    delete: Option<T>,
}

/// Returns the operations by path as in the description, and then by method; `T` is the needed part
/// of an operation. Operations that cannot be read are left out.
pub(super) fn operations<T: DeserializeOwned>(
    description: &str,
) -> HashMap<String, HashMap<Method, T>> {
    let read = serde_json::from_str(description);
    let Description { paths } = read.unwrap_or(Description {
        paths: HashMap::new(),
    });
    let by_method = |(path, operations): (String, Operations<T>)| {
        let methods = [
            (Method::GET, operations.get),
            (Method::POST, operations.post),
            (Method::PUT, operations.put),
            (Method::PATCH, operations.patch),
            (Method::DELETE, operations.delete),
        ];
        let described = methods
            .into_iter()
            .filter_map(|(method, operation)| Some((method, operation?)));
        (path, described.collect())
    };
    paths.into_iter().map(by_method).collect()
}

/// Returns the method of a request as in the description.
pub(super) fn method_of(request: &Request) -> &Method {
    match *request.method() {
        Method::HEAD => &Method::GET,
        ref method => method,
    }
}
