-- Which Message-IDs may be among the merged keys: nearly all that are looked up are new, and a look into the large index
-- would read a page that nobody has read for long. These pages are few.

CREATE TABLE mail_key_filters (
  from_key INTEGER PRIMARY KEY,              -- keys of mail_keys from here up to the next row's; none has those below yet
  keys INTEGER NOT NULL,                     -- so many are in it, those counted twice that came in again
  bits BLOB NOT NULL                         -- store/key_filter.h
) STRICT;
