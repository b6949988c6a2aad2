"""What the kernel says of a process, how long things take, and mbsync as the rival."""
import os
import pathlib
import socket
import sqlite3
import statistics
import subprocess
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from support.dovecot import PASSWORD


def rss_anon(pid: int) -> int:
    """Octets; 0 when the process is gone."""
    try:
        for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("RssAnon:"):
                return int(line.split()[1]) * 1024
    except FileNotFoundError:
        pass
    return 0


def cpu_seconds(pid: int) -> float:
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def fine_cpu_seconds(pid: int) -> float:
    """Of the threads that live, by the scheduler's nanoseconds: ticks of 10 ms can't tell how idle a process is."""
    return sum(int((task / "schedstat").read_text().split()[0]) for task in pathlib.Path(f"/proc/{pid}/task").iterdir()) / 1e9


def wake_ups(pid: int) -> int:
    """Voluntary context switches of all its threads."""
    total = 0
    for status in pathlib.Path(f"/proc/{pid}/task").glob("*/status"):
        total += int(next(line for line in status.read_text().splitlines() if line.startswith("voluntary")).split()[1])
    return total


class Peak:
    """The highest RssAnon of a process while the block runs, sampled every 20 ms."""

    def __init__(self, pid: int):
        self.pid, self.value, self.running = pid, 0, True

    def __enter__(self):
        self.thread = threading.Thread(target=self.sample, daemon=True)
        self.thread.start()
        return self

    def sample(self):
        while self.running:
            self.value = max(self.value, rss_anon(self.pid))
            time.sleep(0.02)

    def __exit__(self, *_):
        self.running = False
        self.thread.join()


def ask(store: pathlib.Path, query: str) -> int:
    """Looks into the store without a program of ours in between; 0 while it is not there yet."""
    if not store.exists():
        return 0
    try:
        connection = sqlite3.connect(f"file:{store}?mode=ro", uri=True, timeout=5)
        try:
            return connection.execute(query).fetchone()[0] or 0
        finally:
            connection.close()
    except sqlite3.OperationalError:
        return 0


def count_rows(store: pathlib.Path, table: str, where: str = "1") -> int:
    return ask(store, f"SELECT count(*) FROM {table} WHERE {where}")


def count_tickets(store: pathlib.Path) -> int:
    """None is ever taken out, so the last number tells; to count a million rows again and again would be what is measured."""
    return ask(store, "SELECT max(number) FROM tickets")


def until(condition, seconds: float = 300, interval: float = 0.01) -> float:
    """time.monotonic() when the condition came true."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError(f"waited {seconds} s in vain")
        time.sleep(interval)
    return time.monotonic()


def median(values) -> float:
    return statistics.median(list(values))


def percentile(values, share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


# The tables that a backlog fills, and what a row's mail is known by; a table stands behind those that it refers to.
FILLED = {"mailboxes": None, "tickets": "number", "participants": "ticket", "messages": "id", "message_addresses": "message",
          "raw_mails": "message", "outbox": "id", "outbox_octets": "outbox", "outbox_recipients": "outbox", "mail_ids": "ticket",
          "fresh_mail_keys": "(mail + 1) / 2",  # two for each ticket: the customer's mail, and ours
          "sender_activity": "ticket", "digest_entries": "ticket", "events": "ticket", "ledger": "ticket"}


def columns_of(connection: sqlite3.Connection, table: str) -> list[str]:
    """Those that are stored; what is generated of them is left out."""
    return [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]


def plain_insert_seconds(store: pathlib.Path, folder: pathlib.Path, batch: int = 500) -> float:
    """How long it takes to write a store's rows once more, in durable transactions of a batch each, with its indexes and
    triggers and without anything else."""
    target = folder / "plain.db"
    target.unlink(missing_ok=True)
    connection = sqlite3.connect(target, isolation_level=None)
    connection.execute("ATTACH ? AS source", (str(store),))
    for statement, in connection.execute("SELECT sql FROM source.sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%' "
                                         "AND name NOT LIKE 'message_search%' ORDER BY rowid").fetchall():
        connection.execute(statement)
    connection.executescript("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON")
    last, = connection.execute("SELECT max(number) FROM source.tickets").fetchone()
    connection.execute("INSERT INTO mailboxes SELECT * FROM source.mailboxes")
    columns = {table: ", ".join(columns_of(connection, table)) for table in FILLED}
    started = time.monotonic()
    for begin in range(0, last, batch):
        connection.execute("BEGIN IMMEDIATE")
        for table, key in FILLED.items():
            if key:
                connection.execute(f"INSERT INTO {table} ({columns[table]}) SELECT {columns[table]} FROM source.{table} "
                                   f"WHERE {key} > ? AND {key} <= ?", (begin, begin + batch))
        connection.execute("COMMIT")
    took = time.monotonic() - started
    connection.close()
    return took


MBSYNC = """\
IMAPAccount desk
Host 127.0.0.1
Port {port}
User {user}
Pass {password}
SSLType None
AuthMechs LOGIN

IMAPStore far
Account desk

MaildirStore near
Inbox {folder}/mail

Channel all
Far :far:
Near :near:
Sync Pull
Create Near
SyncState {folder}/state-
"""


def mbsync_seconds(folder: pathlib.Path, port: int, user: str, mails: int) -> float:
    """How long mbsync takes, with its default FSync yes, to copy an INBOX to a Maildir in `folder`."""
    folder.mkdir(parents=True)
    configuration = folder / "mbsyncrc"
    configuration.write_text(MBSYNC.format(port=port, user=user, password=PASSWORD, folder=folder))
    started = time.monotonic()
    done = subprocess.run(["mbsync", "-q", "-c", str(configuration), "all"], capture_output=True, text=True, timeout=600)
    took = time.monotonic() - started
    copied = len(list((folder / "mail").glob("*/*")))
    if done.returncode != 0 or copied < mails:
        raise RuntimeError(f"mbsync copied {copied} of {mails}: {done.stderr}")
    return took


def transfer_rate(port: int, user: str) -> float:
    """Octets per second of one plain FETCH of everything: what server and proxy can do, whoever asks."""
    with socket.create_connection(("127.0.0.1", port), 60) as connection:
        stream = connection.makefile("rwb")
        stream.readline()
        for line in (f"a LOGIN {user} {PASSWORD}", "a EXAMINE INBOX"):
            stream.write(line.encode() + b"\r\n")
            stream.flush()
            while not stream.readline().startswith(b"a "):
                pass
        stream.write(b"z9 UID FETCH 1:* (BODY.PEEK[])\r\n")
        stream.flush()
        octets, started, tail = 0, time.monotonic(), b""
        while b"\r\nz9 OK" not in tail:
            block = connection.recv(1 << 18)
            if not block:
                raise ConnectionError("the server hung up")
            octets += len(block)
            tail = (tail + block)[-200:]
        return octets / (time.monotonic() - started)
