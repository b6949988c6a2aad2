"""The main job on real servers: a mail becomes a ticket, is acknowledged, is answered with a resolution mail."""
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from support import case, mails
from support.case import wait_for
from support.desk_case import DeskCase, require_desk
from support.mails import parse, reply_to


class MainChainTest(DeskCase):
    def setUp(self):
        super().setUp()
        self.start_desk()

    def check_category(self, written: tuple, category: str, priority: int, *words: str) -> dict:
        sender, subject, text = written
        original = mails.mail(sender, subject, text)
        self.write(original)
        ticket = self.desk.wait_ticket(subject.split(":")[-1].strip()[:20])
        self.assertEqual((ticket["category"], ticket["priority"], ticket["status"]), (category, priority, "new"))
        address = sender.split("<")[-1].rstrip(">")
        acknowledgement = self.wait_mail(address)
        self.assert_says(acknowledgement.octets, f"[SUP-{ticket['number']}]", category, *words)
        self.assert_threads_with(acknowledgement.octets, parse(original)["Message-ID"])
        fields = parse(acknowledgement.octets)
        self.assertEqual(fields["Auto-Submitted"], "auto-replied")
        self.assertIn("support@desk.example", fields["From"])
        self.assertEqual(acknowledgement.recipients, [address])
        return ticket

    def test_urgent(self):
        ticket = self.check_category(mails.URGENT, "Urgent", 10, "30 minutes")
        shown = self.desk.ctl("show", ticket["number"])
        self.assertEqual(shown["requester"]["address"], "tom@acme.example")
        self.assertEqual([message["direction"] for message in shown["messages"]][:1], ["in"])
        self.assertIn("Nobody can call us", shown["messages"][0]["text"])
        self.assertTrue(any("urgent" in str(event["detail"]).lower() for event in shown["events"]), shown["events"])

    def test_high(self):
        self.check_category(mails.HIGH, "High", 7, "2 hours")

    def test_unlabelled_is_normal_and_invited(self):
        self.check_category(mails.UNLABELLED, "Normal", 5, "4 hours", "urgent", "high")

    def test_automatic_mail_is_not_answered(self):
        self.write(mails.OUT_OF_OFFICE)
        self.write(mails.mail("after@x.example", "A mail after it"))
        self.wait_mail("after@x.example")
        self.assertEqual(self.smtp.to("olga@delta.example"), [])
        self.assertEqual(self.desk.ctl("ledger")["mailboxes"][0]["missing"], [])

    def test_attachment_and_umlauts(self):
        self.write(mails.with_attachment())
        ticket = self.desk.wait_ticket("Störung in Köln – hohe Verzögerung")
        self.assertEqual(ticket["requester"], {"address": "joerg@mueller.example", "name": "Jörg Müller"})
        message = self.desk.ctl("show", ticket["number"])["messages"][0]
        self.assertIn("Grüße aus Köln", message["text"])
        attachment = message["attachments"][0]
        self.assertEqual(attachment["name"], mails.ATTACHMENT_NAME)
        saved = self.folder / "saved"
        self.desk.text("attachment", ticket["number"], attachment["id"], "-o", saved)
        self.assertEqual(saved.read_text(encoding="utf-8"), mails.ATTACHMENT)
        self.assert_says(self.wait_mail("joerg@mueller.example").octets, "Störung in Köln")

    def test_raw_octets_are_kept(self):
        written = mails.with_attachment()
        self.write(written)
        ticket = self.desk.wait_ticket("Störung")
        message = self.desk.ctl("show", ticket["number"])["messages"][0]
        self.assertEqual(self.desk.text("raw", ticket["number"], message["id"]).replace("\r\n", "\n"),
                         written.decode().replace("\r\n", "\n"))

    def test_search_finds_words_of_the_text(self):
        self.write(mails.mail("find@x.example", "Something else", "The xylophone hums.\n"))
        ticket = self.desk.wait_ticket("Something else")
        self.assertEqual([found["number"] for found in self.desk.ctl("search", "xylophone")], [ticket["number"]])

    def test_life_of_a_ticket(self):
        original = mails.mail(*mails.URGENT)
        self.write(original)
        number = self.desk.wait_ticket("all inbound numbers")["number"]
        self.wait_mail("tom@acme.example")

        taken = self.desk.ctl("take", number)
        self.assertEqual((taken["status"], taken["assignee"]), ("open", "Ann Engineer"))

        self.desk.ctl("reply", number, "--message", "We are looking at the trunk.")
        answer = self.wait_mail("tom@acme.example", 2)
        self.assert_says(answer.octets, "looking at the trunk", f"[SUP-{number}]")
        self.assertIsNotNone(self.desk.ctl("show", number)["responded_at"])

        resolved = self.desk.ctl("resolve", number, "--message", "The trunk was restarted.")
        self.assertEqual(resolved["status"], "resolved")
        resolution = self.wait_mail("tom@acme.example", 3)
        self.assert_says(resolution.octets, "test", "The trunk was restarted.")
        self.assert_threads_with(resolution.octets, parse(original)["Message-ID"])

        self.write(reply_to(resolution.octets, "Tom Trunk <tom@acme.example>", "It still fails.\n"))
        wait_for(lambda: self.desk.ctl("show", number)["status"] in ("new", "open"), "the ticket is open again", interval=0.1)
        shown = self.desk.ctl("show", number)
        self.assertIn("It still fails.", shown["messages"][-1]["text"])
        self.assertEqual(len(self.desk.tickets()), 1)

    def test_customer_finds_the_mails_in_his_own_mailbox(self):
        self.write(mails.mail("Own Box <own@box.example>", "High: no sound"))
        received = wait_for(lambda: self.dovecot.mails("own@box.example"), "mail in the customer's INBOX")
        self.assert_says(received[0].octets, "[SUP-1]", "High")
        self.assertEqual(len(parse(received[0].octets)["Message-ID"].strip("<>").split("@")[0]) >= 22, True)

    def test_new_by_telephone(self):
        ticket = self.desk.ctl("new", "--from", "Paul Phone <paul@phone.example>", "--subject", "Urgent: nothing works",
                               "--channel", "phone", "--message", "He called at nine.")
        self.assertEqual((ticket["channel"], ticket["priority"], ticket["requested_priority"]), ("phone", 5, 10))
        self.wait_mail("paul@phone.example")


class SmsTest(DeskCase):
    def test_sms_is_category_5_whatever_it_says(self):
        self.start_desk(channel={"sms": ["@sms.example.net"]})
        self.write(mails.mail(*mails.SMS))
        ticket = self.desk.wait_ticket("phones down")
        self.assertEqual((ticket["channel"], ticket["priority"], ticket["requested_priority"]), ("sms", 5, 10))
        self.assertTrue(any("sms" in str(event["detail"]).lower() for event in self.desk.ctl("show", ticket["number"])["events"]))


if __name__ == "__main__":
    require_desk()
    case.main()
