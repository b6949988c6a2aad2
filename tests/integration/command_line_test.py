"""What scripts rely on: --check's messages, exit codes, ingest and explain on a pipe."""
import contextlib
import os
import pathlib
import re
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from support import case, mails
from support.case import build_folder
from support.command_case import CONFIGURATION, DATA, NOT_PERMITTED, NO_INPUT, OK, PROBLEM, TEMPORARY, USAGE, CommandLineTest
from support.desk_case import require_desk


class CheckTest(CommandLineTest):
    def check(self, code: int, text: str | None = None) -> list[str]:
        if text is not None:
            self.desk.configuration.write_text(text)
        done = self.assert_exit(code, "ticketd", "--config", self.desk.configuration, "--check")
        return (done.stdout + done.stderr).splitlines()

    def test_good(self):
        self.check(OK)
        self.assertFalse(self.desk.store.exists(), "--check touches nothing")

    def test_all_errors_at_once_with_their_places(self):
        text = self.desk.configuration.read_text()
        broken = text.replace('subject_tag = "SUP"', 'subjct_tag = "SUP"').replace('poll_interval = "1s"', 'poll_interval = "soon"')
        lines = self.check(CONFIGURATION, broken)
        places = [line for line in lines if re.match(re.escape(str(self.desk.configuration)) + r":\d+:\d+: ", line)]
        self.assertEqual(len([line for line in places if "warning" not in line]), 2, lines)
        typo = next(line for line in places if "subjct_tag" in line)
        self.assertIn("subject_tag", typo.replace("subjct_tag", ""))
        number = next(i for i, line in enumerate(broken.splitlines(), 1) if "subjct_tag" in line)
        self.assertIn(f":{number}:", typo)

    def test_syntax_error(self):
        self.assertRegex("\n".join(self.check(CONFIGURATION, "[support\n")), r"ticketd\.toml:\d+:\d+: ")

    def test_missing_file(self):
        self.assert_exit(CONFIGURATION, "ticketd", "--config", self.folder / "nowhere.toml", "--check")

    def test_conf_d_is_merged(self):
        (self.desk.folder / "conf.d").mkdir()
        (self.desk.folder / "conf.d" / "10-x.toml").write_text("[support]\nnonsense = 1\n")
        self.assertRegex("\n".join(self.check(CONFIGURATION)), r"10-x\.toml:2:1: ")

    def test_daemon_does_not_start_on_it(self):
        self.desk.configuration.write_text("[support]\naddress = 5\n")
        self.assert_exit(CONFIGURATION, "ticketd", "--config", self.desk.configuration)
        self.assert_exit(CONFIGURATION, "ticketctl", "--config", self.desk.configuration, "list")

    def test_secret_that_others_can_read(self):
        (self.desk.folder / "imap-password").chmod(0o644)
        done = self.desk.run("ticketd", "--config", self.desk.configuration, "--once")
        self.assertNotEqual(done.returncode, OK)
        self.assertIn("imap-password", done.stdout + done.stderr)


