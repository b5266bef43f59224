//! `/auth/token`: tokens with fewer rights than the password.

use std::sync::Arc;
use std::time::Duration;

use axum::Extension;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::auth::{Caller, unauthorized};
use super::error::{ApiError, AuthErrors, BodyErrors, QueryErrors, StoreErrors};
use super::in_path::InPath;
use super::json::Json;
use super::json_body::JsonBody;
use crate::gateway::Gateway;
use crate::model::time_text;
use crate::tokens::{DEFAULT_TTL, MAX_TTL, RefreshError, Scopes, TokenPair};

/// The scopes and lifetime of a token.
#[derive(Deserialize, ToSchema)]
pub(super) struct TokenRequest {
    /// How long the access token is valid, in seconds; a day if absent or 0.
    #[schema(minimum = 0, maximum = 31_536_000)]
    ttl: Option<i64>,
    /// What it may do, such as `messages:send`; `all:any` allows everything. A token cannot request
    /// more than it has.
    #[schema(min_items = 1)]
    scopes: Vec<String>,
}

/// A pair of tokens. Published clients differ in how they spell the names, so each is there twice.
#[derive(Serialize, ToSchema)]
pub(super) struct TokenResponse {
    /// The id of the access token, for `DELETE /auth/token/{jti}`.
    id: String,
    /// Always `Bearer`.
    token_type: &'static str,
    #[serde(rename = "tokenType")]
    token_type_camel: &'static str,
    /// For `Authorization: Bearer …`.
    access_token: String,
    #[serde(rename = "accessToken")]
    access_token_camel: String,
    /// When the access token expires.
    #[schema(format = DateTime)]
    expires_at: String,
    #[serde(rename = "expiresAt")]
    #[schema(format = DateTime)]
    expires_at_camel: String,
    /// For `POST /auth/token/refresh`, once.
    refresh_token: String,
    #[serde(rename = "refreshToken")]
    refresh_token_camel: String,
}

/// Issues a token and its refresh token
#[utoipa::path(
    post, path = "/auth/token", tag = "tokens", request_body = TokenRequest,
    responses(
        (status = 201, body = TokenResponse, description = "The tokens."),
        AuthErrors, BodyErrors, StoreErrors,
    ),
    security(("basic" = []), ("bearer" = ["tokens:manage"])),
)]
pub(super) async fn issue(
    State(gateway): State<Arc<Gateway>>,
    Extension(caller): Extension<Caller>,
    JsonBody(request): JsonBody<TokenRequest>,
) -> Result<(StatusCode, Json<TokenResponse>), ApiError> {
    let ttl = request.ttl.filter(|ttl| *ttl != 0);
    let ttl = match ttl.map(u64::try_from) {
        None => DEFAULT_TTL,
        Some(Ok(seconds)) if (1..=MAX_TTL).contains(&seconds) => Duration::from_secs(seconds),
        Some(_) => {
            return Err(ApiError::bad_request(format!(
                "ttl must be a whole number of seconds from 1 to {MAX_TTL}."
            )));
        }
    };
    let scopes = Scopes::parse(&request.scopes).map_err(ApiError::bad_request)?;
    if let Caller::Token(bearer) = caller
        && let Some(beyond) = bearer.scopes.first_beyond(&scopes)
    {
        return Err(ApiError::new(
            StatusCode::FORBIDDEN,
            format!("This token lacks the scope {beyond}, so it cannot grant it."),
        ));
    }
    let pair = gateway.tokens().issue(&scopes, ttl).await?;
    Ok((StatusCode::CREATED, Json(response(&gateway, pair))))
}

/// Exchanges a refresh token for a new pair, once. The new pair has the scopes of the old one and
/// is valid for a day. No body is read
#[utoipa::path(
    post, path = "/auth/token/refresh", tag = "tokens",
    responses(
        (status = 200, body = TokenResponse, description = "The new tokens."),
        AuthErrors, StoreErrors,
    ),
    security(("bearer" = ["tokens:refresh"])),
)]
pub(super) async fn refresh(
    State(gateway): State<Arc<Gateway>>,
    Extension(caller): Extension<Caller>,
) -> Result<Json<TokenResponse>, ApiError> {
    let Caller::Token(bearer) = caller else {
        return Err(unauthorized("Send the refresh token as Bearer."));
    };
    let pair = gateway.tokens().refresh(&bearer).await;
    let pair = pair.map_err(|error| match error {
        RefreshError::Token(error) => ApiError::from(error),
        RefreshError::Store(error) => error.into(),
    })?;
    Ok(Json(response(&gateway, pair)))
}

/// Revokes a token, and the refresh token that was issued with it
#[utoipa::path(
    delete, path = "/auth/token/{jti}", tag = "tokens",
    params(("jti" = String, Path, description = "The `id` of the token.")),
    responses(
        (status = 204, description = "There is no token with that id (any more)."),
        AuthErrors, QueryErrors, StoreErrors,
    ),
    security(("basic" = []), ("bearer" = ["tokens:manage"])),
)]
pub(super) async fn revoke(
    State(gateway): State<Arc<Gateway>>,
    InPath(jti): InPath<String>,
) -> Result<StatusCode, ApiError> {
    gateway.tokens().revoke(&jti).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn response(gateway: &Gateway, pair: TokenPair) -> TokenResponse {
    let expires_at = time_text::format(pair.expires_at, &gateway.device().zone());
    TokenResponse {
        id: pair.jti,
        token_type: "Bearer",
        token_type_camel: "Bearer",
        access_token: pair.access_token.clone(),
        access_token_camel: pair.access_token,
        expires_at: expires_at.clone(),
        expires_at_camel: expires_at,
        refresh_token: pair.refresh_token.clone(),
        refresh_token_camel: pair.refresh_token,
    }
}
