"""Two daemons with a store each on one mailbox: one works, the other stands by and says so; no mail is answered twice."""
import pathlib
import signal
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from support import case, mails
from support.case import wait_for
from support.desk import SUPPORT, Desk
from support.desk_case import require_desk
from support.rivals_case import ENDLESS, LEASES, RivalsCase

class TwoStoresTest(RivalsCase):
    def setUp(self):
        super().setUp()
        self.second = self.make("second")
        self.second.sections["support"]["admins"] = ["ops@desk.example"]
        self.second.write()

    def start_both(self) -> None:
        self.first.start()
        self.wait_log(self.first, "no other ticketd works on it")
        self.second.start()
        self.wait_log(self.second, "this one stands by")

    def test_mails_that_come_all_the_time_are_answered_once(self):
        self.first.start()
        self.write_some()
        self.second.start()
        for _ in range(10):
            self.write_some(2)
        self.wait_answers()
        self.write_some()
        self.wait_answers()
        tickets = [len(self.first.tickets()), len(self.second.tickets())]
        self.assertEqual(sorted(tickets), [0, self.written])

    def test_both_say_so_and_the_admins_hear_of_it(self):
        self.start_both()
        self.wait_problem(self.first, "was started for it")
        self.wait_problem(self.second, "this one stands by")
        self.assertNotIn("no good poll", self.problems(self.second))
        wait_for(lambda: self.smtp.to("ops@desk.example"), "the alarm leaves", 60, 0.1)
        self.second.stop()
        wait_for(lambda: "was started for it" not in self.problems(self.first), "the first is alone again", 60, 0.2)

    def test_the_other_takes_over_when_the_first_is_stopped(self):
        self.start_both()
        self.write_some()
        self.wait_answers()
        self.first.stop()
        self.wait_log(self.second, "no other ticketd works on it")
        self.write_some()
        self.wait_answers()
        self.assertEqual(len(self.second.tickets()), 5)
        wait_for(lambda: "stands by" not in self.problems(self.second), "nothing stands by any more", 60, 0.2)

    def test_the_other_takes_over_when_the_first_is_dead(self):
        self.start_both()
        self.first.kill()
        self.write_some()
        self.wait_answers()
        self.assertIn("is silent, and this one takes over", self.second.log())
        self.assertEqual(self.leases(), 1)
        self.first.start()
        self.wait_log(self.first, "this one stands by")
        self.write_some()
        self.wait_answers()

    def test_who_was_frozen_files_and_sends_nothing(self):
        self.start_both()
        number = self.first.ctl("new", "--from", "late@rivals.example", "--subject", "By telephone")["number"]
        wait_for(lambda: self.smtp.to("late@rivals.example"), "the first one sends", 60, 0.1)
        wait_for(self.freeze_first, "it is frozen outside of a transaction", interval=0.2)
        self.write_some()
        self.wait_answers()
        self.first.ctl("reply", number, "--message", "We look at it.")
        self.first.process.send_signal(signal.SIGCONT)
        self.write_some()
        self.wait_answers()
        self.wait_log(self.first, "this one stands by")
        self.write_some()
        self.wait_answers()
        self.assertEqual(len(self.first.tickets()), 1)
        self.assertEqual(len(self.smtp.to("late@rivals.example")), 1)
        self.assertEqual(self.first.ctl("outbox", "list")[-1]["state"], "queued")

    def test_a_single_pass_says_no_and_leaves_nothing_behind(self):
        self.first.start()
        self.wait_log(self.first, "no other ticketd works on it")
        done = self.second.once()
        self.assertEqual(done.returncode, 75, done.stderr)
        self.assertIn("another ticketd", done.stderr)
        wait_for(lambda: self.leases() == 1, "one lease is left", 20, 0.1)
        self.first.stop()
        self.assertEqual(self.second.once().returncode, 0)
        self.assertEqual(self.leases(), 0)

    def test_single_passes_outlast_a_dead_daemon(self):
        self.first.start()
        self.wait_log(self.first, "no other ticketd works on it")
        self.first.kill()
        wait_for(lambda: self.second.once().returncode == 0, "a pass takes over", 60, 0.5)

    def test_a_reload_gives_nothing_away(self):
        self.start_both()
        self.first.reload()
        self.wait_log(self.first, "was read again")
        self.write_some()
        self.wait_answers()
        self.assertEqual(len(self.second.tickets()), 0)


