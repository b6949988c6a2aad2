"""The SMTP server refuses, hangs up and goes away: nothing is lost, nothing goes out twice but where that can't be known."""
import pathlib
import sqlite3
import sys
import threading

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from support import case, mails
from support.case import wait_for
from support.desk_case import DeskCase, require_desk
from support.smtp_server import DROP, SmtpServer, Step


def at(stage: str, reply: str, times: int = 1_000_000):
    """A plan that answers `reply` at `stage`, so many times."""
    left = [times]

    def plan(step: Step):
        if step.stage == stage and left[0] > 0:
            left[0] -= 1
            return reply
        return None
    return plan


class SmtpFaultsTest(DeskCase):
    delivers = False
    QUICK = {"retry_first": "200ms", "retry_max": "400ms"}

    def send_one(self, plan, smtp: dict | None = None):
        self.smtp.plan = plan
        self.start_desk(None, smtp if smtp is not None else self.QUICK)
        self.write(mails.mail("c@faults.example", "Fault here"))
        self.desk.wait_ticket("Fault here")

    def row(self) -> dict:
        rows = self.desk.ctl("outbox", "list")
        self.assertEqual(len(rows), 1)
        return rows[0]

    def check_transient_then_sent(self, stage: str, reply: str) -> None:
        self.send_one(at(stage, reply, 2))
        self.wait_mail("c@faults.example")
        row = self.desk.wait_outbox("sent")[0]
        self.assertGreaterEqual(row["attempts"], 2)
        self.assertEqual(len(self.smtp.mails), 1)

    def test_4yz_at_rcpt_is_tried_again(self):
        self.check_transient_then_sent("rcpt", "451 4.3.0 try again")

    def test_4yz_at_mail_is_tried_again(self):
        self.check_transient_then_sent("mail", "452 4.3.1 disk full")

    def test_4yz_at_data_is_tried_again(self):
        self.check_transient_then_sent("data", "451 4.3.0 try again")

    def test_a_greylisted_acknowledgement_comes_before_what_follows_it(self):
        self.send_one(at("rcpt", "451 4.7.1 greylisted"), {"retry_first": "3s"})
        self.desk.wait_outbox("deferred")
        self.smtp.plan = None
        self.desk.ctl("reply", 1, "--message", "The first answer.")
        self.desk.ctl("resolve", 1, "--message", "The last one.")
        self.wait_mail("c@faults.example", 3)
        bodies = [mails.body_of(mail.octets) for mail in self.smtp.to("c@faults.example")]
        self.assertIn("The first answer.", bodies[1])
        self.assertIn("The last one.", bodies[2])

    def test_4yz_after_the_mail_is_tried_again(self):
        self.check_transient_then_sent("dot", "451 4.3.0 try again")

    def test_421_at_connect_is_tried_again(self):
        self.check_transient_then_sent("connect", "421 4.3.2 shutting down")

    def test_deferred_is_visible(self):
        self.send_one(at("rcpt", "451 4.3.0 greylisted"), {"retry_first": "1h", "retry_max": "1h"})
        row = self.desk.wait_outbox("deferred")[0]
        self.assertIn("greylisted", row["last_error"])
        self.assertIsNotNone(row["next_attempt_at"])
        self.assertEqual(row["to"], ["c@faults.example"])

    def check_failed(self, stage: str) -> None:
        self.send_one(at(stage, "550 5.1.1 nobody here by that name"))
        row = self.desk.wait_outbox("failed")[0]
        self.assertIn("nobody here", row["last_error"])
        self.assertEqual(self.smtp.mails, [])

    def test_5yz_at_rcpt_fails_for_good(self):
        self.check_failed("rcpt")

    def test_5yz_after_the_mail_fails_for_good(self):
        self.check_failed("dot")

    def test_a_refused_recipient_gets_no_more_mail_and_the_others_get_theirs_once(self):
        gone, there = "gone@faults.example", "c@faults.example"

        def plan(step: Step):
            return "550 5.1.1 no such user" if step.stage == "rcpt" and gone in step.argument else None

        def reply(text: str) -> dict:
            self.desk.ctl("reply", 1, "--message", text)
            return wait_for(lambda: self.replies()[-1] if self.replies()[-1]["state"] in ("sent", "failed") else None, "it is settled")

        self.smtp.plan = plan
        self.start_desk(None, self.QUICK)
        self.write(mails.mail(there, "Fault here", headers=(f"Cc: {gone}",)))
        self.desk.wait_ticket("Fault here")
        self.desk.wait_outbox("sent")
        self.assertEqual(self.desk.ctl("undeliverable"), [])

        first = reply("One.")
        self.assertEqual((first["state"], sorted(first["to"])), ("failed", [there, gone]))
        self.assertEqual(first["last_error"], f"{gone}: 550 5.1.1 no such user")
        self.assertEqual([row["address"] for row in self.desk.ctl("undeliverable")], [gone])
        told = [event["detail"] for event in self.desk.ctl("show", 1)["events"] if event["kind"] == "mail_refused"]
        self.assertEqual(told, [f'The answer did not reach {gone}: the mail server says "550 5.1.1 no such user"'])

        self.desk.kill()
        self.desk.start()
        second = reply("Two.")
        self.assertEqual((second["state"], sorted(second["to"])), ("sent", [there, gone]))
        self.assertEqual(second["last_error"], f"not sent to {gone}, for mail to it came back")

        self.smtp.plan = None
        self.desk.ctl("undeliverable", "clear", gone)
        self.assertEqual(reply("Three.")["last_error"], None)
        self.assertEqual([mail.recipients for mail in self.smtp.to(gone)], [[there, gone]])
        self.assertEqual(len(self.smtp.to(there)), 4)  # the acknowledgement and three answers

    def replies(self) -> list[dict]:
        return [row for row in self.desk.ctl("outbox", "list") if row["kind"] == "reply"]

    def test_refusals_that_are_not_of_the_address_bar_nobody(self):
        for number, (stage, answer) in enumerate((("rcpt", "550 5.7.1 not for you"), ("rcpt", "552 5.2.2 mailbox full"),
                                                  ("rcpt", "550 no"), ("mail", "550 5.1.1 no such user"))):
            self.smtp.plan = at(stage, answer)
            if self.desk is None:
                self.start_desk(None, {"retry_first": "1h", "retry_max": "1h"})
            self.write(mails.mail(f"c{number}@faults.example", f"Fault {number}"))
            self.desk.wait_ticket(f"Fault {number}")
            wait_for(lambda: all(row["state"] in ("failed", "deferred") for row in self.desk.ctl("outbox", "list")), "it is refused")
        self.assertEqual(len(self.desk.ctl("outbox", "list")), 4)
        self.assertEqual(self.desk.ctl("undeliverable"), [])

    def test_lost_answer_is_uncertain_and_retried_with_the_same_message_id(self):
        self.send_one(at("dot", DROP, 1))
        self.wait_mail("c@faults.example", 2)
        self.desk.wait_outbox("sent")
        identities = {mails.parse(mail.octets)["Message-ID"] for mail in self.smtp.mails}
        self.assertEqual((len(identities), len(self.smtp.mails)), (1, 2))

    def test_an_answer_that_can_not_be_written_down_before_the_end_is_not_lost(self):
        """Another process has the store for itself from the moment at which the server takes the mail."""
        locked = threading.Event()

        def plan(step: Step):
            if step.stage == "dot" and not locked.is_set():
                self.other = sqlite3.connect(self.desk.store, check_same_thread=False, isolation_level=None)
                self.other.execute("PRAGMA busy_timeout = 10000")
                self.other.execute("BEGIN IMMEDIATE")
                locked.set()

        self.smtp.plan = plan
        self.start_desk(None, self.QUICK)
        self.write(mails.mail("c@faults.example", "Fault here"))
        self.assertTrue(locked.wait(20))
        wait_for(lambda: self.smtp.mails, "the server has it")
        self.assertEqual(self.desk.stop(seconds=30), 75)
        self.assertIn("could not be written to the store", self.desk.log())
        self.other.execute("ROLLBACK")
        self.other.close()
        self.assertEqual(self.row()["state"], "sending")
        self.desk.start()
        self.desk.wait_outbox("sent")
        self.assertEqual(len(self.smtp.mails), 1)

    def test_an_answer_is_written_down_once_the_store_is_free_although_the_daemon_is_to_end(self):
        def plan(step: Step):
            if step.stage == "dot":
                other = sqlite3.connect(self.desk.store, check_same_thread=False, isolation_level=None)
                other.execute("PRAGMA busy_timeout = 10000")
                other.execute("BEGIN IMMEDIATE")
                threading.Timer(10, other.rollback).start()

        self.smtp.plan = plan
        self.start_desk(None, self.QUICK)
        self.write(mails.mail("c@faults.example", "Fault here"))
        wait_for(lambda: self.smtp.mails, "the server has it")
        self.assertEqual(self.desk.stop(seconds=30), 0)
        self.assertEqual(self.row()["state"], "sent")

    def test_uncertain_is_visible_and_bounded(self):
        self.send_one(at("dot", DROP))
        wait_for(lambda: self.row()["state"] in ("uncertain", "failed"), "the row is uncertain", interval=0.1)
        row = wait_for(lambda: self.row() if self.row()["attempts"] >= 2 else None, "it is tried again", 30, 0.1)
        self.assertTrue(row["last_error"])
        self.assertLess(len(self.smtp.mails), 20)

    def test_outage_does_not_stop_ingest(self):
        self.smtp.stop()
        self.start_desk(None, self.QUICK)
        for number in range(5):
            self.write(mails.mail(f"o{number}@faults.example", f"Outage {number}"))
            self.desk.wait_ticket(f"Outage {number}")
        self.smtp = self.enter(SmtpServer(port=self.smtp.port))
        for number in range(5):
            self.wait_mail(f"o{number}@faults.example", seconds=30)
        self.desk.wait_outbox("sent", 5)

    def test_fallback_relay(self):
        relay = self.enter(SmtpServer())
        self.smtp.stop()
        self.start_desk(None, self.QUICK | {"fallback": [{"url": relay.url, "tls": "none"}]})
        self.write(mails.mail("c@faults.example", "By the other road"))
        wait_for(lambda: relay.to("c@faults.example"), "the fallback relay has it")

    def test_dots_and_long_lines_arrive_as_written(self):
        self.send_one(None)
        self.wait_mail("c@faults.example")
        text = ".\n..two\n.x\n" + "long " * 400 + "\nend"
        self.desk.ctl("reply", 1, "--message", text)
        answer = self.wait_mail("c@faults.example", 2)
        self.assertIn(text, mails.body_of(answer.octets))
        self.assertTrue(all(len(line) <= 998 for line in answer.octets.split(b"\r\n")))
        self.assertNotRegex(answer.octets, rb"[^\r]\n|\r[^\n]")

    def test_nothing_of_the_customer_gets_into_the_header(self):
        self.smtp.plan = None
        self.start_desk(None, self.QUICK)
        subject = "=?utf-8?q?x=0D=0ABcc:_victim=40x.example=0D=0A?="
        sender = "=?utf-8?q?Eve=0D=0ABcc=3A_victim=40x.example?= <eve@faults.example>"
        self.write(mails.mail(sender, subject, headers=("Reply-To: victim@x.example",)))
        answer = self.wait_mail("eve@faults.example")
        self.assertEqual(answer.recipients, ["eve@faults.example"])
        self.assertIsNone(mails.parse(answer.octets)["Bcc"])


if __name__ == "__main__":
    require_desk()
    case.main()
