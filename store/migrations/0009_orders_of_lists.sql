-- Lists of an assignee's tickets, and of an organization's closed ones, stand in the order in which they are told, most
-- pressing first: what is read ends with the page that was asked for.
DROP INDEX tickets_by_assignee;
CREATE INDEX tickets_by_assignee ON tickets (assignee, status, pressing_at, priority DESC, reported_at, number)
  WHERE assignee <> '';
DROP INDEX tickets_closed_by_organization;
CREATE INDEX tickets_closed_by_organization ON tickets (organization, pressing_at, priority DESC, reported_at, number)
  WHERE status = 'closed';
