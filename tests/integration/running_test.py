"""The daemon as a service: ready, IDLE, reload, stop, restart, and a mail server that is down."""
import contextlib
import pathlib
import socket
import sqlite3
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from support import case, mails
from support.case import PATIENCE, wait_for
from support.desk_case import DeskCase, require_desk
from support.smtp_server import HANG


class RunningTest(DeskCase):
    def test_idle_tells_of_a_mail_long_before_the_next_poll(self):
        self.start_desk({"poll_interval": "10m"})
        for number in range(3):
            self.write(mails.mail(f"i{number}@idle.example", f"Now {number}"))
            self.wait_mail(f"i{number}@idle.example", seconds=20)

    def test_a_command_is_acted_upon_at_once(self):
        self.start_desk({"poll_interval": "10m"})
        self.desk.ctl("new", "--from", "p@phone.example", "--subject", "A call", "--channel", "phone", "--message", "x")
        self.wait_mail("p@phone.example", seconds=20)

    def test_a_lost_nudge_is_caught_at_the_next_poll(self):
        self.start_desk()
        (self.desk.folder / "run" / "notify").unlink()
        self.desk.ctl("new", "--from", "p@phone.example", "--subject", "Unheard")
        self.wait_mail("p@phone.example", seconds=20)

    def test_a_lost_nudge_is_caught_although_no_mailbox_answers_and_the_next_one_is_heard(self):
        self.make_desk({"url": "imap://127.0.0.1:1", "poll_interval": "3s"}).start(wait_ready=False)
        socket_file = self.desk.folder / "run" / "notify"
        wait_for(socket_file.exists, "the daemon listens")
        socket_file.unlink()
        self.desk.ctl("new", "--from", "p@phone.example", "--subject", "Unheard")
        self.wait_mail("p@phone.example", seconds=20)
        wait_for(socket_file.exists, "the daemon listens again")
        before = time.monotonic()
        self.desk.ctl("new", "--from", "q@phone.example", "--subject", "Heard")
        self.wait_mail("q@phone.example", seconds=2)
        self.assertLess(time.monotonic() - before, 3 * PATIENCE)

    def test_ready_although_the_mail_server_is_down_and_then_it_comes(self):
        self.dovecot.stop()
        self.start_desk()
        self.dovecot.start()
        self.write(mails.mail("late@x.example", "When it is back"))
        self.wait_mail("late@x.example", seconds=60)

    def test_a_stop_while_the_store_is_locked_takes_no_longer_than_promised(self):
        """Eight seconds, and what is queued then waits for one more in all, however much it is."""
        self.start_desk({"poll_interval": "1s"})
        with contextlib.closing(sqlite3.connect(self.desk.store, isolation_level=None)) as other:
            other.execute("PRAGMA busy_timeout = 10000")
            other.execute("BEGIN IMMEDIATE")
            self.write(mails.mail("one@x.example", "While it is locked"))
            time.sleep(1)  # the worker waits for the store
            before = time.monotonic()
            self.desk.stop(seconds=40)
            self.assertLess(time.monotonic() - before, 11 * PATIENCE)
            other.execute("ROLLBACK")
        self.desk.start()
        self.wait_mail("one@x.example")

    def test_server_restarts_under_the_daemon(self):
        self.start_desk()
        self.write(mails.mail("one@x.example", "Before"))
        self.wait_mail("one@x.example")
        self.dovecot.restart()
        self.write(mails.mail("two@x.example", "After"))
        self.wait_mail("two@x.example", seconds=60)
        self.assertEqual(len(self.desk.tickets()), 2)

    def test_sigterm_stops_at_once_and_well(self):
        self.start_desk()
        started = time.monotonic()
        self.assertEqual(self.desk.stop(), 0)
        self.assertLess(time.monotonic() - started, 10 * PATIENCE)

    def test_sigterm_while_the_mail_servers_are_down(self):
        self.dovecot.stop()
        self.start_desk()
        self.assertEqual(self.desk.stop(seconds=10), 0)

    def test_restart_makes_nothing_twice(self):
        self.start_desk({"processed": "keep"})
        self.write(mails.mail("one@x.example", "Only once"))
        self.wait_mail("one@x.example")
        self.desk.wait_outbox("sent")
        for _ in range(2):
            self.assertEqual(self.desk.stop(), 0)
            self.desk.start()
        self.write(mails.mail("two@x.example", "And another"))
        self.wait_mail("two@x.example")
        self.assertEqual(len(self.smtp.to("one@x.example")), 1)
        self.assertEqual(len(self.desk.tickets()), 2)

    def test_once_does_one_pass_and_ends(self):
        self.make_desk()
        self.write(mails.mail("once@x.example", "One pass"))
        done = self.desk.once()
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(len(self.smtp.to("once@x.example")), 1)
        self.assertEqual(len(self.desk.tickets()), 1)
        self.assertEqual(self.desk.once().returncode, 0)
        self.assertEqual(len(self.smtp.mails), 1)


    def test_once_says_when_no_mail_server_took_the_mails(self):
        self.make_desk()
        self.smtp.stop()
        self.write(mails.mail("once@x.example", "Nobody takes it"))
        done = self.desk.once()
        self.assertEqual(done.returncode, 75, done.stderr)
        self.assertEqual(self.desk.ctl("outbox", "list")[0]["state"], "deferred")


