"""What a store that has grown large costs: the rate of new mails, and what staff wait for."""
import random
import sqlite3
import sys
import time

from measure import ask, columns_of, count_tickets, median, percentile, until
from rows import LOADS, Bench, Load, Row
from support import mails
from support.desk import Desk

SIZE = 1000  # octets of each stored mail
DAYS = 1000  # that the stored mails are spread over
MICROSECONDS = 86_400 * 1_000_000  # of a day
NEVER = 2**63 - 1
MANY_KEYS = 16_000  # from so many on the desk merges them when it is idle (daemon/desk/chores.cc)

# What makes a copy of a row another one: ":n" is the number of the copy, ":off" how many tickets there were at first,
# ":ago" how much older it is. Columns that are not named are copied, but for instants, which are older; each mail has one
# ticket, one message and one outgoing mail of the same number. Of ten old tickets, nine are closed and one is open and
# answered. What limits are counted on (sender_activity and its like) is not copied: the daemon forgets it after a day.
COPIES = {
    "tickets": {"number": "number + :off", "status": "CASE WHEN number % 10 THEN 'closed' ELSE 'open' END", "check_at": "NULL",
                "responded_at": "reported_at - :ago + 600000000", "pressing_at": str(NEVER),
                "closed_at": f"CASE WHEN number % 10 THEN reported_at - :ago + {MICROSECONDS} END"},
    "messages": {"id": "id + :off", "ticket": "ticket + :off", "message_id": "message_id || '.' || :n"},
    "message_addresses": {"message": "message + :off"},
    "raw_mails": {"message": "message + :off"},
    "outbox": {"id": "id + :off", "ticket": "ticket + :off", "message_id": "message_id || '.' || :n"},
    "outbox_octets": {"outbox": "outbox + :off"},
    "outbox_recipients": {"outbox": "outbox + :off"},
    "participants": {"ticket": "ticket + :off"},
    "events": {"id": "NULL", "ticket": "ticket + :off"},
    "mail_ids": {"id": "NULL", "message_id": "message_id || '.' || :n", "ticket": "ticket + :off",
                 "outbox": "outbox + :off"},
    "ledger": {"uid": "uid - :off", "ticket": "ticket + :off"},
}
KEYS = {"tickets": "number", "messages": "id", "outbox": "id", "message_addresses": "message", "raw_mails": "message",
        "outbox_octets": "outbox", "outbox_recipients": "outbox"}


