-- Who works on a mailbox: this store, or another one. One row per mailbox of the configuration that has a lease folder.
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
