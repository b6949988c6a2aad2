"""The package under a real systemd: killed, its machine crashed, its power cut, its disk full or broken, its clock wrong."""
import random
import sys
import time
import traceback
from typing import Callable, Iterator, NamedTuple

from drill import chaos, disk, faults, history
from drill.history import Finding
from drill.installed_desk import BY_HAND, BY_ITSELF, LIBRARIES, STATE, InstalledDesk, Installation, case
from drill.installed_load import soak, storm
from drill.installed_servers import servers
from drill.world import Case, Row, World, until
from support.case import wait_for
from support.desk import Desk
from systemd.sandbox import require_sandbox

DEATHS = (*24 * (Desk.kill,), InstalledDesk.crash_machine)
PACE = chaos.Pace(kills=40, lives=(0.05, 0.15, 0.3, 0.6), pause=0.6)
BY_SYSTEMD = "kills after which systemd itself started it again"
YEAR = 365 * 86_400
WITHOUT_SYNCS = f"""{BY_HAND}Environment=LD_PRELOAD={LIBRARIES}/libfault_points.so FAULTS_FOLDER={STATE}/ FAULTS_LIES=1
"""
SYNC_LOG = f"{STATE}/drill-steps"
SYNC_FAILS = f"""{BY_HAND}Environment=LD_PRELOAD={LIBRARIES}/libfault_points.so FAULTS_FOLDER={STATE}/ FAULTS_LOG={SYNC_LOG}
"""
GOOD_SYNCS = (0, 1, 2, 3, 5, 8, 13)  # before the one that fails: while it opens the store, files mails, notes that they are sent
MOVED_CLOCK = f"""{BY_HAND}Environment=LD_PRELOAD={LIBRARIES}/libmoved_clock.so MOVED_CLOCK={STATE}/clock
"""


class Wanted(NamedTuple):
    """What an hour's run is asked for; the defaults are for a look in between."""

    kills: int = 40
    storm: int = 2_000  # automatic mails
    soak: float = 1     # minutes
    away: float = 4     # seconds for which a mailbox is empty


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
    return [(kills, seed, wanted.kills), (power_cuts, seed, share), (without_syncs,), (disk_full,), (disk_breaks,), (syncs_fail,),
            (servers, wanted.away), (year_jump,), (storm, wanted.storm), (soak, seed, wanted.soak)]


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


def syncs_fail(machine: Installation) -> Row:
    """A sync of SQLite's fails, earlier or later in each of some lives: it ends, says why, and commits nothing more."""
    with case(machine, "a sync fails (EIO)") as (row, one):
        row.wanted = {"EIO": len(GOOD_SYNCS)}
        ports = f"Environment=FAULTS_PORTS={one.imap_port}=IMAP,{one.smtp_port}=SMTP\n"
        for after in GOOD_SYNCS:
            one.send(2, f"eio{after}x")
            one.desk.drop_in(f"{SYNC_FAILS}{ports}Environment=FAULTS_EIO={after}\n")
            row.findings += dies_of_a_sync(one, after)
            wreck = one.look_at_the_wreck(only_killed=True)
            row.faults.update({"EIO": 1, "rows found sending": wreck.sending, "of them with a known end": wreck.sure})
        one.desk.drop_in(BY_HAND)
        one.desk.start(wait_ready=False)
        row.recovered = one.settle(120)
        row.faults["excused second copies"] = len(one.received()) - len({history.message_id_of(mail.octets) for mail in one.received()})
    return row


def dies_of_a_sync(one: Case, after: int) -> Iterator[Finding]:
    sandbox, since = one.desk.sandbox, f"--since=@{time.time():.6f}"
    sandbox.path(SYNC_LOG).unlink(missing_ok=True)
    sandbox.run("systemctl", "start", "--no-block", "ticketd")
    wait_for(lambda: one.desk.state() in ("auto-restart", "failed"), f"the daemon ends after {after} syncs", 60)
    code = int(sandbox.property("ExecMainStatus"))
    if sandbox.property("Result") != "exit-code" or code in (0, 64, 78):
        yield Finding("wrong", f"EIO after {after} syncs: it ended with {code}", by="dies_of_a_sync")
    if not any(sandbox.logged(words, "-u", "ticketd", since) for words in disk.BROKEN_WORDS):
        yield Finding("wrong", f"EIO after {after} syncs: no word of it in the journal", by="dies_of_a_sync")
    yield from disk.keeps_off_the_disk(faults.steps_in(sandbox.path(SYNC_LOG)), after)
    one.desk.kill()


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
