"""[metrics] listen: /metrics and /health with real and with hostile clients, beside a desk at work."""
import contextlib
import email.utils
import http.client
import json
import pathlib
import re
import shutil
import socket
import sqlite3
import subprocess
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from support import case, mails
from support.case import ROOT, free_port, wait_for
from support.desk import SUPPORT
from support.desk_case import DeskCase, require_desk
from support.scrape import Page, get, scrape

JANE = "Jane Doe <jane@acme.example>"


class MetricsCase(DeskCase):
    delivers = False

    def start(self, listen: str = "", **sections):
        self.port = free_port()
        self.start_desk(metrics={"listen": listen or f"127.0.0.1:{self.port}"}, **sections)

    def page(self) -> Page:
        return scrape(self.port)

    def wait_page(self, condition, what: str) -> Page:
        return wait_for(lambda: (page := self.page()) and condition(page) and page, what, 40, 0.3)

    def filed(self, page: Page) -> dict[str, int]:
        return {dict(labels)["outcome"]: int(value) for labels, value in page.all("ticketd_mails_filed_total").items() if value}

    def raw(self, octets: bytes, seconds: float = 30) -> bytes:
        """All that comes back, until the server closes."""
        with socket.create_connection(("127.0.0.1", self.port), seconds) as client:
            with contextlib.suppress(ConnectionError):
                client.sendall(octets)
            answer = b""
            with contextlib.suppress(ConnectionResetError):
                while piece := client.recv(65536):
                    answer += piece
            return answer

    def status_line(self, octets: bytes) -> bytes:
        return self.raw(octets).split(b"\r\n")[0]


