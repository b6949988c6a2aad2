"""Two daemons with a store each on one mailbox."""
import contextlib
import signal
import sqlite3
import sys

from . import mails
from .case import wait_for
from .desk import SUPPORT, Desk
from .desk_case import DeskCase

LEASES = "ticketd"  # the folder
SHORT, ENDLESS = "3", "3600"  # seconds that a lease holds; the other times follow


class RivalsCase(DeskCase):
    validity = SHORT
    delivers = False

    def setUp(self):
        super().setUp()
        self.written = 0
        self.first = self.make("first")
        self.desk = self.first

    def make(self, name: str, **sections) -> Desk:
        folder = self.folder / name
        folder.mkdir()
        desk = Desk(folder, [{"url": self.dovecot.url()}], {"url": self.smtp.url}, **sections)
        desk.extra_environment["TICKETD_LEASE_SECONDS"] = self.validity
        self.addCleanup(self.end, desk)
        return desk

    def end(self, desk: Desk) -> None:
        if desk.process:
            desk.process.send_signal(signal.SIGCONT)
            desk.kill()
        if self.failed() or sys.exc_info()[0]:
            print(f"--- {desk.folder}\n{desk.log()[-4000:]}", file=sys.stderr)

    def stop_desk(self) -> None:
        pass

    def write_some(self, count: int = 5) -> None:
        for _ in range(count):
            self.written += 1
            self.write(mails.mail(f"customer{self.written}@rivals.example", f"Question {self.written}"))

    def answers(self, number: int) -> int:
        return len(self.smtp.to(f"customer{number}@rivals.example"))

    def wait_answers(self) -> None:
        """Of all mails so far; each got one, and no more."""
        wait_for(lambda: all(self.answers(number) for number in range(1, self.written + 1)), "all are answered", 60, 0.1)
        self.check_answered_once()

    def check_answered_once(self) -> None:
        self.assertEqual([self.answers(number) for number in range(1, self.written + 1)], [1] * self.written)

    def problems(self, desk: Desk) -> str:
        return "\n".join(desk.ctl("status", codes=(0, 1))["problems"])

    def wait_problem(self, desk: Desk, words: str) -> None:
        wait_for(lambda: words in self.problems(desk), f"status says {words!r}", 60, 0.2)

    def wait_log(self, desk: Desk, words: str) -> None:
        wait_for(lambda: words in desk.log(), f"the log says {words!r}", 60, 0.1)

    def leases(self) -> int:
        return self.dovecot.count(SUPPORT, LEASES)

    def freeze_first(self) -> bool:
        """False, and it goes on, when that was in the middle of a transaction, which others would wait for."""
        self.first.process.send_signal(signal.SIGSTOP)
        with contextlib.closing(sqlite3.connect(self.first.store, timeout=0.2, isolation_level=None)) as store:
            try:
                store.execute("BEGIN IMMEDIATE")
                store.execute("ROLLBACK")
                return True
            except sqlite3.OperationalError:
                self.first.process.send_signal(signal.SIGCONT)
                return False

    def clone(self) -> Desk:
        """Beside the original, with a copy of its store."""
        clone = self.make("clone", support=self.first.sections["support"])
        clone.store.unlink(missing_ok=True)
        source, target = sqlite3.connect(self.first.store), sqlite3.connect(clone.store)
        with source, target:
            source.backup(target)
        source.close()
        target.close()
        return clone
