"""Servers that refuse what a lease needs, and folders in which somebody else has been: the desk works on, and says so."""
import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from support import case, mails
from support.case import FolderCase, wait_for
from support.desk import Desk
from support.desk_case import require_desk
from support.imap_script import Dialogue, ImapScript, Rule, plain_mails
from support.smtp_server import SmtpServer

MAILS = 3


def lease(host: str = "other.example", store: str = "1234", folder: str = "INBOX", token: str = "5678") -> bytes:
    fields = {"X-Ticketd-Folder": folder, "X-Ticketd-Host": host, "X-Ticketd-Store": store, "X-Ticketd-Lease": token}
    return "".join(f"{name}: {value}\r\n" for name, value in fields.items()).encode() + b"\r\nLeave it alone.\r\n"


class LeaseLiarsTest(FolderCase):
    def run_desk(self, *rules: tuple[str, str], leases: list[bytes] = (), validity: str = "3", lost: str = "") -> None:
        """All mails become tickets; `lost`: what the log says of the lease."""
        self.dialogue = Dialogue(plain_mails(MAILS), leases=list(leases),
                                 rules=[Rule(re.compile(pattern, re.IGNORECASE), None, 1_000_000, [answer]) for pattern, answer in rules])
        with ImapScript(self.dialogue) as script, SmtpServer() as smtp:
            desk = Desk(self.folder, [{"url": f"imap://127.0.0.1:{script.port}"}], {"url": smtp.url})
            desk.extra_environment["TICKETD_LEASE_SECONDS"] = validity
            desk.start()
            try:
                self.work(desk, script, smtp, lost)
                self.assertEqual(desk.stop(), 0)
            except BaseException:
                print(f"--- {desk.log()[-3000:]}\n{script.commands[-30:]}", file=sys.stderr)
                raise
            finally:
                if desk.process:
                    desk.kill()

    def work(self, desk: Desk, script: ImapScript, smtp: SmtpServer, lost: str) -> None:
        wait_for(lambda: len(desk.tickets()) == MAILS, "all are filed", 60, 0.2)
        script.mailbox.arrive("One more")
        wait_for(lambda: len(desk.tickets()) == MAILS + 1, "what comes later is filed", 60, 0.2)
        wait_for(lambda: len(smtp.mails) == MAILS + 1, "all are answered", 60, 0.2)
        self.assertEqual(len({mail.recipients[0] for mail in smtp.mails}), MAILS + 1)
        can_not_tell = "whether a second ticketd works on it can't be told"
        if lost:
            wait_for(lambda: can_not_tell in desk.log(), "the log says so", 60, 0.1)
            self.assertIn(lost, desk.log())
            self.assertEqual(desk.log().count(can_not_tell), 1)
            self.assertIn(lost, "\n".join(desk.ctl("status", codes=(0, 1))["problems"]))
        else:
            self.assertNotIn(can_not_tell, desk.log())
            self.assertEqual(desk.ctl("status", codes=(0, 1))["problems"], [])

    def test_an_ordinary_server(self):
        self.run_desk()

    def test_create_is_refused(self):
        self.run_desk(("CREATE", "$tag NO [NOPERM] not here"), lost="not here")

    def test_create_is_unknown(self):
        self.run_desk(("CREATE", "$tag BAD what is that"), lost="what is that")

    def test_append_is_refused(self):
        self.run_desk(("APPEND", "$tag NO [OVERQUOTA] the account is full"), lost="the account is full")

    def test_append_lies(self):
        self.run_desk(("APPEND", "$tag OK of course"), lost="is not there")

    def test_status_is_refused(self):
        self.run_desk(("STATUS", "$tag NO not now"))

    def test_status_is_unknown(self):
        self.run_desk(("STATUS", "$tag BAD what is that"))

    def test_status_says_nothing(self):
        self.run_desk(("STATUS", "$tag OK done"))

    def test_flags_can_not_be_set(self):
        self.run_desk((r"UID STORE .*Flagged|UID STORE .*Answered", "$tag NO [NOPERM] no flags"), lost="no flags")

    def test_the_second_connection_hangs(self):
        self.run_desk(('SELECT "?ticketd', "!stall"), validity="1", lost="the server is silent")

    def test_a_full_folder(self):
        self.run_desk(leases=[mails.filler(number) for number in range(600)], lost="holds more than 500 mails")

    def test_other_mails_and_leases_of_other_folders(self):
        self.run_desk(leases=[mails.filler(1), lease(folder="Archive"), b"", b"\0\xff" * 1000, lease(token=""), b"X" * 100_000,
                              b"X-Ticketd-Lease: 1\r\n" * 400])

    def test_a_dead_one_with_a_hostile_name(self):
        self.run_desk(leases=[lease(host="%1B]0;x%07%0D%0ASubject: evil"), lease(token="9" * 800)])

    def test_nobody_wakes_a_dead_one_of_our_own_name(self):
        self.run_desk(leases=[lease(store=""), lease(host="")])


if __name__ == "__main__":
    require_desk()
    case.main()
