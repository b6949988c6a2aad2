"""ticketctl setup and preview against a real Dovecot and a scripted SMTP server: at a terminal, and with answers from a file."""
import getpass
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from support import case, mails
from support.case import build_folder
from support.desk import SUPPORT, toml_value
from support.desk_case import require_desk
from support.setup_case import CONFIGURATION, DATA, NOT_PERMITTED, OK, TEMPORARY, UNAVAILABLE, USAGE, SetupCase
from support.smtp_server import HANG, SmtpServer
from support.typist import Typist


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
                ("staff with the desk's address", DATA, {"staff_email": SUPPORT}, "desk's own address")):
            with self.subTest(name):
                done = self.run_setup(code, **changed)
                self.assertIn(words, done.stderr)
                self.assertEqual(self.left(), [])

    def test_without_probe_nothing_is_asked_of_the_servers(self):
        self.run_setup(OK, "--no-probe", imap_server="imap.nowhere.invalid", imap_tls=None, backlog="silent")
        self.assertIn('backlog = "silent"', self.file.read_text())
        self.assertEqual(self.smtp.steps, [])

    def test_an_answer_without_effect_is_told(self):
        done = self.run_setup(OK, "--no-probe", smtp_user="none", smtp_password="secret")
        self.assertRegex(done.stderr, r"standard input:\d+:\d+: 'smtp_password' was not needed")

    def test_tls_with_an_authority_of_ones_own(self):
        tls = self.dovecot.folder / "tls"
        relay = self.enter(SmtpServer(tls=(tls / "server.pem", tls / "server.key"), implicit_tls=True))
        self.run_setup(OK, imap_server=self.dovecot.url("imaps"), smtp_server=relay.url, imap_ca_file=str(self.dovecot.ca_file))
        self.assertEqual([probe["ok"] for probe in self.written_desk().ctl("probe")], [True, True])

    def test_existing_configuration(self):
        self.run_setup(OK)
        old = self.file.read_text()
        done = self.run_setup(DATA, name="Other")
        self.assertIn("--force", done.stderr)
        self.assertEqual(self.file.read_text(), old)
        self.run_setup(OK, "--force", name="Other")
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

    def test_folder_that_is_full_or_closed(self):
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


class TerminalTest(SetupCase):
    PROMPTS = ("Support address", "Name that customers see", "Time zone", "Mail provider", "Log in by", "IMAP server", "TLS",
               "IMAP user", "IMAP password", "Folder", "Mails that are there", "SMTP server", "TLS", "SMTP user", "SMTP password",
               "First staff member: name", "First staff member: own", "First staff member: user", "First staff member: role",
               "Admins", "Where everything", "Show what", "Write this")  # as each question begins

    def start(self, *arguments) -> Typist:
        environment = {"PATH": os.environ["PATH"], "HOME": str(self.folder), "TZ": "Europe/Vienna"}
        typist = Typist([str(build_folder() / "ticketctl"), "--config", str(self.file), "setup", *arguments], environment)
        self.addCleanup(typist.close)
        return typist

    def typed(self) -> list[str]:
        """What is typed to each prompt; empty: Enter."""
        return [SUPPORT, "", "", "", "", f"127.0.0.1:{self.dovecot.imap_port}", "none", "", "secret", "", "",
                f"127.0.0.1:{self.smtp.port}", "none", "", "", "Ann Engineer", "ann@desk.example", getpass.getuser(), "", "", "", "", ""]

    def test_whole_dialogue(self):
        self.write(mails.mail("Tom <tom@acme.example>", "Urgent: old mail"))
        typist = self.start()
        for prompt, text in zip(self.PROMPTS, self.typed()):
            typist.answer(prompt, text)
        self.assertEqual(typist.end(), OK, typist.screen)
        self.assertNotIn("secret", typist.screen)
        self.assertIn("[Europe/Vienna]", typist.screen)
        self.assertIn("INBOX holds one mail", typist.screen)
        self.assertIn("a new ticket, Urgent", typist.screen)
        self.assertIn(f"ticketd --config '{self.file}'", typist.screen)
        self.assertTrue(typist.echoes())
        desk = self.written_desk()
        desk.start()
        self.write(mails.mail("Tess <tess@acme.example>", "After setup"))
        desk.wait_ticket("After setup")

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
        typist.answer("File of that authority", "/nowhere")
        typist.answer("File of that authority", str(self.dovecot.ca_file))
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
        typist.answer("SMTP password")
        for prompt, text in list(zip(self.PROMPTS, self.typed()))[15:21]:
            typist.answer(prompt, text)
        typist.answer("Write this", "no")
        self.assertEqual(typist.end(), DATA)
        self.assertEqual(self.left(), [])
        self.assertNotIn("secret", typist.screen)
        self.assertNotIn("wrong\n", typist.screen.replace("5.7.8 wrong", ""))

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
        for prompt, text in asked[:10] + asked[11:21] + asked[22:]:
            typist.answer(prompt, text)
        self.assertEqual(typist.end(), OK, typist.screen)
        self.assertEqual(json.loads(result.read_text())["files"][-1], {"path": str(self.file), "backup": None, "changed": True})

    def test_existing_configuration(self):
        self.run_setup(OK)
        old = self.file.read_text()
        typist = self.start()
        typist.answer("Replace it")
        self.assertEqual(typist.end(), DATA)
        self.assertEqual(self.file.read_text(), old)
        self.assertNotIn("Support address", typist.screen)

    def test_end_of_input(self):
        typist = self.start()
        typist.wait_for("Support address: ")
        typist.type("\x04")
        self.assertEqual(typist.end(), DATA)
        self.assertEqual(self.left(), [])


