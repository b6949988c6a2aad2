"""ticketctl setup with answers from a file, and preview, against a real Dovecot and a scripted SMTP server."""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from support import case, mails
from support.case import build_folder
from support.desk import SUPPORT, toml_value
from support.desk_case import require_desk
from support.setup_case import CONFIGURATION, DATA, NO_INPUT, NOT_PERMITTED, OK, TEMPORARY, UNAVAILABLE, USAGE, SetupCase
from support.smtp_server import SmtpServer


class AnswersTest(SetupCase):
    def test_from_answers_to_the_first_ticket(self):
        self.write(mails.mail("Tom <tom@acme.example>", "Old mail"))
        before = self.dovecot.mails(SUPPORT)
        done = self.run_setup(OK, "--json")
        result = json.loads(done.stdout)
        self.assertEqual([pathlib.Path(file["path"]).name for file in result["files"]], ["imap-password", "ticketd.toml"])
        self.assertEqual(self.left(), ["desk", "desk/credentials", "desk/credentials/imap-password", "desk/ticketd.toml"])
        self.assertEqual(self.mode(self.place / "credentials"), 0o700)
        self.assertEqual(self.mode(self.place / "credentials" / "imap-password"), 0o600)
        self.assertEqual((self.place / "credentials" / "imap-password").read_text(), "secret\n")
        self.assertNotIn("secret", self.file.read_text())
        self.assertEqual(self.dovecot.mails(SUPPORT), before, "the mailbox was only read")
        self.assertEqual(self.smtp.mails, [])
        desk = self.written_desk()
        check = desk.run("ticketd", "--config", self.file, "--check")
        self.assertEqual((check.returncode, "warning" in check.stdout), (OK, False), check.stdout)
        self.assertEqual([probe["ok"] for probe in desk.ctl("probe")], [True, True])
        desk.start()
        self.write(mails.mail("Tess <tess@acme.example>", "Urgent: first real ticket"))
        ticket = desk.wait_ticket("first real ticket")
        self.assertEqual((ticket["category"], len(desk.tickets())), ("Urgent", 1))
        self.wait_mail("tess@acme.example")

    def test_what_fails_leaves_nothing(self):
        for name, code, changed, words in (
                ("wrong password", UNAVAILABLE, {"imap_password": "wrong"}, "login was refused"),
                ("nobody listens", TEMPORARY, {"imap_server": f"127.0.0.1:{case.free_port()}"}, "IMAP server does not work"),
                ("no such folder", UNAVAILABLE, {"folder": "Nowhere"}, "Nowhere"),
                ("relay refuses", UNAVAILABLE, {"smtp_password": "wrong"}, "535 5.7.8"),
                ("TLS is not believed", UNAVAILABLE, {"imap_server": self.dovecot.url("imaps")}, "certificate"),
                ("an answer is missing", DATA, {"staff_email": None}, "'staff_email' is missing"),
                ("a guess is no answer", DATA, {"imap_server": None}, "'imap_server' is missing"),
                ("an answer is wrong", DATA, {"time_zone": "Mars"}, "standard input:3:13: time_zone"),
                ("a key is unknown", DATA, {"imap_pasword": "x"}, "do you mean 'imap_password'"),
                ("a user name that is none", DATA, {"staff_login": "Ann Engineer"}, "staff_login: a user name is one word"),
                ("no authority is named", UNAVAILABLE, {"imap_server": self.dovecot.url("imaps")}, 'imap_ca_file = "'),
                ("a password for Microsoft 365", DATA, {"provider": "microsoft365", "login": "password"}, "login: "),
                ("staff with the desk's address", DATA, {"staff_email": SUPPORT}, "desk's own address")):
            with self.subTest(name):
                done = self.run_setup(code, **changed)
                self.assertIn(words, done.stderr)
                self.assertEqual(self.left(), [])

    def test_without_probe_nothing_is_asked_of_the_servers(self):
        self.run_setup(OK, "--no-probe", imap_server="imap.nowhere.invalid", imap_tls=None, backlog="silent")
        self.assertIn('backlog = "silent"', self.file.read_text())
        self.assertEqual(self.smtp.steps, [])

    def test_a_machine_that_is_set_to_utc_is_told(self):
        """Where the answers name no zone."""
        os.environ["TZ"] = "Etc/UTC"
        self.addCleanup(os.environ.pop, "TZ")
        for zone, is_told in ((None, True), ("UTC", False), ("Europe/Berlin", False)):
            with self.subTest(zone):
                done = self.run_setup(OK, "--no-probe", "--force", time_zone=zone)
                self.assertEqual(done.stdout.count("\nThis machine is set to UTC, and so is the desk: "), int(is_told))

    def test_calls_that_go_nowhere_else(self):
        self.run_setup(OK, "--no-probe", staff_page=[])
        self.assertNotIn("page =", self.file.read_text())

    def test_an_answer_without_effect_is_told(self):
        done = self.run_setup(OK, "--no-probe", smtp_user="none", smtp_password="secret")
        self.assertRegex(done.stderr, r"standard input:\d+:\d+: 'smtp_password' was not needed")

    def test_tls_with_an_authority_of_ones_own(self):
        tls = self.dovecot.folder / "tls"
        relay = self.enter(SmtpServer(tls=(tls / "server.pem", tls / "server.key"), implicit_tls=True))
        self.run_setup(OK, imap_server=self.dovecot.url("imaps"), smtp_server=relay.url, imap_ca_file=str(self.dovecot.ca_file))
        self.assertEqual([probe["ok"] for probe in self.written_desk().ctl("probe")], [True, True])

    def test_a_port_that_tells_nothing(self):
        """TLS from the start is tried first; what begins in plain text changes to TLS."""
        authority = str(self.dovecot.ca_file)
        tls_port = self.dovecot.url("imaps").rpartition(":")[2]
        for name, port, scheme in (("TLS from the start", tls_port, "imaps"), ("plain text first", self.dovecot.imap_port, "imap")):
            with self.subTest(name):
                done = self.run_setup(OK, "--force", imap_server=f"127.0.0.1:{port}", imap_tls=None, imap_ca_file=authority)
                self.assertIn(f'url = "{scheme}://127.0.0.1:{port}"', self.file.read_text())
                self.assertEqual(f"Trying imap://127.0.0.1:{port}" in done.stderr, scheme == "imap")

    def test_existing_configuration(self):
        self.run_setup(OK)
        old = self.file.read_text()
        done = self.run_setup(DATA, name="Other")
        self.assertIn("--force", done.stderr)
        self.assertEqual(self.file.read_text(), old)
        done = self.run_setup(OK, "--force", name="Other")
        self.assertIn(f"{self.file} (the old one: {self.file}.bak)", done.stdout)
        self.assertIn("Other", self.file.read_text())
        self.assertEqual((self.place / "ticketd.toml.bak").read_text(), old)
        self.assertEqual([name for name in self.left() if "password" in name], ["desk/credentials/imap-password"])

    def test_server_that_keeps_all_folders_below_inbox(self):
        configuration = self.dovecot.configuration.read_text()
        self.dovecot.configuration.write_text(configuration.replace("separator = /", "separator = .\n  prefix = INBOX."))
        self.dovecot.restart()
        self.run_setup(OK)
        desk = self.written_desk()
        desk.start()
        self.write(mails.mail("Tess <tess@acme.example>", "To be moved"))
        desk.wait_ticket("To be moved")
        case.wait_for(lambda: self.dovecot.count(SUPPORT, "INBOX.Processed") == 1, "it is moved")

    def test_a_file_of_comments_is_no_configuration(self):
        """As the package brings one."""
        self.place.mkdir(parents=True)
        self.file.write_text("# nothing yet\n")
        self.run_setup(OK)
        self.assertEqual((self.place / "ticketd.toml.bak").read_text(), "# nothing yet\n")

    def test_conf_d_counts(self):
        (self.place / "conf.d").mkdir(parents=True)
        (self.place / "conf.d" / "10.toml").write_text("[support]\nnonsense = 1\n")
        before = self.left()
        done = self.run_setup(CONFIGURATION)
        self.assertRegex(done.stderr, r"10\.toml:2:1: ")
        self.assertEqual(self.left(), before)

    def test_what_stands_in_conf_d_is_not_asked_for(self):
        """It would win over the answers, and they would go to another server than the one that was tried."""
        (self.place / "conf.d").mkdir(parents=True)
        (self.place / "conf.d" / "10.toml").write_text('[smtp]\nurl = "smtp://other.invalid"\n')
        before = self.left()
        done = self.run_setup(CONFIGURATION)
        self.assertRegex(done.stderr, r"10\.toml:2:7: smtp\.url: ")
        self.assertEqual((self.left(), self.smtp.steps), (before, []))

    def test_a_second_configuration_in_the_folder(self):
        self.run_setup(OK)
        done = self.run_setup(OK, "--no-probe", "--json", file=self.place / "second.toml", imap_password="other")
        folder = self.place / "credentials"
        self.assertEqual((folder / "imap-password").read_text(), "secret\n")
        self.assertEqual((folder / "imap-password-2").read_text(), "other\n")
        self.assertIn(f'password_file = "{folder}/imap-password-2"', (self.place / "second.toml").read_text())
        self.assertEqual(json.loads(done.stdout)["files"][0]["backup"], None)

    def test_with_other_answers_the_secrets_of_before_stay(self):
        """A daemon that runs with the old configuration reads them at its next login."""
        self.run_setup(OK)
        (self.place / "credentials" / "imap-password").chmod(0o640)
        self.run_setup(OK, "--force", "--no-probe", imap_password="other")
        folder = self.place / "credentials"
        self.assertEqual({file.name: file.read_text() for file in folder.iterdir()},
                         {"imap-password": "secret\n", "imap-password-2": "other\n"})
        self.assertEqual(self.mode(folder / "imap-password"), 0o640)
        self.assertEqual((self.place / "ticketd.toml.bak").read_text().count(f'"{folder}/imap-password"'), 2)

    def test_a_link_stays_one(self):
        real = self.folder / "real.toml"
        real.write_text("# nothing yet\n")
        self.place.mkdir(parents=True)
        self.file.symlink_to(real)
        self.run_setup(OK)
        self.assertTrue(self.file.is_symlink())
        self.assertIn("[[mailbox]]", real.read_text())

    def test_what_can_not_be_written_is_told_before_a_server_is_tried(self):
        if os.geteuid() != 0:
            self.skipTest("only root can try it as somebody else")
        base = pathlib.Path(tempfile.mkdtemp(dir="/tmp"))
        self.addCleanup(shutil.rmtree, base)
        base.chmod(0o755)
        for name, code, words in (
                ("a configuration of root", NOT_PERMITTED, "it belongs to somebody else"),
                ("one that is closed", NOT_PERMITTED, "can't be read: Permission denied"),
                ("credentials of root", NOT_PERMITTED, "credentials: you may not write there; run it as root"),
                ("credentials that are no folder", DATA, "credentials: it is no folder"),
                ("a link that leads nowhere", NO_INPUT, "the link can't be followed"),
                ("a pipe", DATA, "it is no regular file")):
            with self.subTest(name):
                place = base / name.replace(" ", "-")
                place.mkdir()
                os.chown(place, 65534, 65534)
                file = place / "x.toml"
                if name in ("a configuration of root", "one that is closed"):
                    file.write_text("")
                    file.chmod(0o600 if "closed" in name else 0o644)
                elif name == "credentials of root":
                    (place / "credentials").mkdir(mode=0o700)
                elif name == "credentials that are no folder":
                    (place / "credentials").write_text("")
                elif name == "a link that leads nowhere":
                    file.symlink_to("nowhere")
                else:
                    os.mkfifo(file)
                before = sorted(place.iterdir())
                text = "\n".join(f"{key} = {toml_value(value)}" for key, value in self.answers().items())
                done = subprocess.run(["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups",
                                       str(self.program_for_all(base)), "--config", str(file), "setup", "--answers", "-"],
                                      input=text, capture_output=True, text=True, timeout=60)
                self.assertEqual(done.returncode, code, done.stderr)
                self.assertIn(words, done.stderr)
                self.assertEqual((sorted(place.iterdir()), self.smtp.steps), (before, []))

    def program_for_all(self, base: pathlib.Path) -> pathlib.Path:
        """The build may lie where nobody else gets."""
        program = base / "ticketctl"
        if not program.exists():
            shutil.copy(build_folder() / "ticketctl", program)
        return program

    def test_answers_that_are_a_folder(self):
        done = subprocess.run([str(build_folder() / "ticketctl"), "--config", str(self.file), "setup", "--answers", str(self.folder)],
                              capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=60)
        self.assertEqual(done.returncode, NO_INPUT)
        self.assertIn("Is a directory", done.stderr)

    def test_answers_in_a_file_of_ones_own(self):
        answers = self.folder / "answers.toml"
        answers.write_text("\n".join(f"{key} = {toml_value(value)}" for key, value in self.answers().items()))
        command = [str(build_folder() / "ticketctl"), "--config", str(self.file), "setup", "--answers", str(answers)]
        answers.chmod(0o644)
        done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=60)
        self.assertEqual(done.returncode, DATA)
        self.assertIn("others can get at it", done.stderr)
        answers.chmod(0o600)
        done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=60)
        self.assertEqual(done.returncode, OK, done.stderr)

    def test_no_terminal_and_no_answers(self):
        done = subprocess.run([str(build_folder() / "ticketctl"), "--config", str(self.file), "setup"], capture_output=True,
                              text=True, stdin=subprocess.DEVNULL, timeout=60)
        self.assertEqual(done.returncode, USAGE)
        self.assertIn("--answers", done.stderr)

    def test_folder_that_is_closed(self):
        if os.geteuid() == 0:
            command = ["setpriv", "--reuid", "nobody", "--clear-groups"]
        else:
            command = []
        closed = self.folder / "closed"
        closed.mkdir(mode=0o755)
        if not command:
            closed.chmod(0o555)
        done = subprocess.run([*command, str(build_folder() / "ticketctl"), "--config", str(closed / "x.toml"), "setup", "--answers", "-"],
                              input="", capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, NOT_PERMITTED, done.stderr)
        self.assertIn("may not write there", done.stderr)


