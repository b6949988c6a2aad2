"""The nightly backup under a real systemd: what its unit leaves, whom it belongs to, and when its timer starts it."""
import contextlib
import pathlib
import re
import sqlite3
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from support import case, mails
from support.case import ROOT, wait_for
from systemd.desk_in_sandbox import InstalledDesk, require_package

SERVICE, TIMER = "ticketd-backup.service", "ticketd-backup.timer"
FOLDER = "/var/lib/ticketd-backup"
STORE = "/var/lib/ticketd/tickets.db"
STAMP = f"/var/lib/systemd/timers/stamp-{TIMER}"


def documented_drop_in() -> str:
    """For another folder, as docs/data.md has it."""
    return re.search(r"^# systemctl edit ticketd-backup\.service\n(.*?)^```", (ROOT / "docs/data.md").read_text(), re.M | re.S)[1]


class BackupCase(InstalledDesk):
    def setUp(self):
        super().setUp()
        for unit in (SERVICE, TIMER):
            self.sandbox.run("rm", "-rf", f"/etc/systemd/system/{unit}.d")
        self.sandbox.call("systemctl", "disable", "--now", TIMER)
        self.sandbox.call("systemctl", "stop", SERVICE)
        self.sandbox.run("rm", "-rf", FOLDER, STAMP)
        self.sandbox.run("systemctl", "daemon-reload")
        self.sandbox.call("systemctl", "reset-failed", SERVICE)

    def drop_in_for(self, unit: str, text: str) -> None:
        self.sandbox.write(f"/etc/systemd/system/{unit}.d/test.conf", text)
        self.sandbox.run("systemctl", "daemon-reload")

    def ticket(self, subject: str) -> None:
        self.write(mails.mail(f"{subject.lower()}@acme.example", subject))
        self.wait_mail(f"{subject.lower()}@acme.example")

    def files(self, folder: str = FOLDER) -> list[str]:
        return sorted(self.sandbox.run("ls", "-A", folder).split()) if self.sandbox.path(folder).exists() else []

    def back_up(self, folder: str = FOLDER) -> str:
        """One run of the service; gives the path of the backup that it made."""
        before = self.files(folder)
        self.sandbox.run("systemctl", "start", SERVICE)
        made = [name for name in self.files(folder) if name not in before]
        self.assertEqual(len(made), 1, self.files(folder))
        self.assertRegex(made[0], r"^tickets-\d{8}T\d{6}Z\.db$")
        return f"{folder}/{made[0]}"

    def subjects_in(self, backup: str) -> list[str]:
        """Of all tickets, read from a copy of the file alone."""
        copy = self.machine.folder / "backup.db"
        copy.write_bytes(self.sandbox.path(backup).read_bytes())
        with contextlib.closing(sqlite3.connect(f"file:{copy}?mode=ro&immutable=1", uri=True)) as store:
            self.assertEqual(store.execute("PRAGMA integrity_check").fetchall(), [("ok",)])
            return [subject for subject, in store.execute("SELECT subject FROM tickets")]


