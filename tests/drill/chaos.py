"""Customers write while IMAP connections are cut, the SMTP server misbehaves and the daemon is killed, all at random."""
import collections
import imaplib
import queue
import random
import threading
import time
from typing import NamedTuple

from drill import history
from drill.fetches import FetchProxy
from drill.world import Case, Row, World
from support import mails
from support.desk import Desk
from support.proxy import Cut, Proxy
from support.smtp_server import DROP, HANG, ReceivedMail, Step

REFUSALS = {
    "connect": ["421 4.3.2 shutting down", DROP],
    "ehlo": [DROP],
    "mail": ["451 4.3.0 try again", "452 4.3.1 disk full", DROP],
    "rcpt": ["451 4.7.1 greylisted", "450 4.2.1 busy", "550 5.1.1 no such user", DROP],
    "data": ["451 4.3.0 try again", "554 5.5.1 no", DROP, HANG],
    "dot": ["451 4.3.0 try again", "554 5.7.1 refused", DROP, DROP, HANG],
}

LEAST_KILLS = 6


class Pace(NamedTuple):
    kills: int = LEAST_KILLS  # in a round at least; customers write until then
    lives: tuple[float, ...] = (0.1, 0.3, 0.7, 1.5)  # seconds, times 0.5 to 1.5
    pause: float = 0.25       # seconds between the customers' bursts, on average


MOST_KILLS = 60  # while the daemon has not come to all that is sure to go wrong
SURE_TO_RENUMBER = 3  # after so many kills
INJECTED = ("kills", "IMAP cuts", "new UIDVALIDITYs", "unanswered APPENDs", "SMTP 4yz", "SMTP drops after DATA")  # in every round


class LosesAnswers(Proxy):
    """Between a customer and the IMAP server: the mail arrives, and nobody is told."""

    def passing(self, octets: bytes) -> None:
        if b"APPENDUID" in octets:
            raise ConnectionResetError


class Customers(threading.Thread):
    """Write `count` mails: new cases, the same mail again, answers to what the desk told them."""

    def __init__(self, case: Case, count: int, seed, pause: float = Pace().pause):
        super().__init__(daemon=True)
        self.case, self.count, self.pause = case, count, pause
        self.random = random.Random(f"{seed} customers")
        self.heard: queue.Queue[ReceivedMail] = queue.Queue()
        self.answered: set[str] = set()
        self.gate = Proxy(case.dovecot.imap_port, lambda _: Cut(self.random.randint(300, 1500)))
        self.written = 0
        self.error: BaseException | None = None

    def go_on(self) -> None:
        """As long as this is called, they do not come to their end."""
        self.count = max(self.count, self.written + 40)

    def raise_error(self) -> None:
        """What they have ended by."""
        if self.error:
            raise self.error

    def hear(self, mail: ReceivedMail) -> None:
        """The SMTP server calls this with each mail that it accepts."""
        if mail.recipients[0] not in self.answered and mail.recipients[0] != self.case.staff:
            self.answered.add(mail.recipients[0])
            self.heard.put(mail)

    def run(self) -> None:
        try:
            with LosesAnswers(self.case.dovecot.imap_port) as deaf:
                self.burst(1, deaf.port)
            while self.written < self.count:
                self.burst(min(self.random.choice((1, 1, 2, 5, 20)), self.count - self.written))
                time.sleep(self.random.expovariate(1 / self.pause))
        except BaseException as error:  # told by whoever waits for this thread
            self.error = error
        finally:
            self.gate.stop()

    def burst(self, count: int, port: int = 0) -> None:
        """Over one connection; now and then over one that breaks, so that nobody knows what has arrived."""
        if not port and self.random.random() < 0.1:
            port = self.gate.port
        try:
            client = self.case.dovecot.session(self.case.user, port)
            for _ in range(count):
                if not self.write_one(client):
                    return client.shutdown()
            client.logout()
        except (OSError, imaplib.IMAP4.error):
            return

    def write_one(self, client: imaplib.IMAP4) -> bool:
        """False once the connection is gone."""
        self.written += 1
        octets, sender, opener = self.compose()
        return self.case.append(octets, sender, opener, client).uid != 0

    def compose(self) -> tuple[bytes, str, str]:
        """Octets, sender, Message-ID of the mail that opened the conversation."""
        sent = self.case.history.sent
        kind = self.random.random()
        if kind < 0.1 and sent:
            again = self.random.choice(sent)
            return again.octets, again.sender, again.opener
        if kind < 0.5 and not self.heard.empty():
            return self.answer(self.heard.queue[0] if self.random.random() < 0.3 else self.heard.get())
        return self.new_case()

    def new_case(self) -> tuple[bytes, str, str]:
        token = f"m{self.written}"
        line = self.random.choice(("The line crackles. ", "Störung im Büro. ", "e\u0301tude ")) * 4 + "\n"
        octets = self.case.mail(token, line * self.random.choice((1, 3, 30, 300)))
        if self.random.random() < 0.2:
            octets = octets.replace("Störung".encode(), "Störung".encode("latin-1"))
        return octets, self.case.sender(token), f"{token}@{self.case.name}.example"

    def answer(self, received: ReceivedMail) -> tuple[bytes, str, str]:
        address = received.recipients[0]
        opener = f"{address.partition('@')[0]}@{self.case.name}.example"
        octets = mails.reply_to(received.octets, address, f"Answer {self.written}.\n")
        return octets, address, opener


