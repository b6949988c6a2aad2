"""Several mailboxes at once; what happens to a mail on the server afterwards; what was there at first contact."""
import os
import pathlib
import shutil
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from support import case, mails
from support.case import wait_for
from support.desk import SUPPORT
from support.desk_case import DeskCase, require_desk


def counts(desk, mailbox: str = "support") -> dict:
    """Of the ledger; nothing before the mailbox's first SELECT, which may be after ticketd is ready."""
    return next((box["counts"] for box in desk.ctl("ledger")["mailboxes"] if box["name"] == mailbox), {})


class SeveralMailboxesTest(DeskCase):
    def test_each_with_its_channel(self):
        url = self.dovecot.url()
        self.start_desk([{"name": "support", "url": url},
                         {"name": "direct", "url": url, "user": "staffbox@desk.example", "channel": "direct"},
                         {"name": "third", "url": url, "user": "third@desk.example"}])
        self.write(mails.mail("a@a.example", "Urgent: portal one"))
        self.write(mails.mail("b@b.example", "Urgent: direct one"), "staffbox@desk.example")
        self.write(mails.mail("c@c.example", "Urgent: third one"), "third@desk.example")
        found = {words: self.desk.wait_ticket(words) for words in ("portal one", "direct one", "third one")}
        self.assertEqual([found[name]["priority"] for name in found], [10, 5, 10])
        self.assertEqual(found["direct one"]["channel"], "direct")

    def test_a_dead_one_does_not_stop_the_other(self):
        self.start_desk([{"name": "dead", "url": f"imap://127.0.0.1:{case.free_port()}"}, {"name": "support", "url": self.dovecot.url()}])
        self.write(mails.mail("a@a.example", "Still read"))
        self.desk.wait_ticket("Still read")
        status = {box["name"]: box for box in self.desk.ctl("status", codes=(0, 1))["mailboxes"]}
        self.assertTrue(status["dead"]["error"])
        self.assertFalse(status["support"]["error"])

    def test_the_same_mail_to_two_is_one_ticket(self):
        url = self.dovecot.url()
        self.start_desk([{"name": "support", "url": url}, {"name": "other", "url": url, "user": "other@desk.example"}])
        written = mails.mail("a@a.example", "To both of you")
        self.write(written)
        self.desk.wait_ticket("To both of you")
        self.write(written, "other@desk.example")
        wait_for(lambda: counts(self.desk, "other").get("duplicate"), "a duplicate in the other's ledger", interval=0.1)
        self.assertEqual(len(self.desk.tickets()), 1)


