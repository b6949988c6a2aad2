"""The package under a real systemd: killed, its machine crashed, its power cut, its disk full or broken, its servers misbehaving."""
import contextlib
import random
import shutil
import subprocess
import time

from drill import chaos, disk, faults, history
from drill.history import Finding
from drill.installed_desk import BY_HAND, BY_ITSELF, LIBRARIES, STATE, InstalledDesk, Installation
from drill.world import Case, Row, World, until
from support import mails
from support.case import wait_for
from support.desk import Desk
from systemd.sandbox import require_sandbox

DEATHS = (*9 * (Desk.kill,), InstalledDesk.crash_machine)
YEAR = 365 * 86_400
HOST = "mail.desk.example"
CA_FILE = "/etc/ticketd/drill-ca.pem"
WITHOUT_SYNCS = f"""{BY_HAND}Environment=LD_PRELOAD={LIBRARIES}/libfault_points.so FAULTS_FOLDER={STATE}/ FAULTS_LIES=1
"""
MOVED_CLOCK = f"""{BY_HAND}Environment=LD_PRELOAD={LIBRARIES}/libmoved_clock.so MOVED_CLOCK={STATE}/clock
"""


def run(seed: int, end: float) -> list[Row]:
    """Of the time, half belongs to kills, a quarter to cuts of the power, and the rest to what takes the time that it takes."""
    try:
        require_sandbox()
        machine = Installation()
    except SystemExit:
        return [Row("installed", skipped=faults.why_not() or "no systemd can be booted here (its reason stands above)")]
    began = time.monotonic()
    share = max(end - began, 0) / 4
    with machine:
        rows = [kills(machine, seed, began + 2 * share), power_cuts(machine, seed, began + 3 * share), without_syncs(machine),
                disk_full(machine), disk_breaks(machine), servers(machine), year_jump(machine),
                storm(machine, 50_000 if share > 120 else 2_000), soak(machine, seed, end)]
    return rows


def kills(machine: Installation, seed, end: float) -> Row:
    """kill -9 of the unit under load, and now and then of everything on its machine."""
    total = Row("installed: kills")
    for number in until(end):
        row = chaos.one_round(f"{seed}.{number}", 200, "move:Processed", machine.desk, DEATHS)
        total.add(row)
        total.faults["rounds"] += 1
    return total


@contextlib.contextmanager
def case(machine: Installation, name: str, check=Case.findings, **mailbox):
    """A row, and a world with a case whose daemon is the installed unit; what `check` finds at the end is in the row."""
    row = Row(f"installed: {name}")
    with World() as world, Case(world, "installed", mailbox, make_desk=machine.desk) as one:
        with row.stopping_short():
            yield row, one
        with row.stopping_short():
            one.desk.stop()
            row.mails = row.mails or len(one.history.sent)
            row.findings += check(one)


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


def power_cuts(machine: Installation, seed, end: float) -> Row:
    """Nothing more gets to the disk, at any instant; then the machine comes back."""
    chance = random.Random(f"{seed} power")
    with machine.disk() as storage, case(machine, "power cuts") as (row, one):
        customers = chaos.Customers(one, 60, seed)
        one.smtp.deliver = customers.hear
        one.desk.start(wait_ready=False)
        customers.start()
        for number in until(end):
            time.sleep(chance.uniform(0.2, 2.0))
            storage.cut()
            one.desk.kill()
            storage.come_back()
            row.faults["power cuts"] += 1
            row.faults["rows found sending"] += one.look_at_the_wreck()
            one.desk.start(wait_ready=False)
            customers.count += 20 * (not customers.is_alive())
        customers.join(120)
        row.recovered = one.settle(120)
    return row


