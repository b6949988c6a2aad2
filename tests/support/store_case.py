"""A store without servers: ticketctl alone works on it."""
import contextlib
import pathlib
import sqlite3
import subprocess

from support import case, mails
from support.case import FolderCase
from support.desk import Desk

OK, PROBLEM, USAGE, DATA, NO_INPUT, UNAVAILABLE, TEMPORARY = 0, 1, 64, 65, 66, 69, 75


class StoreCase(FolderCase):
    """No server runs here."""

    def setUp(self):
        super().setUp()
        self.desk = Desk(self.folder, [{"url": "imap://127.0.0.1:1"}], {"url": "smtp://127.0.0.1:1"})

    def ingest(self, sender: str, subject: str, text: str = "Hello.\n") -> int:
        return self.desk.ctl("ingest", stdin=mails.mail(sender, subject, text))["ticket"]

    def kill_after(self, milliseconds: int, *arguments) -> None:
        command = [str(case.build_folder() / "ticketctl"), "--config", str(self.desk.configuration), *map(str, arguments)]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=self.desk.environment()) as running:
            with contextlib.suppress(subprocess.TimeoutExpired):
                running.wait(milliseconds / 1000)
            running.kill()

    def change_store(self, statement: str) -> None:
        with contextlib.closing(sqlite3.connect(self.desk.store)) as store, store:
            store.execute(statement)

    def index(self, subject: str = "One") -> None:
        """A ticket that is in the search index."""
        self.ingest("tom@acme.example", subject)
        self.assertEqual(len(self.desk.ctl("search", subject)), 1)

    def expect(self, code: int, *arguments) -> str:
        """What it says on stderr."""
        done = self.desk.run_ctl(*arguments)
        self.assertEqual(done.returncode, code, f"{arguments}: {done.stdout}{done.stderr}")
        return done.stderr
