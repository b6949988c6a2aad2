-- Originals by their age, for where they are kept for some time only.
CREATE TABLE raw_mail_ages (
  at INTEGER NOT NULL,                       -- messages.at
  message INTEGER NOT NULL,
  PRIMARY KEY (at, message)
) STRICT, WITHOUT ROWID;
INSERT INTO raw_mail_ages (at, message) SELECT m.at, m.id FROM raw_mails r JOIN messages m ON m.id = r.message;
CREATE TRIGGER raw_mails_age AFTER INSERT ON raw_mails BEGIN
  INSERT INTO raw_mail_ages (at, message) SELECT at, id FROM messages WHERE id = NEW.message;
END;
CREATE TRIGGER raw_mails_go AFTER DELETE ON raw_mails BEGIN
  DELETE FROM raw_mail_ages WHERE at = (SELECT at FROM messages WHERE id = OLD.message) AND message = OLD.message;
END;

-- Mails whose original was kept once.
CREATE TABLE removed_originals (
  message INTEGER PRIMARY KEY REFERENCES messages (id),
  at INTEGER NOT NULL,
  reason TEXT NOT NULL CHECK (reason = 'retention' OR reason = 'erasure')
) STRICT;

-- One row while a person's data is erased, in that transaction alone: words in events may be replaced then. What
-- happened when, to which ticket, never changes.
CREATE TABLE erasure_at_work (
  id INTEGER PRIMARY KEY CHECK (id = 1)
) STRICT;
DROP TRIGGER events_never_change;
CREATE TRIGGER events_never_change BEFORE UPDATE ON events
WHEN NEW.id IS NOT OLD.id OR NEW.ticket IS NOT OLD.ticket OR NEW.at IS NOT OLD.at OR NEW.kind IS NOT OLD.kind
 OR NOT EXISTS (SELECT 1 FROM erasure_at_work) BEGIN
  SELECT RAISE(ABORT, 'events are append-only');
END;