class ValuesTest(MetricsCase):
    def test_what_is_told_is_what_happened(self):
        self.start()
        for number in range(3):
            self.write(mails.mail(JANE, f"Question {number}"))
        self.write(mails.mail(*mails.URGENT))
        self.write(mails.OUT_OF_OFFICE)
        acknowledgement = self.wait_mail("tom@acme.example").octets
        self.write(mails.reply_to(acknowledgement, mails.URGENT[0], "It still is.\n"))
        page = self.wait_page(lambda page: sum(self.filed(page).values()) == 6 == sum(page.all("ticketd_ledger_mails").values())
                              and page["ticketd_outbox_oldest_age_seconds"] == 0, "six mails on the page")
        counts = self.desk.ctl("ledger")["mailboxes"][0]["counts"]
        self.assertEqual(self.filed(page), {outcome: count for outcome, count in counts.items() if count})
        self.assertEqual(self.filed(page)["follow_up"], 1)
        ledger = {dict(labels)["outcome"]: value for labels, value in page.all("ticketd_ledger_mails").items()}
        self.assertEqual(ledger, counts)
        support = {"mailbox": "support"}
        tickets = [ticket for ticket in self.desk.tickets()]
        self.assertEqual(page["ticketd_mail_lag_seconds_count", support], self.filed(page)["new_ticket"] + self.filed(page)["follow_up"])
        self.assertEqual(page["ticketd_mail_lag_seconds_bucket", support | {"le": "+Inf"}], page["ticketd_mail_lag_seconds_count", support])
        self.assertEqual(page["ticketd_tickets_opened_total"], len(tickets))
        self.assertEqual(page["ticketd_sent_total", {"kind": "acknowledgement"}], 4)
        self.assertEqual(page["ticketd_sent_total", {"kind": "acknowledgement"}] + page["ticketd_sent_total", {"kind": "page"}]
                         + page["ticketd_sent_total", {"kind": "notification"}], len(self.desk.ctl("outbox", "list", "--all")))
        self.assertEqual(page["ticketd_answers_owed", {"category": "Urgent"}], 1)
        self.assertEqual(page["ticketd_answers_owed", {"category": "Normal"}], len([t for t in tickets if t["priority"] == 5 and t["response_due_at"]]))
        self.assertEqual(page["ticketd_mailbox_up", support], 1)
        self.assertLess(abs(time.time() - page["ticketd_mailbox_last_success_timestamp_seconds", support]), 60)
        self.assertEqual(page["ticketd_store_answers"], 1)
        self.assertEqual(page["ticketd_problems"], 0)
        self.assertGreater(page["process_resident_memory_bytes"], 1e6)
        self.assertGreater(page["process_cpu_seconds_total"], 0)
        self.assertNotRegex(page.text, "acme|Jane|Question|inbound")  # nothing of customers
        self.wait_page(lambda page: page["ticketd_search_backlog_messages"] == 0, "the search index catches up")

    def test_what_the_store_knows_survives_a_restart(self):
        self.start()
        self.write(mails.mail(JANE, "Question"))
        number = self.desk.wait_ticket("Question")["number"]
        self.desk.ctl("reply", number, "--message", "An answer.")
        in_time = ("ticketd_targets_total", {"category": "Normal", "result": "in_time"})
        before = self.wait_page(lambda page: page[in_time] == 1, "an answer in time")
        self.desk.stop()
        self.desk.start()
        after = self.page()
        for key in (in_time, ("ticketd_ledger_mails", {"mailbox": "support", "outcome": "new_ticket"}), "ticketd_tickets_opened_total"):
            self.assertEqual(before[key], after[key], key)
        self.assertEqual(self.filed(after), {})
        self.assertGreater(after["process_start_time_seconds"], before["process_start_time_seconds"])

    def test_an_overdue_answer_shows_everywhere(self):
        self.start(**{"priority.normal": {"response": "1s", "clock": "always"}})
        self.write(mails.mail(JANE, "Question"))
        number = self.desk.wait_ticket("Question")["number"]
        normal = {"category": "Normal"}
        page = self.wait_page(lambda page: page["ticketd_answers_overdue", normal] == 1, "an overdue answer")
        self.assertEqual(page["ticketd_answers_owed", normal], 1)
        self.assertTrue(self.desk.text("status").startswith(f"1 answer is overdue, the longest: #{number}, Normal, "))
        status = self.desk.ctl("status")
        self.assertEqual((status["tickets"]["overdue"], status["most_overdue"]["ticket"]), (1, number))
        self.desk.ctl("reply", number, "--message", "Late.")
        page = self.wait_page(lambda page: page["ticketd_targets_total", normal | {"result": "late"}] == 1, "a late answer")
        self.assertEqual(page["ticketd_answers_owed", normal], 0)
        self.assertTrue(self.desk.text("status").startswith("All is well.\n"))

    def test_a_dead_mail_server_shows(self):
        self.start()
        self.smtp.stop()
        self.write(mails.mail(JANE, "Question"))
        page = self.wait_page(lambda page: page["ticketd_outbox_oldest_age_seconds"] > 0, "a mail that waits")
        self.assertGreater(sum(page.all("ticketd_outbox_mails").values()), 0)
        self.wait_page(lambda page: page["ticketd_events_total", {"event": "smtp_failed"}] > 0, "a failure of the mail server")
        fails = r"Fails now, and needs a person only if it lasts:\n  \d mails? (is|are) not sent, trying again: see ticketctl outbox\n"
        wait_for(lambda: re.match(fails, self.desk.text("status")), "the status says so, too", 15, 0.2)
        number = self.desk.wait_ticket("Question")["number"]
        self.assertIn("is on its way.", self.desk.text("reply", number, "--message", "An answer."))

    def test_the_page_while_a_backlog_is_worked_off(self):
        count = 3000
        self.dovecot.fill(SUPPORT, (mails.mail(f"u{n}@acme.example", f"Question {n}") for n in range(count)))
        self.start()
        seen = []
        def page_of_all():
            page = self.page()
            seen.append(sum(self.filed(page).values()))
            return seen[-1] == count and page
        page = wait_for(page_of_all, "all mails on the page", 120, 0.05)
        self.assertEqual(seen, sorted(seen))
        self.assertEqual(self.filed(page), {"new_ticket": count})
        page = self.wait_page(lambda page: page["ticketd_sent_total", {"kind": "acknowledgement"}] == count, "all acknowledgements")
        self.assertEqual(page["ticketd_tickets_opened_total"], count)

    def test_alerts_and_documentation_ask_for_what_there_is(self):
        self.start()
        self.write(mails.mail(JANE, "Question"))
        self.desk.wait_ticket("Question")
        page = self.page()
        rules = (ROOT / "systemd" / "ticketd-alerts.yaml").read_text()
        expressions = re.sub(r"(?m)^\s*(#.*|summary:.*|description:.*)$", "", rules)
        asked = set(re.findall(r"\b(?:ticketd|process)_[a-z_]+\b", expressions))
        self.assertGreater(len(asked), 12)
        self.assertEqual(asked - page.names, set())
        if shutil.which("promtool"):
            done = subprocess.run(["promtool", "check", "metrics"], input=page.text.encode(), capture_output=True)
            self.assertEqual((done.returncode, done.stdout + done.stderr), (0, b""))


