"""Acknowledgements on their way out: to a sink, over a slow line, to Postfix; and the whole way of a mail in one go."""
import copy

from measure import count_rows, cpu_seconds, until
from rows import Bench, Row, repeated
from sink import Sink, bare_client_rate
from support import postfix
from support.case import free_port
from support.desk import Desk

CONNECTIONS = 4  # as many as the daemon opens


SLOW_LINE = 5  # there, a run has so many times fewer mails: each waits for a round trip


def settle(bench: Bench, desk: Desk, user: str) -> None:
    """Waits until the mails are moved on the server, and can be found."""
    until(lambda: bench.dovecot.count(user) == 0, 60, 0.2)
    until(lambda: count_rows(desk.store, "search_progress", f"indexed_up_to >= {bench.mails}") == 1, 60, 0.1)


def drained_rate(bench: Bench, taker, count) -> float:
    """Files a mailbox while nobody takes the mails, then, when nothing else is left to do, lets `taker` (a context manager
    on that port) take them."""
    port, user = taker.port, bench.full_mailbox()
    desk = bench.desk(user, 0, f"smtp://127.0.0.1:{port}", {"retry_first": "300ms", "retry_max": "300ms"})
    desk.start(wait_ready=False)
    until(lambda: count_rows(desk.store, "outbox") >= bench.mails)
    settle(bench, desk, user)
    with taker:
        began = until(lambda: count_rows(desk.store, "outbox", "state = 'sent'") > 0)
        before = count_rows(desk.store, "outbox", "state = 'sent'")
        ended = until(lambda: count_rows(desk.store, "outbox", "state = 'sent'") >= bench.mails, 600, 0.1)
        rate = count() if count else (bench.mails - before) / (ended - began)
    desk.stop()
    return rate


def to_sink(bench: Bench) -> list[Row]:
    sink = Sink(bench.folder)
    return [Row("acknowledgements out, to a sink on loopback", drained_rate(bench, sink, sink.rate), "/s", 2000, ">=")]


def over_a_slow_line(bench: Bench) -> list[Row]:
    bench = copy.copy(bench)
    bench.mails //= SLOW_LINE
    sink = Sink(bench.folder, delay_ms=20)
    ours = drained_rate(bench, sink, sink.rate)
    with Sink(bench.folder, delay_ms=20) as other:
        bare = bare_client_rate(other.port, bench.mails, CONNECTIONS)
    return [Row("acknowledgements out at 20 ms round-trip time", ours, "/s"),
            Row(f"  a bare pipelining client with {CONNECTIONS} connections there", bare, "/s"),
            Row("  ratio to the bare client at 20 ms", ours / bare, "", 0.9, ">=")]


def to_postfix(bench: Bench) -> list[Row]:
    number = next(bench.numbers)
    ours = drained_rate(bench, postfix.Postfix(bench.folder / f"ours{number}", None), None)
    with postfix.Postfix(bench.folder / f"bare{number}", None) as other:
        bare = bare_client_rate(other.port, bench.mails, CONNECTIONS)
    return [Row("acknowledgements out, to Postfix", ours, "/s"), Row("  a bare pipelining client there", bare, "/s"),
            Row("  ratio to the bare client at Postfix", ours / bare, "", 0.9, ">=")]


def whole_way(bench: Bench) -> list[Row]:
    user = bench.full_mailbox()
    with Sink(bench.folder, free_port()) as sink:
        desk = bench.desk(user, 0, sink.url)
        desk.start(wait_ready=False)
        started = until(lambda: count_rows(desk.store, "tickets") > 0)
        ended = until(lambda: count_rows(desk.store, "outbox", "state = 'sent'") >= bench.mails)
        settle(bench, desk, user)
        cpu = cpu_seconds(desk.process.pid)
        desk.stop()
    return [Row("whole way: mailbox to acknowledgement accepted", bench.mails / (ended - started), "mails/s"),
            Row("CPU per mail, whole way", 1000 * cpu / bench.mails, "ms", 0.4)]


def outbox(bench: Bench) -> list[Row]:
    measures = [to_sink, over_a_slow_line, to_postfix, whole_way]
    if postfix.missing():
        print(f"no row for Postfix: {postfix.missing()}")
        measures.remove(to_postfix)
    return [row for measure in measures for row in repeated(bench, measure)]
