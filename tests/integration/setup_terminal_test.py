"""ticketctl setup at a terminal, against a real Dovecot and a scripted SMTP server."""
import getpass
import json
import os
import pathlib
import re
import shutil
import signal
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from support import case, mails
from support.case import build_folder
from support.desk import SUPPORT
from support.desk_case import require_desk
from support.setup_case import CONFIGURATION, DATA, OK, SetupCase
from support.smtp_server import HANG
from support.typist import Typist


class TerminalTest(SetupCase):
    PROMPTS = ("Support address", "Name that customers see", "Time zone", "Mail provider", "Log in by", "IMAP server", "TLS",
               "IMAP user", "IMAP password", "Folder", "Mails that are there", "SMTP server", "TLS", "SMTP user", "SMTP password",
               "First staff member: name", "First staff member: own", "First staff member: user", "First staff member: role",
               "First staff member: address", "Admins", "Where everything", "Show what", "Write this")  # as each question begins

    def start(self, *arguments, **size) -> Typist:
        environment = {"PATH": os.environ["PATH"], "HOME": str(self.folder), "TZ": "Europe/Vienna"}
        typist = Typist([str(build_folder() / "ticketctl"), "--config", str(self.file), "setup", *arguments], environment, **size)
        self.addCleanup(typist.close)
        return typist

    def typed(self) -> list[str]:
        """What is typed to each prompt; empty: Enter."""
        return [SUPPORT, "", "", "", "", f"127.0.0.1:{self.dovecot.imap_port}", "none", "", "secret", "", "",
                f"127.0.0.1:{self.smtp.port}", "none", "", "", "Ann Engineer", "ann@desk.example", getpass.getuser(), "", "", "", "", "", ""]

    def test_whole_dialogue(self):
        self.write(mails.mail("Tom <tom@acme.example>", "Urgent: old mail"))
        typist = self.start()
        for prompt, text in zip(self.PROMPTS, self.typed()):
            typist.answer(prompt, text)
        self.assertEqual(typist.end(), OK, typist.screen)
        self.assertNotIn("secret", typist.screen)
        self.assertIn("[Europe/Vienna]", typist.screen)
        self.assertIn("INBOX holds one mail", typist.screen)
        self.assertRegex(typist.screen, r"(?m)^Urgent +yes +Urgent: old mail +Tom <tom@acme\.example>$")
        self.assertIn(f"--config '{self.file}' preview` shows the reasons", typist.screen)
        self.assertIn(f"'{build_folder().resolve() / 'ticketd'}' --config '{self.file}'", typist.screen, "PATH leads to none, or to another")
        for key in ("trust.authserv_id", "support.subject_tag", "page.repeat"):
            self.assertIn(key, typist.screen.split("Next:")[1])
        self.assertTrue(typist.echoes())
        desk = self.written_desk()
        desk.start()
        self.write(mails.mail("Tess <tess@acme.example>", "After setup"))
        desk.wait_ticket("After setup")

    def screen_of(self, columns: int) -> str:
        """Of all questions, with nothing written."""
        typist = self.start(columns=columns)
        for prompt, text in list(zip(self.PROMPTS, self.typed()))[:-1]:
            typist.answer(prompt, text)
        typist.answer("Write this", "yes")
        self.assertEqual(typist.end(), OK, typist.screen)
        return typist.screen

    def test_on_80_columns_no_word_is_cut(self):
        """The configuration that is shown has its own lines, and so have commands, which are to be copied."""
        self.write(mails.mail("Thomas Longname <tom@acme.example>", "Urgent: " + "no dial tone in any of our offices, " * 5))
        narrow = self.screen_of(80)
        shutil.rmtree(self.place)
        wide = self.screen_of(400)
        shown, rest = narrow.split("# Written by")
        said = shown + rest[rest.index("Write this"):]
        self.assertIn(wide[wide.index("# Written by"):wide.index("Write this")], narrow)
        commands = re.search(r"Next:\n((?:  .*\n)+)", wide).group(1)
        self.assertIn(commands, said)
        for line in re.sub(r"(?m)^(.*: )\S.*\.\d+:\d+$", r"\1", said.replace(commands, "")).splitlines():
            if len(line.split()) > 1 and not line.startswith("`"):
                self.assertLessEqual(len(line.rstrip()), 80, said)
        preview = re.compile(r"(?m)^Becomes.*\nUrgent .*\n")
        self.assertEqual(preview.sub("", said).split(), preview.sub("", wide[:wide.index("# Written by")] +
                                                                    wide[wide.index("Write this"):]).split())
        self.assertGreater(max(len(line) for line in wide.splitlines()), 110)

    def test_nothing_is_blank_twice(self):
        typist = self.start()
        for prompt, text in list(zip(self.PROMPTS, self.typed()))[:2]:
            typist.answer(prompt, text)
        typist.wait_for("Time zone")
        self.assertNotIn("\n\n\n", typist.screen)

    def test_without_the_authority_the_login_is_not_asked_again(self):
        typist = self.start()
        for prompt, text in list(zip(self.PROMPTS, self.typed()))[:5]:
            typist.answer(prompt, text)
        typist.answer("IMAP server", self.dovecot.url("imaps"))
        typist.answer("IMAP user")
        typist.answer("IMAP password", "secret")
        typist.wait_for("does not work: .*certificate")
        typist.answer("Correct it")
        typist.answer("File with the authority")
        typist.wait_for("this server can't be believed")
        typist.answer("Correct what else", "correct")
        typist.answer("IMAP server", f"127.0.0.1:{self.dovecot.imap_port}")
        typist.answer("TLS", "none")
        typist.answer("Folder to read")
        self.assertEqual((typist.screen.count("IMAP user ["), typist.screen.count("IMAP password (")), (1, 1), typist.screen)

    def test_wrong_first_then_right(self):
        """Server, password, certificate, an address that is none, a relay that refuses."""
        typist = self.start()
        typist.answer("Support address", "support")
        typist.wait_for("can't be used")
        typist.answer("Support address", SUPPORT)
        for prompt in self.PROMPTS[1:5]:
            typist.answer(prompt)
        typist.answer("IMAP server", f"imaps://127.0.0.1:{case.free_port()}")
        typist.answer("IMAP user")
        typist.answer("IMAP password", "wrong")
        typist.wait_for("does not work: imaps://127")
        typist.answer("Correct it")
        typist.answer("IMAP server", self.dovecot.url("imaps"))
        typist.answer("IMAP user")
        typist.answer("IMAP password", "wrong")
        typist.wait_for("does not work: .*certificate")
        typist.answer("Correct it")
        typist.answer("File with the authority", "/nowhere")
        typist.answer("File with the authority", str(self.dovecot.ca_file))
        typist.wait_for("does not work: .*login was refused")
        typist.answer("Correct it")
        typist.answer("IMAP user")
        typist.answer("IMAP password", "secret")
        typist.wait_for("Folder to read")
        typist.type("\n")
        typist.answer("SMTP server", f"127.0.0.1:{self.smtp.port}")
        typist.answer("TLS", "none")
        typist.answer("SMTP user", "desk")
        typist.answer("SMTP password", "wrong")
        typist.wait_for("does not work: .*535")
        typist.answer("Correct it")
        typist.answer("SMTP user")
        typist.wait_for(r"SMTP password \(not shown\) \[the same as before\]: ")
        typist.type("secret\n")
        for prompt, text in list(zip(self.PROMPTS, self.typed()))[15:22]:
            typist.answer(prompt, text)
        typist.answer("Write this", "no")
        self.assertEqual(typist.end(), DATA)
        self.assertEqual(self.left(), [])
        self.assertNotIn("secret", typist.screen)
        self.assertNotIn("wrong\n", typist.screen.replace("5.7.8 wrong", ""))

    def test_what_does_not_work_can_be_kept_and_is_told_at_the_end(self):
        typist = self.start()
        nowhere = f"127.0.0.1:{case.free_port()}"
        typed = list(zip(self.PROMPTS, self.typed()))
        for prompt, text in typed[:5]:
            typist.answer(prompt, text)
        for server, login in (("IMAP server", typed[6:9]), ("SMTP server", typed[12:15])):
            typist.answer(server, nowhere)
            for prompt, text in login:
                typist.answer(prompt, text)
            typist.answer("Correct it", "keep")
            if server == "IMAP server":
                typist.answer("Mails that are there")
        for prompt, text in typed[15:22]:
            typist.answer(prompt, text)
        typist.answer("Write this", "yes")
        self.assertEqual(typist.end(), OK, typist.screen)
        self.assertIn("Whether INBOX holds mails already is not known.", typist.screen)
        end = typist.screen.split("Next:")[1]
        for what in ("ticketctl' --config", "probe", "The login to the IMAP server.", "The login to the SMTP server."):
            self.assertIn(what, end)

    def test_interrupted_at_each_question(self):
        self.write(mails.mail("Tom <tom@acme.example>", "Old mail"))
        for last in range(len(self.PROMPTS)):
            with self.subTest(self.PROMPTS[last], number=last):
                typist = self.start()
                for prompt, text in list(zip(self.PROMPTS, self.typed()))[:last]:
                    typist.answer(prompt, text)
                typist.wait_for(r"(?m)^" + self.PROMPTS[last])
                typist.wait_for(": ")
                typist.type("\x03")
                self.assertEqual(typist.end(), -signal.SIGINT, typist.screen)
                self.assertIn("Nothing was written", typist.screen)
                self.assertTrue(typist.echoes())
                self.assertEqual(self.left(), [])

    def test_interrupted_while_a_server_is_silent(self):
        self.smtp.plan = lambda step: HANG
        typist = self.start()
        for prompt, text in list(zip(self.PROMPTS, self.typed()))[:10]:
            typist.answer(prompt, text)
        for prompt, text in list(zip(self.PROMPTS, self.typed()))[11:15]:
            typist.answer(prompt, text)
        typist.wait_for("Trying smtp:")
        typist.type("\x03")
        self.assertEqual(typist.end(10), -signal.SIGINT, typist.screen)
        self.assertEqual(self.left(), [])

    def test_json_at_a_terminal(self):
        """What is asked goes to standard error, so that standard output is the result alone."""
        result = self.folder / "result.json"
        script = 'exec "$@" > ' + str(result)
        command = [str(build_folder() / "ticketctl"), "--config", str(self.file), "setup", "--json"]
        typist = Typist(["/bin/sh", "-c", script, "sh", *command], {"PATH": os.environ["PATH"]})
        self.addCleanup(typist.close)
        asked = list(zip(self.PROMPTS, self.typed()))
        for prompt, text in asked[:10] + asked[11:22] + asked[23:]:
            typist.answer(prompt, text)
        self.assertEqual(typist.end(), OK, typist.screen)
        self.assertEqual(json.loads(result.read_text())["files"][-1], {"path": str(self.file), "backup": None, "changed": True})

    def test_again(self):
        """Enter takes what the configuration says, what is not asked for stays, and so do files of secrets as they are."""
        self.write(mails.mail("Tom <tom@acme.example>", "Old mail"))
        self.run_setup(OK, backlog="silent", staff_page="1555@sms.example.net")
        with self.file.open("a") as file:
            file.write('\n[office_hours]\nweekly = ["mon-thu 08:00-16:00"]\n')
        old = self.file.read_text()
        password = self.place / "credentials" / "imap-password"
        password.chmod(0o640)
        typist = self.start()
        typist.answer("Replace it", "yes")
        for prompt in self.PROMPTS:
            typist.answer(prompt, "New Name" if prompt == "Name that customers see" else "")
        self.assertEqual(typist.end(), OK, typist.screen)
        self.assertNotIn("secret", typist.screen)
        new = self.file.read_text()
        self.assertEqual([line for line in new.splitlines() if line not in old.splitlines()], ['name = "New Name"'])
        self.assertEqual(len(new.splitlines()), len(old.splitlines()))
        self.assertEqual((self.place / "ticketd.toml.bak").read_text(), old)
        self.assertEqual((password.read_text(), self.mode(password)), ("secret\n", 0o640))

    def test_again_beside_a_store_that_has_begun(self):
        """What is there is in the ledger, and so nothing is asked or said of it."""
        self.write(mails.mail("Tom <tom@acme.example>", "Old mail"))
        self.run_setup(OK)
        desk = self.written_desk()
        desk.start()
        case.wait_for(lambda: desk.ctl("ledger")["entries"], "the old mail is in the ledger")
        desk.stop()
        typist = self.start("--force")
        for prompt in self.PROMPTS:
            if prompt != "Mails that are there":
                typist.answer(prompt)
        self.assertEqual(typist.end(), OK, typist.screen)
        self.assertNotIn("Mails that are there already", typist.screen)
        self.assertNotIn("before ticketd starts", typist.screen)

    def test_again_with_names_that_another_mailbox_has(self):
        """The second mailbox reads the file that setup would choose."""
        self.run_setup(OK)
        folder = self.place / "credentials"
        (folder / "imap-password").rename(folder / "support-password")
        self.file.write_text(self.file.read_text().replace("imap-password", "support-password") +
                             '\n[[mailbox]]\nname = "sales"\nurl = "imaps://sales.invalid"\nuser = "sales"\n'
                             f'password_file = "{folder}/imap-password"\n')
        (folder / "imap-password").write_text("of sales\n")
        (folder / "imap-password").chmod(0o600)
        typist = self.start("--force")
        for prompt in self.PROMPTS:
            if prompt not in ("Mails that are there", "Show what"):
                typist.answer(prompt)
        self.assertEqual(typist.end(), OK, typist.screen)
        self.assertEqual({file.name: file.read_text() for file in folder.iterdir()},
                         {"imap-password": "of sales\n", "support-password": "secret\n"})
        self.assertEqual(self.file.read_text().count(f'password_file = "{folder}/support-password"'), 2)

    def test_preview_says_what_backlog_makes_of_it(self):
        self.write(mails.mail("Tom <tom@acme.example>", "Urgent: old mail"))
        for backlog, words in (("ignore", "they stay as they are"), ("silent", "they become tickets, and nobody is"),
                               ("normal", "customers are answered")):
            with self.subTest(backlog):
                typist = self.start()
                for prompt, text in list(zip(self.PROMPTS, self.typed()))[:-1]:
                    typist.answer(prompt, backlog if prompt == "Mails that are there" else text)
                typist.answer("Write this", "no")
                self.assertEqual(typist.end(), DATA)
                self.assertIn(words, typist.screen)

    def test_what_is_wrong_beside_it_is_told_before_the_first_question(self):
        (self.place / "conf.d").mkdir(parents=True)
        (self.place / "conf.d" / "10.toml").write_text("[support]\nnonsense = 1\n")
        typist = self.start()
        self.assertEqual(typist.end(), CONFIGURATION)
        self.assertRegex(typist.screen, r"10\.toml:2:1: ")
        self.assertNotIn("Support address", typist.screen)

    def test_a_configuration_with_errors_is_not_thrown_away(self):
        self.place.mkdir(parents=True)
        self.file.write_text("[support]\naddress = 1\n")
        typist = self.start()
        typist.answer("Replace it", "yes")
        self.assertEqual(typist.end(), CONFIGURATION)
        self.assertRegex(typist.screen, r"ticketd\.toml:2:11: support\.address: ")
        self.assertIn("move the file away to begin anew", typist.screen)
        self.assertEqual(self.left(), ["desk", "desk/ticketd.toml"])

    def answer_all_but_the_last(self) -> Typist:
        """Beside a configuration that there is, with another name and another password."""
        self.run_setup(OK)
        typist = self.start("--force", "--no-probe")
        for prompt in self.PROMPTS[:-1]:
            if prompt not in ("Folder", "Show what"):
                typist.answer(prompt, {"Name that customers see": "New Name", "IMAP password": "other"}.get(prompt, ""))
        return typist

    def check_kept_beside(self) -> None:
        new = (self.place / "ticketd.toml.new").read_text()
        self.assertIn('name = "New Name"', new)
        self.assertEqual((self.place / "credentials" / "imap-password-2").read_text(), "other\n")
        self.assertIn("/imap-password-2", new)

    def change(self) -> str:
        with self.file.open("a") as file:
            file.write('\n[trust]\nauthserv_id = "mx.acme.example"\n')
        return self.file.read_text()

    def test_a_configuration_that_changes_meanwhile_stays(self):
        typist = self.answer_all_but_the_last()
        changed = self.change()
        typist.answer("Write this")
        self.assertEqual(typist.end(), DATA, typist.screen)
        self.assertIn("was changed meanwhile, and stays as it is", typist.screen)
        self.assertIn("compare the two, and rename it", typist.screen)
        self.assertEqual(self.file.read_text(), changed)
        self.check_kept_beside()

    def test_a_configuration_that_is_removed_meanwhile_is_not_made_again(self):
        typist = self.answer_all_but_the_last()
        self.file.unlink()
        typist.answer("Write this")
        self.assertEqual(typist.end(), DATA, typist.screen)
        self.assertIn("was removed meanwhile, and is not made again", typist.screen)
        self.assertNotIn("compare", typist.screen)
        self.assertFalse(self.file.exists())
        self.check_kept_beside()

    def test_where_answers_would_be_kept_there_is_no_file(self):
        new = self.place / "ticketd.toml.new"
        typist = self.answer_all_but_the_last()
        before = self.left()
        new.mkdir()
        changed = self.change()
        typist.answer("Write this")
        self.assertEqual(typist.end(), DATA, typist.screen)
        self.assertIn("was changed meanwhile, and what you have answered could not be kept beside it: ", typist.screen)
        self.assertIn("ticketd.toml.new: a folder is in its place", typist.screen)
        self.assertEqual((self.left(), self.file.read_text()), (sorted([*before, "desk/ticketd.toml.new"]), changed))

    def test_existing_configuration(self):
        self.run_setup(OK)
        old = self.file.read_text()
        typist = self.start()
        typist.answer("Replace it")
        self.assertEqual(typist.end(), DATA)
        self.assertTrue(typist.screen.endswith(f"\nNothing is changed: {self.file} stays as it is.\n"), typist.screen)
        self.assertNotIn("ticketctl:", typist.screen)
        self.assertEqual(self.file.read_text(), old)
        self.assertNotIn("Support address", typist.screen)

    def test_what_set_nothing_is_no_old_configuration(self):
        """As the package brings one; it is kept all the same."""
        self.place.mkdir(parents=True)
        self.file.write_text("# nothing yet\n")
        typist = self.start("--no-probe")
        for prompt, text in list(zip(self.PROMPTS, self.typed())):
            if prompt not in ("Folder", "Show what"):
                typist.answer(prompt, text)
        self.assertEqual(typist.end(), OK, typist.screen)
        self.assertNotIn("the old one", typist.screen)
        self.assertTrue((self.place / "ticketd.toml.bak").exists())

    def test_end_of_input(self):
        typist = self.start()
        typist.wait_for("Support address: ")
        typist.type("\x04")
        self.assertEqual(typist.end(), DATA)
        self.assertIn("Support address: \nticketctl: there is no answer any more", typist.screen)
        self.assertEqual(self.left(), [])


if __name__ == "__main__":
    require_desk()
    case.main()
