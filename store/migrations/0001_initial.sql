-- Instants end in _at: integer microseconds since 1970-01-01 UTC. Names of states, kinds and outcomes are those of the
-- JSON interface and never change. Empty text means "none" where a column is NOT NULL. Which names a column may hold is
-- written with OR: for each longer list behind IN, SQLite builds a table at each row that is written.

CREATE TABLE mailboxes (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,                 -- as configured; "NAME (folder FOLDER)" for one that it was before
  folder TEXT NOT NULL DEFAULT '',           -- on the server; empty before the first look
  uid_validity INTEGER NOT NULL DEFAULT 0,   -- RFC 9051 2.3.1.1; 0 before the first contact
  last_uid INTEGER NOT NULL DEFAULT 0,       -- cursor under uid_validity
  watermark INTEGER,                         -- highest UID when uid_validity was first seen
  renumbered INTEGER NOT NULL DEFAULT 0,     -- 1: not the UIDVALIDITY of the first contact
  first_contact_at INTEGER,                  -- over all UIDVALIDITYs; NULL when no login ever worked
  last_success_at INTEGER,                   -- latest good poll
  lag INTEGER,                               -- microseconds from INTERNALDATE to commit, of the latest mail
  error TEXT NOT NULL DEFAULT '',            -- of the latest try
  compared_at INTEGER,                       -- latest comparison of the whole mailbox with the ledger …
  server_count INTEGER NOT NULL DEFAULT 0,   -- … the server's own count (RFC 9051 7.4.1) …
  listed_count INTEGER NOT NULL DEFAULT 0,   -- … how many UIDs it listed …
  recorded_count INTEGER NOT NULL DEFAULT 0  -- … and how many of those were on record then
) STRICT;

-- UIDs that the server listed and the ledger lacked (or has as vanished) when the two were last compared, or that a fetch
-- broke over since.
CREATE TABLE missing_uids (
  mailbox INTEGER NOT NULL REFERENCES mailboxes (id),
  uid INTEGER NOT NULL,
  PRIMARY KEY (mailbox, uid)
) STRICT, WITHOUT ROWID;

CREATE TABLE tickets (
  number INTEGER PRIMARY KEY,
  subject TEXT NOT NULL,
  status TEXT NOT NULL CHECK (status = 'new' OR status = 'open' OR status = 'resolved' OR status = 'closed'),
  priority INTEGER NOT NULL CHECK (priority = 10 OR priority = 7 OR priority = 5),
  requested_priority INTEGER CHECK (requested_priority = 10 OR requested_priority = 7 OR requested_priority = 5),
  labelled INTEGER NOT NULL,                 -- 1: the customer has set a label
  channel TEXT NOT NULL CHECK (channel = 'portal' OR channel = 'direct' OR channel = 'sms' OR channel = 'phone'),
  requester_name TEXT NOT NULL,
  requester_address TEXT NOT NULL,
  reply_to TEXT NOT NULL,
  organization TEXT NOT NULL,
  assignee TEXT NOT NULL,
  incident INTEGER,
  -- Has the conversation now; never itself merged into another.
  merged_into INTEGER REFERENCES tickets (number) CHECK (merged_into <> number),
  reported_at INTEGER NOT NULL,
  clock_from INTEGER NOT NULL,               -- what response targets count from: reporting, or the latest reopening
  response_due_at INTEGER,
  responded_at INTEGER,
  estimate_at INTEGER,
  resolved_at INTEGER,
  closed_at INTEGER,
  pressing_at INTEGER NOT NULL,              -- response_due_at while an answer is owed, else the highest integer
  message_count INTEGER NOT NULL DEFAULT 0,
  warn_at INTEGER,                           -- when most of the time to answer is used up
  no_page_reason TEXT NOT NULL,              -- why nobody may be paged for it
  -- What the clock has made known, each once for a target or an estimate:
  warned_at INTEGER,
  breach_told_at INTEGER,
  paged_at INTEGER,                          -- the latest page about an Urgent ticket
  page_repeats INTEGER NOT NULL,
  estimate_passed_at INTEGER,
  check_at INTEGER,                          -- when the clock has something to do with it; NULL: never
  waits_for_incident INTEGER NOT NULL,       -- 1: its incident is open, or not all that waited for it was seen to
  clock_suspended INTEGER NOT NULL,          -- 1: an answer is owed once it waits no more
  customer_spoke INTEGER NOT NULL,           -- 1: a person of the customer's has written while it waits
  -- as a strike, if it is lowered
  claim TEXT NOT NULL CHECK (claim = 'none' OR claim = 'counts' OR claim = 'unproven' OR claim = 'settled'),
  -- that was granted; NULL: none was
  claimed_priority INTEGER CHECK (claimed_priority = 10 OR claimed_priority = 7 OR claimed_priority = 5),
  taken INTEGER NOT NULL,                    -- 1: by a word or deed of the assignee's
  -- The first answer under a category that the ticket was raised from since; NULL: there was none.
  answered_as_normal_at INTEGER,
  answered_as_high_at INTEGER,
  left_normal_at INTEGER,                    -- when it was last raised from there
  missed_before INTEGER NOT NULL,            -- 1: an answer was late, before a further mail started the clock
  owes_update INTEGER NOT NULL               -- 1: the clock runs for a further mail of the customer
) STRICT;
CREATE INDEX tickets_waiting ON tickets (incident, number) WHERE waits_for_incident = 1;
CREATE INDEX tickets_by_incident ON tickets (incident, number) WHERE incident IS NOT NULL;
CREATE INDEX tickets_by_check ON tickets (check_at, number) WHERE check_at IS NOT NULL;
CREATE INDEX tickets_paged ON tickets (paged_at) WHERE paged_at IS NOT NULL AND check_at IS NOT NULL;
CREATE INDEX tickets_scheduled ON tickets (number) WHERE check_at IS NOT NULL;
-- The order of lists: most pressing first, within one status.
CREATE INDEX tickets_by_pressure ON tickets (status, pressing_at, priority DESC, reported_at, number);
CREATE INDEX tickets_by_organization ON tickets (organization, status);
CREATE INDEX tickets_raised ON tickets (priority, status, organization, requester_address)
  WHERE priority > 5 AND status IN ('new', 'open');
