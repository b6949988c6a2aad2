"""What ticketctl tells whoever works with it: help, messages, what a command did, and questions at a terminal."""
import os
import pathlib
import shutil
import sqlite3
import subprocess
import sys
import unittest
from contextlib import closing

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from support import case, mails
from support.case import build_folder
from support.command_case import CONFIGURATION, DATA, NO_INPUT, OK, USAGE, CommandLineTest
from support.desk_case import require_desk
from support.typist import Typist


class HelpTest(CommandLineTest):
    def test_help_is_a_command_too(self):
        overview = self.assert_exit(OK, "ticketctl", "help").stdout
        self.assertEqual(overview, self.assert_exit(OK, "ticketctl", "--help").stdout)
        self.assertEqual(self.assert_exit(OK, "ticketctl", "help", "resolve").stdout,
                         self.assert_exit(OK, "ticketctl", "resolve", "--help").stdout)
        self.assertIn("TITLE", self.assert_exit(OK, "ticketctl", "help", "incident", "open").stdout)
        self.assertIn("'bogus' is no command of ticketctl", self.assert_exit(USAGE, "ticketctl", "help", "bogus").stderr)
        bare = self.assert_exit(USAGE, "ticketctl")
        self.assertEqual(bare.stdout, "")
        self.assertEqual(bare.stderr, "ticketctl: a command is required\n\n" + overview)

    def test_messages_begin_with_the_program(self):
        self.ingest(mails.mail("a@a.example", "x"))
        for done, said in ((self.assert_exit(USAGE, "ticketd", "--nonsense"), "ticketd: "),
                           (self.ctl(USAGE, "show"), "ticketctl: "),
                           (self.ctl(DATA, "reopen", 1), "ticketctl: ticket #1 is new; only a resolved or closed one can be reopened\n"),
                           (self.ctl(NO_INPUT, "show", 9), "ticketctl: there is no ticket #9\n")):
            self.assertTrue(done.stderr.startswith(said), done.stderr)

    def test_without_a_configuration_it_says_how_to_get_one(self):
        file = self.desk.configuration
        file.unlink()
        self.assertEqual(self.ctl(CONFIGURATION, "list").stderr,
                         f"ticketctl: {file} does not exist; to write a first one: ticketctl --config '{file}' setup\n")
        system = pathlib.Path("/etc/ticketd/ticketd.toml")
        if not system.exists():
            self.assertEqual(self.assert_exit(CONFIGURATION, "ticketctl", "list").stderr,
                             f"ticketctl: {system} does not exist; to write a first one, as root: ticketctl setup\n")

    @unittest.skipIf(os.geteuid() != 0, "root's rights are needed to become another user")
    def test_who_may_not_see_the_secrets_is_told_who_may(self):
        """Whoever works the desk is in the group, which the passwords are kept from."""
        for folder in (self.folder, self.desk.folder):
            folder.chmod(0o755)
        self.desk.configuration.chmod(0o644)
        program = shutil.copy(build_folder() / "ticketctl", self.folder)  # the checkout may lie where nobody may look
        for command in ("probe", "preview"):
            done = subprocess.run([program, "--config", str(self.desk.configuration), command], capture_output=True, text=True,
                                  timeout=60, user="nobody", env=self.desk.environment())
            self.assertIn("imap-password: Permission denied (run it as root)", done.stdout + done.stderr)


