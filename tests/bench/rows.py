"""The rows of the table of targets: each function measures one group of them."""
import itertools
import pathlib
import time
from dataclasses import asdict, dataclass

from measure import (Peak, count_rows, cpu_seconds, mbsync_seconds, median, percentile, rss_anon, transfer_rate, until,
                     wake_ups)
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


class Bench:
    def __init__(self, folder: pathlib.Path, dovecot: Dovecot, quick: bool, mail_folder: str = ""):
        self.folder, self.dovecot, self.quick, self.mail_folder = folder, dovecot, quick, mail_folder
        self.mails = 1000 if quick else 5000
        self.runs = 1 if quick else 3
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
    time.sleep(2)
    pid, seconds = desk.process.pid, 3 if bench.quick else 10
    before, cpu = wake_ups(pid), cpu_seconds(pid)
    time.sleep(seconds)
    found = [Row("memory (RssAnon) idle", rss_anon(pid) / MB, "MB", 12),
             Row("wake-ups per second, idle", (wake_ups(pid) - before) / seconds, "/s"),
             Row("CPU, idle", 100 * (cpu_seconds(pid) - cpu) / seconds, "%", 0.05)]
    desk.stop()
    return found


def backlog_once(bench: Bench, user: str, port: int) -> tuple[float, int]:
    """(seconds from the start of the process to the last committed acknowledgement row, peak RssAnon)"""
    desk = bench.desk(user, port)
    started = time.monotonic()
    desk.start(wait_ready=False)
    with Peak(desk.process.pid) as peak:
        ended = until(lambda: count_rows(desk.store, "outbox") >= bench.mails, 300, 0.02)
    filed = count_rows(desk.store, "tickets")
    desk.kill()
    if filed != bench.mails:
        raise RuntimeError(f"{filed} tickets of {bench.mails} mails")
    return ended - started, peak.value


def backlog(bench: Bench) -> list[Row]:
    found, peaks = [], []
    for delay, name in ((0.0, "0 ms"), (0.010, "20 ms")):
        ours, theirs = [], []
        for _ in range(bench.runs):
            user = bench.full_mailbox()
            with Proxy(bench.dovecot.imap_port, delay=delay) as proxy:
                port = proxy.port if delay else bench.dovecot.imap_port
                theirs.append(mbsync_seconds(bench.folder / f"mbsync{next(bench.numbers)}", port, user, bench.mails))
                seconds, peak = backlog_once(bench, user, port)
            ours.append(seconds)
            peaks.append(peak)
        found += [Row(f"backlog of {bench.mails} mails of 5 KB at {name} RTT", median(ours), "s"),
                  Row(f"  mbsync, FSync yes, the same mails at {name} RTT", median(theirs), "s"),
                  Row(f"  ratio to mbsync at {name} RTT (median of {bench.runs})", median(a / b for a, b in zip(ours, theirs)), "", 0.5)]
    with Proxy(bench.dovecot.imap_port, delay=0.010) as proxy:
        user = bench.full_mailbox()
        found.append(Row("  the 20 ms proxy itself, one plain FETCH of everything", transfer_rate(proxy.port, user) / MB, "MB/s"))
    return found + [Row("memory (RssAnon) while working off the backlog, peak", max(peaks) / MB, "MB", 64)]


class ExistsWatch(Proxy):
    """Notes when an EXISTS line passes on its way to the client."""

    def __init__(self, port: int):
        self.seen: list[float] = []
        super().__init__(port)

    def passing(self, octets: bytes) -> None:
        if b" EXISTS\r\n" in octets:
            self.seen.append(time.monotonic())


def latency(bench: Bench) -> list[Row]:
    samples = []
    with ExistsWatch(bench.dovecot.imap_port) as proxy, Sink(bench.folder) as sink:
        desk = bench.desk("latency@desk.example", proxy.port, sink.url, poll_interval="10m")
        desk.start()
        time.sleep(1)
        for number in range(20 if bench.quick else 200):
            proxy.seen.clear()
            address = f"l{number}@latency.example"
            bench.dovecot.append("latency@desk.example", mails.mail(address, f"Latency {number}"))
            samples.append(1000 * (sink.wait_for(address) - proxy.seen[0]))
            time.sleep(0.05)
        desk.stop()
    return [Row("EXISTS on the wire -> acknowledgement accepted, p50", percentile(samples, 0.50), "ms", 20),
            Row(f"EXISTS on the wire -> acknowledgement accepted, p99 of {len(samples)}", percentile(samples, 0.99), "ms", 100)]


def large_mail(bench: Bench) -> list[Row]:
    import base64
    size = 25 * MB
    text = ("--b\nContent-Type: text/plain\n\nSee the attachment.\n--b\nContent-Type: application/octet-stream; name=big.bin\n"
            "Content-Disposition: attachment; filename=big.bin\nContent-Transfer-Encoding: base64\n\n"
            + base64.encodebytes(bytes(range(256)) * (size // 256)).decode() + "--b--\n")
    octets = mails.mail("big@large.example", "Large", text, content_type="multipart/mixed; boundary=b", encoding="7bit")
    desk = bench.desk("large@desk.example", poll_interval="10m")
    desk.start()
    time.sleep(1)
    before = rss_anon(desk.process.pid)
    with Peak(desk.process.pid) as peak:
        bench.dovecot.append("large@desk.example", octets)
        until(lambda: count_rows(desk.store, "tickets") >= 1, 60)
    desk.stop()
    return [Row(f"a mail of {len(octets) / MB:.0f} MB: RssAnon over idle, in sizes of the mail", (peak.value - before) / len(octets), "x", 3)]