class ServiceTest(BackupCase):
    def check_file(self, backup: str) -> None:
        self.assertEqual(self.sandbox.run("stat", "-c", "%a %U:%G", FOLDER, backup).splitlines(),
                         ["700 ticketd:ticketd", "600 ticketd:ticketd"])

    def test_beside_the_running_daemon(self):
        self.ticket("Running")
        pid = self.main_pid()
        backup = self.back_up()
        self.check_file(backup)
        self.assertIn("Running", self.subjects_in(backup))
        self.assertEqual(self.main_pid(), pid)
        self.ticket("Afterwards")

    def test_while_the_daemon_is_stopped_and_after_it_was_killed(self):
        self.ticket("Stopped")
        self.systemctl("stop")
        backup = self.back_up()
        self.check_file(backup)
        self.assertIn("Stopped", self.subjects_in(backup))
        self.systemctl("start")
        self.ticket("Killed")
        self.drop_in("[Service]\nRestartSec=1h\n")
        self.systemctl("kill", "--signal=KILL")
        wait_for(lambda: self.sandbox.property("SubState") == "auto-restart", "it is dead")
        self.assertTrue(self.sandbox.path(f"{STORE}-wal").exists())
        self.assertIn("Killed", self.subjects_in(self.back_up()))
        self.start_afresh()
        self.assertIn("Killed", [ticket["subject"] for ticket in self.ctl("list")])

    def test_what_it_made_can_be_restored(self):
        self.ticket("Kept")
        backup = self.back_up()
        self.ticket("Later")
        self.systemctl("stop")
        self.sandbox.run("ticketctl", "restore", backup)
        self.systemctl("start")
        subjects = [ticket["subject"] for ticket in self.ctl("list")]
        self.assertIn("Kept", subjects)
        self.assertNotIn("Later", subjects)

    def test_another_folder_as_documented_and_the_oldest_go(self):
        self.sandbox.run("install", "-d", "-o", "ticketd", "-g", "ticketd", "-m", "700", "/backup/ticketd")
        self.drop_in_for(SERVICE, documented_drop_in().replace("KEEP=30", "KEEP=2"))
        self.sandbox.run("touch", "/backup/ticketd/.ticketctl-a1B2c3", "/backup/ticketd/tickets-of-mine.db")
        made = []
        for _ in range(3):
            made.append(pathlib.Path(self.back_up("/backup/ticketd")).name)
            time.sleep(1)  # their names tell the second
        self.assertEqual(self.files("/backup/ticketd"), sorted([*made[1:], "tickets-of-mine.db"]))
        self.assertEqual(self.files(), [])

    def test_one_that_fails_is_a_unit_that_failed_and_the_older_ones_stay(self):
        self.drop_in_for(SERVICE, "[Service]\nEnvironment=KEEP=1\n")
        older = pathlib.Path(self.back_up()).name
        self.systemctl("stop")
        self.addCleanup(self.sandbox.run, "mv", "/root/away.db", STORE)
        self.sandbox.run("mv", STORE, "/root/away.db")
        self.sandbox.write(STORE, "no data base")
        self.sandbox.run("chown", "ticketd:ticketd", STORE)
        time.sleep(1)
        self.assertNotEqual(self.sandbox.call("systemctl", "start", SERVICE).returncode, 0)
        self.assertEqual(self.sandbox.property("Result", SERVICE), "exit-code")
        self.assertEqual(self.files(), [older])

    def test_the_units_are_free_of_mistakes(self):
        units = [f"/lib/systemd/system/{unit}" for unit in (SERVICE, TIMER)]
        self.assertEqual(self.sandbox.run("systemd-analyze", "verify", "--man=no", "--recursive-errors=no", *units), "")


class TimerTest(BackupCase):
    def test_installed_it_waits_for_the_admin_and_enabled_for_the_night(self):
        self.assertEqual(self.sandbox.call("systemctl", "is-enabled", TIMER).stdout.strip(), "disabled")
        self.assertEqual(self.sandbox.property("ActiveState", TIMER), "inactive")
        self.sandbox.run("systemctl", "enable", "--now", TIMER)
        self.assertEqual(self.sandbox.run("systemctl", "is-enabled", TIMER).strip(), "enabled")
        listed = self.sandbox.run("systemctl", "list-timers", "--no-pager", "--no-legend", TIMER)
        self.assertRegex(listed, rf"\b0(2:[345]|3:00:00)\S* .*\b{re.escape(TIMER)} +{re.escape(SERVICE)}")
        self.sandbox.stop()
        self.sandbox.start()
        self.assertEqual(self.sandbox.property("SubState", TIMER), "waiting")
        self.assertEqual(self.files(), [])

    def test_when_its_time_has_come_it_makes_a_backup(self):
        self.ticket("Nightly")
        self.drop_in_for(TIMER, "[Timer]\nOnCalendar=\nOnCalendar=*-*-* *:*:0/2\nRandomizedDelaySec=0\nAccuracySec=10ms\n")
        self.sandbox.run("systemctl", "start", TIMER)
        backup = wait_for(lambda: [name for name in self.files() if name.startswith("tickets-")], "the timer starts it", 30)[0]
        self.sandbox.run("systemctl", "stop", TIMER)
        self.assertIn("Nightly", self.subjects_in(f"{FOLDER}/{backup}"))

    def test_a_machine_that_was_off_catches_up(self):
        self.drop_in_for(TIMER, "[Timer]\nRandomizedDelaySec=0\n")
        self.sandbox.write(STAMP, "")
        self.sandbox.run("touch", "--date=2 days ago", STAMP)
        self.sandbox.run("systemctl", "start", TIMER)
        wait_for(lambda: [name for name in self.files() if name.startswith("tickets-")], "yesterday's backup", 30)


if __name__ == "__main__":
    require_package()
    case.main()