class HealthTest(MetricsCase):
    def test_the_same_list_as_status(self):
        self.start()
        wait_for(lambda: get(self.port, "/health") [0] == 200, "all is well", 30, 0.3)
        self.assertEqual(get(self.port, "/health")[2], "ok\n")
        self.assertEqual(json.loads(get(self.port, "/health?json")[2]), {"ok": True, "problems": []})
        self.dovecot.stop()
        status = wait_for(lambda: (s := self.desk.ctl("status", codes=(0, 1))) and not s["ok"] and s, "a problem", 60, 0.5)
        code, headers, text = wait_for(lambda: (answer := get(self.port, "/health"))[0] == 503 and answer, "503", 30, 0.3)
        self.assertEqual(headers["Content-Type"], "text/plain; charset=utf-8")
        without_times = lambda text: re.sub(r"\d+ \w+", "N", text)
        self.assertEqual([without_times(line) for line in text.splitlines()], [without_times(each) for each in status["problems"]])
        code, headers, text = get(self.port, "/health", Accept="application/json")
        self.assertEqual((code, headers["Content-Type"], json.loads(text)["ok"]), (503, "application/json", False))
        self.assertEqual(self.page()["ticketd_problems"], len(status["problems"]))
        self.assertEqual(self.page()["ticketd_mailbox_up", {"mailbox": "support"}], 0)


