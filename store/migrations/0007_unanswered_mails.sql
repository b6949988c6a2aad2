-- Since when no server has answered for a mail that could not be sent. 0: since waiting_since. The highest integer: the
-- latest answer was about its recipients or its content, to try again later (RFC 5321: 4yz); the server itself works.
ALTER TABLE outbox ADD COLUMN unanswered_since INTEGER NOT NULL DEFAULT 0;
DROP INDEX outbox_unsent;
CREATE INDEX outbox_unsent ON outbox (next_attempt_at, id, state, waiting_since, attempts, dropped, unanswered_since)
  WHERE state <> 'sent' AND dropped = 0;
