"""Mail of machines, and mail that comes back: storms, bounces, addresses that get no mail, spam."""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from support import case, mails
from support.desk_case import DeskCase, require_desk
from support.mails import parse

JANE = "Jane Doe <jane@acme.example>"
ADMIN = "ops@desk.example"


def bounce_of(sent: bytes, address: str, status: str = "5.1.1", action: str = "failed", diagnostic: str = "550 5.1.1 No such user") -> bytes:
    """A delivery status notification about a mail of ours (RFC 3464)."""
    body = ("--b1\nContent-Type: text/plain\n\nIt could not be delivered.\n\n"
            "--b1\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example\n\n"
            f"Final-Recipient: rfc822; {address}\nAction: {action}\nStatus: {status}\nDiagnostic-Code: smtp; {diagnostic}\n\n"
            f"--b1\nContent-Type: text/rfc822-headers\n\nMessage-ID: {parse(sent)['Message-ID']}\n\n--b1--\n")
    return mails.mail("MAILER-DAEMON@mx.example", "Undelivered Mail Returned to Sender", body, headers=("Return-Path: <>",),
                      content_type='multipart/report; report-type=delivery-status; boundary="b1"')


class MachinesCase(DeskCase):
    delivers = False

    def once(self) -> None:
        done = self.desk.once()
        self.assertEqual(done.returncode, 0, done.stderr)

    def events(self, number: int, kind: str) -> list[str]:
        return [event["detail"] for event in self.desk.ctl("show", number)["events"] if event["kind"] == kind]

    def problems(self) -> list[str]:
        return self.desk.ctl("status", codes=(0, 1))["problems"]


class StormTest(MachinesCase):
    MAILS, LIMIT = 60, 20

    def setUp(self):
        super().setUp()
        sections = {"limits": {"acknowledgements": f"{self.LIMIT}/1h"}}
        self.make_desk(**sections)
        self.desk.sections["support"]["admins"] = [ADMIN]
        self.desk.write()
        for number in range(self.MAILS):
            self.write(mails.filler(number))
        self.once()

    def test_every_mail_is_a_ticket_and_the_admins_hear_of_it_once(self):
        tickets = self.desk.tickets()
        self.assertEqual(len(tickets), self.MAILS)
        outbox = self.desk.ctl("outbox", "list", "--all")
        self.assertEqual(len([row for row in outbox if row["kind"] == "acknowledgement"]), self.LIMIT)
        silent = [ticket["number"] for ticket in tickets if self.events(ticket["number"], "acknowledgement_withheld")]
        self.assertEqual(len(silent), self.MAILS - self.LIMIT)
        self.assertIn(f"{self.LIMIT} automatic answers in 1 hour", self.events(silent[0], "acknowledgement_withheld")[0])
        self.write(mails.filler(self.MAILS))
        self.once()
        alarms = [row for row in self.desk.ctl("outbox", "list", "--all") if row["kind"] == "admin"]
        self.assertEqual([row["to"] for row in alarms], [[ADMIN]])
        problems = self.problems()
        self.assertEqual(len([text for text in problems if "a storm of mail: 41 mails" in text]), 1, problems)


class BounceTest(MachinesCase):
    def setUp(self):
        super().setUp()
        self.make_desk()
        self.write(mails.mail(JANE, "Fax prints blank pages"))
        self.once()
        self.number = self.desk.tickets()[0]["number"]
        self.acknowledgement = self.smtp.to("jane@acme.example")[0].octets

    def take(self, octets: bytes) -> dict:
        return self.desk.ctl("ingest", stdin=octets)

    def bar(self) -> None:
        taken = self.take(bounce_of(self.acknowledgement, "jane@acme.example"))
        self.assertEqual((taken["outcome"], taken["ticket"]), ("follow_up", self.number))

    def test_the_ticket_says_what_did_not_arrive_and_further_mail_stops_visibly(self):
        self.bar()
        self.assertEqual(self.events(self.number, "mail_came_back"),
                         ['The acknowledgement did not reach jane@acme.example: the report says "550 5.1.1 No such user"'])
        listed = self.desk.ctl("undeliverable", "list")
        self.assertEqual([(row["address"], row["ticket"]) for row in listed], [("jane@acme.example", self.number)])
        answered = self.desk.run_ctl("reply", self.number, "--message", "We are on it.")
        self.assertEqual(answered.returncode, 0, answered.stderr)
        self.assertIn("nothing is sent to jane@acme.example", answered.stderr)
        row = next(row for row in self.desk.ctl("outbox", "list", "--all") if row["kind"] == "reply")
        self.assertEqual(row["state"], "failed")
        self.assertIn("550 5.1.1", row["last_error"])
        self.assertTrue(self.events(self.number, "mail_suppressed"))
        self.once()
        self.assertEqual(len(self.smtp.to("jane@acme.example")), 1)
        self.assertEqual(self.desk.run_ctl("undeliverable", "clear", "Jane@Acme.example").returncode, 0)
        self.desk.ctl("outbox", "retry", row["id"])
        self.once()
        self.assertEqual(len(self.smtp.to("jane@acme.example")), 2)
        self.assertEqual(self.desk.run_ctl("undeliverable", "clear", "jane@acme.example").returncode, 66)

    def test_who_writes_gets_mail_again(self):
        self.bar()
        self.write(mails.mail(JANE, "Still blank"))
        self.once()
        self.assertEqual(self.desk.ctl("undeliverable"), [])
        self.assertEqual(len(self.smtp.to("jane@acme.example")), 2)

    def test_a_delay_and_a_bounce_about_somebody_else_change_nothing(self):
        self.take(bounce_of(self.acknowledgement, "jane@acme.example", "4.4.1", "delayed", "connection timed out"))
        self.take(bounce_of(self.acknowledgement, "victim@other.example"))
        self.take(bounce_of(mails.mail("us@desk.example", "never sent"), "victim@other.example"))
        self.assertEqual(self.desk.ctl("undeliverable"), [])
        self.assertIn("goes on trying", self.events(self.number, "mail_came_back")[0])
        self.once()
        self.assertEqual(self.smtp.to("MAILER-DAEMON@mx.example"), [])

    def test_staff_whom_no_mail_reaches_need_a_person(self):
        self.desk.sections["staff"][0]["email"] = "jane@acme.example"
        self.desk.write()
        self.bar()
        problems = self.problems()
        self.assertTrue([text for text in problems if "jane@acme.example, who is staff" in text], problems)


class SpamTest(MachinesCase):
    def test_staff_see_whom_they_blocked(self):
        self.make_desk(block={"domains": ["bad.example"]})
        number = self.desk.ctl("ingest", stdin=mails.mail("pest@shop.example", "Buy!"))["ticket"]
        self.assertEqual(self.desk.run_ctl("spam", number).returncode, 0)
        blocked = self.desk.ctl("blocked", "list")
        self.assertEqual([(row["address"], row["ticket"]) for row in blocked], [("pest@shop.example", number), ("@bad.example", None)])
        self.assertIn(f"ticketctl reopen {number}", self.desk.run_ctl("blocked").stdout)
        silent = self.desk.ctl("ingest", stdin=mails.mail("Pest@shop.example", "Buy more"))
        self.assertIn("spam", silent["classes"])
        self.assertFalse(silent["acknowledgement"]["send"])
        self.assertEqual(self.desk.ctl("show", silent["ticket"])["response_due_at"], None)


if __name__ == "__main__":
    require_desk()
    case.main()
