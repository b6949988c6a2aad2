"""The drills' proxy knows which mail the daemon waited for when a connection was cut, however close to the question that was."""
import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from drill.fetches import FetchProxy
from support import case, mails
from support.case import FolderCase, wait_for
from support.desk import SUPPORT, Desk
from support.desk_case import require_desk
from support.dovecot import Dovecot
from support.proxy import Cut
from support.smtp_server import SmtpServer

FOUND = re.compile(rb"ESEARCH [^\r\n]* ALL \d.*OK Search", re.DOTALL)


class CutsBehindSearches(FetchProxy):
    """The last octets that come are those from which the client learns of new mails; what it asks for then is not answered."""

    def __init__(self, target_port: int, reset: bool):
        self.left, self.reset = 0, reset  # cuts to come
        super().__init__(target_port)

    async def pump(self, reader, writer, cut, watched):
        if not watched:
            return await super().pump(reader, writer, cut, watched)
        conversation = self.conversation.get()
        while octets := await reader.read(1 << 18):
            conversation.from_server(octets)
            writer.write(octets)
            await writer.drain()
            if self.left and FOUND.search(octets):
                self.left -= 1
                self.cuts += 1
                return await self.hear_out(writer, Cut(0, self.reset), conversation)


class FetchProxyTest(FolderCase):
    def setUp(self):
        super().setUp()
        self.dovecot = Dovecot(self.folder)
        self.dovecot.start()
        self.addCleanup(self.dovecot.stop)
        self.smtp = SmtpServer()
        self.addCleanup(self.smtp.stop)

    def check_two_cuts(self, reset: bool):
        with CutsBehindSearches(self.dovecot.imap_port, reset) as proxy:
            desk = Desk(self.folder, [{"url": f"imap://127.0.0.1:{proxy.port}", "poll_interval": "1s"}], {"url": self.smtp.url})
            desk.start()
            self.addCleanup(desk.stop)
            self.dovecot.append(SUPPORT, mails.mail("tom@acme.example", "First"))
            desk.wait_ticket("First")
            proxy.left = 2
            uids = [self.dovecot.append(SUPPORT, mails.mail("tom@acme.example", f"Mail {number}")) for number in range(3)]
            wait_for(lambda: len(desk.ctl("ledger")["entries"]) == 4, "all are filed", 60, 0.2)
            self.assertEqual((proxy.cuts, proxy.breaks[uids[0]]), (2, 2))
            self.assertEqual(sum(proxy.breaks.values()), 2)
            tickets = {entry["uid"]: entry["ticket"] for entry in desk.ctl("ledger")["entries"]}
            self.assertGreater(tickets[uids[0]], tickets[uids[2]], "after the second cut it is fetched behind the others")
            desk.stop()

    def test_cuts_that_end_in_good_order(self):
        self.check_two_cuts(False)

    def test_cuts_that_reset(self):
        self.check_two_cuts(True)


if __name__ == "__main__":
    require_desk()
    case.main()
