"""Runs the programs under test: a configuration in a temporary folder, the daemon in the foreground, ticketctl --json."""
import datetime
import getpass
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import threading

from support.case import PATIENCE, build_folder, wait_for

SUPPORT = "support@desk.example"
OPEN = {"weekly": ["mon-sun 00:00-24:00"]}
# Staff hear of what is not urgent when the office opens. By default that is days away, whenever the test runs.
CLOSED = {"weekly": [f"{datetime.date.today() + datetime.timedelta(days=3):%a} 00:00-24:00".lower()]}


def toml_value(value) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return str(value)
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(toml_value, value)) + "]"
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{json.dumps(key)} = {toml_value(inner)}" for key, inner in value.items()) + " }"
    return json.dumps(str(value))


def toml(sections: dict) -> str:
    """{"support": {...}, "mailbox": [{...}, {...}]} as TOML: lists of tables become [[mailbox]]."""
    lines = []
    for name, content in sections.items():
        for table in content if isinstance(content, list) else [content]:
            lines.append(f"[[{name}]]" if isinstance(content, list) else f"[{name}]")
            lines += [f"{key} = {toml_value(value)}" for key, value in table.items()] + [""]
    return "\n".join(lines)


class CommandFailed(RuntimeError):
    def __init__(self, command, done):
        super().__init__(f"{' '.join(map(str, command))}: exit {done.returncode}\n{done.stdout}{done.stderr}")
        self.code = done.returncode


