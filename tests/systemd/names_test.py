"""A resolver that never answers holds up what needs a name of it, and nothing else: neither the other mailbox nor a stop."""
import pathlib
import socket
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from support import case, mails
from support.case import PATIENCE, wait_for
from support.smtp_server import SmtpServer
from systemd.desk_in_sandbox import InstalledDesk, require_package

HOST = "mail.desk.example"
QUESTION = b"\x04mail\x04desk\x07example\x00"  # RFC 1035 §3.1
AUTHORITY = "/etc/ticketd/authority.pem"


class SilentResolverTest(InstalledDesk):
    """It takes all questions and answers none. By default glibc asks two times for each kind of address, five seconds each."""

    def setUp(self):
        super().setUp()
        self.resolver = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.addCleanup(self.resolver.close)
        try:
            self.resolver.bind(("127.0.0.1", 53))
        except OSError as error:
            self.skipTest(f"port 53, where the machine below has a resolver of its own: {error}")
        self.resolver.setblocking(False)
        for path, text in (("/etc/resolv.conf", "nameserver 127.0.0.1\n"), ("/etc/hosts", "127.0.0.1 localhost\n")):
            self.addCleanup(self.sandbox.write, path, self.sandbox.path(path).read_text())
            self.sandbox.write(path, text)
        self.sandbox.copy(self.dovecot.ca_file, AUTHORITY)

    def is_asked(self) -> bool:
        """Whether there is a question that this has not seen yet."""
        asked = False
        try:
            while True:
                asked |= QUESTION in self.resolver.recv(4096)
        except BlockingIOError:
            return asked

    def stop_while_it_asks(self) -> None:
        self.is_asked()
        wait_for(self.is_asked, "another question", 90)
        begun = time.monotonic()
        self.systemctl("stop")
        self.assertLess(time.monotonic() - begun, 10 * PATIENCE)
        self.assertEqual(self.sandbox.property("Result"), "success")

    def name_is_known(self) -> None:
        self.sandbox.write("/etc/hosts", f"127.0.0.1 localhost {HOST}\n")

    def test_of_an_imap_server(self):
        support = self.machine.settings()["mailbox"][0]
        url = self.dovecot.url("imaps").replace("127.0.0.1", HOST)
        self.dovecot.count("other@desk.example")
        self.machine.configure(mailbox=[support, support | {"name": "other", "url": url, "tls": "required", "ca_file": AUTHORITY,
                                                            "user": "other@desk.example"}])
        self.systemctl("restart", "--no-block")
        wait_for(self.is_asked, "it asks for the name", 60)
        for number in range(3):
            self.write(mails.mail(f"imap{number}@acme.example", "To the mailbox that is there"))
            self.wait_mail(f"imap{number}@acme.example")
        self.assertFalse(self.is_active(), "the first look at the other one has not ended")
        self.dovecot.append("other@desk.example", mails.mail("waits@acme.example", "To the one that nobody can name"))
        self.stop_while_it_asks()
        self.systemctl("start", "--no-block")
        wait_for(self.is_active, "ready once the first look has failed", 120)
        wait_for(lambda: self.sandbox.logged(HOST, "-u", "ticketd", "TICKETD_EVENT=mailbox_failed"), "it says what it can't reach")
        self.write(mails.mail("ready@acme.example", "To the mailbox that is there"))
        self.wait_mail("ready@acme.example")
        self.stop_while_it_asks()
        self.assertEqual(self.smtp.to("waits@acme.example"), [])
        self.name_is_known()
        self.systemctl("start")
        self.wait_mail("waits@acme.example", 60)

    def test_of_an_smtp_server(self):
        tls = self.dovecot.folder / "tls"
        relay = SmtpServer(tls=(tls / "server.pem", tls / "server.key"))
        self.addCleanup(relay.stop)
        self.machine.configure(smtp={"url": relay.url.replace("127.0.0.1", HOST), "tls": "required", "ca_file": AUTHORITY})
        self.systemctl("restart")
        for number in range(3):
            self.write(mails.mail(f"smtp{number}@acme.example", f"Silent resolver {number}"))
            wait_for(lambda: f"Silent resolver {number}" in [ticket["subject"] for ticket in self.ctl("list")], "it is a ticket", 30)
        wait_for(self.is_asked, "it asks for the name", 60)
        self.stop_while_it_asks()
        self.assertEqual(relay.mails, [])
        self.name_is_known()
        self.systemctl("start")
        for number in range(3):
            wait_for(lambda: relay.to(f"smtp{number}@acme.example"), "it goes out", 60)


if __name__ == "__main__":
    require_package()
    case.main()
