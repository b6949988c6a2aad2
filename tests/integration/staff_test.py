"""Staff hear of tickets by mail, answer them by mail, and the clock tells of what is late."""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from support import case, mails
from support.case import wait_for
from support.desk import OPEN
from support.desk_case import DeskCase, require_desk
from support.mails import body_of, parse, quoted, reply_to

ANN, DORA, DUKE = "ann@desk.example", "dora@desk.example", "duke@desk.example"
JANE = "Jane Doe <jane@acme.example>"
STAFF = [{"name": "Ann Engineer", "email": ANN, "roles": ["engineer"], "available": ["always"],
          "page": ["15550001@sms.example.net"]},
         {"name": "Dora Director", "email": DORA, "roles": ["director"], "available": ["always"]},
         {"name": "Duke Duty", "email": DUKE, "roles": ["duty"]}]


class StaffCase(DeskCase):
    delivers = False
    sections = {}

    def setUp(self):
        super().setUp()
        self.start_desk(staff=STAFF, office_hours=OPEN, **self.sections)

    def mail_to(self, address: str, words: str) -> bytes:
        """The newest mail to an address that holds these words in its subject or text."""
        def found() -> list:
            return [mail.octets for mail in self.smtp.to(address)
                    if words in str(parse(mail.octets)["Subject"]) + body_of(mail.octets)]
        return wait_for(found, f"a mail to {address} about {words!r}", interval=0.1)[-1]

    def answer(self, mail: bytes, text: str, sender: str = f"Ann Engineer <{ANN}>") -> None:
        self.write(reply_to(mail, sender, text + quoted(mail)))

    def events(self, number: int) -> list[str]:
        return [event["kind"] for event in self.desk.ctl("show", number)["events"]]

    def sent_to_jane(self) -> str:
        return "\n".join(body_of(mail.octets) for mail in self.smtp.to("jane@acme.example"))


class StaffMailTest(StaffCase):
    def test_a_ticket_is_worked_by_mail_alone(self):
        self.write(mails.mail(JANE, "Urgent: nobody can call us", "Since nine.\n"))
        page = self.mail_to(ANN, "New Urgent ticket")
        self.assertIn("Since nine.", body_of(page))
        self.mail_to(DORA, "New Urgent ticket")
        self.mail_to("15550001@sms.example.net", "Urgent")
        self.answer(page, "#take\nWe look at the gateway.\n")
        self.assertNotIn("Ticket 1,", body_of(self.mail_to("jane@acme.example", "look at the gateway")))
        ticket = self.desk.ctl("show", 1)
        self.assertEqual((ticket["assignee"], ticket["status"]), ("Ann Engineer", "open"))
        self.assertIsNotNone(ticket["responded_at"])

        self.write(reply_to(self.mail_to("jane@acme.example", "look at the gateway"), JANE, "It works again.\n"))
        follow_up = self.mail_to(ANN, "It works again.")
        self.answer(follow_up, "#note\nShe is angry.\n")
        self.answer(follow_up, "#resolve\nThe gateway has a new card.\n")
        self.mail_to("jane@acme.example", "The gateway has a new card.")
        self.assertEqual(self.desk.ctl("show", 1)["status"], "resolved")
        self.assertNotIn("angry", self.sent_to_jane())
        self.assertNotIn("Since nine.\n\n\nTicket", self.sent_to_jane())

    def test_what_is_not_certain_is_not_sent(self):
        self.write(mails.mail(JANE, "No dial tone"))
        news = self.mail_to(DUKE, "New Normal ticket")
        duke = f"Duke Duty <{DUKE}>"
        self.write(reply_to(news, duke, "Replaced.\n\n" + body_of(news).replace("above this line", "")))
        self.assertIn("#take", body_of(self.mail_to(DUKE, "Nothing of your mail")))
        self.answer(news, "#frobnicate\nHello\n", duke)
        self.assertIn("#frobnicate", body_of(self.mail_to(DUKE, "There is no command")))
        self.assertNotIn("Replaced", self.sent_to_jane())
        self.assertNotIn("Hello\n", self.sent_to_jane().replace("Hello,\n", ""))

    def test_nobody_else_commands_by_a_mail_that_was_passed_on(self):
        self.write(mails.mail(JANE, "No dial tone"))
        news = self.mail_to(DUKE, "New Normal ticket")
        for sender in (f"Ann Engineer <{ANN}>", "Eve <eve@evil.example>"):  # it went to Duke alone
            self.answer(news, "#take\nDone.\n", sender)
        wait_for(lambda: len(self.desk.ctl("show", 1)["messages"]) == 3, "both mails are on record", interval=0.1)
        ticket = self.desk.ctl("show", 1)
        self.assertIsNone(ticket["assignee"] or None)
        self.assertIsNone(ticket["responded_at"])
        self.assertNotIn("Done.", self.sent_to_jane())


class ClockTest(StaffCase):
    sections = {"priority": {"high": {"response": "4s"}}}

    def test_a_missed_target_is_told_once_over_a_restart(self):
        self.write(mails.mail(JANE, "High: crackling"))
        self.mail_to(ANN, "Answer due soon")
        self.mail_to(DORA, "Answer overdue")
        self.assertIn("raise its category", body_of(self.mail_to("jane@acme.example", "You may now raise")))
        self.desk.stop()
        self.desk.start()
        self.write(mails.mail("tom@acme.example", "No fax"))
        self.desk.wait_ticket("No fax")
        kinds = self.events(1)
        for kind in ("response_close", "response_breached", "breach_notice_queued"):
            self.assertEqual(kinds.count(kind), 1, kinds)
        self.assertEqual([ticket["number"] for ticket in self.desk.ctl("list", "--breached")], [1])


if __name__ == "__main__":
    require_desk()
    case.main()
