"""Load on the installed package: as many automatic mails as in a bad hour, and work without a pause while the network breaks."""
import collections
import contextlib
import statistics
import time
from typing import Iterator

from drill import chaos
from drill.fetches import FetchProxy
from drill.history import Finding
from drill.installed_desk import Installation, case
from drill.world import Case, Row
from support import mails
from support.case import wait_for
from support.proxy import Cut

AUTOMATIC = "automatic mails"
BATCH = 500  # of them
SOAK_PAUSE = 1.5  # seconds between bursts of mails: the end looks at each ticket
FILL, FILL_A_MINUTE = 6_000, 300  # mails that fill caches before a soak: at most, and for each of its minutes
FILL_PAUSE = 0.001  # seconds
SHORTEST, LONGEST = 5_000, 20_000  # octets, of the connections that a soak cuts
MOST_MEMORY = 64  # MB of a desk at work


def storm(machine: Installation, count: int) -> Row:
    """Machines write as they would in an hour: nobody is answered, memory stays, and a customer in their midst gets his answer."""
    with case(machine, "a storm of automatic mails", lambda _: []) as (row, one):
        row.wanted = {AUTOMATIC: count}
        one.desk.start()
        before = most = one.desk.memory()
        began, human = time.monotonic(), None
        for first in range(0, count, BATCH):
            one.dovecot.fill(one.user, map(automatic_mail, range(first, min(first + BATCH, count))))
            if not human and first + BATCH >= count // 2:
                human = one.append(one.mail("human"))
            most = max(most, one.desk.memory())
        while one.dovecot.count(one.user) and time.monotonic() < began + 60 + count / 50:
            most = max(most, one.desk.memory())
            time.sleep(0.2)
        wait_for(lambda: one.smtp.to(human.sender), "the customer is answered", 60)
        ledger = one.desk.ctl("ledger")["mailboxes"][0]["counts"]
        row.mails = count + 1
        row.faults.update({AUTOMATIC: sum(ledger.values()) - 1, "MB more in memory": int(most - before),
                           "seconds": int(time.monotonic() - began)})
        row.findings += storm_findings(one, ledger, count, most - before)
    return row


def automatic_mail(number: int) -> bytes:
    return mails.mail(f"Robot <r{number % 500}@robots.example>", f"Out of office {number}", "I am away.\n",
                      message_id=f"<{number}@robots.example>", headers=("Auto-Submitted: auto-replied",))


def storm_findings(one: Case, ledger: dict, count: int, more_memory: float) -> Iterator[Finding]:
    if sum(ledger.values()) != count + 1:
        yield Finding("lost", f"of {count + 1} mails the ledger has {ledger}", by="storm")
    if answered := [mail for mail in one.smtp.mails if mail.recipients[0].endswith("@robots.example")]:
        yield Finding("wrong", f"{len(answered)} machines were answered", by="storm")
    if more_memory > 64:
        yield Finding("wrong", f"memory rose by {more_memory:.0f} MB", by="storm")


def soak(machine: Installation, seed, minutes: float) -> Row:
    """Load and a network that breaks, and no kill: memory stays flat, once caches are full."""
    with case(machine, "soak") as (row, one):
        row.wanted = {"seconds of load": int(60 * minutes), "IMAP cuts": int(minutes), "SMTP drops after DATA": 1}
        mischief, samples = chaos.Mischief(one, seed), []
        one.smtp.plan = mischief.smtp
        with network_that_breaks(one, mischief) as proxy:
            mischief.calm = True
            one.desk.start()
            filled = fill_caches(one, seed, min(FILL, int(FILL_A_MINUTE * minutes)))
            mischief.calm = False
            proxy.cut_all()
            customers = chaos.Customers(one, filled + 100, seed, SOAK_PAUSE)
            customers.written = filled
            one.smtp.deliver = customers.hear
            customers.start()
            began = time.monotonic()
            while customers.is_alive() or time.monotonic() < began + 60 * minutes:
                if time.monotonic() < began + 60 * minutes:
                    customers.go_on()
                samples.append((time.monotonic() - began, one.desk.memory()))
                time.sleep(0.5)
                one.desk.check_alive()
            customers.raise_error()
            row.faults["seconds of load"] = int(time.monotonic() - began)
            mischief.calm = True
            one.smtp.hangs_end.set()  # or the end of DATA is waited for ten minutes
            row.recovered = one.settle(400)
            row.faults.update(mischief.injected + collections.Counter({"IMAP cuts": proxy.cuts}))
        row.mails = customers.written
        row.findings += memory_findings(samples)
        row.faults["MB in the end"] = int(samples[-1][1])
    return row


def fill_caches(one: Case, seed, count: int) -> int:
    """So many mails, as fast as they can come; how many were written."""
    customers = chaos.Customers(one, count, f"{seed} fill", FILL_PAUSE)
    one.smtp.deliver = customers.hear
    customers.start()
    customers.join(600)
    customers.raise_error()
    one.settle(400)
    return customers.written


@contextlib.contextmanager
def network_that_breaks(one: Case, mischief: chaos.Mischief) -> Iterator[FetchProxy]:
    """Between the daemon and its IMAP server."""
    box = one.desk.sections["mailbox"][0]
    direct = box["url"]

    def plan(connection: int) -> Cut | None:
        """Each is cut, and none before some mails have come: without a kill the pauses after failures grow."""
        cut = mischief.cut(connection) or Cut(LONGEST)
        return None if mischief.calm else cut._replace(after=max(cut.after, SHORTEST))
    with FetchProxy(one.dovecot.imap_port, plan) as proxy:
        one.history.breaks = proxy.breaks
        box["url"] = f"imap://127.0.0.1:{proxy.port}"
        one.desk.write()
        yield proxy
        one.desk.stop()
    box["url"] = direct
    one.desk.write()


def memory_findings(samples: list[tuple[float, float]]) -> Iterator[Finding]:
    """Of (seconds, MB). After the first quarter it may rise by 0.2 MB a minute, and by 2 MB in all."""
    settled = samples[len(samples) // 4:]
    third = max(len(settled) // 3, 1)
    (began, early), (ended, late) = ([statistics.median(column) for column in zip(*part)] for part in (settled[:third], settled[-third:]))
    minutes = (ended - began) / 60
    if late - early > 2 + 0.2 * minutes:
        yield Finding("wrong", f"memory rises by {(late - early) / minutes:.2f} MB a minute, to {late:.1f} MB", by="soak")
    if late > MOST_MEMORY:
        yield Finding("wrong", f"{late:.1f} MB are in use", by="soak")
