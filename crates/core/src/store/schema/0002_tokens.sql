CREATE TABLE tokens (
    jti        TEXT    NOT NULL PRIMARY KEY,
    use        TEXT    NOT NULL CHECK (use IN ('access', 'refresh')),
    family     TEXT    NOT NULL,
    pair       TEXT    NOT NULL DEFAULT '',
    expires_at INTEGER NOT NULL,
    revoked_at INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
CREATE INDEX tokens_by_family ON tokens (family) WHERE use = 'refresh';
CREATE INDEX tokens_by_pair ON tokens (pair) WHERE pair > '';
CREATE INDEX tokens_by_expiry ON tokens (expires_at);
