"""ticketctl setup, and what else there is to say of the system's own configuration: a /etc in a mount namespace."""
import getpass
import json
import os
import pathlib
import shutil
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from support import case
from support.case import build_folder
from support.desk import toml_value
from support.desk_case import require_desk
from support.setup_case import DATA, OK, SetupCase
from support.typist import Typist


class SystemTest(SetupCase):
    def setUp(self):
        super().setUp()
        if os.geteuid() != 0 or subprocess.run(["unshare", "-m", "true"], capture_output=True).returncode != 0:
            self.skipTest("a /etc of its own needs root and unshare -m")
        self.etc = self.folder / "etc"
        shutil.copytree("/etc", self.etc, symlinks=True, ignore_dangling_symlinks=True)
        shutil.rmtree(self.etc / "ticketd", ignore_errors=True)
        self.file = pathlib.Path("/etc/ticketd/ticketd.toml")

    SCRIPT = 'mount --bind "$0" /etc && mount -t tmpfs none /run && mkdir -p /run/$1 && shift && exec "$@"'

    def run_inside(self, with_systemd: bool, program: str, *arguments, text: str = "") -> subprocess.CompletedProcess:
        return subprocess.run(["unshare", "-m", "sh", "-c", self.SCRIPT, str(self.etc), "systemd/system" if with_systemd else "x",
                               str(build_folder() / program), *arguments], input=text, capture_output=True, text=True, timeout=120)

    def in_namespace(self, with_systemd: bool, *arguments, **changed) -> subprocess.CompletedProcess:
        text = "\n".join(f"{key} = {toml_value(value)}" for key, value in self.answers(store=None, **changed).items())
        return self.run_inside(with_systemd, "ticketctl", "setup", "--answers", "-", *arguments, text=text)

    def add_daemon(self) -> None:
        with (self.etc / "passwd").open("a") as users:
            users.write("ticketd:x:64999:64999::/nonexistent:/usr/sbin/nologin\n")

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

    def again_at_a_terminal(self, prompts: str) -> str:
        """Enter to each of them; what stands on the screen then."""
        typist = Typist(["/usr/bin/unshare", "-m", "sh", "-c", self.SCRIPT, str(self.etc), "systemd/system",
                         str(build_folder() / "ticketctl"), "setup", "--force"], {"PATH": os.environ["PATH"]})
        self.addCleanup(typist.close)
        for prompt in prompts.split("; "):
            typist.answer(prompt)
        self.assertEqual(typist.end(), OK, typist.screen)
        return typist.screen

    def test_again_at_a_terminal(self):
        """A secret that stays is left alone; and so is one that only the daemon has, by a drop-in of its unit."""
        self.assertEqual(self.in_namespace(True).returncode, OK)
        old = (self.etc / "ticketd" / "ticketd.toml").read_text()
        (self.etc / "ticketd" / "credentials" / "imap-password").unlink()
        screen = self.again_at_a_terminal("Support address; Name; Time zone; Mail provider; Log in by; IMAP server; TLS; IMAP user; "
                                          "IMAP password; Mails that are; SMTP server; TLS; SMTP user; SMTP password; First staff member: name; "
                                          "First staff member: own; First staff member: user; First staff member: role; "
                                          "First staff member: address; Admins; Write this")
        self.assertIn('"imap-password" can\'t be had here.', screen)
        self.assertIn("ticketctl' probe", screen)
        self.assertEqual((self.etc / "ticketd" / "ticketd.toml").read_text(), old)
        self.assertEqual(list((self.etc / "ticketd" / "credentials").iterdir()), [])

    def test_files_that_the_daemon_can_not_read(self):
        """The caller is root, and could; the daemon is neither, and its unit hides whole folders."""
        self.add_daemon()
        mine = self.etc / "authority.pem"
        shutil.copy(self.dovecot.ca_file, mine)
        for folder in self.dovecot.ca_file.parents:
            if self.folder in (folder, *folder.parents):
                folder.chmod(0o755)
        for name, file, mode, code, words in (
                ("for root alone", "/etc/authority.pem", 0o600, DATA, "/etc/authority.pem has the mode 0600; do `install -m 644 "),
                ("for all", "/etc/authority.pem", 0o644, OK, ""),
                ("in a folder that is hidden", str(self.dovecot.ca_file), 0o644, OK, "warning: {}: the daemon sees nothing below")):
            with self.subTest(name):
                mine.chmod(mode)
                done = self.in_namespace(True, "--force", imap_ca_file=file)
                self.assertEqual(done.returncode, code, done.stderr)
                self.assertIn(words.format(file), done.stderr)

    def test_check_and_probe_tell_of_what_the_daemon_can_not_read(self):
        self.add_daemon()
        mine = self.etc / "authority.pem"
        shutil.copy(self.dovecot.ca_file, mine)
        mine.chmod(0o644)
        self.assertEqual(self.in_namespace(True, imap_ca_file="/etc/authority.pem").returncode, OK)
        for mode, is_told in ((0o644, False), (0o600, True)):
            with self.subTest(oct(mode)):
                mine.chmod(mode)
                checked = self.run_inside(True, "ticketd", "--check")
                probed = self.run_inside(True, "ticketctl", "probe", "--json")
                self.assertEqual((checked.returncode, probed.returncode), (OK, OK), checked.stdout + probed.stderr)
                for told in (checked.stdout, probed.stderr):
                    words = "warning: /etc/authority.pem: the daemon, which runs as the user ticketd, can't read it: "
                    self.assertEqual(words in told, is_told, told)
                self.assertEqual("good, with one warning" in checked.stdout, is_told)
                self.assertEqual(len(json.loads(probed.stdout)), 2)

    def test_without_systemd(self):
        done = self.in_namespace(False)
        self.assertEqual(done.returncode, OK, done.stderr)
        self.assertNotIn("systemctl", done.stdout)


if __name__ == "__main__":
    require_desk()
    case.main()