class AtOnceTest(RivalsCase):
    """With a lease that holds longer than any test waits."""
    validity = ENDLESS

    def check_works(self, desk: Desk) -> None:
        desk.start()
        self.write_some()
        self.wait_answers()
        self.assertEqual(self.leases(), 1)

    def test_a_killed_one_goes_on(self):
        self.check_works(self.first)
        for _ in range(2):
            self.first.kill()
            self.check_works(self.first)

    def test_after_a_clean_stop_another_one_begins(self):
        self.check_works(self.first)
        self.assertEqual(self.first.stop(), 0)
        self.assertEqual(self.leases(), 0)
        self.check_works(self.make("second"))

    def test_two_mailboxes_of_one_account(self):
        box = self.first.sections["mailbox"][0]
        self.first.sections["mailbox"].append(box | {"name": "second", "folder": "Archive"})
        self.first.write()
        self.dovecot.doveadm("mailbox", "create", "-u", SUPPORT, "Archive")
        for _ in range(2):
            self.first.start()
            self.write_some()
            self.wait_answers()
            self.assertEqual(self.leases(), 2)
            self.first.kill()

    def test_off(self):
        self.first.sections["mailbox"][0]["lease_folder"] = ""
        self.first.write()
        self.first.start()
        self.write_some()
        self.wait_answers()
        self.assertEqual(self.leases(), 0)

    def test_the_folder_is_emptied_by_somebody(self):
        self.check_works(self.first)
        self.dovecot.doveadm("mailbox", "delete", "-u", SUPPORT, LEASES)
        self.write_some()
        self.wait_answers()


class CloneTest(RivalsCase):
    """A copy of the store is started beside the original."""

    def test_nothing_is_sent_twice(self):
        """Neither what was queued when the copy was made, nor what is due by the clock."""
        self.first.sections["priority"] = {"normal": {"response": "1s", "clock": "always"}}
        self.first.sections["smtp"]["url"] = "smtp://127.0.0.1:9"
        self.first.write()
        self.first.start()
        self.write_some()
        self.first.wait_outbox("deferred", 5)
        clone = self.clone()
        clone.sections["priority"] = self.first.sections["priority"]
        clone.write()
        self.first.stop()
        self.first.sections["smtp"]["url"] = self.smtp.url
        self.first.write()
        self.first.start()
        self.wait_log(self.first, "no other ticketd works on it")
        clone.start()
        for row in self.first.ctl("outbox", "list"):
            self.first.run_ctl("outbox", "retry", row["id"])
        self.wait_answers()
        self.wait_problem(clone, "works on a copy of this store")
        self.write_some()
        self.wait_answers()
        ids = [mails.parse(mail.octets)["Message-ID"] for mail in self.smtp.mails]
        self.assertEqual(len(ids), len(set(ids)))
        self.assertEqual(clone.ctl("outbox", "list", "--all")[0]["state"], "deferred")

    def test_a_copy_never_takes_over_from_a_living_original(self):
        self.first.start()
        self.write_some()
        self.wait_answers()
        clone = self.clone()
        clone.start()
        self.wait_problem(clone, "works on a copy of this store")
        self.first.stop()
        self.write_some()
        wait_for(lambda: self.leases() == 1, "only the clone's lease is left", 20, 0.1)
        self.assertIn("goes on only when it is started anew", self.problems(clone))
        clone.stop()
        clone.start()
        self.wait_answers()

    def test_a_fresh_copy_of_a_running_desk_waits(self):
        """It knows the token of the original, but is not where that was written."""
        self.first.start()
        self.wait_log(self.first, "no other ticketd works on it")
        clone = self.clone()
        clone.start()
        self.write_some()
        self.wait_answers()
        self.wait_log(clone, "this one stands by")
        self.assertEqual(len(clone.tickets()), 0)

    def test_a_copy_goes_on_where_the_original_died(self):
        self.first.start()
        self.write_some()
        self.wait_answers()
        self.first.kill()
        clone = self.clone()
        clone.start()
        self.write_some()
        self.wait_answers()


if __name__ == "__main__":
    require_desk()
    case.main()
