PRAGMA foreign_keys = OFF;
BEGIN;
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
INSERT INTO mailboxes VALUES (1, 'support', '', 1, 9, 0, 0, 1795514400000000, 1795514460000000, 5, 'no route to host', 1795515540000000, 9, 8, 7);
INSERT INTO mailboxes VALUES (2, 'sales', '', 6, 0, 3, 1, 1795514400000000, NULL, NULL, '', NULL, 0, 0, 0);
CREATE TABLE missing_uids (
  mailbox INTEGER NOT NULL REFERENCES mailboxes (id),
  uid INTEGER NOT NULL,
  PRIMARY KEY (mailbox, uid)
) STRICT, WITHOUT ROWID;
INSERT INTO missing_uids VALUES (1, 30);
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
INSERT INTO tickets VALUES (1, 'Subject of 1', 'new', 5, NULL, 0, 'portal', 'Ann Müller', 'Ann@customer.example', 'ann@customer.example', 'customer.example', '', NULL, NULL, 1795514400000000, 1795514460000000, 1795528800000000, NULL, NULL, NULL, NULL, 1795528800000000, 3, NULL, '', NULL, NULL, NULL, 0, NULL, NULL, 0, 0, 0, 'settled', NULL, 0, NULL, NULL, NULL, 0, 0);
INSERT INTO tickets VALUES (2, 'Subject of 2', 'new', 5, NULL, 0, 'portal', 'Ann Müller', 'Ann@customer.example', 'ann@customer.example', 'customer.example', '', NULL, NULL, 1795515960000000, 1795516020000000, 1795530360000000, NULL, NULL, NULL, NULL, 1795530360000000, 2, NULL, '', 1795515960000000, NULL, NULL, 0, NULL, 1795518000000000, 0, 0, 0, 'none', NULL, 0, NULL, NULL, NULL, 0, 0);
INSERT INTO tickets VALUES (20, 'Subject of 20', 'new', 5, NULL, 0, 'portal', 'Ann Müller', 'Ann@customer.example', 'ann@customer.example', 'customer.example', '', NULL, NULL, 1795518600000000, 1795518660000000, 1795533000000000, 1795518600000000, NULL, NULL, NULL, 9223372036854775807, 1, NULL, '', NULL, NULL, NULL, 0, NULL, NULL, 0, 0, 0, 'none', NULL, 0, NULL, NULL, NULL, 0, 0);
INSERT INTO tickets VALUES (3, 'Subject of 3', 'new', 5, NULL, 0, 'portal', 'Ann Müller', 'Ann@customer.example', 'ann@customer.example', 'customer.example', '', NULL, NULL, 1795514700000000, 1795514760000000, 1795529100000000, NULL, NULL, NULL, NULL, 1795529100000000, 1, NULL, '', NULL, NULL, NULL, 0, NULL, NULL, 0, 0, 0, 'none', NULL, 0, NULL, NULL, NULL, 0, 0);
INSERT INTO tickets VALUES (4, 'Subject of 4', 'closed', 5, NULL, 0, 'portal', 'Ann Müller', 'Ann@customer.example', 'ann@customer.example', 'customer.example', '', NULL, 1, 1795514400000000, 1795514460000000, 1795528800000000, NULL, NULL, NULL, NULL, 9223372036854775807, 0, NULL, '', NULL, NULL, NULL, 0, NULL, NULL, 0, 0, 0, 'none', NULL, 0, NULL, NULL, NULL, 0, 0);
INSERT INTO tickets VALUES (5, 'Subject of 5', 'new', 5, NULL, 0, 'portal', 'Ann Müller', 'Ann@customer.example', 'ann@customer.example', 'customer.example', '', NULL, NULL, 1795514820000000, 1795514880000000, 1795529220000000, NULL, NULL, NULL, NULL, 1795529220000000, 1, NULL, '', NULL, NULL, NULL, 0, NULL, NULL, 0, 0, 0, 'none', NULL, 0, NULL, NULL, NULL, 0, 0);
CREATE TABLE past_targets (
  id INTEGER PRIMARY KEY,
  ticket INTEGER NOT NULL REFERENCES tickets (number),
  priority INTEGER NOT NULL CHECK (priority = 10 OR priority = 7 OR priority = 5),
  organization TEXT NOT NULL,
  clock_from INTEGER NOT NULL,
  due_at INTEGER NOT NULL,
  responded_at INTEGER                       -- NULL: nobody ever answered
) STRICT;
INSERT INTO past_targets VALUES (1, 20, 5, 'customer.example', 1795518060000000, 1795532400000000, 1795518600000000);
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
INSERT INTO incidents VALUES (1, 'Phones down', 'words', 'phones?', 1795516860000000, 1795516980000000, 1);
CREATE TABLE incident_updates (
  id INTEGER PRIMARY KEY,
  incident INTEGER NOT NULL REFERENCES incidents (number),
  at INTEGER NOT NULL,
  text TEXT NOT NULL
) STRICT;
INSERT INTO incident_updates VALUES (1, 1, 1795516860000000, 'We look.');
INSERT INTO incident_updates VALUES (2, 1, 1795516980000000, 'It is over.');
CREATE TABLE status_page (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  changes INTEGER NOT NULL,                  -- so many times has an incident changed
  changed_at INTEGER,
  written INTEGER NOT NULL,                  -- value of `changes` when the page was last written; -1: it never was
  error TEXT NOT NULL                        -- why the latest try to write it failed
) STRICT;
INSERT INTO status_page VALUES (1, 4, 1795516980000000, 3, '');
CREATE TABLE stuck_tickets (
  ticket INTEGER PRIMARY KEY REFERENCES tickets (number),
  check_at INTEGER,
  reason TEXT NOT NULL
) STRICT;
INSERT INTO stuck_tickets VALUES (1, NULL, 'No token.');
INSERT INTO stuck_tickets VALUES (3, NULL, 'No token.');
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
INSERT INTO digest_entries VALUES (1, 1795516800000000, 'Ann', 'ann@staff.example', 0, 2, 0, 0);
CREATE TABLE staff_news (
  id INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  sender TEXT NOT NULL,                      -- one spelling for all those of one mailbox
  organization TEXT NOT NULL
) STRICT;
INSERT INTO staff_news VALUES (1, 1795515960000000, 'ann@customer.example', 'customer.example');
INSERT INTO staff_news VALUES (2, 1795515960000000, 'ann@customer.example', 'customer.example');
CREATE TABLE participants (
  ticket INTEGER NOT NULL REFERENCES tickets (number),
  address TEXT NOT NULL,                     -- lower case
  position INTEGER NOT NULL,                 -- order of joining, from 0
  PRIMARY KEY (ticket, address)
) STRICT, WITHOUT ROWID;
INSERT INTO participants VALUES (1, 'ann@customer.example', 0);
INSERT INTO participants VALUES (1, 'bob@customer.example', 1);
INSERT INTO participants VALUES (1, 'carl@customer.example', 2);
INSERT INTO participants VALUES (2, 'ann@customer.example', 0);
INSERT INTO participants VALUES (2, 'bob@customer.example', 1);
INSERT INTO participants VALUES (2, 'carl@customer.example', 2);
INSERT INTO participants VALUES (20, 'ann@customer.example', 0);
INSERT INTO participants VALUES (20, 'bob@customer.example', 1);
INSERT INTO participants VALUES (3, 'ann@customer.example', 0);
INSERT INTO participants VALUES (3, 'bob@customer.example', 1);
INSERT INTO participants VALUES (4, 'ann@customer.example', 0);
INSERT INTO participants VALUES (4, 'bob@customer.example', 1);
INSERT INTO participants VALUES (5, 'ann@customer.example', 0);
INSERT INTO participants VALUES (5, 'bob@customer.example', 1);
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
INSERT INTO messages VALUES (1, 1, 'in', 1795514400000000, 'Ann Müller', 'Ann@customer.example', '1@customer', '', 'Printer on fire', 'It does not work.', 0);
INSERT INTO messages VALUES (2, 2, 'in', 1795514400000000, 'Ann Müller', 'Ann@customer.example', '3@customer', '', 'Printer on fire', 'It does not work.', 0);
INSERT INTO messages VALUES (3, 1, 'in', 1795514400000000, 'Ann Müller', 'Ann@customer.example', '4@customer', '', 'Printer on fire', 'It does not work.', 0);
INSERT INTO messages VALUES (4, 3, 'in', 1795514400000000, 'Ann Müller', 'Ann@customer.example', '5@customer', '', 'Printer on fire', 'It does not work.', 0);
INSERT INTO messages VALUES (5, 1, 'in', 1795514400000000, 'Ann Müller', 'Ann@customer.example', '6@customer', '', 'Printer on fire', 'It does not work.', 0);
INSERT INTO messages VALUES (6, 5, 'in', 1795514400000000, 'Ann Müller', 'Ann@customer.example', '7@customer', '', 'Printer on fire', 'It does not work.', 0);
INSERT INTO messages VALUES (7, 2, 'in', 1795514400000000, 'Ann Müller', 'Ann@customer.example', '9@customer', '', 'Printer on fire', 'It does not work.', 0);
INSERT INTO messages VALUES (8, 20, 'in', 1795514400000000, 'Ann Müller', 'Ann@customer.example', 'last@customer', '', 'Printer on fire', 'It does not work.', 0);
CREATE TABLE message_addresses (
  message INTEGER NOT NULL REFERENCES messages (id),
  field TEXT NOT NULL CHECK (field = 'to' OR field = 'cc'),
  position INTEGER NOT NULL,                 -- order in the field, from 0
  name TEXT NOT NULL,
  address TEXT NOT NULL,
  PRIMARY KEY (message, field, position)
) STRICT, WITHOUT ROWID;
INSERT INTO message_addresses VALUES (1, 'to', 0, 'Support', 'support@example.com');
INSERT INTO message_addresses VALUES (2, 'to', 0, 'Support', 'support@example.com');
INSERT INTO message_addresses VALUES (3, 'to', 0, 'Support', 'support@example.com');
INSERT INTO message_addresses VALUES (4, 'to', 0, 'Support', 'support@example.com');
INSERT INTO message_addresses VALUES (5, 'to', 0, 'Support', 'support@example.com');
INSERT INTO message_addresses VALUES (6, 'to', 0, 'Support', 'support@example.com');
INSERT INTO message_addresses VALUES (7, 'to', 0, 'Support', 'support@example.com');
INSERT INTO message_addresses VALUES (8, 'to', 0, 'Support', 'support@example.com');
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
INSERT INTO attachments VALUES (1, 1, 1, 'log.txt', 'text/plain', 3000, '', 0);
INSERT INTO attachments VALUES (2, 2, 1, 'log.txt', 'text/plain', 3000, '', 0);
INSERT INTO attachments VALUES (3, 4, 1, 'log.txt', 'text/plain', 3000, '', 0);
INSERT INTO attachments VALUES (4, 5, 1, 'log.txt', 'text/plain', 3000, '', 0);
INSERT INTO attachments VALUES (5, 6, 1, 'log.txt', 'text/plain', 3000, '', 0);
CREATE TABLE raw_mails (
  message INTEGER PRIMARY KEY REFERENCES messages (id),
  octets BLOB NOT NULL                       -- one zstd frame
) STRICT;
INSERT INTO raw_mails VALUES (2, X'28B52FFD60B90A550000187272330100B3F30116');
INSERT INTO raw_mails VALUES (3, X'28B52FFD60B90A550000187272340100B3F30116');
INSERT INTO raw_mails VALUES (4, X'28B52FFD60B90A550000187272350100B3F30116');
INSERT INTO raw_mails VALUES (5, X'28B52FFD60B90A550000187272360100B3F30116');
INSERT INTO raw_mails VALUES (6, X'28B52FFD60B90A550000187272370100B3F30116');
INSERT INTO raw_mails VALUES (7, X'28B52FFD60B90A550000187272390100B3F30116');
INSERT INTO raw_mails VALUES (8, X'28B52FFD2014A10000726177206F66206C61737440637573746F6D6572');
CREATE VIRTUAL TABLE message_search USING fts5 (
  subject, text, content='messages', content_rowid='id', tokenize='unicode61 remove_diacritics 2'
);
CREATE TABLE search_progress (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  indexed_up_to INTEGER NOT NULL             -- messages.id of the latest one in the index
) STRICT;
INSERT INTO search_progress VALUES (1, 7);
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
, unanswered_since INTEGER NOT NULL DEFAULT 0, urgency INTEGER GENERATED ALWAYS AS (CASE kind
  WHEN 'page' THEN 0
  WHEN 'warning' THEN 2 WHEN 'admin' THEN 2
  WHEN 'notification' THEN 3 WHEN 'digest' THEN 3
  WHEN 'webhook' THEN 4
  ELSE 1 END) VIRTUAL) STRICT;