class ExitCodesTest(CommandLineTest):
    def test_usage(self):
        self.assert_exit(USAGE, "ticketd", "--nonsense")
        self.assert_exit(USAGE, "ticketctl", "nonsense")
        self.ctl(USAGE, "show")
        self.ctl(USAGE, "list", "--status", "nonsense")

    def test_numbers(self):
        self.ingest(mails.mail("a@a.example", "x"))
        self.assertEqual(self.desk.ctl("show", "#1")["number"], 1)
        self.assertEqual(self.desk.ctl("show", "01")["number"], 1)
        self.ctl(NO_INPUT, "show", "010")
        for wrong in ("one", "0", "#0", "1.5", "1#", "", "9" * 19, "1 2"):
            with self.subTest(wrong):
                self.assertIn("is no ticket number", self.ctl(USAGE, "show", wrong).stderr)

    def test_an_unknown_command_is_named(self):
        self.assertIn("'shwo' is no command of ticketctl (did you mean 'show'?)", self.ctl(USAGE, "shwo", "1").stderr)
        self.assertIn("'bogus' is no command of outbox", self.ctl(USAGE, "outbox", "bogus", "1").stderr)
        self.assertIn("show does not take this: 2 3", self.ctl(USAGE, "show", 1, 2, 3).stderr)
        self.assertIn("list does not take this: --newest", self.ctl(USAGE, "list", "--newest").stderr)
        self.assertIn("required", self.ctl(USAGE).stderr)
        self.assertIn("required", self.ctl(USAGE, "show").stderr)

    def test_a_store_that_is_not_there_yet_is_an_empty_desk(self):
        done = self.ctl(OK, "list")
        self.assertIn(str(self.desk.store), done.stderr)
        self.assertEqual(done.stdout, "No tickets.\n")

    @unittest.skipIf(os.geteuid() != 0, "root's rights are needed to become another user")
    def test_a_store_of_others_is_not_permitted(self):
        """Whoever is not in the group sees neither the folder of the store nor, if he sees that, the store."""
        self.ingest(mails.mail("a@a.example", "x"))
        for folder in (self.folder, self.desk.folder):
            folder.chmod(0o755)
        self.desk.configuration.chmod(0o644)
        program = shutil.copy(case.build_folder() / "ticketctl", self.folder)  # the checkout may lie where nobody may look
        for path, mode in ((self.desk.store.parent, 0o700), (self.desk.store.parent, 0o755)):
            path.chmod(mode)
            self.desk.store.chmod(0o600)
            for command in (["list"], ["take", "1"]):
                with self.subTest(f"{mode:o} {command}"):
                    done = subprocess.run([program, "--config", str(self.desk.configuration), *command],
                                          capture_output=True, text=True, timeout=60, user="nobody", env=self.desk.environment())
                    self.assertEqual(done.returncode, NOT_PERMITTED, done.stdout + done.stderr)
                    self.assertIn("group ticketd", done.stderr)

    def test_version_and_help(self):
        self.assertRegex(self.assert_exit(OK, "ticketd", "--version").stdout, r"\d+\.\d+")
        self.assertIn("resolve", self.assert_exit(OK, "ticketctl", "--help").stdout)

    def test_no_such_ticket(self):
        for command in (["show", "99"], ["take", "99"], ["reply", "99", "--message", "x"], ["resolve", "99"], ["raw", "99", "1"],
                        ["attachment", "99", "1"]):
            with self.subTest(command):
                self.ctl(NO_INPUT, *command)

    def test_unusable_input(self):
        self.ctl(DATA, "ingest", stdin=b"")
        self.ingest(mails.mail("a@a.example", "x"))
        self.ctl(DATA, "reply", 1, "--message", "   ")

    def test_take_needs_a_staff_member(self):
        self.desk.sections["staff"] = []
        self.desk.write()
        self.ingest(mails.mail("a@a.example", "x"))
        self.ctl(NOT_PERMITTED, "take", 1)

    def test_empty_list(self):
        self.assertEqual(self.desk.ctl("list"), [])