CREATE INDEX tickets_by_assignee ON tickets (assignee, status) WHERE assignee <> '';
CREATE INDEX tickets_merged ON tickets (merged_into) WHERE merged_into IS NOT NULL;
CREATE INDEX tickets_answered_late ON tickets (status) WHERE responded_at > response_due_at;
CREATE INDEX tickets_by_report ON tickets (reported_at);

-- Response targets that are over: answered, or missed and then replaced by another one, or closed without an answer. A
-- ticket has one for each time that an answer was owed; one that is still owed stands in its ticket alone.
CREATE TABLE past_targets (
  id INTEGER PRIMARY KEY,
  ticket INTEGER NOT NULL REFERENCES tickets (number),
  priority INTEGER NOT NULL CHECK (priority = 10 OR priority = 7 OR priority = 5),
  organization TEXT NOT NULL,
  clock_from INTEGER NOT NULL,
  due_at INTEGER NOT NULL,
  responded_at INTEGER                       -- NULL: nobody ever answered
) STRICT;
CREATE INDEX past_targets_by_time ON past_targets (clock_from);
CREATE TRIGGER targets_answered AFTER UPDATE OF responded_at ON tickets
WHEN OLD.responded_at IS NULL AND NEW.responded_at IS NOT NULL AND OLD.response_due_at IS NOT NULL
 AND NEW.responded_at IS NOT OLD.answered_as_normal_at AND NEW.responded_at IS NOT OLD.answered_as_high_at BEGIN
  INSERT INTO past_targets (ticket, priority, organization, clock_from, due_at, responded_at)
  VALUES (OLD.number, OLD.priority, OLD.organization, OLD.clock_from, OLD.response_due_at, NEW.responded_at);
END;
-- A category that was claimed without need, and lowered, has missed nothing: the target counts that it should have had.
-- What a merged ticket was promised, the other one keeps.
CREATE TRIGGER targets_missed AFTER UPDATE ON tickets
WHEN OLD.responded_at IS NULL AND NEW.responded_at IS NULL AND OLD.breach_told_at IS NOT NULL
 AND OLD.response_due_at IS NOT NULL AND OLD.status <> 'closed' AND NEW.merged_into IS NULL AND (
   (NEW.status = 'closed' AND NEW.response_due_at IS NOT NULL) OR
   (NEW.status <> 'closed' AND ifnull(NEW.response_due_at > OLD.response_due_at, 1)
    AND NEW.priority >= OLD.priority)) BEGIN
  INSERT INTO past_targets (ticket, priority, organization, clock_from, due_at)
  VALUES (OLD.number, OLD.priority, OLD.organization, OLD.clock_from, OLD.response_due_at);
