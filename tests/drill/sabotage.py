"""Negative controls: each breaks one promise from outside, and the checker must say so. The product has no switch for it."""
import sqlite3

from drill import history
from drill.fetches import FetchProxy
from drill.world import Case, Row, World
from support import mails
from support.proxy import Cut
from support.smtp_server import DROP, Step

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
REVERSES_MESSAGES = """
CREATE TEMP TABLE mails AS SELECT id, message_id, row_number() OVER (ORDER BY id) AS first, row_number() OVER (ORDER BY id DESC) AS last
  FROM messages WHERE direction = 'in';
UPDATE messages SET message_id = (SELECT theirs.message_id FROM mails JOIN mails AS theirs ON mails.first = theirs.last
                                  WHERE mails.id = messages.id) WHERE direction = 'in';
"""
MOVES_MESSAGE = """
UPDATE messages SET ticket = (SELECT max(number) FROM tickets) WHERE message_id LIKE 'second@%';
"""
ACKNOWLEDGES_TWICE = """
INSERT INTO outbox (ticket, kind, reverse_path, message_id, state, waiting_since, changed_at)
  SELECT ticket, kind, reverse_path, 'again.' || message_id, state, waiting_since, changed_at FROM outbox LIMIT 1;
INSERT INTO outbox_octets SELECT (SELECT max(id) FROM outbox), octets FROM outbox_octets LIMIT 1;
INSERT INTO outbox_recipients SELECT (SELECT max(id) FROM outbox), position, address, state FROM outbox_recipients LIMIT 1;
"""
RECOVERY_LEAVES_TRACES = """
CREATE TRIGGER drill_traces AFTER UPDATE OF error ON mailboxes BEGIN
  INSERT INTO events (at, actor, kind, detail) VALUES (0, 'drill', 'drill', '');
END;
"""
MAILS = 6
LARGE = 3  # UID
WITHIN_LARGE = 10_000  # octets from the IMAP server


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


def moved_mail_is_lost(case: Case) -> None:
    """Others moved it, so its UID is not known; that it must be there is."""
    sent = case.send(MAILS)
    case.dovecot.expunge(case.user, sent[2].uid)
    case.history.sent[2] = sent[2]._replace(uid=0)
    case.pass_until_done()


def converse(case: Case) -> None:
    """All mails of one conversation; LARGE is much larger than the others together."""
    first = case.append(case.mail("first"))
    for number in range(2, MAILS + 1):
        octets = mails.mail(f"Customer <{first.sender}>", f"Case {number}", "All work and no play.\n" * (1000 if number == LARGE else 1),
                            message_id=f"<more{number}@{case.name}.example>", headers=(f"References: <{first.message_id}>",))
        case.append(octets, first.sender, first.opener)


def converse_while_cut(case: Case, cuts: int) -> None:
    """So many connections break, each within the large mail."""
    converse(case)
    box = case.desk.sections["mailbox"][0]
    box["lease_folder"] = ""  # or the second connection of each pass would count
    with FetchProxy(case.dovecot.imap_port) as proxy:
        case.history.breaks = proxy.breaks
        proxy.plan = lambda connection: Cut(WITHIN_LARGE) if connection <= cuts else None
        box["url"], direct = f"imap://127.0.0.1:{proxy.port}", box["url"]
        case.desk.write()
        case.pass_until_done()
    box["url"] = direct
    case.desk.write()
    if proxy.breaks != {LARGE: cuts}:
        raise RuntimeError(f"the connections broke over {proxy.breaks}")


def order_is_reversed(case: Case) -> None:
    converse(case)
    case.pass_until_done()
    meddle(case, REVERSES_MESSAGES)


def order_is_reversed_after_a_cut(case: Case) -> None:
    """A connection broke over one mail, which is no reason for it to be late, and still less for the others."""
    converse_while_cut(case, 1)
    meddle(case, REVERSES_MESSAGES)


def order_is_reversed_after_two_cuts(case: Case) -> None:
    """One mail may be late, and is, which is no finding; the others may not."""
    converse_while_cut(case, 2)
    late, found = history.count_displaced(case.history, history.collect(case)), case.findings()
    if late != 1 or found:
        raise RuntimeError(f"one mail may be late; {late} are, and that is {found}")
    meddle(case, REVERSES_MESSAGES)


def mail_is_in_the_wrong_ticket(case: Case) -> None:
    case.follow_up(case.append(case.mail("first")), "second")
    case.append(case.mail("third"))
    case.pass_until_done()
    meddle(case, MOVES_MESSAGE)


def acknowledged_twice(case: Case) -> None:
    case.send(MAILS)
    case.pass_until_done()
    meddle(case, ACKNOWLEDGES_TWICE)