class PipeTest(CommandLineTest):
    def test_ingest_files_a_mail(self):
        result = self.ingest(mails.mail("Tom <tom@acme.example>", "Urgent: from a pipe"))
        self.assertEqual((result["outcome"], result["ticket"], result["priority"]), ("new_ticket", 1, 10))
        self.assertEqual(self.desk.ctl("show", 1)["subject"], "Urgent: from a pipe")
        rows = self.desk.ctl("outbox", "list")
        self.assertEqual([(row["kind"], row["state"], row["to"]) for row in rows],
                         [("acknowledgement", "queued", ["tom@acme.example"]), ("page", "queued", ["ann@desk.example"])])

    def test_what_was_just_filed_is_found(self):
        """No daemon has brought the search index up to date."""
        ticket = self.ingest(mails.mail("sue@acme.example", "Search", "A xylophone is missing.\n"))["ticket"]
        self.assertEqual([found["number"] for found in self.desk.ctl("search", "xylophone")], [ticket])
        self.ingest(mails.mail("sue@acme.example", "Search", "And another xylophone.\n"))
        with contextlib.closing(sqlite3.connect(self.desk.store)) as other:
            other.execute("BEGIN IMMEDIATE")
            done = self.ctl(OK, "search", "xylophone")
        self.assertIn("the newest mails can't be found yet", done.stderr)
        self.assertIn("#1 ", done.stdout)
        self.assertEqual(len(self.desk.ctl("search", "xylophone")), 2)

    def test_ingest_takes_nothing_that_it_could_not_keep(self):
        self.desk.sections["limits"] = {"message_size": "100KB"}
        self.desk.write()
        large = mails.mail("large@x.example", "Large", text="x" * 70 + "\n") + b"y\r\n" * 50_000
        self.assertIn("message_size", self.ctl(DATA, "ingest", stdin=large).stderr)
        self.assertEqual(self.desk.tickets(), [])
        self.ctl(OK, "explain", stdin=large)

    def test_ingest_twice_is_a_duplicate(self):
        octets = mails.mail("tom@acme.example", "Once")
        self.assertEqual(self.ingest(octets)["outcome"], "new_ticket")
        self.assertEqual(self.ingest(octets)["outcome"], "duplicate")
        self.assertEqual(self.ingest(octets)["ticket"], 1)
        self.assertEqual(len(self.desk.tickets()), 1)

    def test_what_is_done_is_no_failure_because_it_could_not_be_told(self):
        command = [str(case.build_folder() / "ticketctl"), "--config", str(self.desk.configuration)]
        with open("/dev/full", "wb") as full:
            for arguments, stdin in ((["ingest"], mails.mail("tom@acme.example", "Once")), (["take", "1"], b"")):
                done = subprocess.run([*command, *arguments], input=stdin, stdout=full, stderr=subprocess.PIPE, timeout=60,
                                      env=self.desk.environment())
                self.assertEqual(done.returncode, OK, done.stderr)
                self.assertIn(b"it is done, but", done.stderr)
        self.assertEqual([ticket["status"] for ticket in self.desk.tickets()], ["open"])
        reader, writer = os.pipe()
        os.close(reader)
        done = subprocess.run([*command, "resolve", "1"], stdout=writer, stderr=subprocess.PIPE, timeout=60, env=self.desk.environment())
        os.close(writer)
        self.assertEqual(done.returncode, OK, done.stderr)
        self.assertEqual([ticket["status"] for ticket in self.desk.tickets()], ["resolved"])

    def test_outbox_retry_and_drop(self):
        self.ingest(mails.mail("tom@acme.example", "Once"))
        self.ctl(NO_INPUT, "outbox", "retry", 1)
        self.assertEqual(self.desk.once().returncode, TEMPORARY)
        self.assertEqual(self.desk.ctl("outbox", "list")[0]["state"], "deferred")
        self.assertEqual(self.desk.ctl("outbox", "retry", 1)["state"], "queued")
        self.assertEqual(self.desk.ctl("outbox", "drop", 1)["id"], 1)
        self.ctl(NO_INPUT, "outbox", "drop", 1)
        self.assertEqual(self.desk.ctl("outbox"), [])

    def test_outbox_lists_what_is_not_sent_and_the_latest_of_what_is(self):
        for number in range(4):
            self.ingest(mails.mail(f"tom{number}@acme.example", f"Case {number}"))
        with contextlib.closing(sqlite3.connect(self.desk.store, isolation_level=None)) as store:
            store.execute("UPDATE outbox SET state = 'sent', next_attempt_at = NULL WHERE id <> 2")
        self.assertEqual([row["id"] for row in self.desk.ctl("outbox", "--limit", 1)], [2, 4])
        self.assertEqual([row["id"] for row in self.desk.ctl("outbox", "list", "--limit", 1)], [2, 4])
        self.assertEqual(len(self.desk.ctl("outbox", "list", "--all")), 4)
        self.assertIn("--all", self.desk.text("outbox", "--limit", 2))
        self.assertNotIn("--all", self.desk.text("outbox"))

    def test_daily_work(self):
        self.ingest(mails.mail("tom@acme.example", "Urgent: no dial tone"))
        self.assertIn("Ann Engineer", self.ctl(DATA, "assign", 1, "Bob").stderr)
        self.assertEqual(self.desk.ctl("assign", 1, "ann@desk.example")["assignee"], "Ann Engineer")
        self.desk.ctl("note", 1, "--message", "He sounded angry.")
        self.ctl(USAGE, "prioritize", 1, "higher")
        self.assertEqual(self.desk.ctl("prioritize", 1, "High", "--reason", "one phone only")["priority"], 7)
        self.assertEqual(self.desk.ctl("prioritize", 1, "normal", "--no-strike")["priority"], 5)
        self.ctl(DATA, "estimate", 1, "soon")
        self.assertIsNotNone(self.desk.ctl("estimate", 1, "2h")["estimate_at"])
        self.assertIsNotNone(self.desk.ctl("close", 1)["closed_at"])
        self.assertEqual(self.desk.ctl("list"), [])
        self.ctl(DATA, "take", 1)
        self.assertEqual(self.desk.ctl("reopen", 1)["status"], "open")
        self.ctl(DATA, "reopen", 1)
        shown = self.desk.ctl("show", 1)
        self.assertEqual([m["direction"] for m in shown["messages"]], ["in", "note", "out"])
        self.assertEqual([row["kind"] for row in self.desk.ctl("outbox") if row["to"] == ["tom@acme.example"]],
                         ["acknowledgement", "update"])
        kinds = [event["kind"] for event in shown["events"] if not event["kind"].startswith("staff_")]
        self.assertEqual(kinds[-4:], ["estimate_given", "response_given", "ticket_closed", "ticket_reopened"])

    def test_new_needs_no_text(self):
        self.assertEqual(self.desk.ctl("new", "--from", "tom@acme.example", "--subject", "No dial tone")["number"], 1)

    def test_what_mails_the_customer_says_so(self):
        new = ("new", "--subject", "No dial tone", "--from")
        self.assertIn("tom@acme.example is told that the request is on record.", self.desk.text(*new, "tom@acme.example"))
        self.assertIn("No acknowledgement: ", self.desk.text(*new, "tom@acme.example", "--channel", "sms"))
        for command in (("reply", "--message", "x"), ("estimate", "2h"), ("resolve",)):
            self.assertIn("to tom@acme.example waits until ticketd runs again.", self.desk.text(command[0], "1", *command[1:]))
        self.assertNotIn("tom@acme.example", self.desk.text("close", "1"))

    def test_status_of_a_desk_at_which_nothing_works(self):
        self.ingest(mails.with_attachment())
        told = "ticketd does not run: no mail is read and none is sent"
        self.assertIn(f"Needs a person:\n  {told}\n", self.ctl(PROBLEM, "status").stdout)
        status = self.desk.ctl("status", codes=(PROBLEM,))
        self.assertEqual((status["problems"][0], status["hindrances"]), (told, []))

    def test_originals(self):
        octets = mails.with_attachment()
        self.ingest(octets)
        self.desk.ctl("reply", 1, "--message", "We look at it.")
        incoming, answer = (next(m["id"] for m in self.desk.ctl("show", 1)["messages"] if m["direction"] == way) for way in ("in", "out"))
        self.assertEqual(self.desk.run("ticketctl", "--config", self.desk.configuration, "raw", "1", incoming).stdout.encode(), octets)
        self.assertIn("no original", self.ctl(NO_INPUT, "raw", 1, answer).stderr)
        self.assertIn("has no message 999", self.ctl(NO_INPUT, "raw", 1, 999).stderr)
        self.assertIn("has no attachment 999", self.ctl(NO_INPUT, "attachment", 1, 999).stderr)
        attachment = next(a["id"] for m in self.desk.ctl("show", 1)["messages"] for a in m["attachments"])
        target = self.folder / "saved"
        self.ctl(OK, "attachment", 1, attachment, "-o", target)
        self.assertEqual(target.read_text(), mails.ATTACHMENT)
        self.assertIn("File exists", self.ctl(DATA, "attachment", 1, attachment, "-o", target).stderr)
        self.assertIn("No such file", self.ctl(DATA, "attachment", 1, attachment, "-o", self.folder / "none" / "x").stderr)
        target.write_text("older and longer than that which comes, " * 9)
        self.ctl(OK, "attachment", 1, attachment, "-o", target, "--force")
        self.assertEqual(target.read_text(), mails.ATTACHMENT)
        link = self.folder / "link"
        link.symlink_to(target)
        for force in ((), ("--force",)):
            self.ctl(DATA, "attachment", 1, attachment, "-o", link, *force)
        self.assertTrue(link.is_symlink())

    def test_half_an_attachment_leaves_no_file(self):
        self.ingest(mails.with_attachment(text="x" * 200_000))
        attachment = next(a["id"] for m in self.desk.ctl("show", 1)["messages"] for a in m["attachments"])
        folder = self.folder / "saved"
        folder.mkdir()
        kept = folder / "kept"
        kept.write_text("what was there")

        def forbid_writing():  # as on a full disk, EFBIG instead of SIGXFSZ; the store's index of its log has room
            room = 100_000
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))

        program = [build_folder() / "ticketctl", "--config", self.desk.configuration, "attachment", "1", str(attachment)]
        for name, force in (("new", ()), ("kept", ("--force",))):
            done = subprocess.run([*program, "-o", folder / name, *force], preexec_fn=forbid_writing, capture_output=True, text=True)
            self.assertEqual(done.returncode, TEMPORARY, done.stderr)
            self.assertIn("could not be written whole", done.stderr)
        self.assertEqual([path.name for path in folder.iterdir()], ["kept"])
        self.assertEqual(kept.read_text(), "what was there")

    def test_show_has_what_was_newly_written(self):
        self.ingest(mails.mail("tom@acme.example", "No dial tone", "Still dead.\n\nOn 4 May 2020 10:31, Desk wrote:\n> Is it?\n"))
        message = self.desk.ctl("show", 1)["messages"][0]
        self.assertEqual(message["reply_text"], "Still dead.")
        self.assertIn("> Is it?", message["text"])

    def test_a_warning_about_a_sender_stands_once(self):
        def warnings():
            return [e["detail"] for e in self.desk.ctl("show", 1)["events"] if e["kind"] == "sender_warning"]

        elsewhere = {"headers": ("Reply-To: tom@evil.example",)}
        self.ingest(mails.mail("tom@acme.example", "No dial tone", **elsewhere))
        first = warnings()
        self.assertEqual(len(first), 1)
        for _ in range(2):
            again = self.ingest(mails.mail("tom@acme.example", "Re: [SUP-1] No dial tone", "Still.\n", **elsewhere))
            self.assertEqual((again["outcome"], again["ticket"]), ("follow_up", 1))
        self.assertEqual(warnings(), first)
        self.ingest(mails.mail("tom@acme.example", "Re: [SUP-1] No dial tone", "And?\n", headers=("Reply-To: tom@other.example",)))
        self.assertEqual(len(warnings()), 2)

    def test_a_blocked_sender_is_known_in_every_spelling(self):
        self.ingest(mails.mail("pest@xn--mnchen-3ya.example", "Buy"))
        self.desk.ctl("spam", 1)
        for sender in ('"Pest"@XN--mnchen-3ya.example', "pest@münchen.example"):
            self.assertIn("spam", self.desk.ctl("explain", stdin=mails.mail(sender, "Buy more"))["classes"], sender)
        self.assertEqual(self.desk.ctl("explain", stdin=mails.mail("pest+1@münchen.example", "Hello"))["classes"], [])

    def test_help_says_how_an_address_comes_on_a_list_and_off_it(self):
        for command, words in (("undeliverable", "undeliverable clear ADDRESS"), ("blocked", "ticketctl reopen N")):
            self.assertIn(words, self.ctl(OK, command, "--help").stdout)

    def test_explain_needs_no_store_and_leaves_none(self):
        result = self.desk.ctl("explain", stdin=mails.mail("Tom <tom@acme.example>", "High: what would happen?"))
        self.assertEqual((result["outcome"], result["priority"]), ("new_ticket", 7))
        self.assertTrue(result["acknowledgement"]["send"])
        self.assertTrue(result["reasons"])
        self.assertFalse(self.desk.store.exists())

    def test_explain_and_ingest_agree(self):
        for octets in (mails.mail(*mails.URGENT), mails.OUT_OF_OFFICE, mails.with_attachment(), mails.mail(*mails.SMS)):
            explained = self.desk.ctl("explain", stdin=octets)
            ingested = self.ingest(octets)
            for key in ("outcome", "priority", "channel", "classes", "acknowledgement", "requested_priority"):
                self.assertEqual(explained[key], ingested[key], key)

    def test_explain_sees_attachments_and_umlauts(self):
        result = self.desk.ctl("explain", stdin=mails.with_attachment())
        self.assertEqual(result["subject"], "Störung in Köln – hohe Verzögerung")
        self.assertEqual(result["attachments"][0]["name"], mails.ATTACHMENT_NAME)
        self.assertEqual(result["attachments"][0]["size"], len(mails.ATTACHMENT.encode()))

    def test_out_of_office(self):
        result = self.desk.ctl("explain", stdin=mails.OUT_OF_OFFICE)
        self.assertIn("auto_reply", result["classes"])
        self.assertFalse(result["acknowledgement"]["send"])

    def test_garbage_is_kept_and_never_answered(self):
        result = self.ingest(b"\x00\xff\xfe" * 100 + b"\r\n\r\nno header here")
        self.assertIn(result["outcome"], ("quarantined", "ignored", "new_ticket"))
        self.assertEqual(self.desk.ctl("outbox", "list"), [])

    def test_what_is_dropped_from_quarantine_leaves_a_trace(self):
        """It came through the pipe: there is no ledger row to say so."""
        self.assertEqual(self.ingest(b"\x01\x02 no header at all\r\n")["outcome"], "quarantined")
        number = self.desk.ctl("quarantine", "list")[0]["id"]
        told = self.desk.text("quarantine", "drop", number)
        self.assertIn("it came through the pipe", told)
        self.assertNotIn("ledger row stays", told)
        with contextlib.closing(sqlite3.connect(f"file:{self.desk.store}?mode=ro", uri=True)) as store:
            events = store.execute("SELECT kind, detail FROM events WHERE ticket IS NULL").fetchall()
        self.assertEqual([kind for kind, _ in events], ["dropped_from_quarantine"])
        self.assertRegex(events[0][1], r"Mail 1 of pipe, 21 octets: .* Dropped by ")


if __name__ == "__main__":
    require_desk()
    case.main()