END;

-- Major incidents, as the status page tells of them.
CREATE TABLE incidents (
  number INTEGER PRIMARY KEY,
  title TEXT NOT NULL,
  -- which new tickets belong to it
  match TEXT NOT NULL CHECK (match = 'by_hand' OR match = 'words' OR match = 'organization' OR match = 'all'),
  pattern TEXT NOT NULL,                     -- a regular expression, or an organization's name
  opened_at INTEGER NOT NULL,
  resolved_at INTEGER,
  settled INTEGER NOT NULL                   -- 1: it is resolved, and no ticket waits for it any more
) STRICT;
CREATE INDEX incidents_open ON incidents (number) WHERE resolved_at IS NULL;
CREATE INDEX incidents_unsettled ON incidents (number) WHERE resolved_at IS NOT NULL AND settled = 0;
CREATE INDEX incidents_resolved ON incidents (resolved_at) WHERE resolved_at IS NOT NULL;

CREATE TABLE incident_updates (
  id INTEGER PRIMARY KEY,
  incident INTEGER NOT NULL REFERENCES incidents (number),
  at INTEGER NOT NULL,
  text TEXT NOT NULL
) STRICT;
CREATE INDEX incident_updates_by_incident ON incident_updates (incident, id);

-- One row: what the status page has to show, and whether it does.
CREATE TABLE status_page (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  changes INTEGER NOT NULL,                  -- so many times has an incident changed
  changed_at INTEGER,
  written INTEGER NOT NULL,                  -- value of `changes` when the page was last written; -1: it never was
  error TEXT NOT NULL                        -- why the latest try to write it failed
) STRICT;
INSERT INTO status_page (id, changes, written, error) VALUES (1, 0, -1, '');

-- Tickets with which the clock could not do what was due; a row counts until the clock is told otherwise.
CREATE TABLE stuck_tickets (
  ticket INTEGER PRIMARY KEY REFERENCES tickets (number),
  check_at INTEGER,
  reason TEXT NOT NULL
) STRICT;
CREATE TRIGGER stuck_tickets_settled AFTER UPDATE OF check_at ON tickets
WHEN OLD.check_at IS NOT NEW.check_at BEGIN
  DELETE FROM stuck_tickets WHERE ticket = NEW.number;
END;

-- News for staff that wait to be told with others.
CREATE TABLE digest_entries (
  id INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,                       -- when they are told
  to_name TEXT NOT NULL,
  to_address TEXT NOT NULL,
  is_page INTEGER NOT NULL,
  ticket INTEGER NOT NULL REFERENCES tickets (number),
  event INTEGER NOT NULL,                    -- StaffEvent
  since_at INTEGER NOT NULL                  -- when it happened
) STRICT;
CREATE INDEX digest_entries_by_time ON digest_entries (at, id);

-- What the limit of messages to staff is counted on: whose mail it was, else the ticket's requester; with a question
-- mark in front where he failed authentication, so that whoever forges him uses up nothing of his.
CREATE TABLE staff_news (
  id INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  sender TEXT NOT NULL,                      -- one spelling for all those of one mailbox
  organization TEXT NOT NULL
) STRICT;
CREATE INDEX staff_news_by_time ON staff_news (at);
CREATE INDEX staff_news_by_sender ON staff_news (sender, at);
CREATE INDEX staff_news_by_organization ON staff_news (organization, at);

CREATE TABLE participants (
  ticket INTEGER NOT NULL REFERENCES tickets (number),
  address TEXT NOT NULL,                     -- lower case
  position INTEGER NOT NULL,                 -- order of joining, from 0
  PRIMARY KEY (ticket, address)
) STRICT, WITHOUT ROWID;