class ProtocolTest(MetricsCase):
    def setUp(self):
        super().setUp()
        self.start()

    def test_what_is_asked_in_other_ways(self):
        code, headers, text = get(self.port, "/metrics", method="HEAD")
        self.assertEqual((code, text), (200, ""))
        self.assertGreater(int(headers["Content-Length"]), 1000)
        self.assertEqual(headers["Connection"], "close")
        sent = email.utils.parsedate_to_datetime(headers["Date"]).timestamp()
        self.assertLess(abs(time.time() - sent), 60)
        rows = [(b"POST /metrics HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc", b"HTTP/1.1 405 Method Not Allowed"),
                (b"DELETE /metrics HTTP/1.1\r\nHost: a\r\n\r\n", b"HTTP/1.1 405 Method Not Allowed"),
                (b"GET / HTTP/1.1\r\nHost: a\r\n\r\n", b"HTTP/1.1 404 Not Found"),
                (b"GET /metrics/../health HTTP/1.1\r\nHost: a\r\n\r\n", b"HTTP/1.1 404 Not Found"),
                (b"GET /metrics?x=y HTTP/1.0\r\n\r\n", b"HTTP/1.1 200 OK"),
                (b"GET /health HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n", b"HTTP/1.1"),
                (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 a TLS client\r\n\r\n", b"HTTP/1.1 400 Bad Request"),
                (b"GET /metrics HTTP/9.9\r\n\r\n", b"HTTP/1.1 400 Bad Request"),
                (b"\0" * 5000, b"HTTP/1.1 400 Bad Request"),
                (b"GET /metrics HTTP/1.1\r\nX: " + b"y" * 100_000 + b"\r\n\r\n", b"HTTP/1.1 431 Request Header Fields Too Large"),
                (b"GET /" + b"y" * 100_000 + b" HTTP/1.1\r\n\r\n", b"HTTP/1.1 431 Request Header Fields Too Large")]
        for octets, answer in rows:
            with self.subTest(octets[:40]):
                self.assertTrue(self.status_line(octets).startswith(answer), self.status_line(octets))
        self.assertIn(b"\r\nAllow: GET, HEAD\r\n", self.raw(rows[0][0]))

    def test_one_request_for_each_connection(self):
        request = b"GET /health HTTP/1.1\r\nHost: a\r\n\r\n"
        self.assertEqual(self.raw(request * 10).count(b"HTTP/1.1 "), 1)

    def test_a_hundred_slow_clients_disturb_nobody(self):
        clients = []
        self.addCleanup(lambda: [client.close() for client in clients])
        for _ in range(100):
            client = socket.create_connection(("127.0.0.1", self.port), 10)
            client.sendall(b"GET /metrics HTTP/1.1\r\nX-Slow: ")
            clients.append(client)
        self.assertEqual(self.page()["ticketd_store_answers"], 1)
        self.write(mails.mail(JANE, "Question"))
        self.wait_mail("jane@acme.example")
        def is_gone(client: socket.socket) -> bool:
            try:
                client.setblocking(True)
                client.sendall(b"y")
                client.setblocking(False)
                return client.recv(1) == b""
            except BlockingIOError:
                return False
            except OSError:
                return True

        def drip() -> bool:
            """Whether all have been sent away."""
            for client in filter(is_gone, list(clients)):
                client.close()
                clients.remove(client)
            return not clients
        wait_for(drip, "each slow client has been sent away, though it says something now and then", 60, 0.5)
        self.wait_page(lambda page: page["ticketd_http_connections_cut_total"] >= 100, "they are counted")

    def test_whoever_asks_and_reads_nothing(self):
        clients = []
        self.addCleanup(lambda: [client.close() for client in clients])
        for _ in range(60):
            client = socket.socket()
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
            client.connect(("127.0.0.1", self.port))
            client.sendall(b"GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n")
            clients.append(client)
        self.wait_page(lambda page: page["ticketd_store_answers"] == 1, "an answer beside them")
        self.write(mails.mail(JANE, "Question"))
        self.wait_mail("jane@acme.example")

    def test_a_store_that_is_locked_stops_no_page(self):
        with contextlib.closing(sqlite3.connect(self.desk.store, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            self.write(mails.mail(JANE, "Question"))
            for _ in range(3):
                self.assertIn(self.page()["ticketd_store_answers"], (0, 1))
            other.execute("ROLLBACK")
        self.desk.wait_ticket("Question", 60)
        self.wait_page(lambda page: page["ticketd_store_answers"] == 1, "all of the page again")

    def test_a_stop_amid_many_who_ask(self):
        stopped = threading.Event()

        def ask():
            while not stopped.is_set():
                with contextlib.suppress(OSError, ValueError, http.client.HTTPException):
                    self.page()
        askers = [threading.Thread(target=ask) for _ in range(20)]
        for asker in askers:
            asker.start()
        try:
            for _ in range(5):
                self.page()
                self.assertEqual(self.desk.stop(), 0)
                self.desk.start()
        finally:
            stopped.set()
            for asker in askers:
                asker.join()

    def test_a_stop_waits_for_no_client(self):
        with socket.create_connection(("127.0.0.1", self.port)) as client:
            client.sendall(b"GET /met")
            self.assertEqual(self.desk.stop(), 0)


class AddressTest(MetricsCase):
    def reload(self, listen: str, line: str) -> None:
        before = self.desk.log().count(line)
        self.desk.sections["metrics"] = {"listen": listen}
        self.desk.write()
        self.desk.reload()
        wait_for(lambda: self.desk.log().count(line) > before, line)

    def is_there(self, port: int, host: str = "127.0.0.1") -> bool:
        try:
            return get(port, "/metrics", host)[0] == 200
        except OSError:
            return False

    def test_a_port_in_use_is_told_at_the_start(self):
        with socket.create_server(("127.0.0.1", 0)) as other:
            port = other.getsockname()[1]
            self.make_desk(metrics={"listen": f"127.0.0.1:{port}"})
            done = self.desk.run("ticketd", "--config", self.desk.configuration)
        self.assertEqual(done.returncode, 75)
        self.assertIn(f"metrics.listen: can't listen at 127.0.0.1:{port}: another program has this port", done.stderr)

    def test_one_pass_needs_no_port(self):
        with socket.create_server(("127.0.0.1", 0)) as other:
            self.make_desk(metrics={"listen": f"127.0.0.1:{other.getsockname()[1]}"})
            self.assertEqual(self.desk.once().returncode, 0)

    def test_a_reload_moves_it_and_a_bad_one_is_refused(self):
        self.start()
        good, refused = "is in force", "the new configuration is refused"
        self.assertTrue(self.is_there(self.port))
        other = free_port()
        self.reload(f"127.0.0.1:{other}", good)
        self.assertTrue(self.is_there(other))
        self.assertFalse(self.is_there(self.port))
        with socket.create_server(("127.0.0.1", 0)) as taken:
            self.reload(f"127.0.0.1:{taken.getsockname()[1]}", refused)
            self.assertIn("another program has this port", self.desk.log())
            self.assertTrue(self.is_there(other))
        self.reload(f"0.0.0.0:{other}", good)  # where it listens itself, and more
        self.assertTrue(self.is_there(other, "127.0.0.2"))
        self.reload("192.0.2.1:9464", refused)  # no address of this machine
        self.assertTrue(self.is_there(other, "127.0.0.2"))
        self.reload("", good)
        self.assertFalse(self.is_there(other))
        self.reload(f"localhost:{other}", good)
        self.assertTrue(self.is_there(other))
        if pathlib.Path("/proc/net/if_inet6").exists():
            self.reload(f"[::1]:{other}", good)
            self.assertTrue(self.is_there(other, "[::1]"))
            self.assertFalse(self.is_there(other))
        self.write(mails.mail(JANE, "Question"))
        self.wait_mail("jane@acme.example")


if __name__ == "__main__":
    require_desk()
    case.main()
