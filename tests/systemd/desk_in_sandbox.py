"""A desk as a package in a sandbox, with a Dovecot and a scripted SMTP server around it that stand on no machine of its own."""
import atexit
import json
import pathlib
import sys
import unittest

from support.case import sanitized, skip_all, wait_for
from support.desk import OPEN, SUPPORT, toml
from support.desk_case import require_desk
from support.dovecot import PASSWORD, Dovecot
from support.smtp_server import SmtpServer
from systemd import clean_debian
from systemd.package import build_package, install, later_package, purge_machine_own
from systemd.sandbox import Sandbox, isolate, require_sandbox

QUICK = """# What tests can't wait for.
[Service]
RestartSec=100ms
Environment=TICKETD_LEASE_SECONDS=6
"""


def require_package() -> None:
    require_desk()
    if sanitized():
        skip_all("the programs are built with sanitizers, which the unit's restrictions are not made for")
    require_sandbox()


class Machine:
    """What a whole test program shares: booting and installing take seconds."""

    def __init__(self, clean: bool):
        self.folder = isolate()
        self.package = build_package()
        self.dovecot = Dovecot(self.folder)
        self.dovecot.start()
        self.smtp = SmtpServer()
        self.sandbox = Sandbox(self.folder, clean_debian.make(self.folder, self.package) if clean else pathlib.Path("/"))
        self.sandbox.start()
        purge_machine_own(self.sandbox)
        self.sandbox.run("useradd", "--user-group", "ann")
        self.sandbox.run("useradd", "--user-group", "bob")

    def end(self) -> None:
        if self.sandbox.process:
            self.sandbox.crash()
        self.dovecot.stop()
        self.smtp.stop()

    def install(self, package: pathlib.Path | None = None, *options: str) -> str:
        return install(self.sandbox, package or self.package, *options)

    def settings(self) -> dict:
        return {
            "support": {"address": SUPPORT, "name": "Example Support", "subject_tag": "SUP"},
            "mailbox": [{"name": "support", "url": self.dovecot.url(), "tls": "none", "user": SUPPORT, "password_file": "imap-password",
                         "poll_interval": "1s", "backlog": "normal"}],
            "smtp": {"url": self.smtp.url, "tls": "none", "retry_first": "1s", "retry_max": "5s"},
            "staff": [{"name": "Ann Engineer", "email": "ann@desk.example", "login": "ann", "roles": ["duty"]}],
            "office_hours": OPEN,
            "limits": {"acknowledgements": "1000000/1h", "acknowledgements_per_domain": "1000000/1h"},
        }

    def install_once(self) -> None:
        if self.sandbox.call("dpkg", "--status", "ticketd").returncode != 0:
            self.install()
            self.sandbox.run("usermod", "-aG", "ticketd", "ann")

    def later(self, version: str, conffile: str = "") -> pathlib.Path:
        return later_package(self.package, self.folder, version, conffile)

    def configure(self, **sections) -> None:
        settings = self.settings()
        for name, section in sections.items():
            settings[name] = settings[name] | section if isinstance(settings.get(name), dict) else section
        self.sandbox.write("/etc/ticketd/ticketd.toml", toml(settings))
        self.sandbox.write("/etc/ticketd/credentials/imap-password", PASSWORD + "\n", 0o600)


class DeskInSandbox(unittest.TestCase):
    """All cases of a program share one machine."""

    machine: Machine | None = None
    clean = False  # whether the machine has nothing installed but what the package depends on (clean_debian.py)

    @classmethod
    def setUpClass(cls):
        if not DeskInSandbox.machine:
            DeskInSandbox.machine = Machine(cls.clean)
            atexit.register(DeskInSandbox.machine.end)
        cls.sandbox, cls.dovecot, cls.smtp = cls.machine.sandbox, cls.machine.dovecot, cls.machine.smtp

    def systemctl(self, *arguments, code: int = 0) -> str:
        return self.sandbox.run("systemctl", *arguments, "ticketd", code=code)

    def drop_in(self, text: str, name: str = "test.conf") -> None:
        """In force from the next start on."""
        self.sandbox.write(f"/etc/systemd/system/ticketd.service.d/{name}", text)
        self.sandbox.run("systemctl", "daemon-reload")

    def main_pid(self) -> int:
        return int(self.sandbox.property("MainPID"))

    def is_active(self) -> bool:
        return self.sandbox.property("ActiveState") == "active"

    def restarts(self) -> int:
        return int(self.sandbox.property("NRestarts"))

    def ctl(self, *arguments, user: str = "ann"):
        done = self.sandbox.call("ticketctl", *arguments, "--json", user=user)
        self.assertEqual(done.returncode, 0, f"{arguments}: {done.stdout}{done.stderr}")
        return json.loads(done.stdout)

    def write(self, octets: bytes) -> None:
        self.dovecot.append(SUPPORT, octets)

    def wait_mail(self, address: str, seconds: float = 30):
        return wait_for(lambda: self.smtp.to(address), f"a mail to {address}", seconds)[0]

    def tearDown(self):
        problems = [case for kind in ("failures", "errors") for case, _ in getattr(self._outcome.result, kind, [])]
        if any(case is self for case in problems) and self.sandbox.process:
            done = self.sandbox.call("journalctl", "--no-pager", "-n", "40", "-o", "short-monotonic")
            print(f"--- the journal after {self.id()}\n{done.stdout}", file=sys.stderr)


class InstalledDesk(DeskInSandbox):
    """A case finds the package installed, and the desk configured and running."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.machine.install_once()

    def setUp(self):
        self.start_afresh()

    def start_afresh(self) -> None:
        """As shipped but for what tests can't wait for; the store keeps what it has."""
        self.sandbox.call("systemctl", "stop", "ticketd")
        self.sandbox.run("rm", "-rf", "/etc/systemd/system/ticketd.service.d")
        self.machine.configure()
        self.smtp.plan = None
        self.drop_in(QUICK)
        self.sandbox.call("systemctl", "reset-failed", "ticketd")
        self.systemctl("start")