class SystemTest(SetupCase):
    """The system's own configuration, in a /etc of its own (a mount namespace)."""

    def setUp(self):
        super().setUp()
        if os.geteuid() != 0 or subprocess.run(["unshare", "-m", "true"], capture_output=True).returncode != 0:
            self.skipTest("a /etc of its own needs root and unshare -m")
        self.etc = self.folder / "etc"
        shutil.copytree("/etc", self.etc, symlinks=True, ignore_dangling_symlinks=True)
        shutil.rmtree(self.etc / "ticketd", ignore_errors=True)
        self.file = pathlib.Path("/etc/ticketd/ticketd.toml")

    def in_namespace(self, with_systemd: bool, *arguments) -> subprocess.CompletedProcess:
        script = 'mount --bind "$0" /etc && mount -t tmpfs none /run && mkdir -p /run/$1 && shift && exec "$@"'
        text = "\n".join(f"{key} = {toml_value(value)}" for key, value in self.answers(store=None).items())
        return subprocess.run(["unshare", "-m", "sh", "-c", script, str(self.etc), "systemd/system" if with_systemd else "x",
                               str(build_folder() / "ticketctl"), "setup", "--answers", "-", *arguments], input=text,
                              capture_output=True, text=True, timeout=120)

    def test_with_systemd(self):
        done = self.in_namespace(True)
        self.assertEqual(done.returncode, OK, done.stderr)
        configuration = (self.etc / "ticketd" / "ticketd.toml").read_text()
        self.assertIn('password_file = "imap-password"', configuration)
        self.assertNotIn("[store]", configuration)
        self.assertEqual(self.mode(self.etc / "ticketd" / "ticketd.toml"), 0o644)
        self.assertEqual(self.mode(self.etc / "ticketd" / "credentials"), 0o700)
        self.assertEqual(self.mode(self.etc / "ticketd" / "credentials" / "imap-password"), 0o600)
        for command in ("systemctl enable --now ticketd", f"usermod -aG ticketd {getpass.getuser()}"):
            self.assertIn(command, done.stdout)

    def test_again_with_systemd(self):
        self.assertEqual(self.in_namespace(True).returncode, OK)
        done = self.in_namespace(True, "--force")
        self.assertEqual(done.returncode, OK, done.stderr)
        self.assertIn("systemctl restart ticketd", done.stdout)

    def test_without_systemd(self):
        done = self.in_namespace(False)
        self.assertEqual(done.returncode, OK, done.stderr)
        self.assertNotIn("systemctl", done.stdout)


if __name__ == "__main__":
    require_desk()
    case.main()