CREATE TABLE messages (
  id INTEGER PRIMARY KEY,                    -- rises with time: the search index follows it
  ticket INTEGER NOT NULL REFERENCES tickets (number),
  direction TEXT NOT NULL CHECK (direction = 'in' OR direction = 'out' OR direction = 'note'),
  at INTEGER NOT NULL,
  from_name TEXT NOT NULL,
  from_address TEXT NOT NULL,
  message_id TEXT NOT NULL,                  -- RFC 5322 3.6.4, without angle brackets
  importance TEXT NOT NULL,
  subject TEXT NOT NULL,
  text TEXT NOT NULL,
  by_stranger INTEGER NOT NULL               -- 1: from nobody who takes part in the ticket
) STRICT;
CREATE INDEX messages_by_ticket ON messages (ticket);

CREATE TABLE message_addresses (
  message INTEGER NOT NULL REFERENCES messages (id),
  field TEXT NOT NULL CHECK (field = 'to' OR field = 'cc'),
  position INTEGER NOT NULL,                 -- order in the field, from 0
  name TEXT NOT NULL,
  address TEXT NOT NULL,
  PRIMARY KEY (message, field, position)
) STRICT, WITHOUT ROWID;

-- What the attachments are; their octets are taken from the raw mail when they are asked for.
CREATE TABLE attachments (
  id INTEGER PRIMARY KEY,
  message INTEGER NOT NULL REFERENCES messages (id),
  part INTEGER NOT NULL,                     -- counts from 1 within its mail
  name TEXT NOT NULL,
  media_type TEXT NOT NULL,
  size INTEGER NOT NULL,                     -- octets, decoded
  content_id TEXT NOT NULL,
  inlined INTEGER NOT NULL                   -- 1: Content-Disposition (RFC 2183) says inline
) STRICT;
CREATE INDEX attachments_by_message ON attachments (message);

CREATE TABLE raw_mails (
  message INTEGER PRIMARY KEY REFERENCES messages (id),
  octets BLOB NOT NULL                       -- one zstd frame
) STRICT;

CREATE VIRTUAL TABLE message_search USING fts5 (
  subject, text, content='messages', content_rowid='id', tokenize='unicode61 remove_diacritics 2'
);

-- One row: the search index follows the messages when there is time for it.
CREATE TABLE search_progress (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  indexed_up_to INTEGER NOT NULL             -- messages.id of the latest one in the index
) STRICT;
INSERT INTO search_progress (id, indexed_up_to) VALUES (1, 0);

CREATE TABLE outbox (
  id INTEGER PRIMARY KEY,
  ticket INTEGER REFERENCES tickets (number),
  kind TEXT NOT NULL,
  reverse_path TEXT NOT NULL,                -- RFC 5321; empty: the null reverse-path
  message_id TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state = 'queued' OR state = 'sending' OR state = 'sent' OR state = 'deferred' OR
    state = 'failed' OR state = 'uncertain'),
  attempts INTEGER NOT NULL DEFAULT 0,
  uncertain_attempts INTEGER NOT NULL DEFAULT 0,  -- of those, how many ended without the server's answer
  interrupted_attempts INTEGER NOT NULL DEFAULT 0,  -- of the others, how many ended with the process
  next_attempt_at INTEGER,                   -- NULL: no attempt is planned
  last_error TEXT NOT NULL DEFAULT '',
  waiting_since INTEGER NOT NULL,            -- since it was written, or since a person asked to try it again
  changed_at INTEGER NOT NULL,               -- of the state
  dropped INTEGER NOT NULL DEFAULT 0         -- 1: taken out by hand; kept, for somebody may have got it
) STRICT;
CREATE INDEX outbox_unsent ON outbox (next_attempt_at, id, state, waiting_since, attempts, dropped)
  WHERE state <> 'sent' AND dropped = 0;
-- What may hold back later mails of its ticket.
CREATE INDEX outbox_held_up ON outbox (ticket, id) WHERE state IN ('deferred', 'uncertain') AND dropped = 0;
-- Pages about Urgent tickets leave before everything else.
CREATE INDEX outbox_pages ON outbox (next_attempt_at, id) WHERE kind = 'page' AND state <> 'sent' AND dropped = 0;
-- Calls of webhooks leave by themselves.
CREATE INDEX outbox_webhooks ON outbox (next_attempt_at, id) WHERE kind = 'webhook' AND state <> 'sent' AND dropped = 0;

CREATE TABLE outbox_octets (
  outbox INTEGER PRIMARY KEY REFERENCES outbox (id),
  octets BLOB NOT NULL                       -- one zstd frame
) STRICT;

