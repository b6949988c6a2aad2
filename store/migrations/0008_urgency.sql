-- In which order mails leave, whatever waits besides: pages about Urgent tickets; what customers get, and that a target was
-- missed; what staff must not miss; what staff may read later. Calls of webhooks leave by themselves. One index for all.
ALTER TABLE outbox ADD COLUMN urgency INTEGER GENERATED ALWAYS AS (CASE kind
  WHEN 'page' THEN 0
  WHEN 'warning' THEN 2 WHEN 'admin' THEN 2
  WHEN 'notification' THEN 3 WHEN 'digest' THEN 3
  WHEN 'webhook' THEN 4
  ELSE 1 END) VIRTUAL;
DROP INDEX outbox_pages;
DROP INDEX outbox_webhooks;
DROP INDEX outbox_unsent;
CREATE INDEX outbox_unsent
  ON outbox (urgency, next_attempt_at, id, state, waiting_since, attempts, dropped, unanswered_since)
  WHERE state <> 'sent' AND dropped = 0;