class ReloadTest(DeskCase):
    def test_an_smtp_server_that_hangs_holds_nothing_up(self):
        self.smtp.plan = lambda step: HANG if step.stage == "dot" else None
        self.start_desk()
        self.write(mails.mail("h@reload.example", "Hang"))
        wait_for(lambda: any(step.stage == "dot" for step in list(self.smtp.steps)), "the SMTP server hangs")
        self.desk.sections["priority.urgent"] = {"labels": ["eilig"]}
        self.reload()
        self.assertEqual(self.label("Eilig", 1), 10)

    def label(self, word: str, number: int) -> int:
        self.write(mails.mail(f"r{number}@reload.example", f"{word}: case {number}"))
        return self.desk.wait_ticket(f"case {number}")["priority"]

    def test_not_ready_before_the_new_configuration_has_tried_its_servers(self):
        self.start_desk()
        with socket.create_server(("127.0.0.1", 0)) as silent:
            self.desk.sections["mailbox"][0]["url"] = f"imap://127.0.0.1:{silent.getsockname()[1]}"
            self.desk.write()
            seen = len(self.desk.notifications.lines)
            self.desk.reload()
            wait_for(lambda: "RELOADING=1" in self.desk.notifications.lines[seen:], "RELOADING=1")
            silent.settimeout(20 * PATIENCE)
            with silent.accept()[0]:
                time.sleep(0.3)
                self.assertNotIn("READY=1", self.desk.notifications.lines[seen:])
            wait_for(lambda: "READY=1" in self.desk.notifications.lines[seen:], "READY=1 once the server has hung up", 30)

    def test_good_then_bad_then_good(self):
        self.start_desk()
        self.assertEqual(self.label("Eilig", 1), 5)
        self.desk.sections["priority.urgent"] = {"labels": ["eilig"]}
        self.reload()
        self.assertEqual(self.label("Eilig", 2), 10)

        good = self.desk.configuration.read_text()
        self.desk.configuration.write_text(good + "\n[support2]\nx = 1\n")
        before = self.desk.log()
        self.desk.reload()
        wait_for(lambda: "support2" in self.desk.log()[len(before):], "the refusal in the log")
        self.desk.configuration.write_text(good)  # for ticketctl; the daemon is not told
        self.assertEqual(self.label("Eilig", 3), 10)

        self.desk.sections["priority.urgent"] = {"labels": []}
        self.reload()
        self.assertEqual(self.label("Eilig", 4), 5)

    def reload(self) -> None:
        self.desk.write()
        seen = len(self.desk.notifications.lines)
        self.desk.reload()
        wait_for(lambda: "READY=1" in self.desk.notifications.lines[seen:], "READY=1 after the reload")


if __name__ == "__main__":
    require_desk()
    case.main()
