"""The clock jumps, is set back, changes to summer time, and the daemon sleeps for a year: timers are right, each thing is said once."""
import datetime
import pathlib
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from support import case, mails
from support.case import wait_for
from support.desk_case import DeskCase, require_desk
from support.clock import Clock, require_clock
from support.desk import OPEN, SUPPORT
from support.mails import body_of, reply_to
from support.smtp_server import SmtpServer

HOUR, DAY = 3600, 86400
ALWAYS = {"office_hours": OPEN}
JANE = "Jane Doe <jane@acme.example>"


class TimeCase(DeskCase):
    delivers = False

    def start_with_clock(self, seconds: float = 0, **settings) -> None:
        self.clock = Clock(self.folder)
        self.clock.set(seconds)
        self.make_desk(**settings)
        self.desk.common_environment = self.clock.environment
        self.desk.start()

    def file_one(self, subject: str) -> bytes:
        """The acknowledgement."""
        self.write(mails.mail(JANE, subject))
        return self.wait_mail("jane@acme.example", len(self.smtp.to("jane@acme.example")) + 1).octets

    def status(self, number: int = 1) -> str:
        return self.desk.ctl("show", number)["status"]

    def count(self, kind: str, number: int = 1) -> int:
        return sum(event["kind"] == kind for event in self.desk.ctl("show", number)["events"])

    def wait_polls(self) -> None:
        """Two more good looks at the mailbox: whatever is due by now has been done."""
        for _ in range(2):
            before = self.polled_at()
            wait_for(lambda: self.polled_at() != before, "a poll", interval=0.1)

    def polled_at(self) -> str:
        return self.desk.ctl("status", codes=(0, 1))["mailboxes"][0]["last_success_at"]

    def wait_status(self, status: str) -> None:
        wait_for(lambda: self.status() == status, f"the ticket is {status}", interval=0.1)


class FullMailboxTest(TimeCase):
    def test_one_full_mailbox_is_told_as_that_and_hides_no_outage(self):
        self.start_with_clock(**ALWAYS)
        self.smtp.plan = lambda step: "452 4.2.2 mailbox full" if step.stage == "rcpt" and "full@" in step.argument else None
        self.write(mails.mail("full@acme.example", "One"))
        self.wait_deferred(1)
        self.clock.set(HOUR)
        self.wait_polls()
        wait_for(lambda: ["puts off 1 mail for more than 15 minutes" in each for each in self.problems()] == [True],
                 "it is the one problem", interval=0.1)
        self.smtp.plan = lambda step: "421 4.3.0 down" if step.stage in ("connect", "mail", "rcpt") else None
        self.write(mails.mail("other@acme.example", "Two"))
        self.wait_deferred(2)
        wait_for(lambda: len(self.problems()) == 1, "still the one problem", interval=0.1)
        self.clock.set(HOUR + 1230)
        wait_for(lambda: any("the oldest unsent mail has waited for 20 minutes" in each for each in self.problems()), "an outage", 20, 0.1)

    def wait_deferred(self, count: int) -> None:
        wait_for(lambda: self.desk.ctl("status", codes=(0, 1))["outbox"]["deferred"] >= count, f"{count} mails deferred", 20, 0.1)

    def problems(self) -> list[str]:
        return self.desk.ctl("status", codes=(0, 1))["problems"]


class ClosingTest(TimeCase):
    def test_jumps_forward_and_back_close_it_once_and_in_time(self):
        self.start_with_clock(**ALWAYS)
        self.file_one("Fax")
        self.desk.ctl("resolve", 1)
        self.clock.set(3 * DAY - HOUR)
        self.wait_polls()
        self.assertEqual(self.status(), "resolved")
        self.clock.set(-2 * HOUR)
        self.wait_polls()
        self.assertEqual(self.status(), "resolved")
        self.clock.set(3 * DAY + 1)
        self.wait_status("closed")
        for seconds in (0, 30 * DAY):
            self.clock.set(seconds)
            self.wait_polls()
        self.assertEqual(self.count("ticket_closed"), 1)
        self.assertEqual(len(self.smtp.to("jane@acme.example")), 2)

    def test_a_late_reply_opens_a_linked_ticket_an_early_one_the_old(self):
        """All of it lies in the past: a mail of the future counts from its arrival here."""
        start = -60 * DAY
        self.start_with_clock(start, **ALWAYS)
        acknowledgement = self.file_one("Fax")
        self.desk.ctl("resolve", 1)
        self.clock.set(start + 4 * DAY)
        self.wait_status("closed")
        self.clock.set(start + 10 * DAY)
        self.write(reply_to(acknowledgement, JANE, "Again.\n"))
        self.wait_status("open")
        self.desk.ctl("close", 1)
        self.clock.set(start + 40 * DAY)
        self.write(reply_to(acknowledgement, JANE, "And again.\n"))
        wait_for(lambda: len(self.desk.tickets()) == 2, "a second ticket", interval=0.1)
        self.assertEqual((self.status(1), self.count("ticket_linked", 1), self.count("ticket_linked", 2)), ("closed", 1, 1))

    def test_nobody_looks_for_a_year(self):
        self.start_with_clock(**ALWAYS)
        self.file_one("Fax")
        self.desk.ctl("resolve", 1)
        self.wait_mail("jane@acme.example", 2)
        self.desk.stop()
        self.clock.set(365 * DAY)
        self.desk.start()
        self.wait_status("closed")
        self.desk.stop()
        self.desk.start()
        self.wait_polls()
        self.assertEqual(self.count("ticket_closed"), 1)
        self.assertEqual(len(self.smtp.to("jane@acme.example")), 2)


