"""Negative controls: each breaks one promise from outside, and the checker must say so. The product has no switch for it."""
import sqlite3

from drill.world import Case, Row, World

FORGETFUL = """
CREATE TRIGGER drill_ledger BEFORE INSERT ON ledger BEGIN SELECT RAISE(IGNORE); END;
CREATE TRIGGER drill_ids BEFORE INSERT ON mail_ids WHEN NEW.ours = 0 BEGIN SELECT RAISE(IGNORE); END;
"""
SENDS_AGAIN = """
CREATE TRIGGER drill_outbox AFTER UPDATE OF state ON outbox WHEN NEW.state = 'sent' AND NEW.attempts < 2 BEGIN
  UPDATE outbox_recipients SET state = 'open' WHERE outbox = NEW.id;
  UPDATE outbox SET state = 'queued', next_attempt_at = waiting_since WHERE id = NEW.id;
END;
"""
SWAPS_OCTETS = "UPDATE raw_mails SET octets = (SELECT octets FROM raw_mails ORDER BY message LIMIT 1)"
SWAPS_MESSAGES = """
CREATE TEMP TABLE both AS SELECT id, message_id FROM messages WHERE direction = 'in';
UPDATE messages SET message_id = (SELECT message_id FROM both WHERE both.id <> messages.id) WHERE direction = 'in';
"""
MAILS = 6


def meddle(case: Case, script: str) -> None:
    """While the daemon does not run."""
    database = sqlite3.connect(case.desk.store)
    database.executescript(script)
    database.close()


def ledger_forgets(case: Case) -> None:
    case.desk.once()
    meddle(case, FORGETFUL)
    case.send(MAILS)
    case.desk.once()


def outbox_forgets(case: Case) -> None:
    case.desk.once()
    meddle(case, SENDS_AGAIN)
    case.send(MAILS)
    case.pass_until_done()


def somebody_expunges(case: Case) -> None:
    sent = case.send(MAILS)
    case.dovecot.expunge(case.user, sent[2].uid)
    case.pass_until_done()


def somebody_moves(case: Case) -> None:
    sent = case.send(MAILS)
    with case.dovecot.session(case.user) as client:
        client.select("INBOX")
        client.uid("MOVE", str(sent[2].uid), "Processed")
    case.pass_until_done()


def octets_are_altered(case: Case) -> None:
    case.send(MAILS)
    case.pass_until_done()
    meddle(case, SWAPS_OCTETS)


def messages_are_swapped(case: Case) -> None:
    """Two mails of one conversation."""
    case.follow_up(case.append(case.mail("first")), "second")
    case.pass_until_done()
    meddle(case, SWAPS_MESSAGES)


def a_stranger_sends(case: Case) -> None:
    """A mail at the customer's that no row of the outbox knows."""
    case.send(MAILS)
    case.pass_until_done()
    mail = case.received()[0]
    case.smtp.accept(mail._replace(octets=mail.octets.replace(b"Message-ID: <", b"Message-ID: <x")))


CONTROLS = {
    "the ledger forgets": (ledger_forgets, "keep", "doubled: "),
    "another recovery": (ledger_forgets, "keep", "wrong: another recovery changes tickets"),
    "the outbox forgets": (outbox_forgets, "move:Processed", "doubled: outbox row"),
    "somebody expunges a mail": (somebody_expunges, "move:Processed", "lost: "),
    "moved before it was read": (somebody_moves, "move:Processed", "wrong: m2@moved.example was moved before"),
    "octets altered": (octets_are_altered, "move:Processed", "wrong: the raw octets"),
    "messages swapped": (messages_are_swapped, "move:Processed", "wrong: the order"),
    "a mail that nobody wrote": (a_stranger_sends, "move:Processed", "wrong: the SMTP server was given"),
}


def controls(world: World) -> list[Row]:
    rows = []
    for number, (name, (spoil, processed, must_find)) in enumerate(CONTROLS.items()):
        case_name = "moved" if spoil is somebody_moves else f"control{number}"
        with Case(world, case_name, {"processed": processed}) as case:
            spoil(case)
            rows.append(Row(f"control: {name}", mails=len(case.history.sent), findings=case.findings(), must_find=must_find))
    return rows
