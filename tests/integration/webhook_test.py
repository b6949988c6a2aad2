"""Pages by webhook: what is called, with what, and what becomes of answers, silence and restarts."""
import getpass
import http.server
import json
import pathlib
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from support import case, mails
from support.case import wait_for
from support.desk_case import DeskCase, require_desk

SECRET = "tell-nobody-5d41402a"
PATH = "/hooks/also-a-secret-7b52"


class Hook(http.server.ThreadingHTTPServer):
    """Keeps what it is told, and answers with what it is given: a status, or None for silence until it is closed."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), HookHandler)
        self.calls, self.answers, self.closing = [], [], threading.Event()
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}{PATH}"

    def close(self) -> None:
        self.closing.set()
        self.shutdown()
        self.server_close()


class HookHandler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.calls.append((self.path, dict(self.headers), json.loads(body)))
        status = self.server.answers.pop(0) if self.server.answers else 204
        if status is None:
            self.server.closing.wait(60)
            return
        self.send_response(status)
        if status in (301, 307):
            self.send_header("Location", "/elsewhere")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


class WebhookTest(DeskCase):
    delivers = False

    def setUp(self):
        super().setUp()
        self.hook = Hook()
        self.addCleanup(self.hook.close)

    def begin(self) -> None:
        ann = {"name": "Ann Engineer", "email": "ann@desk.example", "login": getpass.getuser(), "roles": ["engineer"]}
        desk = self.make_desk(smtp={"retry_first": "1s", "retry_max": "1s"}, staff=[ann])
        ann |= {"webhook": self.hook.url, "webhook_secret_file": desk.secret("ann-webhook", SECRET)}
        desk.write()
        desk.start()

    def open_urgent(self) -> int:
        return self.desk.ctl("ingest", stdin=mails.mail("Jane <jane@acme.example>", "Urgent: no \"calls\" <at> all"))["ticket"]

    def calls(self, count: int) -> list:
        wait_for(lambda: len(self.hook.calls) >= count, f"{count} calls of the webhook", interval=0.05)
        return self.hook.calls

    def row(self, state: str) -> dict:
        def found():
            return [row for row in self.desk.ctl("outbox", "list") if row["kind"] == "webhook" and row["state"] == state]
        return wait_for(found, f"a call that is {state}", interval=0.05)[0]

    def test_a_page_is_posted_as_json(self):
        self.begin()
        number = self.open_urgent()
        (path, header, page), = self.calls(1)
        self.assertEqual(path, PATH)
        self.assertEqual((header["Content-Type"], header["X-Ticketd-Secret"]), ("application/json", SECRET))
        self.assertEqual((page["kind"], page["event"], page["to"]), ("page", "opened", "Ann Engineer"))
        self.assertEqual((page["ticket"]["number"], page["ticket"]["subject"]),
                         (number, self.desk.ctl("show", number)["subject"]))
        self.assertIn('no "calls" <at> all', page["ticket"]["subject"])
        row = self.row("sent")
        self.assertEqual(header["X-Ticketd-Delivery"], row["message_id"])
        self.desk.ctl("reply", number, "--message", "We look.")  # nobody is paged for it
        self.desk.stop()
        shown = self.desk.log() + self.desk.text("outbox", "list") + json.dumps(self.desk.ctl("show", number))
        for secret in (SECRET, PATH):
            self.assertNotIn(secret, shown)
            self.assertNotIn(secret.encode(), self.desk.store.read_bytes())
        self.assertEqual(len(self.hook.calls), 1)

    def test_what_is_refused_for_now_is_called_again(self):
        self.hook.answers = [503, 429, 200]
        self.begin()
        self.open_urgent()
        calls = self.calls(3)
        self.assertEqual(len({header["X-Ticketd-Delivery"] for _, header, _ in calls}), 1)
        self.assertEqual(self.row("sent")["attempts"], 3)

    def check_fails_visibly(self, status: int) -> None:
        self.hook.answers = [status]
        self.begin()
        self.open_urgent()
        row = self.row("failed")
        self.assertIn(f"HTTP {status}", row["last_error"])
        self.assertEqual(self.desk.run_ctl("status").returncode, 1)
        self.desk.ctl("outbox", "retry", row["id"])
        self.row("sent")
        self.assertEqual([path for path, *_ in self.hook.calls], [PATH, PATH])

    def test_what_is_refused_for_good_fails_visibly(self):
        self.check_fails_visibly(404)

    def test_a_redirection_is_not_followed(self):
        self.check_fails_visibly(307)

    def test_nobody_is_called_who_is_not_configured_any_more(self):
        self.hook.answers = [503] * 50
        self.begin()
        self.open_urgent()
        self.calls(1)
        del self.desk.sections["staff"][0]["webhook"], self.desk.sections["staff"][0]["webhook_secret_file"]
        self.desk.write()
        self.desk.reload()
        self.assertIn("names no such webhook", self.row("failed")["last_error"])

    def test_a_silent_webhook_holds_up_nothing(self):
        self.hook.answers = [None] * 50
        self.begin()
        self.open_urgent()
        self.calls(1)
        wait_for(lambda: self.smtp.to("ann@desk.example"), "the page by mail")
        began = time.monotonic()
        self.assertEqual(self.desk.stop(), 0)
        self.assertLess(time.monotonic() - began, 10 * case.PATIENCE)
        self.hook.answers.clear()
        self.desk.start()
        self.row("sent")

    def test_a_killed_daemon_calls_again_under_the_same_name(self):
        self.hook.answers = [None]
        self.begin()
        self.open_urgent()
        self.calls(1)
        self.desk.kill()
        self.desk.start()
        first, second = self.calls(2)
        self.assertEqual(first[1]["X-Ticketd-Delivery"], second[1]["X-Ticketd-Delivery"])
        self.row("sent")


if __name__ == "__main__":
    require_desk()
    case.main()
