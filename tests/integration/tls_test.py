"""TLS from the first octet and STARTTLS, both ways; a certificate of somebody else is refused, and said so."""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from support import case, mails
from support.case import wait_for
from support.certificates import make_authority
from support.desk_case import DeskCase, require_desk
from support.smtp_server import SmtpServer


class TlsTest(DeskCase):
    def server_certificate(self) -> tuple:
        tls = self.dovecot.folder / "tls"
        return tls / "server.pem", tls / "server.key"

    def smtp_with_tls(self, implicit: bool) -> SmtpServer:
        return self.enter(SmtpServer(deliver=self.deliver, tls=self.server_certificate(), implicit_tls=implicit))

    def check_whole_way(self, imap: str, implicit_smtp: bool) -> None:
        self.smtp = self.smtp_with_tls(implicit_smtp)
        ca = str(self.dovecot.ca_file)
        self.start_desk({"url": self.dovecot.url(imap), "tls": "required", "ca_file": ca},
                        {"url": self.smtp.url, "tls": "required", "ca_file": ca})
        self.write(mails.mail("Tess <tess@tls.example>", "Over TLS"))
        self.wait_mail("tess@tls.example")

    def test_imaps_and_smtps(self):
        self.check_whole_way("imaps", implicit_smtp=True)

    def test_starttls_on_both(self):
        self.check_whole_way("starttls", implicit_smtp=False)

    def check_refused(self, mailbox: dict) -> None:
        self.start_desk(mailbox | {"tls": "required"})
        self.write(mails.mail("Tess <tess@tls.example>", "Never read"))

        def refused():
            status = self.desk.ctl("status", codes=(0, 1))
            return status["mailboxes"][0]["error"] and status
        status = wait_for(refused, "the mailbox's error in status", interval=0.1)
        self.assertFalse(status["ok"])
        self.assertRegex(status["mailboxes"][0]["error"].lower(), "certificate|tls|ssl")
        self.assertEqual(self.desk.tickets(), [])

    def test_wrong_authority_is_refused(self):
        stranger = make_authority(self.folder / "stranger", "Somebody Else")
        self.check_refused({"url": self.dovecot.url("imaps"), "ca_file": str(stranger)})

    def test_wrong_authority_is_refused_after_starttls(self):
        stranger = make_authority(self.folder / "stranger", "Somebody Else")
        self.check_refused({"url": self.dovecot.url("starttls"), "ca_file": str(stranger)})

    def test_unknown_authority_is_refused(self):
        self.check_refused({"url": self.dovecot.url("imaps")})

    def test_smtp_without_starttls_gets_nothing(self):
        self.start_desk(None, {"tls": "required"})
        self.write(mails.mail("Tess <tess@tls.example>", "A ticket all the same"))
        self.desk.wait_ticket("A ticket all the same")
        row = self.desk.wait_outbox("deferred")[0]
        self.assertTrue(row["last_error"])
        self.assertEqual(self.smtp.mails, [])


if __name__ == "__main__":
    require_desk()
    case.main()
