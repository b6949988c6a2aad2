"""The mail servers of the installed desk misbehave: its mailbox is empty, is restored, loses mails to others; names are not found."""
import contextlib
import datetime
import os
import pathlib
import shutil
import signal
import time
from typing import Iterator

from drill import history
from drill.fetches import members
from drill.history import Finding
from drill.installed_desk import InstalledDesk, Installation, case, run as run_command
from drill.world import Case, Row
from support.case import wait_for

AT_ONCE = 6         # mails
HOST = "mail.desk.example"
CA_FILE = "/etc/ticketd/drill-ca.pem"


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


def servers(machine: Installation, away: float) -> Row:
    """The mailbox is empty for so many seconds, comes from yesterday's backup, has its mails moved away and back; no name can be
    looked up."""
    with case(machine, "mail servers misbehave", nothing_lost_or_doubled) as (row, one):
        row.wanted = {"mailbox empty": 2, "mails gone and back": AT_ONCE, "mailbox restored": 2, "UIDs used again": 2 * AT_ONCE,
                      "mails moved about": AT_ONCE}
        one.desk.start()
        one.send(AT_ONCE, "first")
        one.settle()
        mailbox_is_empty(one, row, away)
        mails_are_hidden(one, row, away)
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


def wait_look(one: Case) -> dict:
    """Until the daemon has looked at the mailbox as it is now; gives what the ledger holds then. Its connections of before are
    gone with the server."""
    now = time.time()
    wait_for(lambda: looked_at(one) > now, "the daemon looks at the mailbox", 60, 0.1)
    return one.desk.ctl("ledger")


def looked_at(one: Case) -> float:
    told = one.desk.ctl("status", codes=(0, 1))["mailboxes"][0]["last_success_at"]
    return datetime.datetime.fromisoformat(told).timestamp() if told else 0.0


def uid_validity(ledger: dict) -> int:
    return ledger["mailboxes"][0]["uid_validity"]


def mailbox_is_empty(one: Case, row: Row, away: float) -> None:
    """For a while there is another one of that name, under another UIDVALIDITY."""
    aside, before = one.world.folder / "aside", uid_validity(one.desk.ctl("ledger"))
    with mail_server_off(one) as box:
        box.rename(aside)
    other = uid_validity(wait_look(one))
    row.faults["mailbox empty"] += other != before
    time.sleep(away)
    with mail_server_off(one) as box:
        shutil.rmtree(box)
        aside.rename(box)
    if uid_validity(wait_look(one)) == other:
        row.findings.append(Finding("wrong", "it does not notice that the mailbox is back", by="mailbox_is_empty"))


def mails_are_hidden(one: Case, row: Row, away: float) -> None:
    """Mails that it has not read yet are gone for a while, under the same UIDVALIDITY, while others come and are filed; then they
    are back under their UIDs, which are lower."""
    aside = one.world.folder / "hidden"
    with frozen(one.desk):
        hidden = {mail.uid for mail in one.send(AT_ONCE, "hidden")}
        with mail_server_off(one) as box:
            run_command("cp", "-a", box, aside)
        for uid in hidden:
            one.dovecot.expunge(one.user, uid)
        row.faults["mailbox empty"] += one.dovecot.count(one.user) == 0
    known = {entry["uid"] for entry in wait_look(one)["entries"]}
    row.faults["mails gone and back"] += len(hidden - known)
    meanwhile = one.send(1, "meanwhile")[0]
    wait_for(lambda: meanwhile.uid in {entry["uid"] for entry in one.desk.ctl("ledger")["entries"]}, "what comes meanwhile is filed", 60)
    one.history.not_in_backup.add(meanwhile.message_id)
    time.sleep(away)
    with mail_server_off(one) as box:
        shutil.rmtree(box)
        aside.rename(box)
    one.settle()


def mailbox_is_restored(one: Case, row: Row, seen: bool) -> None:
    """As it was before some mails came, whose UIDs are given to others now; `seen`: the daemon looks at it before those come."""
    backup = one.world.folder / f"backup-{seen}"
    with mail_server_off(one) as box:
        run_command("cp", "-a", box, backup)
    later = one.send(AT_ONCE, f"later-{seen}")
    one.settle()
    with contextlib.nullcontext() if seen else frozen(one.desk):
        with mail_server_off(one) as box:
            shutil.rmtree(box)
            run_command("cp", "-a", backup, box)
        one.history.not_in_backup |= {mail.message_id for mail in later}
        row.faults["mailbox restored"] += 1
        if seen:
            wait_look(one)
        again = one.send(AT_ONCE, f"again-{seen}")
    row.faults["UIDs used again"] += len({mail.uid for mail in again} & {mail.uid for mail in later})
    one.settle()


def move_about(one: Case, row: Row) -> None:
    """Somebody else takes new mails out of INBOX before the daemon gets to them, and puts them back."""
    with frozen(one.desk):
        sent = one.send(AT_ONCE, "moved")
        away = move_all(one, "INBOX", "Elsewhere")
    wait_look(one)
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