def without_syncs(machine: Installation) -> Row:
    """The same with a daemon that only believes to have synced: what it has moved is nowhere any more."""
    row = Row("control: installed, power cut without syncs", must_find=("without_syncs: lost",))
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
            row.findings += [finding._replace(by="without_syncs", kind="lost") for finding in one.history.seen_early]
        except (RuntimeError, OSError) as error:
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
        box, aside, backup = (one.dovecot.folder / "mail" / one.user, one.world.folder / "aside", one.world.folder / "backup")
        one.desk.start()
        one.send(6, "first")
        one.settle()
        one.dovecot.stop()
        shutil.copytree(box, backup, symlinks=True)
        box.rename(aside)
        one.dovecot.start()  # an empty mailbox of that name, under another UIDVALIDITY
        row.faults["mailbox empty"] += 1
        time.sleep(4)
        one.dovecot.stop()
        shutil.rmtree(box)
        aside.rename(box)
        one.dovecot.start()
        move_about(one, one.send(6, "moved"))
        row.faults["mails moved about"] += 6
        one.settle()
        lookups_fail(one, row)
    return row


def move_about(one: Case, sent: list) -> None:
    """Somebody else takes mails out of INBOX, as far as they are there still, and puts them back."""
    with one.dovecot.session(one.user) as client:
        client.create("Elsewhere")
        for source, target in (("INBOX", "Elsewhere"), ("Elsewhere", "INBOX")):
            client.select(source)
            uids = client.uid("SEARCH", "ALL")[1][0].split()
            if uids:
                client.uid("MOVE", b",".join(uids).decode(), target)
            one.history.sent[:] = [mail._replace(uid=0) if mail in sent else mail for mail in one.history.sent]


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


def storm(machine: Installation, count: int) -> Row:
    """Machines write as they would in an hour: nobody is answered, memory stays, and a customer in their midst gets his answer."""
    with case(machine, "a storm of automatic mails", lambda _: []) as (row, one):
        one.desk.start()
        before = one.desk.memory()
        octets = [mails.mail(f"Robot <r{number % 500}@robots.example>", f"Out of office {number}", "I am away.\n",
                             message_id=f"<{number}@robots.example>", headers=("Auto-Submitted: auto-replied",)) for number in range(count)]
        most, middle = before, len(octets) // 2
        one.dovecot.fill(one.user, octets[:middle])
        human = one.append(one.mail("human"))
        one.dovecot.fill(one.user, octets[middle:])
        deadline = time.monotonic() + 60 + count / 200
        while one.dovecot.count(one.user) and time.monotonic() < deadline:
            most = max(most, one.desk.memory())
            time.sleep(0.2)
        row.faults[f"automatic mails, {most - before:.0f} MB more in memory"] += count
        ledger = one.desk.ctl("ledger")["mailboxes"][0]["counts"]
        if sum(ledger.values()) != count + 1:
            row.findings.append(Finding("lost", f"of {count + 1} mails the ledger has {ledger}", by="storm"))
        answered = [mail for mail in one.smtp.mails if mail.recipients[0].endswith("@robots.example")]
        if answered:
            row.findings.append(Finding("wrong", f"{len(answered)} machines were answered", by="storm"))
        if most > before + 64:
            row.findings.append(Finding("wrong", f"memory went from {before:.0f} to {most:.0f} MB", by="storm"))
        wait_for(lambda: one.smtp.to(human.sender), "the customer is answered", 60)
        row.mails = count + 1
    return row


def soak(machine: Installation, seed, end: float) -> Row:
    """Load and a network that breaks, and no kill: memory stays flat."""
    with case(machine, "soak") as (row, one):
        customers, samples = chaos.Customers(one, 100, seed), []
        mischief = chaos.Mischief(one, seed)
        one.smtp.deliver, one.smtp.plan = customers.hear, mischief.smtp
        one.desk.start()
        customers.start()
        while customers.is_alive() or time.monotonic() < end:
            customers.count += 20 * (time.monotonic() < end and customers.written + 20 > customers.count)
            samples.append(one.desk.memory())
            time.sleep(0.5)
        mischief.calm = True
        row.recovered = one.settle(400)
        early, late = (sorted(part)[len(part) // 2] for part in (samples[len(samples) // 4:len(samples) // 2], samples[-len(samples) // 4:]))
        row.faults[f"samples of memory, {early:.1f} MB early, {late:.1f} MB late"] += len(samples)
        if late > 1.25 * early + 4:
            row.findings.append(Finding("wrong", f"memory rises: {early:.1f} MB, then {late:.1f} MB", by="soak"))
    return row