def third_copy(case: Case) -> None:
    """One answer was lost, which is a reason for a second copy, not for a third."""
    lost = []

    def loses_first_answer(step: Step) -> str | None:
        if step.stage != "dot" or lost:
            return None
        lost.append(history.message_id_of(step.octets))
        case.history.excuse(lost[0], range(step.connection, step.connection + 1))
        return DROP

    case.smtp.plan = loses_first_answer
    case.send(MAILS)
    case.pass_until_done()
    case.smtp.plan = None
    copies = [mail for mail in case.received() if history.message_id_of(mail.octets) == lost[0]]
    if len(copies) != 2 or history.check(case.history, history.collect(case)):
        raise RuntimeError(f"a second copy with an excuse is no fault; there are {len(copies)}")
    case.smtp.accept(copies[-1])


def a_stranger_sends(case: Case) -> None:
    """A mail at the customer's that no row of the outbox knows."""
    case.send(MAILS)
    case.pass_until_done()
    mail = case.received()[0]
    case.smtp.accept(mail._replace(octets=mail.octets.replace(b"Message-ID: <", b"Message-ID: <x")))


def flag(case: Case, uid: int, change: str) -> None:
    """A third hand; `change` is + or -."""
    with case.dovecot.session(case.user) as client:
        client.select("INBOX")
        client.uid("STORE", str(uid), f"{change}FLAGS", r"(\Seen)")


def flagged_early(case: Case) -> None:
    case.desk.once()
    flag(case, case.send(MAILS)[2].uid, "+")
    case.look_at_the_wreck()
    case.pass_until_done()


def flag_is_taken_away(case: Case) -> None:
    sent = case.send(MAILS)
    case.pass_until_done()
    flag(case, sent[2].uid, "-")


def flagged_for_nothing(case: Case) -> None:
    sent = case.send(MAILS)
    case.pass_until_done()
    flag(case, sent[2].uid, "+")


def recovery_leaves_traces(case: Case) -> None:
    case.send(MAILS)
    case.pass_until_done()
    if found := case.recover_twice():
        raise RuntimeError(f"before anybody has touched it: {found}")
    meddle(case, RECOVERY_LEAVES_TRACES)
    case.history.seen_early += case.recover_twice()


MOVE = "move:Processed"
CONTROLS = {  # name -> who spoils what, how mails are marked as processed, what must be found
    "the ledger forgets": (ledger_forgets, "keep", ("each_mail_is_in_one_message: doubled", "outcomes_are_as_expected: lost",
                                                    "same_after_another_recovery: wrong: another recovery changes tickets")),
    "the outbox forgets": (outbox_forgets, MOVE, ("each_row_reached_the_server: doubled",)),
    "somebody expunges a mail": (somebody_expunges, MOVE, ("each_mail_is_in_one_message: lost", "each_uid_has_one_outcome: lost",
                                                           "nothing_vanished_from_the_server: lost")),
    "a mail is lost that others moved": (moved_mail_is_lost, MOVE, ("each_mail_is_in_one_message: lost",
                                                                    "nothing_vanished_from_the_server: lost")),
    "moved before it was read": (somebody_moves, MOVE, ("moved_in_the_end: wrong: m2@",)),
    "octets altered": (octets_are_altered, MOVE, ("originals_are_kept_octet_for_octet",)),
    "order reversed": (order_is_reversed, MOVE, ("messages_stand_in_the_order_of_uids",)),
    "order reversed after a cut": (order_is_reversed_after_a_cut, MOVE, ("messages_stand_in_the_order_of_uids",)),
    "order reversed after two cuts": (order_is_reversed_after_two_cuts, MOVE, ("messages_stand_in_the_order_of_uids",)),
    "a mail in the wrong ticket": (mail_is_in_the_wrong_ticket, MOVE, ("each_ticket_is_one_conversation",)),
    "acknowledged twice": (acknowledged_twice, MOVE, ("each_ticket_is_acknowledged_once: doubled",)),
    "a third copy": (third_copy, MOVE, ("each_row_reached_the_server: doubled",)),
    "a mail that nobody wrote": (a_stranger_sends, MOVE, ("each_row_reached_the_server: wrong: the SMTP server was given",)),
    "recovery leaves traces": (recovery_leaves_traces, MOVE, ("recovered_twice_as_once: wrong: a second recovery changes events",)),
    "flagged before it was read": (flagged_early, "seen", ("seen_is_only_what_is_committed",)),
    "a flag taken away": (flag_is_taken_away, "seen", ("seen_in_the_end: wrong: UID 3 was filed",)),
    "flagged for nothing": (flagged_for_nothing, "keep", ("seen_in_the_end: wrong: UID 3 is flagged",)),
}


def controls(world: World) -> list[Row]:
    rows = []
    for number, (name, (spoil, processed, must_find)) in enumerate(CONTROLS.items()):
        with Case(world, f"control{number}", {"processed": processed}) as case:
            spoil(case)
            rows.append(Row(f"control: {name}", mails=len(case.history.sent), findings=case.findings(), must_find=must_find))
    return rows


def uncovered() -> set[str]:
    """The invariants that no control turns red."""
    named = {must.partition(":")[0] for _, _, must_find in CONTROLS.values() for must in must_find}
    return {invariant.__name__ for invariant in history.INVARIANTS} - named
