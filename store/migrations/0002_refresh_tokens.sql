-- OAuth 2 refresh tokens that a server handed out in exchange for the one before. Whoever reads this reads a credential.
CREATE TABLE refresh_tokens (
  credential TEXT NOT NULL,                  -- digest of token URL, client id and user
  origin TEXT NOT NULL,                      -- digest of the token, from the configuration's file, that the chain began with
  token TEXT NOT NULL,                       -- the latest one
  updated_at INTEGER NOT NULL,
  PRIMARY KEY (credential, origin)
) STRICT, WITHOUT ROWID;

-- Access tokens that can't be had, or not be renewed.
CREATE TABLE token_failures (
  login TEXT PRIMARY KEY,                    -- digest of all that the token is asked for with
  error TEXT NOT NULL,
  since INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
