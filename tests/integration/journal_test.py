"""The journal as it gets its lines, and one that has stopped: a socket that nobody reads."""
import contextlib
import os
import pathlib
import socket
import struct
import subprocess
import sys
import threading

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from support import case, mails
from support.case import free_port, skip_all, wait_for
from support.desk import SUPPORT
from support.desk_case import DeskCase, require_desk
from support.scrape import scrape

JOURNAL = pathlib.Path("/run/systemd/journal")
OWN = "TICKETD_TEST_NAMESPACE"


def parse_entry(datagram: bytes) -> dict[str, str]:
    """The journal's native protocol: FIELD=value, or FIELD and a length in front of the value."""
    fields = {}
    while datagram:
        line, _, datagram = datagram.partition(b"\n")
        name, equals, value = line.partition(b"=")
        if not equals:
            size = struct.unpack("<Q", datagram[:8])[0]
            value, datagram = datagram[8:8 + size], datagram[8 + size + 1:]
        fields[name.decode()] = value.decode(errors="replace")
    return fields


class FakeJournal:
    """In the place of systemd-journald; reads when it is told to."""

    def __init__(self):
        self.path = JOURNAL / "socket"
        self.path.unlink(missing_ok=True)
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(str(self.path))
        self.entries: list[dict[str, str]] = []

    def read(self) -> None:
        threading.Thread(target=self.loop, daemon=True).start()

    def loop(self) -> None:
        with contextlib.suppress(OSError):
            while datagram := self.socket.recv(1 << 20):
                self.entries.append(parse_entry(datagram))

    def of(self, event: str) -> list[dict[str, str]]:
        return [entry for entry in list(self.entries) if entry.get("TICKETD_EVENT") == event]

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()


class JournalTest(DeskCase):
    delivers = False

    def setUp(self):
        super().setUp()
        self.journal = FakeJournal()
        self.addCleanup(self.journal.close)
        self.port = free_port()
        self.make_desk(metrics={"listen": f"127.0.0.1:{self.port}"})
        self.desk.log_path.touch()
        status = self.desk.log_path.stat()
        self.desk.extra_environment["JOURNAL_STREAM"] = f"{status.st_dev}:{status.st_ino}"

    def test_each_line_says_what_it_is_about(self):
        self.journal.read()
        self.desk.start()
        self.write(mails.mail("Jane Doe <jane@acme.example>", "Question", message_id="<one@customer.example>"))
        number = str(self.desk.wait_ticket("Question")["number"])
        sent = wait_for(lambda: self.journal.of("mail_sent"), "the line of an acknowledgement")[0]
        filed = self.journal.of("mail_filed")[0]
        self.assertEqual(filed["TICKETD_TICKET"], number)
        self.assertEqual((filed["TICKETD_MAILBOX"], filed["TICKETD_UID"], filed["TICKETD_MSGID"]), ("support", "1", "one@customer.example"))
        self.assertEqual((filed["PRIORITY"], filed["SYSLOG_IDENTIFIER"]), ("6", "ticketd"))
        self.assertRegex(filed["MESSAGE_ID"], "^[0-9a-f]{32}$")
        self.assertRegex(filed["TICKETD_LAG"], r"^\d+\.\d{3}$")
        self.assertEqual((sent["TICKETD_TICKET"], sent["TICKETD_KIND"]), (number, "acknowledgement"))
        self.assertNotEqual(sent["MESSAGE_ID"], filed["MESSAGE_ID"])
        self.assertTrue(sent["TICKETD_MSGID"])
        self.desk.stop()
        wait_for(lambda: self.journal.of("stopped"), "the last line")
        self.assertNotIn("filed as", self.desk.log())

    def test_a_stopped_journal_stops_nobody_and_what_is_lost_is_told(self):
        count = 1500  # two lines each: more than the queue holds
        self.desk.start()
        self.dovecot.fill(SUPPORT, (mails.mail(f"u{n}@acme.example", f"Question {n}") for n in range(count)))
        done = lambda page: page["ticketd_sent_total", {"kind": "acknowledgement"}] == count
        page = wait_for(lambda: (page := scrape(self.port)) and done(page) and page, "all are answered", 120, 0.3)
        dropped = int(page["ticketd_log_lines_dropped_total"])
        self.assertGreater(dropped, 0)
        self.assertEqual(page["ticketd_events_total", {"event": "mail_filed"}], count)  # counted, though not written
        self.journal.read()
        told = wait_for(lambda: self.journal.of("lines_dropped"), "what was lost", 30)
        self.assertEqual(told[0]["TICKETD_COUNT"], str(dropped))
        lines = sum(page.all("ticketd_events_total").values()) - dropped
        wait_for(lambda: len(self.journal.entries) >= lines, "what was not lost", 30)

    def test_lines_that_the_journal_refuses_are_counted(self):
        self.journal.read()
        self.desk.start()
        self.journal.close()
        self.dovecot.fill(SUPPORT, (mails.mail(f"u{n}@acme.example", f"Question {n}") for n in range(20)))
        done = lambda page: page["ticketd_sent_total", {"kind": "acknowledgement"}] == 20
        wait_for(lambda: done(scrape(self.port)), "all are answered", 60, 0.3)
        lost = lambda: scrape(self.port)["ticketd_log_lines_dropped_total"]
        wait_for(lambda: lost() >= 40, "the lines of 20 mails and of their answers are counted", 10)
        self.journal = FakeJournal()
        self.addCleanup(self.journal.close)
        self.journal.read()
        self.write(mails.mail("jane@acme.example", "Question"))
        wait_for(lambda: self.journal.of("lines_dropped"), "what was lost", 30)

    def test_it_ends_in_spite_of_a_stopped_journal(self):
        self.desk.start()
        self.dovecot.fill(SUPPORT, (mails.mail(f"u{n}@acme.example", f"Question {n}") for n in range(50)))
        wait_for(lambda: scrape(self.port)["ticketd_sent_total", {"kind": "acknowledgement"}] == 50, "all are answered", 60, 0.3)
        self.assertEqual(self.desk.stop(seconds=20), 0)


def enter_namespace() -> None:
    """Everything runs where /run is a folder of our own."""
    if os.environ.get(OWN):
        subprocess.run(["mount", "-t", "tmpfs", "none", "/run"], check=True)
        JOURNAL.mkdir(parents=True)
        return
    if os.geteuid() != 0:
        skip_all("another journal than the system's needs root")
    if subprocess.run(["unshare", "--mount", "true"], capture_output=True).returncode != 0:
        skip_all("mount namespaces are not allowed here")
    os.execvpe("unshare", ["unshare", "--mount", sys.executable, *sys.argv], os.environ | {OWN: "1"})


if __name__ == "__main__":
    require_desk()
    enter_namespace()
    case.main()