CREATE TABLE outbox_recipients (
  outbox INTEGER NOT NULL REFERENCES outbox (id),
  position INTEGER NOT NULL,
  address TEXT NOT NULL,                     -- of the envelope
  -- barred: left out when the mail was written, for mail to it came back
  state TEXT NOT NULL CHECK (state = 'open' OR state = 'accepted' OR state = 'refused' OR state = 'barred'),
  PRIMARY KEY (outbox, position)
) STRICT, WITHOUT ROWID;

-- Every Message-ID that came in or went out: threads are found by it, and mails that come twice. Not unique: senders
-- reuse ids.
CREATE TABLE mail_ids (
  id INTEGER PRIMARY KEY,
  message_key INTEGER NOT NULL,              -- first 64 bits of the SHA-256 of message_id: a small index for random values
  message_id TEXT NOT NULL,
  ours INTEGER NOT NULL,                     -- 1: a mail that ticketd wrote
  ticket INTEGER REFERENCES tickets (number),
  outbox INTEGER REFERENCES outbox (id),     -- the mail, when it is ours
  mailbox TEXT,                              -- where it came in: name, or 'pipe'
  content_digest TEXT                        -- NULL unless it came in as a mail
) STRICT;
CREATE INDEX mail_ids_by_key ON mail_ids (message_key);

-- What the limits per sender are counted on.
CREATE TABLE sender_activity (
  sender TEXT NOT NULL,                      -- one spelling for all those of one mailbox; '@domain': all of a domain
  kind TEXT NOT NULL CHECK (kind = 'answered' OR kind = 'opened'),
  at INTEGER NOT NULL,
  ticket INTEGER NOT NULL,                   -- 0: none
  PRIMARY KEY (sender, kind, at, ticket)
) STRICT, WITHOUT ROWID;
-- What the limits per ticket are counted on.
CREATE INDEX sender_activity_by_ticket ON sender_activity (ticket, at) WHERE kind = 'answered';
-- What no limit counts any more goes.
CREATE INDEX sender_activity_by_time ON sender_activity (at);

-- Automatic answers of all tickets together, in spans of ten seconds: what their common limit is held against.
CREATE TABLE answer_counts (
  from_at INTEGER PRIMARY KEY,               -- start of the span
  sent INTEGER NOT NULL,                     -- put into the outbox
  withheld INTEGER NOT NULL                  -- kept back by that limit
) STRICT;

-- Addresses that mail of ours does not reach, by the report of a mail that went to that very address, or by what our mail
-- server said when it was to take one.
CREATE TABLE undeliverable (
  address TEXT PRIMARY KEY,                  -- lower case
  since_at INTEGER NOT NULL,
  reason TEXT NOT NULL,                      -- what the report, or the server, says
  outbox INTEGER NOT NULL REFERENCES outbox (id)  -- the mail that came back
) STRICT, WITHOUT ROWID;

CREATE TABLE events (
  id INTEGER PRIMARY KEY,
  ticket INTEGER REFERENCES tickets (number),
  at INTEGER NOT NULL,
  actor TEXT NOT NULL,
  kind TEXT NOT NULL,
  detail TEXT NOT NULL
) STRICT;
CREATE INDEX events_by_ticket ON events (ticket);
CREATE INDEX sender_warnings ON events (ticket) WHERE kind = 'sender_warning';
CREATE TRIGGER events_never_change BEFORE UPDATE ON events BEGIN
  SELECT RAISE(ABORT, 'events are append-only');
END;
CREATE TRIGGER events_never_go BEFORE DELETE ON events BEGIN
  SELECT RAISE(ABORT, 'events are append-only');
END;

-- Octets that no ticket could be made of, with all that is needed to read them again; their UID stands in the ledger
-- row that names them (there is none for a mail from the pipe).
CREATE TABLE quarantine (
  id INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  reason TEXT NOT NULL,
  mailbox TEXT NOT NULL,                     -- name as configured, or 'pipe'
  -- of the mailbox
  channel TEXT NOT NULL CHECK (channel = 'portal' OR channel = 'direct' OR channel = 'sms' OR channel = 'phone'),
  arrived_at INTEGER NOT NULL,               -- IMAP INTERNALDATE
  first_contact_at INTEGER,                  -- of the mailbox
  backlog INTEGER NOT NULL,                  -- 1: it was there before the first contact
  silent INTEGER NOT NULL,                   -- 1: it only goes on record
  oversize INTEGER NOT NULL,                 -- 1: the octets are its beginning only
  original_size INTEGER NOT NULL,            -- octets on the server
  size INTEGER NOT NULL,                     -- octets here, uncompressed
  octets BLOB NOT NULL                       -- one zstd frame
) STRICT;

