"""ticketd dies at each call that changes the disk or speaks to a server; whoever starts it again ends with the same rows."""
import collections
import concurrent.futures
import itertools
import random
import signal
import time

from drill import faults, history
from drill.history import Evidence, Finding
from drill.sabotage import FORGETFUL, meddle
from drill.world import Case, Row, World

WHEN = ("before", "after", "torn")
TEARS = ("write", "pwrite", "send")
POWER_CUTS = 0.5  # of the deaths
TRIES = 3  # to reach a point
DEPENDS_ON_THE_INSTANT = ("reporting_time_corrected",)  # the first contact came after the mail


def write_mails(case: Case) -> None:
    """Two cases, and a second mail to the first of them."""
    case.follow_up(case.append(case.mail("first")), "second")
    case.append(case.mail("third"))


def rows_of(case: Case, evidence: Evidence) -> dict:
    """What must be the same in every run: all but instants, random tokens and how often something was tried."""
    def own(value):
        return str(value).replace(case.name, "CASE")
    tickets = [[own(ticket[key]) for key in ("number", "subject", "status", "priority", "requester", "message_count")] +
               [[own(message[key]) for key in ("direction", "message_id", "subject", "text")] for message in history.incoming(ticket)] +
               [event["kind"] for event in ticket["events"] if event["kind"] not in DEPENDS_ON_THE_INSTANT] for ticket in evidence.tickets]
    return {"tickets": sorted(tickets, key=str),
            "ledger": sorted([entry["uid"], entry["outcome"], entry["ticket"]] for entry in evidence.ledger["entries"]),
            "outbox": sorted([row["ticket"], row["kind"], own(row["to"]), row["state"]] for row in evidence.outbox)}


class CrashPoints:
    def __init__(self, world: World, seed):
        self.world, self.seed = world, seed
        with Case(world, "base") as case:
            write_mails(case)
            faults.arm(case)
            case.pass_until_done()
            self.steps = faults.steps(case)
            faults.disarm(case)
            evidence = history.collect(case)
            self.expected = rows_of(case, evidence)
            self.base_findings = case.check(evidence)

    def points(self) -> list[tuple[faults.Step, str]]:
        """All of them, in an order that the seed decides; however few are taken, they are of many kinds."""
        chance = random.Random(f"{self.seed} points")
        kinds = collections.defaultdict(list)
        for step in self.steps:
            for when in WHEN:
                if when != "torn" or step.verb in TEARS and step.octets > 1:
                    kinds[step.kind].append((step, when))
        queues = list(kinds.values())
        chance.shuffle(queues)
        for queue in queues:
            chance.shuffle(queue)
        return [point for turn in itertools.zip_longest(*queues) for point in turn if point]

    def die_at(self, point: tuple[faults.Step, str]) -> Row:
        """A few tries: how many calls a pass makes depends on which answers fall together, and its last ones may not be
        reached."""
        for attempt in range(TRIES):
            row = self.die_once_at(point, attempt)
            if row.faults["kills"] or len(row.findings) > 1:  # something else is wrong as well
                break
        return row

    def die_once_at(self, point: tuple[faults.Step, str], attempt: int) -> Row:
        """One death at `point`, a second one while recovering, and then all the way."""
        step, when = point
        row = Row("crash points", mails=3)
        chance = random.Random(f"{self.seed} {step.number} {when}")
        with Case(self.world, f"p{step.number}{when}{attempt or ''}") as case:
            write_mails(case)
            for number, moment in ((step.number, when), (chance.randint(1, 60), chance.choice(WHEN))):
                faults.await_power_cut(case, kill=f"{number}:{moment}")
                if case.desk.once().returncode == -signal.SIGKILL:
                    row.faults["kills"] += 1
                    if chance.random() < POWER_CUTS and faults.cut_power(case):
                        row.faults["power cuts"] += 1
                    case.look_at_the_wreck()
            faults.disarm(case)
            began = time.monotonic()
            with row.stopping_short():
                case.pass_until_done()
            row.recovered = time.monotonic() - began
            evidence = history.collect(case)
            found = row.findings + case.check(evidence)
            got = rows_of(case, evidence)
        if not row.faults["kills"]:
            found.append(Finding("wrong", "it was never reached"))
        found += [Finding("wrong", f"{name} without a kill {self.expected[name]}, now {got[name]}") for name in got if got[name] != self.expected[name]]
        row.findings = [finding._replace(text=f"killed {when} step {step}: {finding.text}") for finding in found]
        return row

    def run(self, most: int, end: float = float("inf")) -> Row:
        """At most `most` points, begun before the instant `end` (time.monotonic); one at least."""
        row = Row("crash points", findings=self.base_findings)
        points = self.points()
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            for done in pool.map(lambda point: self.die_at(point) if point is points[0] or time.monotonic() < end else None, points[:most]):
                if done:
                    row.add(done)
                    row.faults["points"] += 1
        row.faults[f"of {len(points)} points"] = row.faults.pop("points")
        return row


def power_cut_after_a_pass(world: World, name: str, **settings) -> Row:
    """All is read, moved and sent; then the power goes, and with it what was not synced."""
    row = Row("a power cut after a pass", mails=3)
    with Case(world, name) as case:
        case.desk.once()
        faults.await_power_cut(case, **settings)
        write_mails(case)
        case.pass_until_done()
        faults.disarm(case)
        if faults.cut_power(case):
            row.faults["power cuts"] += 1
        case.look_at_the_wreck()
        with row.stopping_short():
            case.pass_until_done()
        row.findings += case.check(history.collect(case))
    return row


def lying_syncs(world: World) -> Row:
    """Nothing was durable, and the daemon was told that it was: what it has moved and sent is nowhere in its store."""
    row = power_cut_after_a_pass(world, "lying", lies=1)
    row.name = "control: syncs lie, and the power goes"
    row.must_find = ("each_mail_is_in_one_message: lost", "each_uid_has_one_outcome: lost")
    return row


def control(world: World) -> Row:
    """The ledger forgets, and a kill brings everything once more."""
    with Case(world, "forgetful", {"processed": "keep"}) as case:
        case.desk.once()
        meddle(case, FORGETFUL)
        write_mails(case)
        faults.arm(case, kill="30:after")
        case.desk.once()
        faults.disarm(case)
        for _ in range(2):
            case.desk.once()
        evidence = history.collect(case)
        return Row("control: the ledger forgets at a crash", mails=3, findings=case.check(evidence),
                   must_find=("each_mail_is_in_one_message: doubled",))
