"""The disk fills up, or fails, under the whole daemon: it must end and say why, and the next start must recover."""
import collections
import contextlib
import os
import pathlib
import random
import subprocess
from typing import Iterator

from drill import faults, history
from drill.history import Finding
from drill.world import Case, Row, World
from support.case import wait_for

FULL_WORDS = ("disk is full", "can't go on")  # SQLITE_FULL, or SQLITE_IOERR_* where a file could not grow
BROKEN_WORDS = ("can't go on",)
SYNCS = ("fsync", "fdatasync")
CHANGES = (*SYNCS, "write", "writev", "pwrite", "pwritev", "create", "ftruncate", "unlink", "rename")
NOT_KEPT = "-shm"  # the index of SQLite's log, which every recovery builds anew
MAILS = 4


def ends(case: Case, words: tuple, what: str, seconds: float = 20) -> Iterator[Finding]:
    """That the running daemon ends by itself, with a reason and a bad exit code."""
    try:
        wait_for(lambda: case.desk.process.poll() is not None, "ticketd ends", seconds)
    except TimeoutError:
        case.desk.kill()
        yield Finding("wrong", f"{what}: the daemon did not end", by="ends")
        return
    code = case.desk.stop()
    if code <= 0:
        yield Finding("wrong", f"{what}: the daemon ended with {code}", by="ends")
    if not any(word in case.desk.log() for word in words):
        yield Finding("wrong", f"{what}: no word of it in the log: {case.desk.log()[-300:]}", by="ends")


def refuses(case: Case, words: tuple, what: str) -> Iterator[Finding]:
    """That a start ends at once with a reason and a bad exit code."""
    case.desk.log_path.unlink(missing_ok=True)
    case.desk.start(wait_ready=False)
    yield from ends(case, words, what)


class FullByLibrary:
    """Every write below the state folder fails while a file is there."""

    def __init__(self, case: Case, armed: bool = True):
        self.mark = case.desk.folder / "full"
        if armed:
            faults.arm(case, full=self.mark)

    def fill(self) -> None:
        self.mark.touch()

    def make_room(self) -> None:
        self.mark.unlink()


class FullByFile:
    """A small file system with a file that takes all the room."""

    def __init__(self, folder: pathlib.Path):
        self.filler = folder / "filler"

    def fill(self) -> None:
        with self.filler.open("wb", buffering=0) as file, contextlib.suppress(OSError):
            while file.write(b"x" * 4096):
                pass

    def make_room(self) -> None:
        self.filler.unlink()


@contextlib.contextmanager
def small_file_system(folder: pathlib.Path, size: str = "8m"):
    """Mounted on `folder`; gives the reason when that is not possible."""
    command = ["mount", "-t", "tmpfs", "-o", f"size={size},mode=0755", "ticketd-drill", str(folder)]
    if os.geteuid() != 0:
        yield "only root may mount a tmpfs"
        return
    done = subprocess.run(command, capture_output=True, text=True, timeout=20)
    try:
        yield done.stderr.strip()
    finally:
        if done.returncode == 0:
            subprocess.run(["umount", str(folder)], capture_output=True, timeout=20, check=True)


def send_large(case: Case) -> None:
    """More than the room that the store's own files have left within themselves."""
    noise = random.Random("large")
    for number in range(MAILS):
        lines = "\n".join(noise.randbytes(40).hex() for _ in range(4000))
        case.append(case.mail(f"full{number}", lines + "\n"))


