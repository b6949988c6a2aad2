"""fault_points.so as seen from Python: what ticketd is started with, and what the library wrote down."""
import pathlib
import shutil
from typing import NamedTuple

from drill.world import Case
from support.case import build_folder, sanitized


SERVERS = ("IMAP", "SMTP")


def library() -> pathlib.Path:
    return build_folder() / "tests" / "libfault_points.so"


def why_not() -> str:
    """The reason why the library can't be used; empty when it can."""
    if sanitized():
        return "a sanitizer's runtime has to be loaded before any other library"
    return "" if library().exists() else f"{library()} has not been built"


class Step(NamedTuple):
    number: int
    verb: str
    target: str
    octets: int
    begins: str

    @property
    def is_to_server(self) -> bool:
        return self.target in SERVERS

    @property
    def kind(self) -> str:
        """Without what differs from run to run: "send IMAP UID MOVE"."""
        words = self.begins.split(" ")
        words = words[1:3] if self.target == "IMAP" else words[:1]
        return " ".join([self.verb, self.target, *(word for word in words if word.isalpha())])

    def __str__(self) -> str:
        return " ".join(filter(None, [str(self.number), self.verb, self.target, self.begins]))


def arm(case: Case, **settings) -> None:
    """For every ticketd that `case` starts from now on: `kill`, `full` and `eio` as in fault_points.cc."""
    log = case.desk.folder / "faults.log"
    log.unlink(missing_ok=True)
    ports = dict(zip((case.imap_port, case.smtp_port), SERVERS))
    case.desk.extra_environment = {
        "LD_PRELOAD": str(library()), "FAULTS_FOLDER": f"{case.desk.store.parent}/", "FAULTS_LOG": str(log),
        "FAULTS_PORTS": ",".join(f"{port}={name}" for port, name in ports.items()),
    } | {f"FAULTS_{name.upper()}": str(value) for name, value in settings.items()}


def disarm(case: Case) -> None:
    case.desk.extra_environment = {}


def await_power_cut(case: Case, **settings) -> None:
    """`arm`, and from now on what syncs have made durable is known; what is there already is."""
    synced = case.desk.folder / "synced"
    shutil.rmtree(synced, ignore_errors=True)
    synced.mkdir()
    for path in case.desk.store.parent.glob(case.desk.store.name + "*"):
        shutil.copy(path, synced)
    arm(case, synced=synced, **settings)


def cut_power(case: Case) -> int:
    """After the death of the daemon: each file of the store is as it was at its latest sync; names stay. Gives how many octets
    that took away or changed back."""
    lost = 0
    for path in case.desk.store.parent.glob(case.desk.store.name + "*"):
        kept = case.desk.folder / "synced" / path.name
        if path.name.endswith("-shm"):
            path.unlink()
        elif not path.name.endswith(".lock"):
            was, now = path.read_bytes(), kept.read_bytes() if kept.exists() else b""
            lost += abs(len(was) - len(now)) + sum(a != b for a, b in zip(was, now))
            path.write_bytes(now)
    return lost


def steps(case: Case) -> list[Step]:
    return steps_in(case.desk.folder / "faults.log")


def steps_in(log: pathlib.Path) -> list[Step]:
    found = []
    for line in log.read_text().splitlines() if log.exists() else []:
        number, verb, target, octets, begins = (line.split(" ", 4) + [""])[:5]
        found.append(Step(int(number), verb, target, int(octets), begins))
    return sorted(found)