class SummerTimeTest(TimeCase):
    """Only Sundays count, and the Sunday of a change of the clocks has 23 hours, or 25."""

    def close_after(self, sunday: str, span: str, due: str) -> None:
        start = datetime.datetime.fromisoformat(sunday).timestamp() - time.time()
        left = datetime.datetime.fromisoformat(due).timestamp() - datetime.datetime.fromisoformat(sunday).timestamp()
        self.start_with_clock(start, support={"address": SUPPORT, "subject_tag": "SUP", "time_zone": "Europe/Berlin"},
                              office_hours={"weekly": ["sun 00:00-24:00"]}, lifecycle={"close_after": span})
        self.file_one("Fax")
        self.desk.ctl("resolve", 1)
        self.clock.set(start + left - 60)
        self.wait_polls()
        self.assertEqual(self.status(), "resolved")
        self.clock.set(start + left + 60)
        self.wait_status("closed")

    def test_in_spring(self):
        self.close_after("2027-03-28T00:30:00+01:00", "22h", "2027-03-28T23:30:00+02:00")

    def test_in_autumn(self):
        self.close_after("2026-10-25T00:30:00+02:00", "24h", "2026-10-25T23:30:00+01:00")


class AlarmTest(TimeCase):
    def test_a_clock_that_steps_alarms_nobody(self):
        self.start_with_clock(support={"address": SUPPORT, "subject_tag": "SUP", "admins": ["ops@desk.example"]})
        self.file_one("Fax")
        for seconds in (DAY, -DAY, 400 * DAY):
            self.clock.set(seconds)
            self.wait_polls()
            self.wait_polls()
        self.assertEqual(self.smtp.to("ops@desk.example"), [])

    def test_a_dead_mailbox_is_told_although_the_clock_was_set_back(self):
        self.start_with_clock(DAY, support={"address": SUPPORT, "subject_tag": "SUP", "admins": ["ops@desk.example"]})
        self.file_one("Fax")
        self.dovecot.stop()
        wait_for(lambda: "Couldn't connect" in self.desk.log(), "the server is gone", 60)
        self.clock.set(0)
        problems = self.desk.ctl("status", codes=(1,))["problems"]
        self.assertIn("since the clock was set back", problems[0])
        self.assertIn("no good poll", body_of(self.wait_mail("ops@desk.example", seconds=40).octets))


class PageTest(TimeCase):
    def test_a_clock_set_back_keeps_no_page_waiting(self):
        self.start_with_clock(page={"repeat": "2s", "times": 3}, **ALWAYS)
        self.write(mails.mail(JANE, "Urgent: all down"))
        self.wait_mail("ann@desk.example")
        self.clock.set(-HOUR)
        self.wait_mail("ann@desk.example", 4, seconds=40)  # the third repeat is the last one to one engineer


class OutboxTest(TimeCase):
    def test_a_clock_set_back_keeps_no_mail_waiting(self):
        self.smtp.stop()
        self.start_with_clock(smtp={"retry_first": "1s", "retry_max": "2s"}, **ALWAYS)
        self.write(mails.mail(JANE, "Fax"))
        self.desk.wait_outbox("deferred")
        self.clock.set(-DAY)
        self.smtp = self.enter(SmtpServer(port=self.smtp.port))
        self.wait_mail("jane@acme.example", seconds=30)
        self.desk.wait_outbox("sent", count=2)  # Ann was told as well
        self.assertEqual(len(self.smtp.to("jane@acme.example")), 1)

    def test_a_mail_of_last_year_is_given_up_once_and_not_sent(self):
        self.smtp.stop()
        self.start_with_clock(**ALWAYS)
        self.write(mails.mail(JANE, "Fax"))
        self.desk.wait_outbox("deferred")
        self.desk.stop()
        self.clock.set(365 * DAY)
        self.desk.start()
        row = self.desk.wait_outbox("failed")[0]
        self.assertIn("given up", row["last_error"])
        self.assertFalse(self.desk.ctl("status", codes=(1,))["ok"])


if __name__ == "__main__":
    require_desk()
    require_clock()
    case.main()