def fill_in_flight(case: Case, disk, row: Row) -> None:
    """Full at the moment at which the mail server takes one of several mails: its answer is not lost, and it goes out once."""
    left = [MAILS // 2]

    def plan(step):
        if step.stage == "dot":
            left[0] -= 1
            if left[0] == 0:
                disk.fill()

    case.smtp.plan = plan
    case.desk.start()
    case.send(2 * MAILS, "flight")
    row.findings += ends(case, FULL_WORDS, "full in flight")
    case.smtp.plan = None
    disk.make_room()
    case.desk.start()
    row.recovered = case.settle()
    case.desk.stop()
    copies = collections.Counter(history.message_id_of(mail.octets) for mail in case.received())
    row.findings += [Finding("doubled", f"{mail} went out {count} times although the server had answered", by="fill_in_flight")
                     for mail, count in copies.items() if count > 1]
    row.faults["full"] += 1


def fill_up(case: Case, disk, row: Row) -> None:
    """Full under the running daemon, full still when it starts again, then there is room."""
    fill_in_flight(case, disk, row)
    case.desk.start()
    case.send(MAILS, "before")
    case.settle()
    disk.fill()
    send_large(case)
    row.findings += ends(case, FULL_WORDS, "full while running")
    case.look_at_the_wreck()
    for attempt in ("full at the start", "still full"):
        row.findings += refuses(case, FULL_WORDS, attempt)
        case.look_at_the_wreck()
    if case.desk.once().returncode <= 0:
        row.findings.append(Finding("wrong", "ticketd --once is content with a full disk"))
    row.faults["full"] += 4
    disk.make_room()
    recover(case, row)


def recover(case: Case, row: Row) -> None:
    faults.disarm(case)
    case.desk.start(wait_ready=False)
    with row.stopping_short():
        row.recovered = case.settle()
    case.desk.stop()
    row.mails = len(case.history.sent)
    row.findings += case.findings()


def full_by_library(world: World, name: str = "full") -> Row:
    row = Row("disk full (every write fails)")
    with Case(world, name) as case:
        fill_up(case, FullByLibrary(case), row)
    return row


def full_tmpfs(world: World, name: str = "tmpfs") -> Row:
    row = Row("disk full (a small tmpfs)")
    with Case(world, name) as case, small_file_system(case.desk.store.parent) as problem:
        row.skipped = problem
        if not problem:
            fill_up(case, FullByFile(case.desk.store.parent), row)
    return row


def broken_sync(world: World, after: int, name: str = "eio") -> Row:
    """After `after` good ones a sync fails."""
    row = Row("a sync fails (EIO)")
    with Case(world, name) as case:
        faults.arm(case, eio=after)
        case.send(MAILS, "before")
        case.desk.start(wait_ready=False)
        row.findings += ends(case, BROKEN_WORDS, f"EIO after {after} syncs")
        case.look_at_the_wreck()
        row.findings += keeps_off_the_disk(faults.steps(case), after)
        recover(case, row)
    row.faults["EIO"] += 1
    return row


def keeps_off_the_disk(steps: list[faults.Step], after: int) -> Iterator[Finding]:
    """After a sync that failed the process commits nothing more, and moves no mail. What earlier commits made durable it may
    copy to the database when it closes the store: that is written anew, and synced by itself."""
    syncs = [step for step in steps if step.verb in SYNCS and step.target != "folder"]
    if len(syncs) <= after:
        yield Finding("wrong", f"EIO after {after} syncs: there were only {len(syncs)}", by="keeps_off_the_disk")
        return
    broken = syncs[after]
    later = [step for step in steps if step.number > broken.number]
    touched = collections.Counter(step.kind for step in later if commits(step) or step.kind.startswith("send IMAP UID MOVE"))
    if touched:
        yield Finding("wrong", f"EIO at {broken} ({after} syncs before), and the same process goes on: {dict(touched)}", by="keeps_off_the_disk")


def commits(step: faults.Step) -> bool:
    return step.verb in CHANGES and step.verb != "unlink" and step.verb not in SYNCS and step.target.endswith("-wal")


def controls(world: World) -> list[Row]:
    """A disk that is not full, a mail that goes while it is, and a process that works on."""
    unarmed = Row("control: the disk never fills up", must_find=("ends: wrong: full while running: the daemon did not end",))
    with Case(world, "unarmed") as case:
        disk = FullByLibrary(case, armed=False)
        case.desk.start()
        disk.fill()
        unarmed.mails = len(case.send(MAILS))
        unarmed.findings += ends(case, FULL_WORDS, "full while running", seconds=3)
    gone = Row("control: a mail goes while the disk is full", must_find=("each_uid_has_one_outcome: lost", "nothing_vanished_from_the_server: lost"))
    with Case(world, "gone") as case:
        disk = FullByLibrary(case)
        case.desk.start()
        disk.fill()
        sent = case.send(MAILS)
        gone.findings += ends(case, FULL_WORDS, "full while running")
        case.dovecot.expunge(case.user, sent[1].uid)
        disk.make_room()
        faults.disarm(case)
        case.pass_until_done()
        gone.mails = len(sent)
        gone.findings += case.findings()
    healthy = Row("control: a sync that fails is not noticed", must_find=("keeps_off_the_disk: wrong: EIO at",))
    with Case(world, "healthy") as case:
        faults.arm(case)
        healthy.mails = len(case.send(MAILS))
        case.pass_until_done()
        healthy.findings += keeps_off_the_disk(faults.steps(case), 3)
    return [unarmed, gone, healthy]