class AfterwardsTest(DeskCase):
    def file_one(self, processed: str) -> None:
        self.start_desk({"processed": processed})
        self.write(mails.mail("a@a.example", "File me"))
        self.wait_mail("a@a.example")

    def test_move(self):
        self.file_one("move:Processed")
        wait_for(lambda: self.dovecot.count(SUPPORT, "Processed") == 1, "the mail in Processed")
        self.assertEqual(self.dovecot.count(SUPPORT), 0)

    def test_move_into_a_folder_that_is_not_there(self):
        self.file_one("move:Done/2026")
        wait_for(lambda: self.dovecot.count(SUPPORT, "Done/2026") == 1, "the mail in the new folder")

    def test_seen(self):
        self.file_one("seen")
        wait_for(lambda: "\\Seen" in self.dovecot.mails(SUPPORT)[0].flags, "the mail is seen")

    def test_delete(self):
        self.file_one("delete")
        wait_for(lambda: self.dovecot.count(SUPPORT) == 0, "the mailbox is empty")

    def test_keep(self):
        self.file_one("keep")
        self.desk.stop()
        self.desk.start()
        self.write(mails.mail("b@a.example", "One more"))
        self.wait_mail("b@a.example")
        self.assertEqual(self.dovecot.count(SUPPORT), 2)
        self.assertNotIn("\\Seen", self.dovecot.mails(SUPPORT)[0].flags)
        self.assertEqual(len(self.desk.tickets()), 2)

    def test_delete_leaves_what_was_ignored_and_so_is_kept_nowhere_else(self):
        self.start_desk({"processed": "delete"})
        self.write(mails.mail("kept@x.example", "In the store"))
        acknowledgement = self.wait_mail("kept@x.example").octets
        self.write(acknowledgement)  # somebody's forwarding brings it back
        wait_for(lambda: counts(self.desk).get("ignored") == 1, "our own mail is recognised", interval=0.1)
        wait_for(lambda: self.dovecot.count(SUPPORT) == 1, "only the ignored mail is left")
        self.assertEqual(counts(self.desk), {"ignored": 1, "new_ticket": 1})
        self.desk.ctl("resolve", 1, "--message", "A person says so.")
        self.write(self.wait_mail("kept@x.example", 2).octets)
        wait_for(lambda: counts(self.desk).get("ignored") == 2, "that of a person as well", interval=0.1)
        self.assertEqual(self.desk.ctl("show", 1)["status"], "resolved")
        self.assertEqual(self.dovecot.count(SUPPORT), 2)

    def test_deleting_expunges_nobody_elses_mail(self):
        """A mail that a person has marked as deleted stays: only UID EXPUNGE is ever used."""
        uid = self.write(mails.mail("a@a.example", "Marked by a person"))
        with self.dovecot.session(SUPPORT) as client:
            client.select("INBOX")
            client.uid("STORE", str(uid), "+FLAGS", r"(\Deleted)")
        self.start_desk({"processed": "delete", "backlog": "ignore"})
        wait_for(lambda: counts(self.desk).get("ignored") == 1, "the marked one on record", interval=0.1)
        self.write(mails.mail("b@a.example", "Delete me"))
        self.wait_mail("b@a.example")
        wait_for(lambda: self.dovecot.count(SUPPORT) == 1, "the new one is gone")
        with self.dovecot.session(SUPPORT) as client:
            client.select("INBOX", readonly=True)
            self.assertEqual(client.uid("SEARCH", "ALL")[1], [str(uid).encode()])


class TooLargeTest(DeskCase):
    """Only the beginning of a mail is read; its sender hears so, and the original lies where the staff finds it."""

    def setUp(self):
        super().setUp()
        self.start_desk({"processed": "move:Processed", "failed": "move:Failed"}, limits={"message_size": "300KB"})

    def large(self, sender: str, subject: str, headers: tuple = ()) -> bytes:
        return mails.mail(sender, subject, "The log is attached.\n" + "0123456789abcdef\n" * 40_000, headers=headers)

    def test_a_ticket_an_answer_and_the_original(self):
        written = self.large("big@a.example", "Urgent: see my log")
        self.write(written)
        told = self.wait_mail("big@a.example")
        self.assert_says(told.octets, "larger than we can take", "in smaller mails", "urgent")
        ticket = self.desk.wait_ticket("see my log")
        self.assertEqual(ticket["priority"], 10)
        self.assertTrue(self.desk.ctl("show", ticket["number"])["messages"][0]["text"].startswith("The log is attached."))
        wait_for(lambda: self.dovecot.count(SUPPORT, "Failed") == 1, "the original in Failed")
        self.assertEqual(self.dovecot.mails(SUPPORT, "Failed")[0].octets, written)
        self.assertEqual(counts(self.desk), {"oversize": 1})

    def test_a_follow_up_is_answered_once_and_a_machine_never(self):
        self.write(mails.mail("big@a.example", "Small at first"))
        first = self.wait_mail("big@a.example")
        headers = (f"In-Reply-To: {mails.parse(first.octets)['Message-ID']}",)
        self.write(self.large("big@a.example", "Re: Small at first", headers))
        self.assert_says(self.wait_mail("big@a.example", 2).octets, "larger than we can take")
        self.write(self.large("big@a.example", "Re: Small at first", (*headers, "Auto-Submitted: auto-replied")))
        wait_for(lambda: self.dovecot.count(SUPPORT, "Failed") == 2, "both originals in Failed")
        self.assertEqual(len(self.smtp.to("big@a.example")), 2)
        self.assertEqual(len(self.desk.tickets()), 1)
        self.assertEqual(counts(self.desk), {"new_ticket": 1, "oversize": 2})


