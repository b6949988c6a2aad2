"""The package under a real systemd: killed, its machine crashed, its power cut, its disk full or broken, its servers misbehaving."""
import contextlib
import os
import pathlib
import random
import shutil
import signal
import sys
import time
import traceback
from typing import Callable, Iterator, NamedTuple

from drill import chaos, disk, faults, history
from drill.fetches import members
from drill.history import Finding
from drill.installed_desk import BY_HAND, BY_ITSELF, LIBRARIES, STATE, InstalledDesk, Installation, case, run as run_command
from drill.installed_load import soak, storm
from drill.world import Case, Row, World, until
from support.case import wait_for
from support.desk import Desk
from systemd.sandbox import require_sandbox

DEATHS = (*24 * (Desk.kill,), InstalledDesk.crash_machine)
PACE = chaos.Pace(kills=40, lives=(0.05, 0.15, 0.3, 0.6), pause=0.6)
BY_SYSTEMD = "kills after which systemd itself started it again"
AT_ONCE = 6         # mails
YEAR = 365 * 86_400
HOST = "mail.desk.example"
CA_FILE = "/etc/ticketd/drill-ca.pem"
WITHOUT_SYNCS = f"""{BY_HAND}Environment=LD_PRELOAD={LIBRARIES}/libfault_points.so FAULTS_FOLDER={STATE}/ FAULTS_LIES=1
"""
MOVED_CLOCK = f"""{BY_HAND}Environment=LD_PRELOAD={LIBRARIES}/libmoved_clock.so MOVED_CLOCK={STATE}/clock
"""


class Wanted(NamedTuple):
    """What an hour's run is asked for; the defaults are for a look in between."""

    kills: int = 40
    storm: int = 2_000  # automatic mails
    soak: float = 1     # minutes


def run(seed: int, end: float, wanted: Wanted = Wanted()) -> list[Row]:
    """Power cuts get a quarter of the time; everything else takes what it takes."""
    try:
        require_sandbox()
        machine = Installation()
    except SystemExit:
        return [Row("installed", skipped=faults.why_not() or "no systemd can be booted here (its reason stands above)")]
    began, rows = time.monotonic(), []
    with machine:
        for part, *arguments in parts(seed, max(end - began, 0) / 4, wanted):
            row = done(part, machine, *arguments)
            seconds = time.monotonic() - began
            print(f"  {seconds:.0f} s: {row.name}: {'good' if row.good else 'BAD'}, {row.told()}", file=sys.stderr, flush=True)
            rows.append(row)
    return rows


def parts(seed: int, share: float, wanted: Wanted) -> list[tuple]:
    """Functions, and their arguments after the machine."""
    return [(kills, seed, wanted.kills), (power_cuts, seed, share), (without_syncs,), (disk_full,), (disk_breaks,), (servers,),
            (year_jump,), (storm, wanted.storm), (soak, seed, wanted.soak)]


def done(part: Callable, machine: Installation, *arguments) -> Row:
    """One that breaks off does not take the others with it."""
    try:
        return part(machine, *arguments)
    except Exception as error:
        traceback.print_exc()
        return Row(f"installed: {part.__name__}", findings=[Finding("wrong", f"it broke off: {error!r}", by=part.__name__)])