class Mischief:
    """What goes wrong on the network; `calm` ends it. One answer of 4yz and one DROP after DATA are sure to come."""

    def __init__(self, case: Case, seed):
        self.case, self.seed = case, seed
        self.random = random.Random(f"{seed} smtp")
        self.lock = threading.Lock()
        self.sure = {"rcpt": "451 4.7.1 greylisted", "dot": DROP}
        self.injected = collections.Counter()
        self.calm = False

    def cut(self, connection: int) -> Cut | None:
        chance = random.Random(f"{self.seed} imap {connection}")
        if self.calm or chance.random() < 0.2:
            return None
        after = int(10 ** chance.triangular(1.5, 5.0, 2.7))
        return Cut(after, chance.random() < 0.5, chance.uniform(0.1, 1.5) if chance.random() < 0.3 else 0.0)

    def smtp(self, step: Step) -> str | None:
        with self.lock:
            chance = self.random.random()
            if self.calm or step.stage not in REFUSALS or chance > 0.04 and step.stage not in self.sure:
                return None
            answer = self.sure.pop(step.stage, None) or self.random.choice(REFUSALS[step.stage])
            pause = self.random.choice((0, 0, 0.5))
            self.injected[name_of(step.stage, answer)] += 1
        if answer in (DROP, HANG) and step.stage == "dot":
            self.case.history.excuse(history.message_id_of(step.octets), range(step.connection, step.connection + 1))
        time.sleep(pause)
        return answer


def name_of(stage: str, answer: str) -> str:
    """Of an SMTP fault in the table."""
    if answer in (DROP, HANG):
        return f"SMTP {answer}s after DATA" if stage == "dot" else f"other SMTP {answer}s"
    return f"SMTP {answer[0]}yz"


def one_round(seed, count: int, processed: str = "move:Processed", make_desk=Desk, deaths=(Desk.kill,), pace=Pace()) -> Row:
    """A new world; `count` mails; kills, by one of `deaths` each, until the customers have written all of them."""
    with World() as world, FetchProxy(world.dovecot.imap_port) as proxy:
        mailbox = {"url": f"imap://127.0.0.1:{proxy.port}", "processed": processed}
        with Case(world, "chaos", mailbox, make_desk=make_desk) as case:
            mischief, customers = Mischief(case, seed), Customers(case, count, seed, pace.pause)
            case.history.breaks = proxy.breaks
            proxy.plan, world.smtp.plan, world.smtp.deliver = mischief.cut, mischief.smtp, customers.hear
            row = Row("chaos")
            with row.stopping_short():
                drive(case, customers, mischief, row, random.Random(f"{seed} kills"), deaths, pace)
            customers.join()
            row.mails = customers.written
            mischief.calm = True
            case.desk.kill()
            proxy.cut_all()
            case.look_at_the_wreck(only_killed=True)
            row.findings += case.recover_twice()
            case.desk.start(wait_ready=False)
            with row.stopping_short():
                row.recovered = case.settle(120)
            case.desk.stop()
            row.findings += case.findings()
            row.faults.update(mischief.injected)
            row.faults.update({"IMAP cuts": proxy.cuts, "of them while a mail was to come": proxy.breaks.total(),
                               "mails that may be late": len(history.late_comers(case.history)),
                               "unanswered APPENDs": sum(not sent.uid for sent in case.history.sent)})
            row.faults["mails displaced by a cut"] = history.count_displaced(case.history, case.evidence)
            row.findings += not_injected(row)
            row.faults["excused second copies"] = len(case.received()) - len({history.message_id_of(mail.octets) for mail in case.received()})
    return row


def not_injected(row: Row) -> list[history.Finding]:
    """A round that one kind of fault stayed away from shows nothing of it, however good it looks."""
    return [history.Finding("wrong", f"no {fault} in this round", by="not_injected") for fault in INJECTED if not row.faults[fault]]


def drive(case: Case, customers: Customers, mischief: Mischief, row: Row, chance: random.Random, deaths, pace: Pace) -> None:
    """Kills the daemon until customers and mischief are done; sometimes the mailbox gets a new UIDVALIDITY in between."""
    case.desk.start(wait_ready=False)
    customers.start()
    while customers.is_alive() or row.faults["kills"] < (max(MOST_KILLS, pace.kills) if mischief.sure else pace.kills):
        if row.faults["kills"] < pace.kills:
            customers.go_on()
        # On a busy machine a life may be too short to send anything: they grow until the sure faults of SMTP have come.
        growth = max(1, row.faults["kills"] / LEAST_KILLS) if mischief.sure else 1
        time.sleep(chance.choice(pace.lives) * chance.uniform(0.5, 1.5) * growth)
        case.desk.check_alive()
        kill(case, chance.choice(deaths), row)
        if chance.random() < 0.15 or row.faults["kills"] == SURE_TO_RENUMBER:
            case.dovecot.change_uid_validity(case.user)
            row.faults["new UIDVALIDITYs"] += 1
        case.desk.start(wait_ready=False)
    customers.raise_error()


def kill(case: Case, die, row: Row) -> None:
    die(case.desk)
    row.faults["kills"] += 1
    if die is not Desk.kill:
        row.faults[f"of them by {die.__name__}"] += 1
    wreck = case.look_at_the_wreck(only_killed=die is Desk.kill)
    row.faults["of them while there was work"] += wreck.waiting > 0
    row.faults["rows found sending"] += wreck.sending
    row.faults["of them with a known end"] += wreck.sure