class DeedsTest(CommandLineTest):
    def test_what_a_command_did_is_told(self):
        self.desk.sections["organization"] = [{"name": "Acme", "domains": ["acme.example"]}]
        self.desk.sections["support"]["time_zone"] = "Europe/Berlin"
        self.desk.write()
        for number in range(1, 6):
            self.ingest(mails.mail(f"tom{number}@acme.example", f"Urgent: no dial tone {number}"))
        self.assertIn("A strike against Acme: Urgent had been claimed. That makes 1 strike within 30 days",
                      self.desk.text("prioritize", "1", "normal"))
        spared = self.desk.text("prioritize", "2", "normal", "--no-strike")
        self.assertIn("No strike against Acme", spared)
        self.assertNotIn("A strike", spared)
        self.assertRegex(self.desk.text("estimate", "3", "2031-05-04 14:30"), r"Expected to be resolved by 2031-05-04 14:30 \(Europe/Berlin\)")
        merged = self.desk.text("merge", "3", "4")
        for words in ("Ticket #3 merged into this one", "Merged into ticket #4", "Nobody is mailed because of it."):
            self.assertIn(words, merged)
        spam = self.desk.text("spam", "5")
        for words in ("#5 is closed", "Further mail of tom5@acme.example counts as spam", "Nobody is mailed because of it."):
            self.assertIn(words, spam)

    def at_terminal(self, *arguments) -> Typist:
        typist = Typist([str(build_folder() / "ticketctl"), "--config", str(self.desk.configuration), *arguments],
                        self.desk.environment())
        self.addCleanup(typist.close)
        return typist

    def test_at_a_terminal_resolve_asks_before_it_mails_words_that_nobody_wrote(self):
        self.ingest(mails.mail("tom@acme.example", "No dial tone"))
        for answer, code, status in (("", DATA, "new"), ("no", DATA, "new"), ("Y", OK, "resolved")):
            typist = self.at_terminal("resolve", "1")
            typist.wait_for(r"tom@acme.example gets a mail.*\n?.*Send it\? \(yes or no\) ")
            typist.type(answer + "\n")
            self.assertEqual(typist.end(), code, typist.screen)
            self.assertEqual(self.desk.ctl("show", 1)["status"], status)
        self.desk.ctl("reopen", 1)
        for way in (("--yes",), ("--message", "Mended.")):
            self.assertEqual(self.at_terminal("resolve", "1", *way).end(), OK)
            self.desk.ctl("reopen", 1)

    def question_about(self, number: int) -> str:
        """Of `resolve`, which is told no."""
        typist = self.at_terminal("resolve", str(number))
        typist.wait_for(r"Send it\? \(yes or no\) ")
        typist.type("no\n")
        self.assertEqual(typist.end(), DATA, typist.screen)
        return " ".join(typist.screen.split())

    def test_the_question_of_resolve_names_whom_the_mail_goes_to(self):
        for subject, to in (("Alone", mails.SUPPORT),
                            ("Together", f"{mails.SUPPORT}, ann@acme.example, bob@acme.example")):
            self.ingest(mails.mail("tom@acme.example", subject, to=to))
        asked = "tom@acme.example gets a mail, in the desk's own words, that it is resolved, and is asked to test"
        self.assertIn(asked + ". Words of yours", self.question_about(1))
        self.assertIn(asked + "; so do ann@acme.example, bob@acme.example. Words", self.question_about(2))
        self.desk.sections["support"]["copy_participants"] = False
        self.desk.write()
        self.assertIn(asked + ". Words of yours", self.question_about(2))

    def test_resolve_does_not_ask_where_no_mail_leaves(self):
        self.ingest(mails.mail("tom@acme.example", "No dial tone"))
        with closing(sqlite3.connect(self.desk.store)) as store, store:
            store.execute("INSERT INTO undeliverable (address, since_at, reason, outbox) "
                          "SELECT 'tom@acme.example', changed_at, 'no such mailbox', id FROM outbox LIMIT 1")
        typist = self.at_terminal("resolve", "1")
        self.assertEqual(typist.end(), OK, typist.screen)
        self.assertNotIn("gets a mail", typist.screen)
        self.assertIn("nothing is sent to tom@acme.example", typist.screen)

    def test_erase_takes_the_shortest_yes(self):
        self.ingest(mails.mail("tom@acme.example", "No dial tone"))
        typist = self.at_terminal("erase", "tom@acme.example")
        typist.wait_for(r"Would be erased: 1 ticket, 1 message, 1 original, (.|\n)*Erase it for good\? \(yes or no\) ")
        typist.type("y\n")
        self.assertEqual(typist.end(), OK, typist.screen)
        self.assertIn("Erased: 1 ticket", typist.screen)


if __name__ == "__main__":
    require_desk()
    case.main()
