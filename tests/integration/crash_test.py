"""kill -9 in the middle of a backlog of 5,000 mails: afterwards there is exactly one ticket and one acknowledgement for each."""
import collections
import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from support import case, mails
from support.case import wait_for
from support.desk import SUPPORT
from support.desk_case import DeskCase, require_desk

MAILS = 5000


class CrashTest(DeskCase):
    delivers = False

    def test_kill_in_the_middle_of_the_backlog(self):
        self.dovecot.fill(SUPPORT, (mails.filler(number, 2000) for number in range(MAILS)))
        self.smtp.stop()  # all rows stay in the outbox, to be counted
        self.start_desk(wait_ready=False)
        for share in (0.1, 0.5):
            wait_for(lambda: self.filed() > MAILS * share, f"{share:.0%} filed", 120)
            self.desk.kill()
            self.desk.start(wait_ready=False)
        wait_for(lambda: self.filed() >= MAILS, "all filed", 240, 0.2)
        self.check_ledger()
        self.check_rows()

    def filed(self) -> int:
        ledger = self.desk.run_ctl("ledger", "--json")
        if ledger.returncode != 0:
            return 0
        boxes = json.loads(ledger.stdout)["mailboxes"]
        return sum(box["counts"].get("new_ticket", 0) for box in boxes)

    def check_ledger(self) -> None:
        ledger = self.desk.ctl("ledger")
        box = ledger["mailboxes"][0]
        self.assertEqual((box["counts"], box["missing"]), ({"new_ticket": MAILS}, []))
        uids = [entry["uid"] for entry in ledger["entries"]]
        self.assertEqual(len(set(uids)), MAILS)

    def check_rows(self) -> None:
        tickets = self.desk.tickets()
        self.assertEqual(len(tickets), MAILS)
        self.assertEqual(len({ticket["requester"]["address"] for ticket in tickets}), MAILS)
        rows = self.desk.ctl("outbox", "list", "--all")
        kinds = collections.Counter(row["kind"] for row in rows)
        self.assertEqual(kinds, {"acknowledgement": MAILS})
        self.assertEqual(len({row["ticket"] for row in rows}), MAILS)


class CrashWhileSendingTest(DeskCase):
    """With the SMTP server there: a mail may go out twice only where its answer was lost, and then with the same Message-ID."""

    delivers = False

    def test_kill_again_and_again(self):
        self.dovecot.fill(SUPPORT, (mails.filler(number, 1000) for number in range(300)))
        self.make_desk(None, {"retry_first": "200ms", "retry_max": "1s"})
        for goal in (20, 80, 150, 220):
            self.desk.start(wait_ready=False)
            wait_for(lambda: len(self.smtp.mails) >= goal, f"{goal} acknowledgements", 60, 0.005)
            self.desk.kill()
        self.desk.start()
        self.desk.wait_outbox("sent", 300, 90)
        self.check_each_customer()

    def check_each_customer(self) -> None:
        identities = collections.defaultdict(set)
        for mail in list(self.smtp.mails):
            identities[mail.recipients[0]].add(mails.parse(mail.octets)["Message-ID"])
        self.assertEqual(len(identities), 300)
        self.assertEqual({address for address, ids in identities.items() if len(ids) > 1}, set())
        self.assertEqual(len(self.desk.tickets()), 300)


class CutTest(DeskCase):
    """The connection to the IMAP server breaks again and again."""

    delivers = False

    def test_every_connection_is_cut(self):
        from support.proxy import Cut, Proxy
        self.dovecot.fill(SUPPORT, (mails.filler(number, 2000) for number in range(400)))
        sizes = {1: 300, 2: 5000, 3: 40000, 4: 200001, 5: 77777}
        proxy = self.enter(Proxy(self.dovecot.imap_port, lambda n: Cut(sizes[n], reset=n % 2 == 0) if n in sizes else None))
        self.start_desk({"url": f"imap://127.0.0.1:{proxy.port}"}, wait_ready=False)
        wait_for(lambda: len(self.desk.tickets()) >= 400 if proxy.connections > 3 else False, "all tickets", 120, 0.3)
        wait_for(lambda: self.dovecot.count(SUPPORT) == 0, "all moved", 60, 0.3)
        self.assertEqual(self.desk.ctl("ledger")["mailboxes"][0]["counts"], {"new_ticket": 400})
        self.assertEqual(self.dovecot.count(SUPPORT, "Processed"), 400)


if __name__ == "__main__":
    require_desk()
    case.main()
