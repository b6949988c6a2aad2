-- What finds a Message-ID. The keys are hashes, so each new one would touch a page of its own of an index of all of them:
-- new ones stand in a small index, and join the large one many at a time.

CREATE TABLE mail_keys (
  message_key INTEGER NOT NULL,              -- first 64 bits of the SHA-256 of mail_ids.message_id
  mail INTEGER NOT NULL,                     -- mail_ids.id
  PRIMARY KEY (message_key, mail)
) STRICT, WITHOUT ROWID;
CREATE TABLE fresh_mail_keys (
  message_key INTEGER NOT NULL,
  mail INTEGER NOT NULL,
  PRIMARY KEY (message_key, mail)
) STRICT, WITHOUT ROWID;
CREATE VIEW all_mail_keys AS
  SELECT message_key, mail FROM fresh_mail_keys UNION ALL SELECT message_key, mail FROM mail_keys;

INSERT INTO mail_keys (message_key, mail) SELECT message_key, id FROM mail_ids ORDER BY message_key, id;
DROP INDEX mail_ids_by_key;
ALTER TABLE mail_ids DROP COLUMN message_key;

-- Tickets of an organization: a new one goes to the end of the index of those that are not closed, which is read as a
-- whole; it finds its place among all of the organization's once it is closed.
DROP INDEX tickets_by_organization;
CREATE INDEX tickets_not_closed ON tickets (number, organization) WHERE status <> 'closed';
CREATE INDEX tickets_closed_by_organization ON tickets (organization) WHERE status = 'closed';
