"""The life of a ticket by mail and by ticketctl: threads, reopening, labels, merging, spam, quarantine, alarms."""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from support import case, mails
from support.case import wait_for
from support.desk import SUPPORT
from support.desk_case import DeskCase, require_desk
from support.mails import body_of, parse, reply_to

JANE = "Jane Doe <jane@acme.example>"
TOM = "Tom Trunk <tom@acme.example>"


class LifeCase(DeskCase):
    delivers = False

    def open_ticket(self, sender: str, subject: str) -> tuple[int, bytes]:
        """Number and acknowledgement."""
        self.write(mails.mail(sender, subject))
        number = self.desk.wait_ticket(subject.split(":")[-1].strip())["number"]
        address = sender.split("<")[-1].rstrip(">")
        tag = f"[SUP-{number}]"
        acknowledgement = wait_for(lambda: [mail.octets for mail in self.smtp.to(address) if tag.encode() in mail.octets], tag)
        return number, acknowledgement[0]

    def wait_messages(self, number: int, count: int) -> list[dict]:
        return wait_for(lambda: (found := self.desk.ctl("show", number)["messages"]) and len(found) >= count and found,
                        f"{count} messages in #{number}", interval=0.1)

    def events(self, number: int, kind: str) -> list[str]:
        return [event["detail"] for event in self.desk.ctl("show", number)["events"] if event["kind"] == kind]

    def wait_event(self, number: int, kind: str) -> str:
        return wait_for(lambda: self.events(number, kind), f"the event {kind} of #{number}", interval=0.1)[0]


class ThreadTest(LifeCase):
    def setUp(self):
        super().setUp()
        self.start_desk()

    def test_a_stranger_with_a_guessed_tag_never_reaches_a_ticket(self):
        number, _ = self.open_ticket(JANE, "Fax prints blank pages")
        self.write(mails.mail("eve@evil.example", f"Re: [SUP-{number}] Fax prints blank pages", "Send me all of it.\n"))
        own = wait_for(lambda: next((t for t in self.desk.tickets() if t["requester"]["address"] == "eve@evil.example"), None),
                       "a ticket of the stranger's own", interval=0.1)
        self.assertNotEqual(own["number"], number)
        self.assertEqual(len(self.desk.ctl("show", number)["messages"]), 1)
        self.assertNotIn("blank pages are", body_of(self.wait_mail("eve@evil.example").octets))

    def test_a_forged_sender_with_a_tag_changes_nothing_and_the_real_one_hears_why(self):
        number, _ = self.open_ticket(JANE, "Slow portal")
        self.write(mails.mail(JANE, f"Urgent: [SUP-{number}] Slow portal", "Make it urgent.\n"))
        self.wait_messages(number, 2)
        self.assertIn("only names the ticket in its subject", self.wait_event(number, "raise_refused"))
        self.assertEqual(self.desk.ctl("show", number)["priority"], 5)
        self.assert_says(self.wait_mail("jane@acme.example", 2).octets, "the category stays Normal")

    def test_a_label_by_reply_to_the_invitation_and_lowered_again(self):
        number, acknowledgement = self.open_ticket(JANE, "No sound")
        subject = f"Re: [SUP-{number}] No sound"
        self.write(reply_to(acknowledgement, JANE, "It is.\n", "High: " + subject))
        wait_for(lambda: self.desk.ctl("show", number)["priority"] == 7, "raised once", interval=0.1)
        self.write(reply_to(acknowledgement, JANE, "Worse now.\n", "Urgent: " + subject))
        self.assertIn("refused", self.wait_event(number, "raise_refused"))
        self.assertEqual(self.desk.ctl("show", number)["priority"], 7)
        self.write(reply_to(acknowledgement, JANE, "Not so bad.\n", "Normal: " + subject))
        wait_for(lambda: self.desk.ctl("show", number)["priority"] == 5, "lowered", interval=0.1)

    def test_a_reply_to_an_urgent_subject_claims_nothing_again(self):
        number, acknowledgement = self.open_ticket(TOM, "Urgent: trunk down")
        self.desk.ctl("prioritize", number, "normal", "--reason", "one line only")
        self.write(reply_to(acknowledgement, TOM, "Any news?\n"))
        self.wait_messages(number, 2)
        self.assertEqual(self.desk.ctl("show", number)["priority"], 5)
        self.assertEqual(self.events(number, "raise_refused") + self.events(number, "label_ignored"), [])

    def test_automatic_replies_never_reopen(self):
        number, acknowledgement = self.open_ticket(JANE, "Voice mail full")
        self.desk.ctl("resolve", number)
        self.write(reply_to(acknowledgement, JANE, "I am away.\n", "Out of office").replace(
            b"MIME-Version", b"Auto-Submitted: auto-replied\r\nMIME-Version", 1))
        self.wait_messages(number, 3)
        self.assertEqual(self.desk.ctl("show", number)["status"], "resolved")
        self.write(reply_to(acknowledgement, JANE, "Still full.\n"))
        wait_for(lambda: self.desk.ctl("show", number)["status"] == "open", "reopened by a person", interval=0.1)


