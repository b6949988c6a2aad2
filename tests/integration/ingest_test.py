"""What an MTA relies on that hands mails to ticketctl ingest: the exit code says whether to try again."""
import contextlib
import os
import pathlib
import random
import shutil
import sqlite3
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from drill import faults
from support import case, mails
from support.case import FolderCase
from support.desk import Desk
from support.desk_case import require_desk

OK, TEMPORARY = 0, 75


class IngestTest(FolderCase):
    """No server runs here."""

    def setUp(self):
        super().setUp()
        self.desk = Desk(self.folder, [{"url": "imap://127.0.0.1:1"}], {"url": "smtp://127.0.0.1:1"})

    def ingest(self, octets: bytes) -> dict:
        return self.desk.ctl("ingest", stdin=octets)

    def check_that_the_mta_tries_again(self, words: str) -> None:
        done = self.desk.run_ctl("ingest", stdin=mails.mail("tom@acme.example", "Not now"))
        self.assertEqual(done.returncode, TEMPORARY, done.stderr)
        self.assertIn(words, done.stderr)

    def test_ingest_with_a_wrong_configuration(self):
        self.desk.configuration.write_text(self.desk.configuration.read_text() + "\n[supprt]\nname = 'x'\n")
        self.check_that_the_mta_tries_again("supprt")

    def test_ingest_without_a_configuration(self):
        self.desk.configuration.unlink()
        self.check_that_the_mta_tries_again("ticketd.toml")

    def test_ingest_into_the_store_of_a_newer_version(self):
        self.ingest(mails.mail("tom@acme.example", "Before"))
        with contextlib.closing(sqlite3.connect(self.desk.store)) as store:
            store.execute("PRAGMA user_version = 99")
        self.check_that_the_mta_tries_again("newer version")

    def test_ingest_into_a_store_that_is_damaged_or_nowhere(self):
        self.desk.store.write_bytes(b"x" * 5000)
        self.check_that_the_mta_tries_again("no database")
        self.desk.store.unlink()
        self.desk.store.parent.rmdir()
        self.check_that_the_mta_tries_again("tickets.db")

    def test_ingest_of_what_is_committed_is_no_failure(self):
        """The mail is so large that its commit is followed by a checkpoint, in which a sync fails."""
        if reason := faults.why_not():
            self.skipTest(reason)
        self.desk.sections["limits"] = {"message_size": "60MB"}
        self.desk.write()
        self.ingest(mails.mail("tom@acme.example", "Before"))
        noise = random.Random("large").randbytes(17_500_000).decode("latin-1")
        command = [str(case.build_folder() / "ticketctl"), "--config", str(self.desk.configuration), "ingest"]
        seen = set()
        for after in range(5):
            before = len(self.desk.tickets())
            environment = self.desk.environment() | {
                "LD_PRELOAD": str(faults.library()), "FAULTS_FOLDER": f"{self.desk.store.parent}/",
                "FAULTS_LOG": str(self.desk.folder / "faults.log"), "FAULTS_PORTS": "", "FAULTS_EIO": str(after)}
            done = subprocess.run(command, input=mails.with_attachment(f"a{after}@acme.example", noise), capture_output=True,
                                  timeout=120, env=environment)
            if done.returncode == OK:
                self.assertEqual(len(self.desk.tickets()), before + 1)
            else:
                self.assertEqual(done.returncode, TEMPORARY, done.stderr)
            seen.add((done.returncode, b"it is done, but" in done.stderr))
        self.assertIn((OK, True), seen)
        self.assertIn((TEMPORARY, False), seen)

    @unittest.skipIf(os.geteuid() != 0, "root's rights are needed to become another user")
    def test_ingest_without_the_right_to(self):
        self.ingest(mails.mail("tom@acme.example", "Before"))
        for folder in (self.folder, self.desk.folder):
            folder.chmod(0o755)
        self.desk.configuration.chmod(0o644)
        program = shutil.copy(case.build_folder() / "ticketctl", self.folder)
        for path, mode in ((self.desk.store.parent, 0o700), (self.desk.store.parent, 0o755)):
            path.chmod(mode)
            self.desk.store.chmod(0o600)
            done = subprocess.run([program, "--config", str(self.desk.configuration), "ingest"], capture_output=True, timeout=60,
                                  input=mails.mail("tom@acme.example", "Not now"), user="nobody", env=self.desk.environment())
            self.assertEqual(done.returncode, TEMPORARY, done.stderr)
            self.assertIn(b"group ticketd", done.stderr)


if __name__ == "__main__":
    require_desk()
    case.main()