INSERT INTO outbox VALUES (1, 1, 'acknowledgement', 'support@example.com', 'ack-1@desk', 'sent', 1, 0, 0, NULL, 'The acknowledgement did not reach ann@customer.example: 550 gone', 1795514460000000, 1795516200000000, 0, 0);
INSERT INTO outbox VALUES (10, 2, 'digest', 'support@example.com', 'digest@desk', 'failed', 0, 0, 0, NULL, 'The digest is not sent to ann@customer.example, for mail to it came back: 550 gone Once it works again: ticketctl undeliverable clear ADDRESS', 1795516800000000, 1795516800000000, 0, 0);
INSERT INTO outbox VALUES (11, 2, 'incident', 'support@example.com', 'over-2@desk', 'failed', 0, 0, 0, NULL, 'The incident mail is not sent to ann@customer.example, for mail to it came back: 550 gone Once it works again: ticketctl undeliverable clear ADDRESS', 1795517040000000, 1795517040000000, 0, 0);
INSERT INTO outbox VALUES (12, 2, 'notification', 'support@example.com', 'note-9@desk', 'queued', 0, 0, 0, 1795514940000000, '', 1795514940000000, 1795514940000000, 0, 0);
INSERT INTO outbox VALUES (13, 2, 'page', 'support@example.com', 'page@desk', 'queued', 0, 0, 0, 1795515960000000, '', 1795515960000000, 1795515960000000, 0, 0);
INSERT INTO outbox VALUES (14, 2, 'webhook', 'support@example.com', 'call@desk', 'queued', 0, 0, 0, 1795515960000000, '', 1795515960000000, 1795515960000000, 0, 0);
INSERT INTO outbox VALUES (15, 20, 'acknowledgement', 'support@example.com', 'ack-20@desk', 'failed', 0, 0, 0, NULL, 'The acknowledgement is not sent to ann@customer.example, for mail to it came back: 550 gone Once it works again: ticketctl undeliverable clear ADDRESS', 1795518000000000, 1795518000000000, 0, 0);
INSERT INTO outbox VALUES (2, 2, 'acknowledgement', 'support@example.com', 'ack-2@desk', 'queued', 1, 0, 0, 1795515900000000, '451 later', 1795515900000000, 1795516260000000, 0, 0);
INSERT INTO outbox VALUES (3, 1, 'notification', 'support@example.com', 'note-4@desk', 'uncertain', 1, 1, 0, NULL, '', 1795514640000000, 1795516200000000, 1, 0);
INSERT INTO outbox VALUES (4, 3, 'acknowledgement', 'support@example.com', 'ack-3@desk', 'failed', 1, 0, 0, NULL, 'Ann@customer.example: 550 5.1.1 gone', 1795514700000000, 1795517460000000, 0, 0);
INSERT INTO outbox VALUES (5, 4, 'acknowledgement', 'support@example.com', 'ack-4@desk', 'sending', 1, 0, 0, NULL, '', 1795514760000000, 1795517400000000, 0, 0);
INSERT INTO outbox VALUES (6, 5, 'acknowledgement', 'support@example.com', 'ack-5@desk', 'queued', 0, 0, 0, 1795514820000000, '', 1795514820000000, 1795514820000000, 0, 0);
INSERT INTO outbox VALUES (7, NULL, 'notification', 'support@example.com', 'standing@desk', 'failed', 0, 0, 0, NULL, 'The notification is not sent to ann@customer.example, for mail to it came back: 550 gone Once it works again: ticketctl undeliverable clear ADDRESS', 1795516500000000, 1795516500000000, 0, 0);
INSERT INTO outbox VALUES (8, 2, 'page', 'support@example.com', 'page@desk', 'sending', 1, 0, 0, NULL, '', 1795515960000000, 1795516020000000, 0, 0);
INSERT INTO outbox VALUES (9, 2, 'webhook', 'support@example.com', 'call@desk', 'sending', 1, 0, 0, NULL, '', 1795515960000000, 1795516020000000, 0, 0);
CREATE TABLE outbox_octets (
  outbox INTEGER PRIMARY KEY REFERENCES outbox (id),
  octets BLOB NOT NULL                       -- one zstd frame
) STRICT;
INSERT INTO outbox_octets VALUES (1, X'28B52FFD20242101005375626A6563743A205B5469636B65742D315D0D0A0D0A576520686176652069742E0D0A');
INSERT INTO outbox_octets VALUES (10, X'28B52FFD20242101005375626A6563743A205B5469636B65742D325D0D0A0D0A576520686176652069742E0D0A');
INSERT INTO outbox_octets VALUES (11, X'28B52FFD20242101005375626A6563743A205B5469636B65742D325D0D0A0D0A576520686176652069742E0D0A');
INSERT INTO outbox_octets VALUES (12, X'28B52FFD20242101005375626A6563743A205B5469636B65742D325D0D0A0D0A576520686176652069742E0D0A');
INSERT INTO outbox_octets VALUES (13, X'28B52FFD20242101005375626A6563743A205B5469636B65742D325D0D0A0D0A576520686176652069742E0D0A');
INSERT INTO outbox_octets VALUES (14, X'28B52FFD20242101005375626A6563743A205B5469636B65742D325D0D0A0D0A576520686176652069742E0D0A');
INSERT INTO outbox_octets VALUES (15, X'28B52FFD20252901005375626A6563743A205B5469636B65742D32305D0D0A0D0A576520686176652069742E0D0A');
INSERT INTO outbox_octets VALUES (2, X'28B52FFD20242101005375626A6563743A205B5469636B65742D325D0D0A0D0A576520686176652069742E0D0A');
INSERT INTO outbox_octets VALUES (3, X'28B52FFD20242101005375626A6563743A205B5469636B65742D315D0D0A0D0A576520686176652069742E0D0A');
INSERT INTO outbox_octets VALUES (4, X'28B52FFD20242101005375626A6563743A205B5469636B65742D335D0D0A0D0A576520686176652069742E0D0A');
INSERT INTO outbox_octets VALUES (5, X'28B52FFD20242101005375626A6563743A205B5469636B65742D345D0D0A0D0A576520686176652069742E0D0A');
INSERT INTO outbox_octets VALUES (6, X'28B52FFD20242101005375626A6563743A205B5469636B65742D355D0D0A0D0A576520686176652069742E0D0A');
INSERT INTO outbox_octets VALUES (7, X'28B52FFD20242101005375626A6563743A205B5469636B65742D315D0D0A0D0A576520686176652069742E0D0A');
INSERT INTO outbox_octets VALUES (8, X'28B52FFD20242101005375626A6563743A205B5469636B65742D325D0D0A0D0A576520686176652069742E0D0A');
INSERT INTO outbox_octets VALUES (9, X'28B52FFD20242101005375626A6563743A205B5469636B65742D325D0D0A0D0A576520686176652069742E0D0A');
CREATE TABLE outbox_recipients (
  outbox INTEGER NOT NULL REFERENCES outbox (id),
  position INTEGER NOT NULL,
  address TEXT NOT NULL,                     -- of the envelope
  -- barred: left out when the mail was written, for mail to it came back
  state TEXT NOT NULL CHECK (state = 'open' OR state = 'accepted' OR state = 'refused' OR state = 'barred'),
  PRIMARY KEY (outbox, position)
) STRICT, WITHOUT ROWID;
INSERT INTO outbox_recipients VALUES (1, 0, 'Ann@customer.example', 'accepted');
INSERT INTO outbox_recipients VALUES (10, 0, 'Ann@customer.example', 'barred');
INSERT INTO outbox_recipients VALUES (11, 0, 'Ann@customer.example', 'barred');
INSERT INTO outbox_recipients VALUES (12, 0, 'ann@staff.example', 'open');
INSERT INTO outbox_recipients VALUES (12, 1, 'bob@staff.example', 'open');
INSERT INTO outbox_recipients VALUES (13, 0, 'ann@staff.example', 'open');
INSERT INTO outbox_recipients VALUES (14, 0, 'webhook:Ann', 'open');
INSERT INTO outbox_recipients VALUES (15, 0, 'Ann@customer.example', 'barred');
INSERT INTO outbox_recipients VALUES (2, 0, 'Ann@customer.example', 'open');
INSERT INTO outbox_recipients VALUES (3, 0, 'ann@staff.example', 'accepted');
INSERT INTO outbox_recipients VALUES (3, 1, 'bob@staff.example', 'open');
INSERT INTO outbox_recipients VALUES (4, 0, 'Ann@customer.example', 'refused');
INSERT INTO outbox_recipients VALUES (5, 0, 'Ann@customer.example', 'open');
INSERT INTO outbox_recipients VALUES (6, 0, 'Ann@customer.example', 'open');
INSERT INTO outbox_recipients VALUES (7, 0, 'Ann@customer.example', 'barred');
INSERT INTO outbox_recipients VALUES (8, 0, 'ann@staff.example', 'open');
INSERT INTO outbox_recipients VALUES (9, 0, 'webhook:Ann', 'open');
CREATE TABLE mail_ids (
  id INTEGER PRIMARY KEY,
  message_id TEXT NOT NULL,
  ours INTEGER NOT NULL,                     -- 1: a mail that ticketd wrote
  ticket INTEGER REFERENCES tickets (number),
  outbox INTEGER REFERENCES outbox (id),     -- the mail, when it is ours
  mailbox TEXT,                              -- where it came in: name, or 'pipe'
  content_digest TEXT                        -- NULL unless it came in as a mail
) STRICT;
INSERT INTO mail_ids VALUES (1, 'ack-1@desk', 1, 1, 1, NULL, NULL);
INSERT INTO mail_ids VALUES (10, '6@customer', 0, 4, NULL, 'support', 'digest of 6@customer');
INSERT INTO mail_ids VALUES (11, 'ack-5@desk', 1, 5, 6, NULL, NULL);
INSERT INTO mail_ids VALUES (12, '7@customer', 0, 5, NULL, 'support', 'digest of 7@customer');
INSERT INTO mail_ids VALUES (13, 'standing@desk', 1, NULL, 7, NULL, NULL);
INSERT INTO mail_ids VALUES (14, 'page@desk', 1, 2, 8, NULL, NULL);
INSERT INTO mail_ids VALUES (15, 'call@desk', 1, 2, 9, NULL, NULL);
INSERT INTO mail_ids VALUES (16, 'digest@desk', 1, 2, 10, NULL, NULL);
INSERT INTO mail_ids VALUES (17, 'over-2@desk', 1, 2, 11, NULL, NULL);
INSERT INTO mail_ids VALUES (18, 'note-9@desk', 1, 2, 12, NULL, NULL);
INSERT INTO mail_ids VALUES (19, '9@customer', 0, 2, NULL, 'support', 'digest of 9@customer');
INSERT INTO mail_ids VALUES (2, '1@customer', 0, 1, NULL, 'support', 'digest of 1@customer');
INSERT INTO mail_ids VALUES (20, 'page@desk', 1, 2, 13, NULL, NULL);
INSERT INTO mail_ids VALUES (21, 'call@desk', 1, 2, 14, NULL, NULL);
INSERT INTO mail_ids VALUES (22, 'ack-20@desk', 1, 20, 15, NULL, NULL);
INSERT INTO mail_ids VALUES (23, 'last@customer', 0, 20, NULL, 'support', 'digest of last@customer');
INSERT INTO mail_ids VALUES (3, 'ack-2@desk', 1, 2, 2, NULL, NULL);
INSERT INTO mail_ids VALUES (4, '3@customer', 0, 2, NULL, 'support', 'digest of 3@customer');
INSERT INTO mail_ids VALUES (5, 'note-4@desk', 1, 1, 3, NULL, NULL);
INSERT INTO mail_ids VALUES (6, '4@customer', 0, 1, NULL, 'support', 'digest of 4@customer');
INSERT INTO mail_ids VALUES (7, 'ack-3@desk', 1, 3, 4, NULL, NULL);
INSERT INTO mail_ids VALUES (8, '5@customer', 0, 3, NULL, 'support', 'digest of 5@customer');
INSERT INTO mail_ids VALUES (9, 'ack-4@desk', 1, 4, 5, NULL, NULL);
CREATE TABLE sender_activity (
  sender TEXT NOT NULL,                      -- one spelling for all those of one mailbox; '@domain': all of a domain
  kind TEXT NOT NULL CHECK (kind = 'answered' OR kind = 'opened'),
  at INTEGER NOT NULL,
  ticket INTEGER NOT NULL,                   -- 0: none
  PRIMARY KEY (sender, kind, at, ticket)
) STRICT, WITHOUT ROWID;
INSERT INTO sender_activity VALUES ('@customer.example', 'answered', 1795514580000000, 2);
INSERT INTO sender_activity VALUES ('@customer.example', 'answered', 1795514700000000, 3);
INSERT INTO sender_activity VALUES ('@customer.example', 'answered', 1795514760000000, 4);
INSERT INTO sender_activity VALUES ('@customer.example', 'answered', 1795514820000000, 5);
INSERT INTO sender_activity VALUES ('ann@customer.example', 'answered', 1795514580000000, 2);
INSERT INTO sender_activity VALUES ('ann@customer.example', 'answered', 1795514700000000, 3);
INSERT INTO sender_activity VALUES ('ann@customer.example', 'answered', 1795514760000000, 4);
INSERT INTO sender_activity VALUES ('ann@customer.example', 'answered', 1795514820000000, 5);
INSERT INTO sender_activity VALUES ('ann@customer.example', 'opened', 1795514580000000, 2);
INSERT INTO sender_activity VALUES ('ann@customer.example', 'opened', 1795514700000000, 3);
INSERT INTO sender_activity VALUES ('ann@customer.example', 'opened', 1795514760000000, 4);
INSERT INTO sender_activity VALUES ('ann@customer.example', 'opened', 1795514820000000, 5);
INSERT INTO sender_activity VALUES ('ann@customer.example', 'opened', 1795518000000000, 20);
CREATE TABLE answer_counts (
  from_at INTEGER PRIMARY KEY,               -- start of the span
  sent INTEGER NOT NULL,                     -- put into the outbox
  withheld INTEGER NOT NULL                  -- kept back by that limit
) STRICT;
INSERT INTO answer_counts VALUES (1795514580000000, 1, 0);
INSERT INTO answer_counts VALUES (1795514700000000, 1, 0);
INSERT INTO answer_counts VALUES (1795514760000000, 1, 0);
INSERT INTO answer_counts VALUES (1795514820000000, 1, 0);
INSERT INTO answer_counts VALUES (1795516440000000, 0, 1);
CREATE TABLE undeliverable (
  address TEXT PRIMARY KEY,                  -- lower case
  since_at INTEGER NOT NULL,
  reason TEXT NOT NULL,                      -- what the report, or the server, says
  outbox INTEGER NOT NULL REFERENCES outbox (id)  -- the mail that came back
) STRICT, WITHOUT ROWID;
INSERT INTO undeliverable VALUES ('ann@customer.example', 1795516440000000, '550 gone', 1);
INSERT INTO undeliverable VALUES ('gone@customer.example', 1795517460000000, '550 5.1.1 gone', 4);
CREATE TABLE events (
  id INTEGER PRIMARY KEY,
  ticket INTEGER REFERENCES tickets (number),
  at INTEGER NOT NULL,
  actor TEXT NOT NULL,
  kind TEXT NOT NULL,
  detail TEXT NOT NULL
) STRICT;
INSERT INTO events VALUES (1, 1, 1795514460000000, 'ticketd', 'ticket_opened', 'The mail opens a ticket.');
INSERT INTO events VALUES (10, 2, 1795516500000000, 'ticketd', 'category_changed', 'From Urgent to Normal.');
INSERT INTO events VALUES (11, NULL, 1795516500000000, 'ticketd', 'mail_suppressed', 'The notification is not sent to ann@customer.example, for mail to it came back: 550 gone Once it works again: ticketctl undeliverable clear ADDRESS');
INSERT INTO events VALUES (12, 2, 1795515960000000, 'ticketd', 'ticket_opened', 'The mail opens a ticket.');
INSERT INTO events VALUES (13, 2, 1795516800000000, 'ticketd', 'mail_suppressed', 'The digest is not sent to ann@customer.example, for mail to it came back: 550 gone Once it works again: ticketctl undeliverable clear ADDRESS');
INSERT INTO events VALUES (14, 3, 1795517460000000, 'ticketd', 'mail_refused', 'The acknowledgement did not reach her.');
INSERT INTO events VALUES (15, 2, 1795516920000000, 'ticketd', 'ticket_opened', 'The mail opens a ticket.');
INSERT INTO events VALUES (16, 2, 1795517040000000, 'ticketd', 'mail_suppressed', 'The incident mail is not sent to ann@customer.example, for mail to it came back: 550 gone Once it works again: ticketctl undeliverable clear ADDRESS');
INSERT INTO events VALUES (17, 2, 1795514940000000, 'ticketd', 'ticket_opened', 'The mail opens a ticket.');
INSERT INTO events VALUES (18, 2, 1795515960000000, 'ticketd', 'ticket_opened', 'The mail opens a ticket.');
INSERT INTO events VALUES (19, 20, 1795518000000000, 'ticketd', 'ticket_opened', 'The mail opens a ticket.');
INSERT INTO events VALUES (2, 2, 1795514580000000, 'ticketd', 'ticket_opened', 'The mail opens a ticket.');
INSERT INTO events VALUES (20, 20, 1795518000000000, 'ticketd', 'mail_suppressed', 'The acknowledgement is not sent to ann@customer.example, for mail to it came back: 550 gone Once it works again: ticketctl undeliverable clear ADDRESS');
INSERT INTO events VALUES (21, 20, 1795518600000000, 'ticketd', 'ticket_opened', 'The mail opens a ticket.');
INSERT INTO events VALUES (3, 1, 1795514640000000, 'ticketd', 'ticket_opened', 'The mail opens a ticket.');
INSERT INTO events VALUES (4, 3, 1795514700000000, 'ticketd', 'ticket_opened', 'The mail opens a ticket.');
INSERT INTO events VALUES (5, 4, 1795514760000000, 'ticketd', 'ticket_opened', 'The mail opens a ticket.');
INSERT INTO events VALUES (6, 5, 1795514820000000, 'ticketd', 'ticket_opened', 'The mail opens a ticket.');
INSERT INTO events VALUES (7, 1, 1795516380000000, 'ticketd', 'ticket_opened', 'The mail opens a ticket.');
INSERT INTO events VALUES (8, 1, 1795516440000000, 'ticketd', 'ticket_opened', 'The mail opens a ticket.');
INSERT INTO events VALUES (9, 1, 1795516500000000, 'Ann', 'organization_downgraded', 'One strike too many.');
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
INSERT INTO quarantine VALUES (1, 1795515600000000, 'The mail could not be worked on.', 'support', 'portal', 0, NULL, 0, 0, 0, 0, 3002, X'28B52FFD60BA0A5D000020717132300100B3F30116');
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
INSERT INTO ledger VALUES (1, 1, 1, 'new_ticket', 1, NULL, 0, 'So it is.', 'done', NULL, NULL);
INSERT INTO ledger VALUES (1, 1, 2, 'follow_up', 1, NULL, 0, 'Read at last.', 'done', NULL, NULL);
INSERT INTO ledger VALUES (1, 1, 20, 'quarantined', NULL, 1, 0, 'So it is.', 'pending', NULL, NULL);
INSERT INTO ledger VALUES (1, 1, 3, 'new_ticket', 2, NULL, 0, 'So it is.', 'done', NULL, NULL);
INSERT INTO ledger VALUES (1, 1, 4, 'follow_up', 1, NULL, 0, 'So it is.', 'done', NULL, NULL);
INSERT INTO ledger VALUES (1, 1, 5, 'new_ticket', 3, NULL, 0, 'So it is.', 'pending', NULL, NULL);
INSERT INTO ledger VALUES (1, 1, 6, 'new_ticket', 4, NULL, 0, 'So it is.', 'pending', NULL, NULL);
INSERT INTO ledger VALUES (1, 1, 7, 'new_ticket', 5, NULL, 0, 'So it is.', 'pending', NULL, NULL);
INSERT INTO ledger VALUES (1, 1, 8, 'vanished', NULL, NULL, 0, 'So it is.', 'pending', NULL, NULL);
INSERT INTO ledger VALUES (1, 1, 9, 'follow_up', 2, NULL, 0, 'So it is.', 'pending', NULL, NULL);
CREATE TABLE ledger_counts (
  mailbox INTEGER NOT NULL REFERENCES mailboxes (id),
  uid_validity INTEGER NOT NULL,
  outcome TEXT NOT NULL,
  entries INTEGER NOT NULL,
  PRIMARY KEY (mailbox, uid_validity, outcome)
) STRICT, WITHOUT ROWID;
INSERT INTO ledger_counts VALUES (1, 1, 'follow_up', 3);
INSERT INTO ledger_counts VALUES (1, 1, 'new_ticket', 5);
INSERT INTO ledger_counts VALUES (1, 1, 'quarantined', 1);
INSERT INTO ledger_counts VALUES (1, 1, 'vanished', 1);
CREATE TABLE blocked_senders (
  address TEXT PRIMARY KEY,                  -- one spelling for all those of one address
  at INTEGER NOT NULL,
  ticket INTEGER NOT NULL REFERENCES tickets (number)
) STRICT, WITHOUT ROWID;
INSERT INTO blocked_senders VALUES ('pest@pills.example', 1795516380000000, 1);
CREATE TABLE alarms (
  name TEXT PRIMARY KEY,
  text TEXT NOT NULL,                        -- as it was told
  raised_at INTEGER NOT NULL,
  gone_at INTEGER,                           -- NULL while the problem is there
  is_over INTEGER NOT NULL,                  -- 1: admins were told that it is over
  repeats INTEGER NOT NULL,                  -- how often it came back
  count INTEGER NOT NULL                     -- of what, as it was told, or less since; 0: it can't be counted
) STRICT, WITHOUT ROWID;
INSERT INTO alarms VALUES ('outbox failed', '1 mail could not be sent', 1795516440000000, NULL, 0, 0, 0);
INSERT INTO alarms VALUES ('quarantine', '1 mail in quarantine', 1795516440000000, 1795516500000000, 1, 1, 0);
CREATE TABLE organizations (
  name TEXT PRIMARY KEY,
  downgraded_until_at INTEGER,               -- NULL: in good standing; so is whose lies in the past
  is_end_told INTEGER NOT NULL DEFAULT 0     -- 1: staff have heard that it is over
) STRICT, WITHOUT ROWID;
INSERT INTO organizations VALUES ('customer.example', 1795814400000000, 0);
CREATE TABLE organization_events (
  organization TEXT NOT NULL REFERENCES organizations (name),
  event INTEGER NOT NULL REFERENCES events (id),
  PRIMARY KEY (organization, event)
) STRICT, WITHOUT ROWID;
INSERT INTO organization_events VALUES ('customer.example', 9);
CREATE TABLE strikes (
  id INTEGER PRIMARY KEY,
  organization TEXT NOT NULL REFERENCES organizations (name),
  at INTEGER NOT NULL,
  ticket INTEGER REFERENCES tickets (number),
  reason TEXT NOT NULL,
  is_settled INTEGER NOT NULL                -- 1: it led to a downgrade, or was forgiven: it counts no more
) STRICT;
INSERT INTO strikes VALUES (1, 'customer.example', 1795516500000000, 1, 'From Urgent to Normal by Ann.', 1);
CREATE TABLE refresh_tokens (
  credential TEXT NOT NULL,                  -- digest of token URL, client id and user
  origin TEXT NOT NULL,                      -- digest of the token, from the configuration's file, that the chain began with
  token TEXT NOT NULL,                       -- the latest one
  updated_at INTEGER NOT NULL,
  PRIMARY KEY (credential, origin)
) STRICT, WITHOUT ROWID;
INSERT INTO refresh_tokens VALUES ('user at provider', 'first', 'second', 1795516200000000);
CREATE TABLE token_failures (
  login TEXT PRIMARY KEY,                    -- digest of all that the token is asked for with
  error TEXT NOT NULL,
  since INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO token_failures VALUES ('login', 'invalid_grant', 1795516200000000);
CREATE TABLE mailbox_leases (
  mailbox TEXT PRIMARY KEY,
  holder TEXT NOT NULL,                      -- random, drawn once: this store, and every copy of it
  token TEXT NOT NULL,                       -- random, of the lease mail that was written last; here before it is there
  place TEXT NOT NULL,                       -- where that was written: the machine since its boot, and this very file
  tenure TEXT NOT NULL CHECK (tenure = 'unknown' OR tenure = 'held' OR tenure = 'unguarded' OR tenure = 'stand_by'),
  rival TEXT NOT NULL,                       -- the host of another one that works, or waits; empty: there is none
  rival_since INTEGER,                       -- when it was first seen
  is_copy INTEGER NOT NULL,                  -- 1: that one works on a copy of this store
  detail TEXT NOT NULL,                      -- why nothing can be told, when it can't
  looked_at INTEGER NOT NULL,                -- the latest look
  watched TEXT NOT NULL,                     -- which lease was in the way at that look, and in what state
  watched_since INTEGER                      -- since when it has been in that state
) STRICT, WITHOUT ROWID;
INSERT INTO mailbox_leases VALUES ('support', 'holder', 'token', '', 'held', '', NULL, 0, '', 0, '', NULL);
CREATE TABLE raw_mail_ages (
  at INTEGER NOT NULL,                       -- messages.at
  message INTEGER NOT NULL,
  PRIMARY KEY (at, message)
) STRICT, WITHOUT ROWID;
INSERT INTO raw_mail_ages VALUES (1795514400000000, 2);
INSERT INTO raw_mail_ages VALUES (1795514400000000, 3);
INSERT INTO raw_mail_ages VALUES (1795514400000000, 4);
INSERT INTO raw_mail_ages VALUES (1795514400000000, 5);
INSERT INTO raw_mail_ages VALUES (1795514400000000, 6);
INSERT INTO raw_mail_ages VALUES (1795514400000000, 7);
INSERT INTO raw_mail_ages VALUES (1795514400000000, 8);
CREATE TABLE removed_originals (
  message INTEGER PRIMARY KEY REFERENCES messages (id),
  at INTEGER NOT NULL,
  reason TEXT NOT NULL CHECK (reason = 'retention' OR reason = 'erasure')
) STRICT;
INSERT INTO removed_originals VALUES (1, 1795516260000000, 'retention');
CREATE TABLE erasure_at_work (
  id INTEGER PRIMARY KEY CHECK (id = 1)
) STRICT;
CREATE TABLE target_counts (
  priority INTEGER NOT NULL,
  -- never_answered: another target took its place, or the ticket was closed
  result TEXT NOT NULL CHECK (result = 'in_time' OR result = 'late' OR result = 'never_answered'),
  targets INTEGER NOT NULL,
  PRIMARY KEY (priority, result)
) STRICT, WITHOUT ROWID;
INSERT INTO target_counts VALUES (5, 'in_time', 1);
CREATE TABLE mail_keys (
  message_key INTEGER NOT NULL,              -- first 64 bits of the SHA-256 of mail_ids.message_id
  mail INTEGER NOT NULL,                     -- mail_ids.id
  PRIMARY KEY (message_key, mail)
) STRICT, WITHOUT ROWID;
INSERT INTO mail_keys VALUES (-2988371714361445968, 5);
INSERT INTO mail_keys VALUES (-4759641137927951555, 6);
INSERT INTO mail_keys VALUES (-4824180039119745773, 2);
INSERT INTO mail_keys VALUES (-984643531661999711, 8);
CREATE TABLE fresh_mail_keys (
  message_key INTEGER NOT NULL,
  mail INTEGER NOT NULL,
  PRIMARY KEY (message_key, mail)
) STRICT, WITHOUT ROWID;
INSERT INTO fresh_mail_keys VALUES (-5500479409579216354, 18);
INSERT INTO fresh_mail_keys VALUES (-6398003631767152217, 17);
INSERT INTO fresh_mail_keys VALUES (-7086129640875101590, 15);
INSERT INTO fresh_mail_keys VALUES (-7086129640875101590, 21);
INSERT INTO fresh_mail_keys VALUES (-8156436308489450183, 13);
INSERT INTO fresh_mail_keys VALUES (-9128126710921142728, 14);
INSERT INTO fresh_mail_keys VALUES (-9128126710921142728, 20);
INSERT INTO fresh_mail_keys VALUES (1662253601452950537, 9);
INSERT INTO fresh_mail_keys VALUES (1856027677488423639, 23);
INSERT INTO fresh_mail_keys VALUES (2378310751086260278, 10);
INSERT INTO fresh_mail_keys VALUES (3090000220155396944, 1);
INSERT INTO fresh_mail_keys VALUES (3190689623771813515, 4);
INSERT INTO fresh_mail_keys VALUES (4437172588941665196, 16);
INSERT INTO fresh_mail_keys VALUES (5251863947411355738, 22);
INSERT INTO fresh_mail_keys VALUES (5878398741102619705, 3);
INSERT INTO fresh_mail_keys VALUES (5952983854786745699, 19);
INSERT INTO fresh_mail_keys VALUES (6051954971684447851, 11);
INSERT INTO fresh_mail_keys VALUES (7939541205686085392, 7);
INSERT INTO fresh_mail_keys VALUES (978459903560972634, 12);
CREATE TABLE mail_key_filters (
  from_key INTEGER PRIMARY KEY,              -- keys of mail_keys from here up to the next row's; none has those below yet
  keys INTEGER NOT NULL,                     -- so many are in it, those counted twice that came in again
  bits BLOB NOT NULL                         -- store/key_filter.h
) STRICT;
INSERT INTO mail_key_filters VALUES (-9223372036854775808, 4, X'00000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000020000000000004000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000001000000000000000000000000000000080000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000004000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000008000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000080000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000001000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000020000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000800000000000000000000000000000000004000000000000000000000000000000000000000000000000000000000000000000000000000010000000000000000000000000400000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000008000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000008000000000000000000000000000000000000000000000000000000000000000000000000010000000000000000000000000000000000000000000000000000000000000000000000200000000000000000000000000000000000000000000000000000000000000000000000000400000000000000000000000000000000000000000000000000000000000000000000008000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000020000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000');
CREATE INDEX tickets_waiting ON tickets (incident, number) WHERE waits_for_incident = 1;
CREATE INDEX tickets_by_incident ON tickets (incident, number) WHERE incident IS NOT NULL;
CREATE INDEX tickets_by_check ON tickets (check_at, number) WHERE check_at IS NOT NULL;
CREATE INDEX tickets_paged ON tickets (paged_at) WHERE paged_at IS NOT NULL AND check_at IS NOT NULL;
CREATE INDEX tickets_scheduled ON tickets (number) WHERE check_at IS NOT NULL;
CREATE INDEX tickets_by_pressure ON tickets (status, pressing_at, priority DESC, reported_at, number);
CREATE INDEX tickets_raised ON tickets (priority, status, organization, requester_address)
  WHERE priority > 5 AND status IN ('new', 'open');
CREATE INDEX tickets_merged ON tickets (merged_into) WHERE merged_into IS NOT NULL;
CREATE INDEX tickets_answered_late ON tickets (status) WHERE responded_at > response_due_at;
CREATE INDEX tickets_by_report ON tickets (reported_at);
CREATE INDEX past_targets_by_time ON past_targets (clock_from);
CREATE TRIGGER targets_answered AFTER UPDATE OF responded_at ON tickets
WHEN OLD.responded_at IS NULL AND NEW.responded_at IS NOT NULL AND OLD.response_due_at IS NOT NULL
 AND NEW.responded_at IS NOT OLD.answered_as_normal_at AND NEW.responded_at IS NOT OLD.answered_as_high_at BEGIN
  INSERT INTO past_targets (ticket, priority, organization, clock_from, due_at, responded_at)
  VALUES (OLD.number, OLD.priority, OLD.organization, OLD.clock_from, OLD.response_due_at, NEW.responded_at);
END;
CREATE TRIGGER targets_missed AFTER UPDATE ON tickets
WHEN OLD.responded_at IS NULL AND NEW.responded_at IS NULL AND OLD.breach_told_at IS NOT NULL
 AND OLD.response_due_at IS NOT NULL AND OLD.status <> 'closed' AND NEW.merged_into IS NULL AND (
   (NEW.status = 'closed' AND NEW.response_due_at IS NOT NULL) OR
   (NEW.status <> 'closed' AND ifnull(NEW.response_due_at > OLD.response_due_at, 1)
    AND NEW.priority >= OLD.priority)) BEGIN
  INSERT INTO past_targets (ticket, priority, organization, clock_from, due_at)
  VALUES (OLD.number, OLD.priority, OLD.organization, OLD.clock_from, OLD.response_due_at);
END;
CREATE INDEX incidents_open ON incidents (number) WHERE resolved_at IS NULL;
CREATE INDEX incidents_unsettled ON incidents (number) WHERE resolved_at IS NOT NULL AND settled = 0;
CREATE INDEX incidents_resolved ON incidents (resolved_at) WHERE resolved_at IS NOT NULL;
CREATE INDEX incident_updates_by_incident ON incident_updates (incident, id);
CREATE TRIGGER stuck_tickets_settled AFTER UPDATE OF check_at ON tickets
WHEN OLD.check_at IS NOT NEW.check_at BEGIN
  DELETE FROM stuck_tickets WHERE ticket = NEW.number;
END;
CREATE INDEX digest_entries_by_time ON digest_entries (at, id);
CREATE INDEX staff_news_by_time ON staff_news (at);
CREATE INDEX staff_news_by_sender ON staff_news (sender, at);
CREATE INDEX staff_news_by_organization ON staff_news (organization, at);
CREATE INDEX messages_by_ticket ON messages (ticket);
CREATE INDEX attachments_by_message ON attachments (message);
CREATE INDEX outbox_held_up ON outbox (ticket, id) WHERE state IN ('deferred', 'uncertain') AND dropped = 0;
CREATE INDEX sender_activity_by_ticket ON sender_activity (ticket, at) WHERE kind = 'answered';
CREATE INDEX sender_activity_by_time ON sender_activity (at);
CREATE INDEX events_by_ticket ON events (ticket);
CREATE INDEX sender_warnings ON events (ticket) WHERE kind = 'sender_warning';
CREATE TRIGGER events_never_go BEFORE DELETE ON events BEGIN
  SELECT RAISE(ABORT, 'events are append-only');
END;
CREATE INDEX ledger_pending ON ledger (mailbox, uid_validity, uid) WHERE action = 'pending';
CREATE INDEX ledger_by_quarantine ON ledger (quarantine) WHERE quarantine IS NOT NULL;
CREATE INDEX organizations_downgraded ON organizations (downgraded_until_at)
  WHERE downgraded_until_at IS NOT NULL AND is_end_told = 0;
CREATE INDEX strikes_by_organization ON strikes (organization, at);
CREATE TRIGGER raw_mails_age AFTER INSERT ON raw_mails BEGIN
  INSERT INTO raw_mail_ages (at, message) SELECT at, id FROM messages WHERE id = NEW.message;
END;
CREATE TRIGGER raw_mails_go AFTER DELETE ON raw_mails BEGIN
  DELETE FROM raw_mail_ages WHERE at = (SELECT at FROM messages WHERE id = OLD.message) AND message = OLD.message;
END;
CREATE TRIGGER events_never_change BEFORE UPDATE ON events
WHEN NEW.id IS NOT OLD.id OR NEW.ticket IS NOT OLD.ticket OR NEW.at IS NOT OLD.at OR NEW.kind IS NOT OLD.kind
 OR NOT EXISTS (SELECT 1 FROM erasure_at_work) BEGIN
  SELECT RAISE(ABORT, 'events are append-only');
END;
CREATE TRIGGER past_targets_counted AFTER INSERT ON past_targets BEGIN
  INSERT INTO target_counts (priority, result, targets)
  VALUES (NEW.priority, CASE WHEN NEW.responded_at IS NULL THEN 'never_answered'
    WHEN NEW.responded_at > NEW.due_at THEN 'late' ELSE 'in_time' END, 1)
  ON CONFLICT (priority, result) DO UPDATE SET targets = targets + 1;
END;
CREATE VIEW all_mail_keys AS
  SELECT message_key, mail FROM fresh_mail_keys UNION ALL SELECT message_key, mail FROM mail_keys;
CREATE INDEX tickets_not_closed ON tickets (number, organization) WHERE status <> 'closed';
CREATE INDEX outbox_unsent
  ON outbox (urgency, next_attempt_at, id, state, waiting_since, attempts, dropped, unanswered_since)
  WHERE state <> 'sent' AND dropped = 0;
CREATE INDEX tickets_by_assignee ON tickets (assignee, status, pressing_at, priority DESC, reported_at, number)
  WHERE assignee <> '';
CREATE INDEX tickets_closed_by_organization ON tickets (organization, pressing_at, priority DESC, reported_at, number)
  WHERE status = 'closed';
INSERT INTO message_search (rowid, subject, text) SELECT id, subject, text FROM messages
  WHERE id <= (SELECT indexed_up_to FROM search_progress);
PRAGMA application_id = 1953065828;
PRAGMA user_version = 10;
COMMIT;