class MergeTest(LifeCase):
    def setUp(self):
        super().setUp()
        self.start_desk()
        self.first, self.first_acknowledgement = self.open_ticket(JANE, "Fax prints blank pages")
        self.second, self.second_acknowledgement = self.open_ticket(TOM, "Fax is broken")
        self.merged = self.desk.ctl("merge", self.second, self.first)

    def test_the_conversation_is_one_and_later_mails_find_it(self):
        self.assertEqual((self.merged["number"], self.merged["message_count"]), (self.first, 2))
        shown = self.desk.ctl("show", self.second)
        self.assertEqual((shown["status"], shown["merged_into"], shown["messages"]), ("closed", self.first, []))
        self.write(reply_to(self.second_acknowledgement, TOM, "By reference.\n"))
        self.wait_messages(self.first, 3)
        self.write(mails.mail(TOM, f"[SUP-{self.second}] more", "By tag.\n"))
        texts = [message["text"] for message in self.wait_messages(self.first, 4)]
        self.assertEqual([text.strip() for text in texts[2:]], ["By reference.", "By tag."])
        self.assertEqual(len(self.desk.tickets()), 2)

    def test_an_answer_reaches_both(self):
        self.desk.ctl("reply", self.first, "--message", "A new drum is on its way.")
        answer = self.wait_mail("tom@acme.example", 2)
        self.assertEqual(set(answer.recipients), {"jane@acme.example", "tom@acme.example"})

    def test_a_customer_of_another_organization_reads_none_of_it(self):
        third, acknowledgement = self.open_ticket("carl@rival.example", "Rival's fax")
        self.desk.ctl("merge", third, self.first)
        self.desk.ctl("reply", self.first, "--message", "The password is 1234.")
        self.assertNotIn("carl@rival.example", self.wait_mail("jane@acme.example", 2).recipients)
        self.write(reply_to(acknowledgement, "carl@rival.example", "Any news?\n"))
        self.assertIn("Any news?", self.wait_messages(self.first, 5)[-1]["text"])
        self.assertEqual(len(self.smtp.to("carl@rival.example")), 1)

    def test_what_is_merged_is_worked_on_in_the_other(self):
        self.assertEqual(self.desk.run_ctl("reopen", self.second).returncode, 65)
        self.assertEqual(self.desk.run_ctl("merge", self.first, self.second).returncode, 65)
        self.assertEqual(self.desk.run_ctl("merge", self.first, 99).returncode, 66)
        self.assertEqual(self.desk.run_ctl("merge", self.first, self.first).returncode, 65)


class SpamTest(LifeCase):
    def test_a_sender_of_spam_is_answered_no_more_until_it_is_taken_back(self):
        self.start_desk()
        number, _ = self.open_ticket("pest@pills.example", "Cheap pills")
        self.assertEqual(self.desk.ctl("spam", number)["status"], "closed")
        self.write(mails.mail("Pest@pills.example", "More pills"))
        more = self.desk.wait_ticket("More pills")
        self.assertIsNone(more["response_due_at"])
        self.desk.ctl("reopen", number)
        self.write(mails.mail("pest@pills.example", "A real question"))
        wait_for(lambda: len(self.smtp.to("pest@pills.example")) == 2, "the second acknowledgement")
        self.assertTrue(all(b"More pills" not in mail.octets for mail in self.smtp.mails))

    def test_nor_does_he_get_back_in_by_answering_us(self):
        self.start_desk()
        number, acknowledgement = self.open_ticket("pest@pills.example", "Cheap pills")
        self.desk.ctl("spam", number)
        self.write(reply_to(acknowledgement, "pest@pills.example", "Still cheap.\n"))
        self.wait_messages(number, 2)
        self.assertEqual(self.desk.ctl("show", number)["status"], "closed")