class Desk:
    """One ticketd with its store. `mailboxes` are tables of the configuration; `name`, `user` and the like have defaults."""

    def __init__(self, folder: pathlib.Path, mailboxes: list[dict], smtp: dict, **sections):
        self.folder = folder / "desk"
        self.store = self.folder / "state" / "tickets.db"
        self.configuration = self.folder / "ticketd.toml"
        self.log_path = self.folder / "ticketd.log"
        self.process = None
        self.notifications = None
        self.extra_environment: dict[str, str] = {}  # for ticketd alone
        self.common_environment: dict[str, str] = {}  # for ticketctl too
        for part in ("state", "run"):
            (self.folder / part).mkdir(parents=True)
        self.secret("imap-password", "secret")
        self.sections = self.default_sections(mailboxes, smtp) | sections
        self.write()

    def secret(self, name: str, value: str) -> str:
        path = self.folder / name
        path.write_text(value + "\n")
        path.chmod(0o600)
        return str(path)

    def default_sections(self, mailboxes: list[dict], smtp: dict) -> dict:
        password = str(self.folder / "imap-password")
        usual = {"name": "support", "user": SUPPORT, "password_file": password, "poll_interval": "1s", "backlog": "normal"}
        boxes = []
        for box in mailboxes:
            table = usual | box
            if "tls" not in box and table["url"].startswith("imap://127."):
                table["tls"] = "none"
            boxes.append(table)
        if "tls" not in smtp and smtp["url"].startswith("smtp://127."):
            smtp = smtp | {"tls": "none"}
        return {
            "support": {"address": SUPPORT, "name": "Example Support", "subject_tag": "SUP", "phone": "+49 30 1234567"},
            "store": {"path": str(self.store)},
            "mailbox": boxes,
            "smtp": smtp,
            "staff": [{"name": "Ann Engineer", "email": "ann@desk.example", "login": getpass.getuser(), "roles": ["engineer"]}],
            "office_hours": CLOSED,
            # thousands of mails come within an hour, many of one domain
            "limits": {"acknowledgements": "1000000/1h", "acknowledgements_per_domain": "1000000/1h"},
        }

    def write(self) -> None:
        self.configuration.write_text(toml(self.sections))

    def environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items()
                if name in ("PATH", "HOME", "TMPDIR", "LANG", "TZ") or name.endswith("SAN_OPTIONS")}
        return kept | {"RUNTIME_DIRECTORY": str(self.folder / "run"), "STATE_DIRECTORY": str(self.folder / "state"),
                       "NOTIFY_SOCKET": str(self.folder / "notify")} | self.common_environment

    # --- the daemon ---

    def boot_id(self) -> str:
        return pathlib.Path("/proc/sys/kernel/random/boot_id").read_text().strip()

    def start(self, wait_ready: bool = True) -> None:
        if self.notifications:
            self.notifications.close()
        self.notifications = Notifications(self.folder / "notify")
        log = self.log_path.open("ab")
        self.process = subprocess.Popen([str(build_folder() / "ticketd"), "--config", str(self.configuration)], stdin=subprocess.DEVNULL,
                                        stdout=log, stderr=log, env=self.environment() | self.extra_environment)
        log.close()
        if wait_ready:
            self.wait_ready()

    def wait_ready(self, seconds: float = 20) -> None:
        wait_for(lambda: self.notifications.seen("READY=1") or self.check_alive(), "ticketd says READY=1", seconds)

    def wait_first_look(self) -> None:
        """A look that has ended well: from then on the mailbox can fall silent."""
        wait_for(lambda: any(each["last_success_at"] for each in self.ctl("status", codes=(0, 1))["mailboxes"]),
                 "the mailbox has been looked at", interval=0.1)

    def check_alive(self) -> bool:
        if self.process.poll() is not None:
            raise RuntimeError(f"ticketd ended with {self.process.returncode}:\n{self.log()[-3000:]}")
        return False

    def stop(self, how: int = signal.SIGTERM, seconds: float = 15) -> int:
        """Its exit code."""
        if not self.process:
            return 0
        if self.process.poll() is None:
            self.process.send_signal(how)
        try:
            code = self.process.wait(seconds * PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(10)
            raise TimeoutError(f"ticketd did not stop within {seconds * PATIENCE:.0f} s:\n{self.log()[-3000:]}") from None
        finally:
            self.notifications.close()
            self.notifications = None
        self.process = None
        return code

    def kill(self) -> None:
        self.stop(signal.SIGKILL)

    def reload(self) -> None:
        self.process.send_signal(signal.SIGHUP)

    def once(self) -> subprocess.CompletedProcess:
        return self.run("ticketd", "--config", self.configuration, "--once")

    def log(self) -> str:
        return self.log_path.read_text(errors="replace") if self.log_path.exists() else ""

    # --- the commands ---

    def run_binary(self, program: str, *arguments, stdin: bytes | None = None, seconds: float = 120) -> subprocess.CompletedProcess:
        command = [str(build_folder() / program), *map(str, arguments)]
        extra = self.extra_environment if program == "ticketd" else {}
        return subprocess.run(command, input=stdin if stdin is not None else b"", capture_output=True, timeout=seconds,
                              env=self.environment() | extra)

    def run(self, program: str, *arguments, stdin: bytes | None = None, seconds: float = 120) -> subprocess.CompletedProcess:
        done = self.run_binary(program, *arguments, stdin=stdin, seconds=seconds)
        return subprocess.CompletedProcess(done.args, done.returncode, done.stdout.decode(errors="replace"),
                                           done.stderr.decode(errors="replace"))

    def run_ctl(self, *arguments, stdin: bytes | None = None) -> subprocess.CompletedProcess:
        return self.run("ticketctl", "--config", self.configuration, *arguments, stdin=stdin)

    def text(self, *arguments, stdin: bytes | None = None) -> str:
        done = self.run_ctl(*arguments, stdin=stdin)
        if done.returncode != 0:
            raise CommandFailed(done.args, done)
        return done.stdout

    def ctl(self, *arguments, stdin: bytes | None = None, codes=(0,)):
        done = self.run_ctl(*arguments, "--json", stdin=stdin)
        if done.returncode not in codes:
            raise CommandFailed(done.args, done)
        return json.loads(done.stdout)

    def raw(self, ticket: int, message: int) -> bytes:
        done = self.run_binary("ticketctl", "--config", self.configuration, "raw", ticket, message)
        if done.returncode != 0:
            raise CommandFailed(done.args, done)
        return done.stdout

    def ctl_on_copy(self, *arguments):
        """Asks a copy of the store that a dead daemon left, and so neither recovers it nor clears its log away."""
        folder = self.folder / "copy"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        for path in self.store.parent.glob(self.store.name + "*"):
            if not path.name.endswith((".lock", "-shm")):
                shutil.copy(path, folder)
        configuration = folder / "copy.toml"
        configuration.write_text(toml(self.sections | {"store": {"path": str(folder / self.store.name)}}))
        done = self.run("ticketctl", "--config", configuration, *arguments, "--json")
        if done.returncode != 0:
            raise CommandFailed(done.args, done)
        return json.loads(done.stdout)

    def tickets(self) -> list[dict]:
        return self.ctl("list", "--status", "any", "--limit", "100000")

    def ticket_about(self, words: str) -> dict | None:
        return next((ticket for ticket in self.tickets() if words in ticket["subject"]), None)

    def wait_ticket(self, words: str, seconds: float = 20) -> dict:
        return wait_for(lambda: self.ticket_about(words), f"a ticket about {words!r}", seconds, 0.1)

    def wait_outbox(self, state: str, count: int = 1, seconds: float = 20) -> list[dict]:
        def rows():
            found = [row for row in self.ctl("outbox", "list", "--all") if row["state"] == state]
            return found if len(found) >= count else None
        return wait_for(rows, f"{count} outbox rows {state}", seconds, 0.1)


class Notifications:
    """The other end of NOTIFY_SOCKET."""

    def __init__(self, path: pathlib.Path):
        path.unlink(missing_ok=True)
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(str(path))
        self.lines: list[str] = []
        self.thread = threading.Thread(target=self.read, daemon=True)
        self.thread.start()

    def read(self) -> None:
        while True:
            try:
                message = self.socket.recv(4096)
            except OSError:
                return
            if not message:
                return
            self.lines += message.decode(errors="replace").splitlines()

    def seen(self, line: str) -> bool:
        return line in self.lines

    def close(self) -> None:
        try:
            self.socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.socket.close()
