"""A test case with a Dovecot, a scripted SMTP server that delivers into it, and a desk between them."""
import sys

from support.case import FolderCase, build_folder, require_programs, skip_all, wait_for
from support.desk import SUPPORT, Desk
from support.dovecot import Dovecot
from support.mails import body_of, parse
from support.smtp_server import ReceivedMail, SmtpServer


def require_desk() -> None:
    require_programs("dovecot", "openssl")
    for program in ("ticketd", "ticketctl"):
        if not (build_folder() / program).exists():
            print(f"{build_folder() / program} has not been built")
            sys.exit(1)


class DeskCase(FolderCase):
    """`self.dovecot` and `self.smtp` run; `start_desk` makes and starts `self.desk`. All of it ends with the test."""

    delivers = True  # what the desk sends lies in the customer's own INBOX afterwards

    def setUp(self):
        super().setUp()
        self.desk = None
        self.dovecot = self.enter_dovecot(self.folder)
        self.smtp = self.enter(SmtpServer(deliver=self.deliver))

    def enter(self, manager):
        """Enters a context manager that is left when the test ends."""
        value = manager.__enter__()
        self.addCleanup(manager.__exit__, None, None, None)
        return value

    def enter_dovecot(self, folder, **options) -> Dovecot:
        """Its mailbox for Support is made here: two connections, of a daemon or a test's, would trip over each other doing so."""
        dovecot = self.enter(Dovecot(folder, **options))
        dovecot.doveadm("mailbox", "status", "-u", SUPPORT, "messages", "INBOX", "Processed", "Failed")
        return dovecot

    def deliver(self, mail: ReceivedMail) -> None:
        for recipient in mail.recipients if self.delivers else ():
            self.dovecot.append(recipient, mail.octets)

    def make_desk(self, mailbox: dict | None = None, smtp: dict | None = None, **sections) -> Desk:
        mailboxes = mailbox if isinstance(mailbox, list) else [{"url": self.dovecot.url()} | (mailbox or {})]
        self.desk = Desk(self.folder, mailboxes, {"url": self.smtp.url} | (smtp or {}), **sections)
        self.addCleanup(self.stop_desk)
        return self.desk

    def start_desk(self, mailbox: dict | None = None, smtp: dict | None = None, wait_ready: bool = True, **sections) -> Desk:
        self.make_desk(mailbox, smtp, **sections).start(wait_ready)
        return self.desk

    def stop_desk(self) -> None:
        if self.desk.process:
            self.desk.kill()
        if sys.exc_info()[0] or self.failed():
            print(f"--- ticketd's log of {self.id()}\n{self.desk.log()[-4000:]}", file=sys.stderr)

    def failed(self) -> bool:
        outcome = getattr(self, "_outcome", None)
        problems = getattr(getattr(outcome, "result", None), "failures", []) + getattr(getattr(outcome, "result", None), "errors", [])
        return any(case is self for case, _ in problems)

    def write(self, octets: bytes, user: str = SUPPORT) -> int:
        """A customer's mail arrives in the mailbox."""
        return self.dovecot.append(user, octets)

    def wait_mail(self, address: str, count: int = 1, seconds: float = 20) -> ReceivedMail:
        """The `count`th mail that the desk sent to `address`."""
        return wait_for(lambda: self.smtp.to(address)[count - 1:count], f"mail {count} to {address}", seconds)[0]

    def assert_threads_with(self, answer: bytes, message_id: str) -> None:
        """That `answer` belongs to the conversation that holds `message_id` (RFC 5322 §3.6.4)."""
        fields = parse(answer)
        self.assertIn(message_id, f"{fields['In-Reply-To']} {fields['References']}")

    def assert_says(self, octets: bytes, *words: str) -> None:
        text = f"{parse(octets)['Subject']}\n{body_of(octets)}".lower()
        for word in words:
            self.assertIn(word.lower(), text)