def kills(machine: Installation, seed, count: int) -> Row:
    """kill -9 of the unit under load, and now and then of everything on its machine; in every second round it is started again
    by systemd. `count` is what is wanted, at some seconds for each. Every kind of fault has to come, not in each round: a short one
    may end before the daemon has sent a mail."""
    total = Row("installed: kills", wanted={"kills": count, BY_SYSTEMD: count // 3})
    began, most = time.monotonic(), min(PACE.kills, -(-count // 2))
    for number in until(began + 120 + 4 * count):
        desks: list[InstalledDesk] = []

        def make_desk(*arguments, **sections) -> InstalledDesk:
            desks.append((machine.desk_that_comes_back if number % 2 else machine.desk)(*arguments, **sections))
            return desks[-1]
        pace = PACE._replace(kills=max(chaos.LEAST_KILLS, min(most, count - total.faults["kills"])))
        row = chaos.one_round(f"{seed}.{number}", 40, "move:Processed", make_desk, DEATHS, pace)
        row.findings = [finding for finding in row.findings if finding.by != chaos.not_injected.__name__]
        total.add(row)
        total.faults.update({"rounds": 1, BY_SYSTEMD: desks[-1].restarted})
        if not total.too_few():
            break
    total.faults["seconds"] = int(time.monotonic() - began)
    total.findings += chaos.not_injected(total)
    return total


def nothing_lost_or_doubled(one: Case) -> list[Finding]:
    """What must hold although others renumber the mails and move them about."""
    evidence = history.collect(one)
    findings = [finding for invariant in (history.each_mail_is_in_one_message, history.each_ticket_is_acknowledged_once,
                                          history.each_row_reached_the_server, history.nothing_vanished_from_the_server)
                for finding in history.found_by(invariant, invariant(one.history, evidence))]
    box = evidence.ledger["mailboxes"][0]
    if box["missing"] or evidence.folders["INBOX"]:
        findings.append(Finding("lost", f"missing {box['missing']}, still in INBOX {evidence.folders['INBOX']}"))
    return findings


def power_cuts(machine: Installation, seed, share: float) -> Row:
    """For so many seconds: nothing more gets to the disk, at any instant; then the machine comes back."""
    chance = random.Random(f"{seed} power")
    with machine.disk() as storage, case(machine, "power cuts") as (row, one):
        customers = chaos.Customers(one, 60, seed)
        one.smtp.deliver = customers.hear
        one.desk.start(wait_ready=False)
        customers.start()
        for _ in until(time.monotonic() + share):
            time.sleep(chance.uniform(0.2, 2.0))
            storage.cut()
            one.desk.kill()
            storage.come_back()
            row.faults["power cuts"] += 1
            row.faults["rows found sending"] += one.look_at_the_wreck().sending
            one.desk.start(wait_ready=False)
            customers.count += 20 * (not customers.is_alive())
        customers.join(120)
        row.recovered = one.settle(120)
    return row


def without_syncs(machine: Installation) -> Row:
    """The same with a daemon that only believes to have synced: what it has moved is nowhere any more."""
    row = Row("control: installed, power cut without syncs", must_find=("moved_is_only_what_is_committed: wrong",))
    with machine.disk() as storage, World() as world, Case(world, "unsynced", make_desk=machine.desk) as one:
        one.desk.drop_in(WITHOUT_SYNCS)
        one.desk.start()
        row.mails = len(one.send(8))
        one.settle()
        storage.cut()
        one.desk.kill()
        storage.come_back()
        row.faults["power cuts"] += 1
        try:
            one.look_at_the_wreck()
            row.findings += one.history.seen_early
        except (RuntimeError, OSError) as error:
            if one.desk.store.name not in str(error):
                raise
            row.must_find = ("without_syncs: lost: the store can't even be read",)
            row.findings.append(Finding("lost", f"the store can't even be read: {error}", by="without_syncs"))
    return row


def disk_full(machine: Installation) -> Row:
    """systemd starts the daemon again and again, never gives up, and it goes on by itself when there is room."""
    with machine.small_file_system() as folder, case(machine, "disk full") as (row, one):
        one.desk.drop_in(BY_ITSELF)
        one.desk.start()
        one.send(4, "before")
        one.settle()
        full = disk.FullByFile(folder)
        full.fill()
        disk.send_large(one)
        wait_for(lambda: one.desk.restarts() >= 8, "the unit is started again and again", 60, 0.1)
        full.make_room()
        row.faults.update({"full": 1, "starts in vain": one.desk.restarts()})
        row.recovered = one.settle(120)
    return row


def disk_breaks(machine: Installation) -> Row:
    """What the file system has taken can't be written to the disk below it; after a repair nothing is missing."""
    with machine.disk() as storage, case(machine, "disk fails at write-back") as (row, one):
        one.desk.start()
        one.send(4, "before")
        one.settle()
        storage.fill()
        disk.send_large(one)
        wait_for(lambda: one.desk.state() != "running", "the daemon ends", 120, 0.1)
        one.desk.kill()
        storage.make_room()
        storage.come_back(check=True)
        row.faults["EIO"] += 1
        one.look_at_the_wreck()
        one.desk.start(wait_ready=False)
        row.recovered = one.settle(120)
    return row


def servers(machine: Installation) -> Row:
    """The mailbox is empty for a while, comes from yesterday's backup, has its mails moved away and back; no name can be looked up."""
    with case(machine, "mail servers misbehave", nothing_lost_or_doubled) as (row, one):
        row.wanted = {"mailbox empty": 1, "mailbox restored": 2, "UIDs used again": 2 * AT_ONCE, "mails moved about": AT_ONCE}
        one.desk.start()
        one.send(AT_ONCE, "first")
        one.settle()
        mailbox_is_empty(one, row)
        for seen in (True, False):
            mailbox_is_restored(one, row, seen)
        move_about(one, row)
        one.settle()
        lookups_fail(one, row)
    return row


@contextlib.contextmanager
def mail_server_off(one: Case) -> Iterator[pathlib.Path]:
    """Gives the folder of the mailbox."""
    one.dovecot.stop()
    yield one.dovecot.folder / "mail" / one.user
    one.dovecot.start()


def mailbox_is_empty(one: Case, row: Row) -> None:
    """For a while there is another one of that name, under another UIDVALIDITY."""
    aside = one.world.folder / "aside"
    with mail_server_off(one) as box:
        box.rename(aside)
    row.faults["mailbox empty"] += 1
    time.sleep(4)
    with mail_server_off(one) as box:
        shutil.rmtree(box)
        aside.rename(box)


def mailbox_is_restored(one: Case, row: Row, seen: bool) -> None:
    """As it was before some mails came, whose UIDs are given to others now; `seen`: the daemon looks at it before those come."""
    backup = one.world.folder / f"backup-{seen}"
    with mail_server_off(one) as box:
        run_command("cp", "-a", box, backup)
    later = one.send(AT_ONCE, f"later-{seen}")
    one.settle()
    with mail_server_off(one) as box:
        shutil.rmtree(box)
        run_command("cp", "-a", backup, box)
    one.history.not_in_backup |= {mail.message_id for mail in later}
    row.faults["mailbox restored"] += 1
    time.sleep(4 * seen)
    again = one.send(AT_ONCE, f"again-{seen}")
    row.faults["UIDs used again"] += len({mail.uid for mail in again} & {mail.uid for mail in later})
    one.settle()


def move_about(one: Case, row: Row) -> None:
    """Somebody else takes new mails out of INBOX before the daemon gets to them, and puts them back."""
    with frozen(one.desk):
        sent = one.send(AT_ONCE, "moved")
        away = move_all(one, "INBOX", "Elsewhere")
    time.sleep(2)
    back = move_all(one, "Elsewhere", "INBOX")
    row.faults["mails moved about"] += min(away, back)
    with one.history.lock:
        one.history.sent[:] = [mail._replace(uid=0) if mail in sent else mail for mail in one.history.sent]


@contextlib.contextmanager
def frozen(desk: InstalledDesk) -> Iterator[None]:
    os.kill(desk.host_pid(), signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(desk.host_pid(), signal.SIGCONT)


def move_all(one: Case, source: str, target: str) -> int:
    """How many the server says it has moved."""
    with one.dovecot.session(one.user) as client:
        client.create(target)
        client.select(source)
        client.uid("MOVE", "1:*", target)
        moved = client.response("COPYUID")[1][0]
    return len(members(moved.split()[1])) if moved else 0


def lookups_fail(one: Case, row: Row) -> None:
    """The mail server is known by a name, which for a while nobody can look up."""
    sandbox, names = one.desk.sandbox, "/etc/hosts"
    known = sandbox.path(names).read_text()
    sandbox.copy(one.dovecot.ca_file, CA_FILE)
    one.desk.sections["mailbox"][0] |= {"url": one.dovecot.url("imaps").replace("127.0.0.1", HOST), "tls": "required", "ca_file": CA_FILE}
    one.desk.write()
    one.desk.stop()
    one.desk.start(wait_ready=False)
    one.send(2, "nameless")
    wait_for(lambda: one.desk.ctl("status", codes=(0, 1))["mailboxes"][0]["error"], "the status says that the mailbox fails", 60)
    row.faults["names that can't be looked up"] += 1
    sandbox.write(names, f"{known}127.0.0.1 {HOST}\n")
    row.recovered = one.settle(120)
    sandbox.write(names, known)


def year_jump(machine: Installation) -> Row:
    """The clock goes a year ahead and back again while mails come: none is lost, and nothing is told twice."""
    with case(machine, "the clock jumps a year") as (row, one):
        clock = machine.sandbox.path(f"{STATE}/clock")
        machine.sandbox.write(f"{STATE}/clock", f"{0:+020d}\n")
        one.desk.drop_in(MOVED_CLOCK)
        one.desk.start()
        for number, seconds in enumerate((0, YEAR, 0)):
            with clock.open("r+") as file:
                file.write(f"{seconds:+020d}\n")
            row.faults["jumps"] += number > 0
            one.send(4, f"jump{number}")
            one.settle()
    return row