class PreviewTest(SetupCase):
    def fill(self) -> None:
        first = mails.mail("Tom <tom@acme.example>", "Urgent: no dial tone", message_id="<first@acme.example>")
        self.write(first)
        self.write(mails.mail("Tom <tom@acme.example>", "Re: Urgent: no dial tone", headers=("In-Reply-To: <first@acme.example>",)))
        self.write(mails.mail("MAILER-DAEMON@acme.example", "Away", headers=("Auto-Submitted: auto-replied",)))
        self.write(b"\x00\x01 nothing that could be read")

    def test_setup_shows_what_the_newest_mails_would_become(self):
        self.fill()
        before = self.dovecot.mails(SUPPORT)
        result = json.loads(self.run_setup(OK, "--json", preview=True).stdout)
        self.assertEqual([mail["outcome"] for mail in result["preview"]][:2], ["new_ticket", "follow_up"])
        self.assertEqual((len(result["preview"]), result["preview"][0]["priority"]), (4, 10))
        self.assertTrue(result["preview"][0]["acknowledgement"]["send"])
        self.assertEqual(self.dovecot.mails(SUPPORT), before)
        self.assertFalse((self.place / "tickets.db").exists())
        told = self.run_setup(OK, "--force", preview=True).stderr
        self.assertRegex(told, r"\nUrgent +yes +Urgent: no dial tone.*\nfollow-up +no +Re: Urgent.*\nNormal +no +Away .*\nquarantine +no ")

    def test_preview_alone(self):
        self.fill()
        self.run_setup(OK)
        before = self.dovecot.mails(SUPPORT)
        desk = self.written_desk()
        self.assertEqual([mail["uid"] for mail in desk.ctl("preview")], [mail.uid for mail in before])
        self.assertEqual([mail["uid"] for mail in desk.ctl("preview", "2")], [mail.uid for mail in before[-2:]])
        text = desk.text("preview")
        self.assertIn("a new ticket, Urgent", text)
        self.assertIn("added to the conversation", text)
        self.assertNotIn("\x00", text)
        self.assertEqual(self.dovecot.mails(SUPPORT), before)
        self.assertFalse((self.place / "tickets.db").exists())
        self.assertEqual(desk.run_ctl("preview", "0").returncode, USAGE)
        self.assertEqual(desk.run_ctl("preview", "--mailbox", "other").returncode, 66)

    def test_preview_beside_a_running_desk(self):
        self.run_setup(OK)
        desk = self.written_desk()
        desk.start()
        self.write(mails.mail("Tom <tom@acme.example>", "A ticket"))
        desk.wait_ticket("A ticket")
        case.wait_for(lambda: self.dovecot.count(SUPPORT) == 0, "it is moved")
        self.assertEqual(desk.ctl("preview"), [])
        self.assertEqual(len(desk.tickets()), 1)
        self.dovecot.stop()
        done = desk.run_ctl("preview")
        self.assertEqual(done.returncode, 1)
        self.assertIn("127.0.0.1", done.stderr)


if __name__ == "__main__":
    require_desk()
    case.main()
