"""Passwords show nowhere: not in the log, the process list, the environment, the store, what ticketctl prints, nor in core files."""
import base64
import os
import pathlib
import re
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from support import case, mails
from support.case import build_folder, wait_for
from support.desk_case import DeskCase, require_desk

WRONG = "Tr0ub4dor-7f3a"
NOBODY = 65534


class SecretsTest(DeskCase):
    def places(self) -> dict:
        process = pathlib.Path("/proc") / str(self.desk.process.pid)
        found = {name: (process / name).read_bytes() for name in ("cmdline", "environ")}
        found["log"] = self.desk.log().encode()
        for command in (["status"], ["ledger"], ["outbox"], ["list"]):
            for how in ([], ["--json"]):
                done = self.desk.run("ticketctl", "--config", self.desk.configuration, *how, *command)
                found[f"ticketctl {' '.join(how + command)}"] = (done.stdout + done.stderr).encode()
        for path in self.desk.store.parent.iterdir():
            found[path.name] = path.read_bytes()
        return found

    def assert_nowhere(self, secret: str) -> None:
        forms = {secret.encode(), base64.b64encode(secret.encode()), secret.encode().hex().encode(),
                 base64.b64encode(f"\0support@desk.example\0{secret}".encode())}
        for place, octets in self.places().items():
            for form in forms:
                self.assertNotIn(form, octets, place)

    def test_a_refused_password(self):
        self.make_desk()
        wrong = {"password_file": self.desk.secret("wrong-password", WRONG)}
        self.desk.sections["mailbox"][0] |= wrong
        self.desk.sections["smtp"] |= wrong | {"user": "support@desk.example"}
        self.desk.write()
        self.desk.extra_environment["TICKETD_DEBUGGABLE"] = "1"  # whoever runs the tests reads its environ
        self.desk.start(wait_ready=False)
        wait_for(lambda: "support" in self.desk.log() and self.desk.ctl("status", codes=(0, 1))["mailboxes"][0]["error"],
                 "the refused login in status", 40, 0.2)
        self.desk.ctl("new", "--from", "a@a.example", "--subject", "To be sent", "--message", "Hello")
        self.wait_mail("a@a.example")  # this server asks for no login
        self.assert_nowhere(WRONG)

    def test_a_refused_login_is_told_at_once(self):
        """To whoever asks systemd how the unit is, and under its own name: not a word of the lease, which fails of the same."""
        self.make_desk()
        self.desk.sections["mailbox"][0] |= {"password_file": self.desk.secret("wrong-password", WRONG), "poll_interval": "60s"}
        self.desk.write()
        self.desk.start()
        fails = re.compile(r"STATUS=mailbox support fails since \d\d:\d\d today, trying again: .*the login was refused")
        wait_for(lambda: any(fails.match(line) for line in self.desk.notifications.lines), "systemctl status says so", 15, 0.1)
        self.assertFalse([mail for mail in self.smtp.mails])
        self.assertNotIn("lease", "\n".join(self.desk.ctl("status", codes=(0, 1))["problems"]))

    def test_a_failure_of_an_earlier_process_is_not_told(self):
        self.make_desk()
        right = self.desk.sections["mailbox"][0]["password_file"]
        self.desk.sections["mailbox"][0]["password_file"] = self.desk.secret("wrong-password", WRONG)
        self.desk.write()
        self.desk.start()
        wait_for(lambda: self.desk.ctl("status", codes=(0, 1))["mailboxes"][0]["error"], "the refused login in status", 15, 0.2)
        self.desk.stop()
        self.desk.sections["mailbox"][0]["password_file"] = right
        self.desk.write()
        self.desk.start()
        wait_for(lambda: "STATUS=working; nothing needs a person" in self.desk.notifications.lines, "all is well", 15, 0.1)
        self.assertFalse([line for line in self.desk.notifications.lines if "the login was refused" in line])

    def test_no_core_file_is_ever_written(self):
        self.start_desk()
        self.write(mails.mail("a@a.example", "Hello"))
        self.wait_mail("a@a.example")
        limits = pathlib.Path(f"/proc/{self.desk.process.pid}/limits").read_text()
        self.assertRegex(limits, r"Max core file size +0 +0 ")

    def test_nor_one_of_ticketctl(self):
        self.make_desk()
        reading = subprocess.Popen([str(build_folder() / "ticketctl"), "--config", str(self.desk.configuration), "ingest"],
                                   stdin=subprocess.PIPE, env=self.desk.environment())
        try:
            limits = pathlib.Path(f"/proc/{reading.pid}/limits")
            wait_for(lambda: re.search(r"Max core file size +0 +0 ", limits.read_text()), "no core file is written")
        finally:
            reading.communicate(b"")

    def may_be_read(self, debuggable: str) -> bool:
        """By another process of the same user: else what is in /proc/PID belongs to root and his group (proc(5))."""
        self.desk.extra_environment["TICKETD_DEBUGGABLE"] = debuggable
        group = NOBODY if os.getuid() == 0 else os.getgid()
        before = os.getgid()
        os.setregid(group, group)
        try:
            self.desk.start()
        finally:
            os.setregid(before, before)
        memory = os.stat(f"/proc/{self.desk.process.pid}/mem")
        self.desk.stop()
        return (memory.st_uid, memory.st_gid) == (os.getuid(), group)

    def test_no_other_process_reads_the_memory_unless_somebody_asked_for_it(self):
        self.make_desk()
        for debuggable, readable in (("1", True), ("", False), ("0", False)):
            with self.subTest(debuggable=debuggable):
                self.assertEqual(self.may_be_read(debuggable), readable)


if __name__ == "__main__":
    require_desk()
    case.main()
