"""The rows of the table of targets: each function measures one group of them."""
import itertools
import pathlib
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace

from measure import (Peak, count_rows, fine_cpu_seconds, mbsync_seconds, median, percentile, plain_insert_seconds, rss_anon,
                     transfer_rate, until, wake_ups)
from sink import Sink
from support import mails
from support.case import free_port
from support.desk import Desk
from support.dovecot import Dovecot
from support.proxy import Proxy

MB = 1_000_000


@dataclass
class Row:
    what: str
    measured: float
    unit: str
    target: float | None = None
    comparison: str = "<="

    @property
    def ratio(self) -> float | None:
        return self.measured / self.target if self.target else None

    @property
    def reached(self) -> bool | None:
        if self.target is None:
            return None
        return self.measured <= self.target if self.comparison == "<=" else self.measured >= self.target

    def as_json(self) -> dict:
        return asdict(self) | {"ratio": self.ratio, "reached": self.reached}


def repeated(bench: "Bench", measure: Callable[["Bench"], list[Row]]) -> list[Row]:
    """The rows of as many runs as the bench makes, each with the median of what was measured."""
    runs = [measure(bench) for _ in range(bench.runs)]
    return [replace(rows[0], measured=median(row.measured for row in rows)) for rows in zip(*runs, strict=True)]


class Bench:
    def __init__(self, folder: pathlib.Path, dovecot: Dovecot, quick: bool, mail_folder: str = ""):
        self.folder, self.dovecot, self.quick, self.mail_folder = folder, dovecot, quick, mail_folder
        self.mails = 1000 if quick else 5000
        self.runs = 1 if quick else 5
        self.numbers = itertools.count(1)

    def full_mailbox(self) -> str:
        """A user whose INBOX holds all the mails of 5 KB."""
        user = f"support{next(self.numbers)}@desk.example"
        self.dovecot.fill(user, (mails.filler(number) for number in range(self.mails)))
        return user

    def desk(self, user: str = "", imap_port: int = 0, smtp_url: str = "", smtp: dict | None = None, **mailbox) -> Desk:
        """A desk with an empty store of its own. Without `smtp_url` nobody takes its mails."""
        folder = self.folder / f"desk{next(self.numbers)}"
        user = user or f"empty{next(self.numbers)}@desk.example"
        box = {"url": f"imap://127.0.0.1:{imap_port or self.dovecot.imap_port}", "user": user} | mailbox
        out = {"url": smtp_url or f"smtp://127.0.0.1:{free_port()}", "retry_first": "1h", "retry_max": "1h"} | (smtp or {})
        return Desk(folder, [box], out)


def start_and_check(bench: Bench) -> list[Row]:
    starts, checks = [], []
    for _ in range(3 if bench.quick else 9):
        desk = bench.desk()
        started = time.monotonic()
        desk.start(wait_ready=False)
        starts.append(1000 * (until(lambda: desk.notifications.seen("READY=1"), 20, 0.001) - started))
        desk.stop()
        started = time.monotonic()
        desk.run("ticketd", "--config", desk.configuration, "--check")
        checks.append(1000 * (time.monotonic() - started))
    return [Row("start: ready (logged in, IDLE)", median(starts), "ms", 200), Row("--check", median(checks), "ms", 20)]


def idle(bench: Bench) -> list[Row]:
    desk = bench.desk(poll_interval="10m")
    desk.start()
    time.sleep(6)  # in its first quiet moment, after two seconds, it copies the new store's WAL back
    found = repeated(bench, lambda _: idle_once(desk.process.pid, 3 if bench.quick else 10))
    desk.stop()
    return found


def idle_once(pid: int, seconds: int) -> list[Row]:
    before, cpu = wake_ups(pid), fine_cpu_seconds(pid)
    time.sleep(seconds)
    return [Row("memory (RssAnon) idle", rss_anon(pid) / MB, "MB", 12),
            Row("wake-ups per second, idle", (wake_ups(pid) - before) / seconds, "/s"),
            Row("CPU, idle", 100 * (fine_cpu_seconds(pid) - cpu) / seconds, "%", 0.05)]


@dataclass
class Load:
    """A backlog of mails of one kind."""
    name: str
    share: float  # of Bench.mails
    ballast: int = 0  # octets of every 250th mail

    def mails(self, bench: Bench, first: int = 0) -> list[bytes]:
        size = {"1 KB": 1000, "100 KB": 100_000}.get(self.name, 5000)
        count = max(1, int(self.share * bench.mails))
        mails_of = [mails.filler(number, size) for number in range(first, first + count)]
        for number in range(100, count, 250) if self.ballast else ():
            mails_of[number] = mails.with_ballast(f"large{first + number}@large.example", self.ballast)
        return mails_of


LOADS = (Load("5 KB", 1), Load("1 KB", 1), Load("100 KB", 0.1), Load("5 KB, some of 10 MB", 0.2, 10 * MB))