CREATE TABLE ledger (
  mailbox INTEGER NOT NULL REFERENCES mailboxes (id),
  uid_validity INTEGER NOT NULL,
  uid INTEGER NOT NULL,
  outcome TEXT NOT NULL CHECK (outcome = 'new_ticket' OR outcome = 'follow_up' OR outcome = 'staff' OR
    outcome = 'duplicate' OR outcome = 'ignored' OR outcome = 'quarantined' OR outcome = 'oversize' OR
    outcome = 'vanished'),
  ticket INTEGER REFERENCES tickets (number),
  quarantine INTEGER REFERENCES quarantine (id),
  at INTEGER NOT NULL,
  reason TEXT NOT NULL,
  -- what the IMAP server is owed
  action TEXT NOT NULL CHECK (action = 'none' OR action = 'pending' OR action = 'done'),
  internal_date_at INTEGER,                  -- RFC 9051 2.3.3, as the server says; NULL: it was not asked, or gave none
  listed_size INTEGER,                       -- octets, RFC 9051 2.3.4, as the server says; NULL as above
  PRIMARY KEY (mailbox, uid_validity, uid)
) STRICT, WITHOUT ROWID;
CREATE INDEX ledger_pending ON ledger (mailbox, uid_validity, uid) WHERE action = 'pending';
CREATE INDEX ledger_by_quarantine ON ledger (quarantine) WHERE quarantine IS NOT NULL;

-- Sums of the ledger, kept with it.
CREATE TABLE ledger_counts (
  mailbox INTEGER NOT NULL REFERENCES mailboxes (id),
  uid_validity INTEGER NOT NULL,
  outcome TEXT NOT NULL,
  entries INTEGER NOT NULL,
  PRIMARY KEY (mailbox, uid_validity, outcome)
) STRICT, WITHOUT ROWID;

-- Whose mail is spam, because staff said so of an earlier one.
CREATE TABLE blocked_senders (
  address TEXT PRIMARY KEY,                  -- one spelling for all those of one address
  at INTEGER NOT NULL,
  ticket INTEGER NOT NULL REFERENCES tickets (number)
) STRICT, WITHOUT ROWID;

-- What admins were told needs a person.
CREATE TABLE alarms (
  name TEXT PRIMARY KEY,
  text TEXT NOT NULL,                        -- as it was told
  raised_at INTEGER NOT NULL,
  gone_at INTEGER,                           -- NULL while the problem is there
  is_over INTEGER NOT NULL,                  -- 1: admins were told that it is over
  repeats INTEGER NOT NULL,                  -- how often it came back
  count INTEGER NOT NULL                     -- of what, as it was told, or less since; 0: it can't be counted
) STRICT, WITHOUT ROWID;

-- Standing of those who abused labels.
CREATE TABLE organizations (
  name TEXT PRIMARY KEY,
  downgraded_until_at INTEGER,               -- NULL: in good standing; so is whose lies in the past
  is_end_told INTEGER NOT NULL DEFAULT 0     -- 1: staff have heard that it is over
) STRICT, WITHOUT ROWID;
CREATE INDEX organizations_downgraded ON organizations (downgraded_until_at)
  WHERE downgraded_until_at IS NOT NULL AND is_end_told = 0;

-- The events that changed an organization's standing.
CREATE TABLE organization_events (
  organization TEXT NOT NULL REFERENCES organizations (name),
  event INTEGER NOT NULL REFERENCES events (id),
  PRIMARY KEY (organization, event)
) STRICT, WITHOUT ROWID;

CREATE TABLE strikes (
  id INTEGER PRIMARY KEY,
  organization TEXT NOT NULL REFERENCES organizations (name),
  at INTEGER NOT NULL,
  ticket INTEGER REFERENCES tickets (number),
  reason TEXT NOT NULL,
  is_settled INTEGER NOT NULL                -- 1: it led to a downgrade, or was forgiven: it counts no more
) STRICT;
CREATE INDEX strikes_by_organization ON strikes (organization, at);