class DamagedTest(DeskCase):
    def test_a_mail_that_the_server_cannot_read_keeps_none_of_the_others_back(self):
        """Dovecot says BYE when it finds a file shorter than its index says."""
        uids = [self.write(mails.mail(f"d{number}@a.example", f"Damaged {number}")) for number in range(5)]
        files = sorted((self.dovecot.folder / "mail").rglob(f"u.{uids[1]}"))
        self.assertEqual(len(files), 1)
        os.truncate(files[0], files[0].stat().st_size // 2)
        self.start_desk({"poll_interval": "2s"})
        for number in (0, 2, 3, 4):
            self.wait_mail(f"d{number}@a.example", seconds=40)
        self.write(mails.mail("later@a.example", "Later"))
        self.wait_mail("later@a.example", seconds=40)
        wait_for(lambda: self.desk.ctl("ledger")["mailboxes"][0]["missing"] == [uids[1]], "the damaged one is told as missing", 40, 0.2)
        self.assertFalse(self.desk.ctl("status", codes=(1,))["ok"])


class RestoredTest(DeskCase):
    """The mail server's administrator puts yesterday's backup back: same UIDVALIDITY, and UIDs that are given out again."""

    delivers = False

    def boxes(self) -> tuple:
        return self.dovecot.folder / "mail" / SUPPORT, self.folder / "backup"

    def back_up(self) -> None:
        box, backup = self.boxes()
        subprocess.run(["cp", "-a", box, backup], check=True)

    def restore(self) -> None:
        box, backup = self.boxes()
        self.dovecot.stop()
        shutil.rmtree(box)
        subprocess.run(["cp", "-a", backup, box], check=True)
        self.dovecot.start()

    def validity(self) -> bytes:
        with self.dovecot.session(SUPPORT) as client:
            return client.status("INBOX", "(UIDVALIDITY)")[1][0]

    def live_through(self, processed: str, lost: int, fresh: int, while_stopped: bool = False) -> None:
        """Two mails, a backup, `lost` mails that it does not hold, the restoring, `fresh` mails: nothing lost, nothing twice."""
        for number in range(2):
            self.write(mails.mail(f"old{number}@a.example", f"Old {number}"))
        self.back_up()
        validity = self.validity()
        self.start_desk({"processed": processed, "backlog": "normal"})
        for number in range(lost):
            self.write(mails.mail(f"lost{number}@a.example", f"Lost {number}"))
            self.wait_mail(f"lost{number}@a.example")
        if processed != "keep":
            wait_for(lambda: self.dovecot.count(SUPPORT) == 0, "all of it moved")
        if while_stopped:
            self.desk.stop()
        self.restore()
        self.assertEqual(self.validity(), validity)
        uids = [self.write(mails.mail(f"fresh{number}@a.example", f"Fresh {number}")) for number in range(fresh)]
        self.assertEqual(uids[0], 3)  # the number of the first lost one
        if while_stopped:
            self.desk.start()
        for number in range(fresh):
            self.wait_mail(f"fresh{number}@a.example", seconds=40)
        wait_for(lambda: counts(self.desk).get("duplicate") == 2, "the old ones are on record as duplicates", 30, 0.2)
        self.assertEqual(len(self.desk.tickets()), 2 + lost + fresh)
        self.assertEqual(len(self.smtp.mails), 2 + lost + fresh)
        self.assertIn("UIDs are used again", self.desk.log())
        if processed != "keep":
            wait_for(lambda: self.dovecot.count(SUPPORT) == 0, "all of it moved, again")
        wait_for(lambda: not self.desk.ctl("status", codes=(0, 1))["mailboxes"][0]["error"], "all is well in the end", interval=0.1)

    def test_with_mails_moved(self):
        self.live_through("move:Processed", lost=3, fresh=1)
        self.assertEqual(self.dovecot.count(SUPPORT, "Processed"), 3)

    def test_with_mails_kept(self):
        self.live_through("keep", lost=3, fresh=1)

    def test_with_mails_deleted_while_ticketd_was_down(self):
        self.live_through("delete", lost=3, fresh=2, while_stopped=True)

    def test_with_as_many_new_mails_as_were_lost(self):
        """UIDNEXT is where it was: only the mail behind the last number is another."""
        self.live_through("move:Processed", lost=1, fresh=1)

    def test_with_as_many_new_mails_as_were_lost_and_kept(self):
        self.live_through("keep", lost=2, fresh=2)

    def test_with_more_new_mails_than_were_lost_while_ticketd_was_down(self):
        """Nothing but the date of the latest mail tells, and that is on record."""
        self.live_through("keep", lost=1, fresh=2, while_stopped=True)

    def test_the_same_with_mails_moved(self):
        self.live_through("move:Processed", lost=1, fresh=2, while_stopped=True)


class BacklogTest(DeskCase):
    def setUp(self):
        super().setUp()
        for number in range(3):
            self.write(mails.mail(f"old{number}@a.example", f"Old mail {number}"))

    def test_ignore_is_the_ledger_only(self):
        self.start_desk({"backlog": "ignore"})
        wait_for(lambda: counts(self.desk).get("ignored") == 3, "three ignored", interval=0.1)
        self.write(mails.mail("new@a.example", "New mail"))
        self.wait_mail("new@a.example")
        self.assertEqual([ticket["subject"] for ticket in self.desk.tickets()], ["New mail"])
        self.assertEqual(self.dovecot.count(SUPPORT), 3)
        self.assertEqual(len(self.smtp.mails), 1)

    def test_silent_makes_tickets_without_a_word(self):
        self.start_desk({"backlog": "silent"})
        self.write(mails.mail("new@a.example", "New mail"))
        self.wait_mail("new@a.example")
        self.assertEqual(len(self.desk.tickets()), 4)
        self.assertEqual(len(self.smtp.mails), 1)
        old = self.desk.ticket_about("Old mail 1")
        self.assertIsNone(old["response_due_at"])
        self.assertEqual(self.dovecot.count(SUPPORT), 3)

    def test_normal(self):
        self.start_desk({"backlog": "normal"})
        for number in range(3):
            self.wait_mail(f"old{number}@a.example")
        self.assertEqual(len(self.desk.tickets()), 3)

    def test_watermark_survives_a_restart_before_the_first_new_mail(self):
        self.start_desk({"backlog": "ignore"})
        wait_for(lambda: counts(self.desk).get("ignored") == 3, "three ignored", interval=0.1)
        self.desk.stop()
        self.write(mails.mail("while@a.example", "While it was down"))
        self.desk.start()
        self.wait_mail("while@a.example")
        self.assertEqual(len(self.desk.tickets()), 1)

    def test_new_uid_validity_makes_no_second_ticket(self):
        self.start_desk({"backlog": "normal", "processed": "keep"})
        wait_for(lambda: counts(self.desk).get("new_ticket") == 3, "three tickets", interval=0.1)
        self.desk.stop()
        self.dovecot.change_uid_validity(SUPPORT)
        self.desk.start()
        self.write(mails.mail("new@a.example", "New mail"))
        self.wait_mail("new@a.example")
        self.assertEqual(len(self.desk.tickets()), 4)


if __name__ == "__main__":
    require_desk()
    case.main()