class QuarantineTest(LifeCase):
    POISON = b"\x01\x02 no header at all\r\n"

    def setUp(self):
        super().setUp()
        self.make_desk(support={"address": SUPPORT, "subject_tag": "SUP", "admins": ["ops@desk.example"]})
        self.write(self.POISON)
        self.desk.start()
        self.row = wait_for(lambda: self.desk.ctl("quarantine", "list"), "a mail in quarantine", interval=0.1)[0]

    def test_looked_at_retried_and_dropped(self):
        self.assertEqual((self.row["mailbox"], self.row["uid"], self.row["size"]), ("support", 1, len(self.POISON)))
        self.assertEqual(self.desk.run_ctl("quarantine", "show", self.row["id"]).stdout.encode(), self.POISON)
        retried = self.desk.run_ctl("quarantine", "retry", self.row["id"])
        self.assertEqual(retried.returncode, 65, retried.stderr)
        wait_for(lambda: self.dovecot.count(SUPPORT, "Failed") == 1, "the original in Failed")
        self.assertIn("its ledger row stays", self.desk.text("quarantine", "drop", self.row["id"]))
        self.assertEqual(self.desk.ctl("quarantine", "list"), [])
        self.assertEqual(self.desk.run_ctl("quarantine", "show", self.row["id"]).returncode, 66)
        self.assertEqual(self.desk.ctl("ledger")["mailboxes"][0]["counts"], {"quarantined": 1})

    def test_admins_hear_once_that_it_needs_a_person_and_once_that_it_is_over(self):
        told = self.wait_mail("ops@desk.example")
        self.assertIn("1 mail in quarantine", body_of(told.octets))
        self.assertEqual(parse(told.octets)["Auto-Submitted"], "auto-generated")
        self.write(mails.mail(JANE, "Another mail"))
        self.desk.wait_ticket("Another mail")
        self.desk.stop()
        self.desk.start()
        self.desk.ctl("quarantine", "drop", self.row["id"])
        over = self.wait_mail("ops@desk.example", 2)
        self.assertTrue(parse(over.octets)["Subject"].startswith("Over: "), over.octets)
        self.assertEqual(len(self.smtp.to("ops@desk.example")), 2)


class DeadMailboxTest(LifeCase):
    def test_admins_hear_of_it_however_often_the_configuration_is_read_anew(self):
        self.make_desk({"url": "imap://127.0.0.1:1", "poll_interval": "1s"},
                       support={"address": SUPPORT, "subject_tag": "SUP", "admins": ["ops@desk.example"]})
        self.desk.start()

        def told():
            self.desk.reload()
            return self.smtp.to("ops@desk.example")
        wait_for(told, "the alarm in spite of reloads", 40, interval=0.7)

    def test_admins_hear_of_it_and_of_its_end(self):
        self.start_desk(support={"address": SUPPORT, "subject_tag": "SUP", "admins": ["ops@desk.example"]})
        self.desk.wait_first_look()
        self.dovecot.stop()
        told = self.wait_mail("ops@desk.example", seconds=60)
        self.assertIn("mailbox support had no good poll", body_of(told.octets))
        self.assertFalse(self.desk.ctl("status", codes=(1,))["ok"])
        self.dovecot.start()
        over = self.wait_mail("ops@desk.example", 2, seconds=90)
        self.assertTrue(parse(over.octets)["Subject"].startswith("Over: "))
        self.assertEqual(len(self.smtp.to("ops@desk.example")), 2)

    def test_a_restart_in_between_tells_nothing_twice(self):
        """Nor does a death, and what came back while nobody looked is told as over."""
        self.start_desk(support={"address": SUPPORT, "subject_tag": "SUP", "admins": ["ops@desk.example"]})
        self.desk.wait_first_look()
        self.dovecot.stop()
        self.wait_mail("ops@desk.example", seconds=60)
        for end in (self.desk.stop, self.desk.kill):
            end()
            tries = self.desk.log().count("tried again in")
            self.desk.start()
            wait_for(lambda: self.desk.log().count("tried again in") >= tries + 3, "three tries", 60, 0.2)
        self.desk.stop()
        self.assertEqual(len(self.smtp.to("ops@desk.example")), 1)
        self.dovecot.start()
        self.desk.start()
        over = self.wait_mail("ops@desk.example", 2, seconds=90)
        self.assertTrue(parse(over.octets)["Subject"].startswith("Over: "))
        self.desk.stop()
        self.desk.start()
        self.write(mails.mail(JANE, "All is well"))
        self.desk.wait_ticket("All is well")
        self.assertEqual(len(self.smtp.to("ops@desk.example")), 2)


class ProbeTest(LifeCase):
    def test_good_and_bad(self):
        relay = f"smtp://127.0.0.1:{case.free_port()}"
        self.make_desk([{"url": self.dovecot.url()}, {"name": "wrong", "url": self.dovecot.url(), "folder": "Nowhere"}],
                       {"fallback": [{"url": relay, "tls": "none"}]})
        probes = {probe["name"]: probe for probe in self.desk.ctl("probe", codes=(1,))}
        self.assertEqual({name: probe["ok"] for name, probe in probes.items()},
                         {"support": True, "wrong": False, "smtp": True, "smtp fallback 1": False})
        self.assertIsNone(probes["smtp"]["error"])
        self.assertIn("Nowhere", probes["wrong"]["error"])
        self.assertFalse(self.desk.store.exists())
        self.assertEqual([step.stage for step in self.smtp.steps if step.stage in ("mail", "rcpt", "data")], [])

    def test_all_well(self):
        self.make_desk()
        self.assertTrue(all(probe["ok"] for probe in self.desk.ctl("probe")))
        self.assertIn("support", self.desk.text("probe"))


if __name__ == "__main__":
    require_desk()
    case.main()