def backlog_once(bench: Bench, user: str, port: int, count: int) -> tuple[float, int, pathlib.Path]:
    """(seconds from the start of the process to the last committed acknowledgement row, peak RssAnon, the store)"""
    desk = bench.desk(user, port)
    started = time.monotonic()
    desk.start(wait_ready=False)
    with Peak(desk.process.pid) as peak:
        ended = until(lambda: count_rows(desk.store, "outbox") >= count, 300, 0.02)
    filed = count_rows(desk.store, "tickets")
    desk.kill()
    if filed != count:
        raise RuntimeError(f"{filed} tickets of {count} mails")
    return ended - started, peak.value, desk.store


def backlog_of(bench: Bench, load: Load, delay: float) -> tuple[list[Row], int]:
    """The rows of one kind of mails at one distance, and the peak RssAnon."""
    octets = load.mails(bench)
    ours, theirs, peaks = [], [], []
    for _ in range(bench.runs):
        user = f"support{next(bench.numbers)}@desk.example"
        bench.dovecot.fill(user, octets)
        with Proxy(bench.dovecot.imap_port, delay=delay / 2) as proxy:
            port = proxy.port if delay else bench.dovecot.imap_port
            theirs.append(mbsync_seconds(bench.folder / f"mbsync{next(bench.numbers)}", port, user, len(octets)))
            wire = sum(map(len, octets)) / transfer_rate(port, user)
            seconds, peak, store = backlog_once(bench, user, port, len(octets))
        ours.append(seconds)
        peaks.append(peak)
    what, target = f"{len(octets):,} mails of {load.name} at {1000 * delay:.0f} ms RTT", 0.5 if load.name == "5 KB" else None
    rows = [Row(f"backlog of {what}", median(ours), "s"), Row("  mbsync, FSync yes, copies the same mails", median(theirs), "s"),
            Row(f"  ratio to mbsync (median of {bench.runs})", median(a / b for a, b in zip(ours, theirs)), "", target),
            Row("  the wire's limit: one plain FETCH of everything", wire, "s")]
    if load.name == "5 KB" and not delay:
        rows.append(Row("  the store's limit: the same rows by plain SQL", plain_insert_seconds(store, bench.folder), "s"))
    return rows, max(peaks)


def backlog(bench: Bench) -> list[Row]:
    found, peaks = [], []
    for load in LOADS:
        for delay in (0.0, 0.020):
            rows, peak = backlog_of(bench, load, delay)
            found += rows
            if not load.ballast:
                peaks.append(peak)
    return found + [Row("memory (RssAnon) while working off a backlog of ordinary mails, peak", max(peaks) / MB, "MB", 64)]


class ExistsWatch(Proxy):
    """Notes when an EXISTS line passes on its way to the client."""

    def __init__(self, port: int):
        self.seen: list[float] = []
        super().__init__(port)

    def passing(self, octets: bytes) -> None:
        if b" EXISTS\r\n" in octets:
            self.seen.append(time.monotonic())


def latency(bench: Bench) -> list[Row]:
    return repeated(bench, latency_once)


def latency_once(bench: Bench) -> list[Row]:
    samples, user = [], f"latency{next(bench.numbers)}@desk.example"
    with ExistsWatch(bench.dovecot.imap_port) as proxy, Sink(bench.folder) as sink:
        desk = bench.desk(user, proxy.port, sink.url, poll_interval="10m")
        desk.start()
        time.sleep(1)
        for number in range(20 if bench.quick else 200):
            proxy.seen.clear()
            address = f"l{number}@latency.example"
            bench.dovecot.append(user, mails.mail(address, f"Latency {number}"))
            samples.append(1000 * (sink.wait_for(address) - proxy.seen[0]))
            time.sleep(0.05)
        desk.stop()
    return [Row("EXISTS on the wire -> acknowledgement accepted, p50", percentile(samples, 0.50), "ms", 20),
            Row(f"EXISTS on the wire -> acknowledgement accepted, p99 of {len(samples)}", percentile(samples, 0.99), "ms", 100)]


def large_mail(bench: Bench) -> list[Row]:
    return repeated(bench, large_mail_once)


def large_mail_once(bench: Bench) -> list[Row]:
    user = f"large{next(bench.numbers)}@desk.example"
    octets = mails.with_ballast("big@large.example", 34 * MB)
    desk = bench.desk(user, poll_interval="10m")
    desk.start()
    time.sleep(1)
    before = rss_anon(desk.process.pid)
    with Peak(desk.process.pid) as peak:
        bench.dovecot.append(user, octets)
        until(lambda: count_rows(desk.store, "tickets") >= 1, 60)
    desk.stop()
    return [Row(f"a mail of {len(octets) / MB:.0f} MB: RssAnon over idle, in sizes of the mail", (peak.value - before) / len(octets), "x", 3)]
