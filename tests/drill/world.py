"""A world with a Dovecot and an SMTP server, the cases that share it, and what a drill reports."""
import collections
import contextlib
import dataclasses
import getpass
import imaplib
import os
import pathlib
import shutil
import subprocess
import sys
import time
import zlib
from typing import NamedTuple

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from support import mails
from support.case import free_port, temporary_folder, wait_for
from support.desk import OPEN, Desk
from support.dovecot import Dovecot
from support.smtp_server import SmtpServer
from drill import history, marks
from drill.history import Finding, History, Sent

QUICK = {"retry_first": "100ms", "retry_max": "400ms"}
# Above the limit news would wait for the next ten minutes' digest, which any two looks at the desk may lie on both sides of.
EACH_AT_ONCE = {"limit": "100000/1h", "repeat": "12h"}
IN_NO_HURRY = {"urgent": {"response": "24h"}}  # nothing falls due by the clock while a drill lasts
LONGER_THAN_RETRIES = 0.5  # seconds; after it whatever waits for an attempt is due
SETTLED = ("sent", "failed")


def until(end: float, first: int = 0):
    """0, 1, 2, … as long as there is time; once at least."""
    number = first
    while number == first or time.monotonic() < end:
        yield number
        number += 1


class Wreck(NamedTuple):
    """What a dead daemon left to do."""

    sending: int  # rows
    sure: int     # of them, whose end it knew
    waiting: int  # mails without an outcome, and rows to be sent


@dataclasses.dataclass
class Row:
    """One line of the table. A control must find each of `must_find`: the function that tells it, a colon, and how it begins."""

    name: str
    faults: collections.Counter = dataclasses.field(default_factory=collections.Counter)
    mails: int = 0
    findings: list[Finding] = dataclasses.field(default_factory=list)
    recovered: float = 0.0
    must_find: tuple[str, ...] = ()
    skipped: str = ""
    is_not_done: bool = False  # all of its drill was skipped
    wanted: dict[str, int] = dataclasses.field(default_factory=dict)  # fault -> how many there must be

    def count(self, kind: str) -> int:
        return len({finding.about or finding.text for finding in self.findings if finding.kind == kind})

    @property
    def good(self) -> bool:
        return not self.not_found() if self.must_find else not self.findings and not self.too_few()

    def too_few(self) -> list[str]:
        """What of `wanted` was not done."""
        return [f"{self.faults[what]} of {count} {what}" for what, count in self.wanted.items() if self.faults[what] < count]

    def told(self) -> str:
        """Its faults, beside how many were wanted."""
        def count(what: str) -> str:
            return f"{self.faults[what]} of {self.wanted[what]}" if what in self.wanted else str(self.faults[what])
        return ", ".join(f"{count(what)} {what}" for what in {**self.wanted, **self.faults})

    def not_found(self) -> list[str]:
        """What of `must_find` no finding begins with."""
        return [must for must in self.must_find if not any(str(finding).startswith(must) for finding in self.findings)]

    @contextlib.contextmanager
    def stopping_short(self):
        """What does not come to its end is a finding, and the checker tells the rest."""
        try:
            yield
        except (RuntimeError, TimeoutError, subprocess.TimeoutExpired) as error:
            self.findings.append(Finding("wrong", f"it does not come to its end: {error}", by="stopping_short"))

    def add(self, other: "Row") -> None:
        self.faults.update(other.faults)
        self.findings += [finding._replace(about=f"{self.mails}: {finding.about or finding.text}") for finding in other.findings]
        self.mails += other.mails
        self.recovered = max(self.recovered, other.recovered)


class World:
    """One Dovecot and one SMTP server for many cases."""

    def __init__(self):
        self.folder = temporary_folder("ticketd-drill-")
        self.dovecot = Dovecot(self.folder)
        self.smtp = SmtpServer()

    def __enter__(self):
        self.dovecot.start()
        return self

    def __exit__(self, *_):
        self.smtp.stop()
        self.dovecot.stop()
        if os.environ.get("KEEP_FOLDERS"):
            print(f"kept: {self.folder}", flush=True)
        else:
            shutil.rmtree(self.folder, ignore_errors=True)


