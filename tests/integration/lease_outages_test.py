"""Leases where the connection that looks after them fails: no mail is answered twice, and no desk stops for good."""
import os
import pathlib
import re
import signal
import sqlite3
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from support import case, mails
from support.case import wait_for
from support.desk import SUPPORT, Desk
from support.desk_case import require_desk
from support.line_proxy import CUT, LineProxy
from support.rivals_case import LEASES, RivalsCase

LEASE_COMMANDS = re.compile(rb'(\S+) (?:UID STORE \d+ [+-]FLAGS.SILENT|SELECT "?ticketd|CREATE "?ticketd)')


class OutagesCase(RivalsCase):
    def put_proxy(self, desk: Desk, answer) -> LineProxy:
        proxy = self.enter(LineProxy(self.dovecot.imap_port, answer))
        desk.sections["mailbox"][0]["url"] = proxy.url
        desk.write()
        return proxy

    def start_both(self) -> None:
        self.second = self.make("second")
        self.first.start()
        self.wait_log(self.first, "no other ticketd works on it")
        self.second.start()
        self.wait_log(self.second, "this one stands by")
        self.write_some()
        self.wait_answers()

    def write_for(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.write_some(2)
            time.sleep(0.2)

    @property
    def seconds(self) -> float:
        return float(self.validity)


class RefusalTest(OutagesCase):
    """The server says NO to what a lease needs, on the connection of the first one."""
    validity = "4"

    def refuse_for(self, leases: float) -> None:
        self.refusing_until = time.monotonic() + leases * self.seconds

    def answer(self, line: bytes, _) -> bytes | None:
        command = LEASE_COMMANDS.match(line)
        is_refused = command and time.monotonic() < self.refusing_until
        return command[1] + b" NO [UNAVAILABLE] try again in a second\r\n" if is_refused else None

    def setUp(self):
        super().setUp()
        self.refusing_until = 0
        self.put_proxy(self.first, self.answer)
        self.start_both()

    def test_for_a_shorter_time_than_a_lease_holds_nothing_changes(self):
        self.refuse_for(0.4)
        self.write_for(3 * self.seconds)
        self.wait_answers()
        self.assertEqual(len(self.second.tickets()), 0)
        self.assertNotIn("can't be told", self.first.log())

    def test_for_longer_the_other_one_works_alone(self):
        self.refuse_for(4)
        self.write_for(4 * self.seconds)
        self.wait_answers()
        self.assertGreater(len(self.second.tickets()), 0)
        self.assertEqual(len(self.first.tickets()) + len(self.second.tickets()), self.written)
        self.wait_problem(self.first, "this one stands by")


class FrozenTest(OutagesCase):
    def test_who_is_thawed_with_a_dead_connection_looks_before_it_sends(self):
        proxy = self.put_proxy(self.first, lambda *_: None)
        number = self.first.ctl("new", "--from", "late@rivals.example", "--subject", "By telephone")["number"]
        self.start_both()
        wait_for(lambda: self.smtp.to("late@rivals.example"), "the first one sends", 60, 0.1)
        wait_for(self.freeze_first, "it is frozen outside of a transaction", interval=0.2)
        self.write_some()
        self.wait_answers()
        self.first.ctl("reply", number, "--message", "We look at it.")
        for connection in range(len(proxy.connections)):
            proxy.cut(connection + 1)
        self.first.process.send_signal(signal.SIGCONT)
        self.wait_log(self.first, "this one stands by")
        self.write_some()
        self.wait_answers()
        self.assertEqual(len(self.smtp.to("late@rivals.example")), 1)


class DownTest(OutagesCase):
    def test_while_nobody_reaches_the_server_what_is_in_the_store_is_sent(self):
        number = self.first.ctl("new", "--from", "late@rivals.example", "--subject", "By telephone")["number"]
        self.start_both()
        self.dovecot.stop()
        time.sleep(2 * self.seconds)  # no lease is renewed
        self.first.ctl("reply", number, "--message", "We look at it.")
        wait_for(lambda: len(self.smtp.to("late@rivals.example")) == 2, "the reply is sent", 60, 0.1)
        self.dovecot.start()
        self.write_some()
        self.wait_answers()


class LostConnectionTest(OutagesCase):
    def test_when_the_second_connection_is_not_had_any_more_the_desk_goes_on(self):
        looking, is_full = set(), []

        def answer(line: bytes, number: int) -> bytes | None:
            if not re.match(rb'\S+ SELECT "?ticketd', line):
                return None
            looking.add(number)
            return b"* BYE [LIMIT] too many connections\r\n" if is_full else None

        proxy = self.put_proxy(self.first, answer)
        self.first.start()
        self.write_some()
        self.wait_answers()
        is_full.append(True)
        for number in list(looking):
            proxy.cut(number)
        wait_for(lambda: "can't be told: " in self.first.log(), "nobody can tell", 60, 0.1)
        self.write_some()
        self.wait_answers()
        self.wait_problem(self.first, "too many connections")
        is_full.clear()
        wait_for(lambda: "can't be told" not in self.problems(self.first), "it is known again", 60, 0.2)

    def test_a_lease_whose_writing_was_not_answered_is_known_again(self):
        state = []

        def answer(line: bytes, _) -> bytes | None:
            if re.match(rb"\S+ APPEND", line):
                state.append("append")
            is_end = line == b"\r\n" and state and state[-1] == "body"
            if state and state[-1] == "append" and line.startswith(b"By this mail"):
                state.append("body")
            if not is_end or "cut" in state:
                return None
            state.append("cut")
            return CUT

        self.put_proxy(self.first, answer)
        self.first.start()
        self.wait_log(self.first, "no other ticketd works on it")
        self.assertIn("cut", state)
        wait_for(lambda: self.leases() == 1, "there is one lease", 20, 0.1)
        self.assertEqual(self.first.stop(), 0)
        self.assertEqual(self.leases(), 0)

    def test_orphans_of_ours_are_taken_away(self):
        """A server that did the APPEND long after the connection had gone."""
        self.first.start()
        self.wait_log(self.first, "no other ticketd works on it")
        with self.dovecot.session(SUPPORT) as client:
            client.select(LEASES)
            octets = client.uid("FETCH", "1:*", "(BODY.PEEK[])")[1][0][1]
            client.uid("STORE", "1:*", "+FLAGS", r"(\Deleted)")
            client.expunge()
            wait_for(lambda: self.leases() == 1, "it has another one", 20, 0.1)
            client.append(LEASES, None, None, octets)
        wait_for(lambda: self.leases() == 1, "the old one is taken away", 20, 0.1)
        self.write_some()
        self.wait_answers()


class TwoMailboxesTest(OutagesCase):
    def test_a_mailbox_that_is_won_is_worked_on_though_the_other_can_not_be_reached(self):
        self.second = self.make("second")
        box = self.second.sections["mailbox"][0]
        # Its lease is asked for after the other one's: "9" sorts behind the ports of here.
        self.second.sections["mailbox"].append(box | {"name": "sales", "url": "imap://127.0.0.9:9"})
        self.second.write()
        self.first.start()
        self.wait_log(self.first, "no other ticketd works on it")
        self.second.start()
        self.wait_log(self.second, "this one stands by")
        self.first.stop()
        self.wait_log(self.second, "no other ticketd works on it")
        self.write_some()
        self.wait_answers()
        self.wait_log(self.second, "mailbox sales: whether a second ticketd works on it can't be told")

    def test_a_reload_gives_back_the_lease_of_a_mailbox_that_goes(self):
        box = self.first.sections["mailbox"][0]
        self.dovecot.doveadm("mailbox", "create", "-u", SUPPORT, "Archive")
        self.first.sections["mailbox"].append(box | {"name": "second", "folder": "Archive"})
        self.first.write()
        self.first.start()
        wait_for(lambda: self.leases() == 2, "it has both", 20, 0.1)
        self.first.sections["mailbox"].pop()
        self.first.write()
        self.first.reload()
        wait_for(lambda: self.leases() == 1, "one is left", 20, 0.1)
        self.write_some()
        self.wait_answers()


class OnceTest(OutagesCase):
    validity = "9"

    def set_watched(self, desk: Desk) -> None:
        """The rival's mark is what it was long ago, for it has come round."""
        with self.dovecot.session(SUPPORT) as client:
            client.select(LEASES, readonly=True)
            uid_validity = client.response("UIDVALIDITY")[1][0].decode()
            told = client.uid("FETCH", "1:*", "(FLAGS)")[1][0].decode()
        uid = re.search(r"UID (\d+)", told)[1]
        mark = ("\\Flagged" in told) + 2 * ("\\Answered" in told)
        store = sqlite3.connect(desk.store)
        with store:
            store.execute("UPDATE mailbox_leases SET watched = ?, watched_since = watched_since - 3600000000",
                          (f"{uid_validity}:{uid}:{mark}",))
        store.close()

    def test_a_single_pass_believes_no_mark_that_may_have_come_round(self):
        second = self.make("second")
        self.first.start()
        self.wait_log(self.first, "no other ticketd works on it")
        self.assertEqual(second.once().returncode, 75)
        for _ in range(3):
            self.set_watched(second)
            self.assertEqual(second.once().returncode, 75)
        self.write_some()
        self.wait_answers()
        self.assertEqual(len(second.tickets()), 0)


class OnceWithoutLeaseTest(OutagesCase):
    validity = "60"

    def test_a_single_pass_whose_second_connection_breaks_gives_up_soon(self):
        """The lease is held for a minute; the pass waits a quarter of that for the server's word, and the next one comes."""
        looking, state = set(), []

        def answer(line: bytes, number: int) -> bytes | None:
            if re.match(rb'\S+ SELECT "?ticketd', line):
                looking.add(number)
                return b"* BYE [LIMIT] too many connections\r\n" if state == ["full"] else None
            if re.match(rb"\S+ UID FETCH .*BODY", line) and number not in looking and not state:
                state.append("full")
                for each in list(looking):
                    proxy.cut(each)
            return None

        proxy = self.put_proxy(self.first, answer)
        self.write_some()
        start = time.monotonic()
        done = self.first.once()
        self.assertLess(time.monotonic() - start, 35)
        self.assertEqual(done.returncode, 75)
        self.assertRegex(done.stderr, "could not be confirmed that no other ticketd works on the mailbox: .*too many connections")
        self.assertEqual(len(self.first.tickets()), 0)
        state.append("free again")
        self.assertEqual(self.first.once().returncode, 0)
        self.wait_answers()


class LiveCloneTest(OutagesCase):
    """A machine that was copied while it ran: the copy's store is in the same place, and knows the lease as its own."""
    validity = "30"

    def test_one_of_them_stands_by_soon(self):
        self.first.start()
        self.write_some()
        self.wait_answers()
        clone = self.clone()
        status = os.stat(clone.store)
        boot = pathlib.Path("/proc/sys/kernel/random/boot_id").read_text().strip().replace("-", "")
        store = sqlite3.connect(clone.store)
        with store:
            store.execute("UPDATE mailbox_leases SET place = ?", (f"{boot}/{status.st_dev}/{status.st_ino}",))
        store.close()
        clone.start()
        wait_for(lambda: any("stands by" in desk.log() for desk in (self.first, clone)), "one of them stands by", 25, 0.1)
        self.dovecot.fill(SUPPORT, [mails.mail(f"customer{self.written + number}@rivals.example", f"Question {number}")
                                    for number in range(1, 21)])
        self.written += 20
        self.wait_answers()


if __name__ == "__main__":
    require_desk()
    case.main()