def copy_rows(connection: sqlite3.Connection, table: str, number: int, copies: int, base: int) -> None:
    columns = columns_of(connection, table)
    older = {column: f"{column} - :ago" for column in columns if column == "at" or column.endswith(("_at", "_since", "_from"))}
    values = [(older | COPIES[table]).get(column, column) for column in columns]
    originals = f"{KEYS.get(table, 'ticket')} <= :base"
    connection.execute(f"INSERT INTO {table} ({', '.join(columns)}) SELECT {', '.join(values)} FROM {table} WHERE {originals}",
                       {"n": number, "off": number * base, "base": base, "ago": (copies - number) * DAYS * MICROSECONDS // copies})


def multiply(desk: Desk, wanted: int) -> None:
    """Copies what is in the store until there are so many tickets, the search index included."""
    connection = sqlite3.connect(desk.store, isolation_level=None)
    connection.execute("PRAGMA synchronous = OFF")
    connection.execute("UPDATE outbox SET state = 'sent', next_attempt_at = NULL")
    base, = connection.execute("SELECT count(*) FROM tickets").fetchone()
    assert connection.execute("SELECT max(id), count(*) FROM messages").fetchone() == (base, base)
    assert connection.execute("SELECT max(id), count(*) FROM outbox").fetchone() == (base, base)
    connection.execute("BEGIN")
    copies = wanted // base
    for number in range(1, copies):
        for table in COPIES:
            copy_rows(connection, table, number, copies, base)
    connection.execute("INSERT INTO message_search (rowid, subject, text) SELECT id, subject, text FROM messages WHERE id > ?", (base,))
    connection.execute("UPDATE search_progress SET indexed_up_to = (SELECT max(id) FROM messages)")
    connection.execute("INSERT INTO mail_keys SELECT random(), id FROM mail_ids ORDER BY 1")
    connection.execute("DELETE FROM fresh_mail_keys")
    connection.execute("DELETE FROM mail_key_filters")
    connection.execute("COMMIT")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()


def settle(desk: Desk) -> None:
    """Lets the desk do what it does in idle moments when it comes upon such a store."""
    desk.start()
    until(lambda: ask(desk.store, f"SELECT count(*) FROM mail_key_filters WHERE from_key = {-NEVER - 1}"), 60, 0.1)
    desk.stop()


def ingest_rate(bench: Bench, desk: Desk, user: str, octets: list[bytes]) -> float:
    """Mails a second into that store, from the first ticket on. Then the desk has the idle moments that it waits for."""
    bench.dovecot.fill(user, octets)
    before = count_tickets(desk.store)
    desk.start(wait_ready=False)
    began = until(lambda: count_tickets(desk.store) > before)
    already = count_tickets(desk.store) - before
    ended = until(lambda: count_tickets(desk.store) >= before + len(octets))
    until(lambda: bench.dovecot.count(user) == 0, 60, 0.2)
    until(lambda: ask(desk.store, "SELECT indexed_up_to = (SELECT max(id) FROM messages) FROM search_progress"), 60, 0.1)
    until(lambda: ask(desk.store, f"SELECT count(*) < {MANY_KEYS} FROM fresh_mail_keys"), 60, 0.1)
    desk.stop()
    return (len(octets) - already) / (ended - began)


def into_both(bench: Bench, grown: Desk, user: str, load: Load, name: str) -> list[Row]:
    empty_rates, grown_rates = [], []
    for _ in range(bench.runs):
        fresh = f"fresh{next(bench.numbers)}@desk.example"
        empty_rates.append(ingest_rate(bench, bench.desk(fresh), fresh, load.mails(bench)))
        grown_rates.append(ingest_rate(bench, grown, user, load.mails(bench, bench.mails * next(bench.numbers))))
    return [Row(f"new mails of {load.name} into an empty store", median(empty_rates), "mails/s"),
            Row(f"  into a store of {name}", median(grown_rates), "mails/s"),
            Row(f"  ratio to the empty store (median of {bench.runs})",
                median(a / b for a, b in zip(grown_rates, empty_rates)), "", 0.9, ">=")]


def waiting(desk: Desk, arguments, runs: int) -> float:
    """The 99th percentile in milliseconds, the start of the program included."""
    samples = []
    for _ in range(runs):
        began = time.monotonic()
        done = desk.run("ticketctl", "--config", desk.configuration, *arguments())
        samples.append(1000 * (time.monotonic() - began))
        if done.returncode != 0 or not done.stdout.strip():
            raise RuntimeError(f"{arguments()}: {done.stdout}{done.stderr}")
    return percentile(samples, 0.99)


def growth(bench: Bench) -> list[Row]:
    stored = 20_000 if bench.quick else 1_000_000
    user = f"grown{next(bench.numbers)}@desk.example"
    grown = bench.desk(user)
    bench.dovecot.doveadm("mailbox", "update", "-u", user, "--min-next-uid", str(stored + 1), "INBOX")
    ingest_rate(bench, grown, user, [mails.filler(number, SIZE) for number in range(bench.mails)])
    began = time.monotonic()
    multiply(grown, stored)
    print(f"a store of {stored:,} mails made in {time.monotonic() - began:.0f} s", file=sys.stderr, flush=True)
    settle(grown)
    name, runs = f"{stored:,} stored mails", 20 if bench.quick else 100
    chosen = random.Random(1)
    found = [row for load in LOADS for row in into_both(bench, grown, user, load, name)]
    for command, arguments in (("list --limit 50", lambda: ["list", "--limit", "50"]),
                               ("show N", lambda: ["show", str(chosen.randrange(1, stored))]),
                               ("search, rare words", lambda: ["search", f"case {chosen.randrange(1, bench.mails)}"])):
        found.append(Row(f"ticketctl {command} with {name}, p99 of {runs}",
                         median(waiting(grown, arguments, runs) for _ in range(bench.runs)), "ms", 50))
    return found
