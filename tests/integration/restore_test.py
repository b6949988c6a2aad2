"""A backup takes the store's place, whatever is wrong with the store, and whoever is killed meanwhile."""
import contextlib
import os
import pathlib
import shutil
import sqlite3
import stat
import subprocess
import sys
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from drill import faults
from support import case
from support.desk_case import require_desk
from support.store_case import DATA, NO_INPUT, OK, TEMPORARY, UNAVAILABLE, StoreCase


class RestoreTest(StoreCase):
    def test_what_is_no_backup_is_refused(self):
        self.ingest("tom@acme.example", "One")
        before = self.desk.ctl("show", 1)
        rubbish = self.folder / "rubbish.db"
        rubbish.write_bytes(b"x" * 9000)
        songs = self.folder / "songs.db"
        with contextlib.closing(sqlite3.connect(songs)) as other, other:
            other.execute("CREATE TABLE songs (name)")
        for file, code in ((rubbish, 69), (songs, 69), (self.folder / "nowhere.db", NO_INPUT), (self.desk.store, DATA)):
            with self.subTest(file):
                self.expect(code, "restore", file)
        self.assertEqual(self.desk.ctl("show", 1), before)
        self.assertEqual([path.name for path in self.desk.store.parent.iterdir() if "restore" in path.name], [])

    def test_a_damaged_store_goes_aside_whole(self):
        self.ingest("tom@acme.example", "One")
        backup = self.folder / "backup.db"
        self.desk.ctl("backup", backup)
        self.desk.store.write_bytes(b"damaged" * 900)
        pathlib.Path(f"{self.desk.store}-wal").write_bytes(b"log")
        self.desk.store.chmod(0o640)
        done = self.desk.ctl("restore", backup)
        self.assertEqual(pathlib.Path(done["aside"]).read_bytes()[:7], b"damaged")
        self.assertFalse(pathlib.Path(f"{self.desk.store}-wal").exists(), "the log of the one before is not taken for the new one's")
        self.assertEqual(stat.S_IMODE(self.desk.store.stat().st_mode), 0o640)
        self.assertEqual(self.desk.ctl("show", 1)["subject"], "One")
        self.assertTrue(backup.exists())

    def test_killed_at_any_time_it_is_the_old_store_or_the_backup(self):
        self.ingest("tom@acme.example", "One")
        backup = self.folder / "backup.db"
        self.desk.ctl("backup", backup)
        for milliseconds in (10, 20, 30, 40, 60, 80, 120, 200):
            if len(self.desk.tickets()) == 1:
                self.ingest("tom@acme.example", "Two")
            self.kill_after(milliseconds, "restore", backup)
            self.assertIn([ticket["subject"] for ticket in self.desk.tickets()], (["One"], ["One", "Two"]))
            self.assertTrue(self.desk.ctl("check")["ok"])
        self.desk.ctl("restore", backup)
        self.assertEqual([ticket["subject"] for ticket in self.desk.tickets()], ["One"])

    def with_log(self) -> tuple[pathlib.Path, pathlib.Path]:
        """A backup, and a folder with the store as a kill left it: its newest ticket is in the log alone."""
        self.ingest("tom@acme.example", "One")
        backup = self.folder / "backup.db"
        self.desk.ctl("backup", backup)
        killed = self.folder / "killed"
        with contextlib.closing(sqlite3.connect(self.desk.store)) as reader:
            reader.execute("SELECT count(*) FROM tickets").fetchall()
            self.ingest("tom@acme.example", "In the log")
            killed.mkdir()
            for suffix in ("", "-wal"):
                shutil.copy(f"{self.desk.store}{suffix}", killed)
        return backup, killed

    def put_back(self, killed: pathlib.Path) -> None:
        for path in self.desk.store.parent.iterdir():
            path.unlink()
        for path in killed.iterdir():
            shutil.copy(path, self.desk.store.parent)

    def run_with_faults(self, *arguments, **settings) -> subprocess.CompletedProcess:
        environment = {"LD_PRELOAD": str(faults.library()), "FAULTS_FOLDER": f"{self.desk.store.parent}/",
                       "FAULTS_LOG": str(self.folder / "faults.log")}
        environment |= {f"FAULTS_{name.upper()}": str(value) for name, value in settings.items()}
        (self.folder / "faults.log").unlink(missing_ok=True)
        command = [str(case.build_folder() / "ticketctl"), "--config", str(self.desk.configuration), *map(str, arguments)]
        return subprocess.run(command, capture_output=True, text=True, timeout=120, env=self.desk.environment() | environment)

    @unittest.skipIf(faults.why_not(), faults.why_not())
    def test_a_disk_that_fails_is_no_damage(self):
        backup, killed = self.with_log()
        self.put_back(killed)
        done = self.run_with_faults("restore", backup, eio=0)
        for syncs in range(1, 40):
            if done.returncode == OK:
                break
            self.assertIn(done.returncode, (UNAVAILABLE, TEMPORARY), done.stderr)
            self.assertNotIn("put aside as it is", done.stderr)
            self.assertEqual(len(self.desk.tickets()), 2)
            self.put_back(killed)
            done = self.run_with_faults("restore", backup, eio=syncs)
        self.assertEqual(done.returncode, OK, done.stderr)

    @unittest.skipIf(faults.why_not(), faults.why_not())
    def test_a_damaged_store_keeps_its_log_whenever_restore_is_killed(self):
        """Nobody opens it without: that committed mails are missing would be seen by nobody."""
        backup, killed = self.with_log()
        store = killed / self.desk.store.name
        store.write_bytes(b"damaged!" * (store.stat().st_size // 8))
        log = pathlib.Path(f"{store}-wal")
        log.write_bytes(b"no log of SQLite's" + log.read_bytes())
        self.put_back(killed)
        self.assertEqual(self.run_with_faults("restore", backup).returncode, OK)
        steps = [line.split() for line in (self.folder / "faults.log").read_text().splitlines()]
        first = next(int(step[0]) for step in steps if step[2].endswith(".restoring"))
        for number in range(first, int(steps[-1][0]) + 1):
            for when in ("before", "after"):
                with self.subTest(f"{when} {steps[number - 1]}"):
                    self.put_back(killed)
                    self.run_with_faults("restore", backup, kill=f"{number}:{when}")
                    self.check_after_kill(log.read_bytes())
                    self.assertEqual(self.desk.run_ctl("restore", backup).returncode, OK)
                    self.assertEqual([ticket["subject"] for ticket in self.desk.tickets()], ["One"])

    def check_after_kill(self, log: bytes) -> None:
        files = list(self.desk.store.parent.iterdir())
        self.assertTrue(any(path.read_bytes() == log for path in files if path.name.endswith("-wal")), files)
        if pathlib.Path(f"{self.desk.store}.restoring").exists():
            self.assertIn("ticketctl restore", self.expect(UNAVAILABLE, "list"))
        elif self.desk.store.read_bytes().startswith(b"damaged!"):
            self.assertTrue(pathlib.Path(f"{self.desk.store}-wal").read_bytes() == log)

    def test_what_was_put_aside_before_stays(self):
        self.ingest("tom@acme.example", "One")
        backup = self.folder / "backup.db"
        self.desk.ctl("backup", backup)
        now = int(time.time())
        names = [pathlib.Path(f"{self.desk.store}.before-restore-{second}") for second in range(now, now + 60)]
        for name in names:
            name.write_text("precious")
        done = self.desk.ctl("restore", backup)
        self.assertTrue(done["aside"].endswith("-2"), done["aside"])
        self.assertEqual({name.read_text() for name in names}, {"precious"})

    @unittest.skipIf(os.geteuid() != 0, "needs root")
    def test_where_no_store_was_it_belongs_to_whom_the_folder_belongs_to(self):
        self.ingest("tom@acme.example", "One")
        backup = self.folder / "backup.db"
        self.desk.ctl("backup", backup)
        folder = self.desk.store.parent
        for path in folder.iterdir():
            path.unlink()
        os.chown(folder, 65534, 65534)
        folder.chmod(0o770)
        self.desk.ctl("restore", backup)
        owners = {path.name: (path.stat().st_uid, path.stat().st_gid) for path in folder.iterdir() if "before" not in path.name}
        self.assertEqual(owners, {"tickets.db": (65534, 65534), "tickets.db.lock": (65534, 65534)})
        os.chown(folder, 0, 0)


if __name__ == "__main__":
    require_desk()
    case.main()