class Case:
    """A desk with a mailbox of its own and customers of its own (those of the domain NAME.example)."""

    def __init__(self, world: World, name: str, mailbox: dict | None = None, smtp: dict | None = None, make_desk=Desk):
        self.world, self.name = world, name
        self.dovecot, self.smtp = world.dovecot, world.smtp
        self.imap_port, self.smtp_port = world.dovecot.imap_port, world.smtp.port
        self.user = f"{name}@desk.example"
        self.dovecot.count(self.user)  # it is there: two connections of a daemon may trip over each other making it
        self.staff = f"staff@{name}.example"  # hears of each ticket at once
        self.history = History()
        self.evidence: history.Evidence | None = None  # what `findings` has read
        self.connections = 0  # to the SMTP server, before the daemon that runs
        table = {"url": self.dovecot.url(), "user": self.user} | (mailbox or {})
        self.processed = table.get("processed", "move:Processed")
        self.desk = make_desk(world.folder / name, [table], {"url": self.smtp.url} | QUICK | (smtp or {}),
                              staff=[{"name": "Ann Engineer", "email": self.staff, "login": getpass.getuser(), "roles": ["engineer"]}],
                              office_hours=OPEN, page=EACH_AT_ONCE, priority=IN_NO_HURRY)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.desk.process:
            self.desk.kill()

    def sender(self, token: str) -> str:
        return f"{token}@{self.name}.example"

    def received(self) -> list:
        domain = f"@{self.name}.example"
        return [mail for mail in list(self.smtp.mails) if mail.recipients[0].endswith(domain)]

    def seen(self) -> set[int]:
        """The UIDs of INBOX that are flagged."""
        with self.dovecot.session(self.user) as client:
            client.select("INBOX", readonly=True)
            return set(map(int, client.uid("SEARCH", "SEEN")[1][0].split()))

    # --- customers ---

    def mail(self, token: str, text: str = "Hello.\n") -> bytes:
        """Every third one is Urgent, so pages and acknowledgements leave side by side."""
        subject = f"Urgent: case {token}" if zlib.crc32(token.encode()) % 3 == 0 else f"Case {token}"
        return mails.mail(f"Customer <{self.sender(token)}>", subject, text, message_id=f"<{token}@{self.name}.example>")

    def follow_up(self, first: Sent, token: str) -> Sent:
        """A second mail of the same customer, in the same thread."""
        octets = mails.mail(f"Customer <{first.sender}>", f"Case {token}", message_id=f"<{token}@{self.name}.example>",
                            headers=(f"References: <{first.message_id}>",))
        return self.append(octets, first.sender, first.opener)

    def append(self, octets: bytes, sender: str = "", opener: str = "", client: imaplib.IMAP4 | None = None) -> Sent:
        """The mail goes into the mailbox, and into the history."""
        message_id = history.message_id_of(octets)
        try:
            uid = self.dovecot.append_with(client, octets) if client else self.dovecot.append(self.user, octets)
        except (OSError, imaplib.IMAP4.error):
            uid = 0
        sent = Sent(message_id, octets, sender or message_id, opener or message_id, uid, uid != 0)
        self.history.add(sent)
        return sent

    def send(self, count: int, prefix: str = "m") -> list[Sent]:
        return [self.append(self.mail(f"{prefix}{number}")) for number in range(count)]

    # --- the end ---

    def settled(self) -> bool:
        """Whether every mail has its outcome, the server's mailbox is as it should be, and the outbox has nothing to do."""
        ledger = self.desk.ctl("ledger")
        if not ledger["mailboxes"] or ledger["mailboxes"][0]["missing"]:
            return False
        here = {entry["uid"] for entry in ledger["entries"] if entry["uid_validity"] == ledger["mailboxes"][0]["uid_validity"]}
        listed = {uid for uid, _ in self.dovecot.message_ids(self.user)}
        if not listed <= here or self.processed.startswith("move") and listed:
            return False
        if self.processed == "seen" and listed - self.seen():
            return False
        if self.history.known_uids() - {entry["uid"] for entry in ledger["entries"]}:
            return False
        return all(row["state"] in SETTLED for row in self.desk.ctl("outbox", "list", "--all"))

    def settle(self, seconds: float = 60) -> float:
        """Waits until everything is in and out, failed rows included; gives the seconds it took."""
        began = time.monotonic()
        wait_for(self.settled, f"{self.name}: everything is in", seconds, 0.1)
        self.retry_failed()
        wait_for(self.settled, f"{self.name}: everything is out", seconds, 0.1)
        return time.monotonic() - began

    def retry_failed(self) -> None:
        for row in self.desk.ctl("outbox", "list", "--all"):
            if row["state"] == "failed":
                self.desk.ctl("outbox", "retry", row["id"])

    def pass_until_done(self, most: int = 12) -> None:
        """`ticketd --once` until it is content; the retries' times are short."""
        for _ in range(most):
            done = self.desk.once()
            if done.returncode == 0 and all(row["state"] == "sent" for row in self.desk.ctl("outbox", "list", "--all")):
                return
            time.sleep(0.2)
        raise RuntimeError(f"{self.name}: ticketd --once does not come to an end: {done.returncode} {done.stderr[-800:]}")

    def findings(self) -> list[Finding]:
        """The checker, and once more after two further recoveries. The daemon must not run."""
        before = history.collect(self)
        for _ in range(2):
            self.desk.once()
        self.evidence = after = history.collect(self)
        return self.check(after) + history.same_after_another_recovery(before, after)

    def check(self, evidence: history.Evidence) -> list[Finding]:
        left = evidence.folders["INBOX"] if self.processed.startswith("move") else []
        return history.check(self.history, evidence) + [
            Finding("wrong", f"{mail} is still in INBOX", by="check") for mail in left]

    # --- after a kill ---

    def look_at_the_wreck(self, only_killed: bool = False) -> "Wreck":
        """What the dead daemon left, read from a copy: recovery is for ticketd alone. Where it was `only_killed`, on a machine
        that runs on, only the rows may go out again of which it did not know yet who has them."""
        ledger, outbox = self.desk.ctl_on_copy("ledger"), self.desk.ctl_on_copy("outbox", "list", "--all")
        sending = [row for row in outbox if row["state"] == "sending"]
        sure = marks.sure(self.desk.store, self.desk.boot_id()) if only_killed else set()
        unsure = [row["message_id"] for row in sending if (marks.key_of(row["message_id"]), row["attempts"]) not in sure]
        life = range(self.connections + 1, self.smtp.connections + 1)
        self.connections = self.smtp.connections
        for message_id in unsure:
            self.history.excuse(message_id, life)
        committed = {entry["uid"] for entry in ledger["entries"]}
        waiting = len(self.history.known_uids() - committed) + sum(row["state"] not in SETTLED for row in outbox)
        moved = self.dovecot.message_ids(self.user, "Processed")
        for invariant, marked in ((history.moved_is_only_what_is_committed, moved), (history.seen_is_only_what_is_committed, self.seen())):
            self.history.seen_early += history.found_by(invariant, invariant(self.history, committed, marked))
        return Wreck(len(sending), len(sending) - len(unsure), waiting)

    def recover_twice(self) -> list[Finding]:
        """Copies of the store that the dead daemon left, one recovered once and one twice, where no server answers."""
        time.sleep(LONGER_THAN_RETRIES)  # or one copy would try what was not due yet in the other
        stores = []
        for passes in (1, 2):
            # A copy would wait for a lease that no server tells of.
            table = self.desk.sections["mailbox"][0] | {"url": f"imap://127.0.0.1:{free_port()}", "lease_folder": ""}
            folder = self.desk.folder.parent / f"recovered{passes}"
            shutil.rmtree(folder, ignore_errors=True)
            twin = Desk(folder, [table], {"url": f"smtp://127.0.0.1:{free_port()}"},
                        staff=self.desk.sections["staff"], office_hours=OPEN)
            for path in self.desk.store.parent.glob(self.desk.store.name + "*"):
                if not path.name.endswith((".lock", "-shm")):
                    shutil.copy(path, twin.store.parent)
            for _ in range(passes):
                twin.once()
            stores.append(twin.store)
        return history.recovered_twice_as_once(*stores)
