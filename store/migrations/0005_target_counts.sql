-- Sums of past_targets, kept with it: how often answers were in time is asked for all the time.
CREATE TABLE target_counts (
  priority INTEGER NOT NULL,
  -- never_answered: another target took its place, or the ticket was closed
  result TEXT NOT NULL CHECK (result = 'in_time' OR result = 'late' OR result = 'never_answered'),
  targets INTEGER NOT NULL,
  PRIMARY KEY (priority, result)
) STRICT, WITHOUT ROWID;

INSERT INTO target_counts (priority, result, targets)
SELECT priority, CASE WHEN responded_at IS NULL THEN 'never_answered' WHEN responded_at > due_at THEN 'late'
  ELSE 'in_time' END AS result, count(*)
FROM past_targets GROUP BY 1, 2;

CREATE TRIGGER past_targets_counted AFTER INSERT ON past_targets BEGIN
  INSERT INTO target_counts (priority, result, targets)
  VALUES (NEW.priority, CASE WHEN NEW.responded_at IS NULL THEN 'never_answered'
    WHEN NEW.responded_at > NEW.due_at THEN 'late' ELSE 'in_time' END, 1)
  ON CONFLICT (priority, result) DO UPDATE SET targets = targets + 1;
END;
