"""A new operator's way from the package to the first ticket, as docs/getting-started.md goes it, without a terminal."""
import pathlib
import re
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from support import case, mails
from support.case import ROOT, wait_for
from support.desk import SUPPORT, toml_value
from support.dovecot import PASSWORD
from support.smtp_server import SmtpServer
from systemd.desk_in_sandbox import DeskInSandbox, require_package

AUTHORITY = "/etc/ticketd/authority.pem"


def document() -> str:
    return (ROOT / "docs/getting-started.md").read_text(encoding="utf-8")


def documented_answers() -> list[str]:
    """The keys of the example."""
    example = re.search(r"^ticketctl setup --answers - <<'END'\n(.*?)^END$", document(), re.M | re.S)[1]
    return re.findall(r"^(\w+) = ", example, re.M)


def documented_steps() -> dict[int, str]:
    return {int(number): text for number, text in re.findall(r"^## (\d)\. (.*?)(?=^## )", document(), re.M | re.S)}


def documented_commands(step: int) -> list[str]:
    """Without the remarks behind them."""
    block = re.search(r"^```sh\n(.*?)^```$", documented_steps()[step], re.M | re.S)[1]
    return [re.sub(r"\s+# .*", "", line) for line in block.splitlines()]


class DocumentTest(unittest.TestCase):
    def test_the_straight_way_stays_short(self):
        self.assertEqual(list(documented_steps()), [1, 2, 3, 4])
        words = sum(len(step.split()) for step in documented_steps().values())
        self.assertLessEqual(words, 550, "what few need stands further below")

    def test_the_file_has_the_name_that_the_package_has(self):
        version = re.search(r"project\(ticketd VERSION (\S+)", (ROOT / "CMakeLists.txt").read_text())[1]
        self.assertEqual(documented_commands(1), ["apt update", f"apt install ./ticketd_{version}_amd64.deb"])


class OperatorTest(DeskInSandbox):
    """One way, step by step in the order of the names."""

    clean = True

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        tls = cls.dovecot.folder / "tls"
        cls.relay = SmtpServer(tls=(tls / "server.pem", tls / "server.key"))
        cls.addClassCleanup(cls.relay.stop)
        cls.sandbox.run("userdel", "ann")  # she has no account here yet

    def follow(self, command: str) -> str:
        """As a shell of root's does it. The one program that asks at the terminal is told not to."""
        return self.sandbox.run("sh", "-c", command.replace("adduser ", "adduser --disabled-password --gecos '' "))

    def answers(self) -> str:
        """What the example says, for the servers that are here; their authority is the one thing more that is to be said."""
        values = {"address": SUPPORT, "imap_server": f"127.0.0.1:{self.dovecot.imaps_port}", "imap_password": PASSWORD,
                  "smtp_server": f"127.0.0.1:{self.relay.port}", "staff_name": "Ann Engineer", "staff_email": "ann@desk.example",
                  "staff_login": "ann"}
        self.assertEqual(sorted(documented_answers()), sorted(values))
        return "".join(f"{key} = {toml_value(value)}\n" for key, value in (values | {"imap_ca_file": AUTHORITY}).items())

    def test_1_install(self):
        self.machine.install()
        self.assertEqual(self.sandbox.property("ActiveState"), "inactive")

    def test_2_answer_the_questions(self):
        self.write(mails.mail("old@acme.example", "From before"))
        self.sandbox.copy(self.dovecot.ca_file, "/root/authority.pem")
        self.sandbox.run("install", "-m", "644", "/root/authority.pem", AUTHORITY)
        told = self.sandbox.run("ticketctl", "setup", "--answers", "-", stdin=self.answers())
        self.assertNotIn(PASSWORD, told)
        modes = {"/etc/ticketd/ticketd.toml": "644", "/etc/ticketd/credentials": "700", "/etc/ticketd/credentials/imap-password": "600"}
        for path, mode in modes.items():
            self.assertEqual(self.sandbox.run("stat", "-c", "%a %U:%G", path).strip(), f"{mode} root:root", path)
        self.assertNotIn(f'"{PASSWORD}"', self.sandbox.path("/etc/ticketd/ticketd.toml").read_text())
        self.assertEqual(self.sandbox.property("ActiveState"), "inactive")
        self.assertEqual((self.relay.mails, self.dovecot.count(SUPPORT)), ([], 1))

    def test_3_start(self):
        told = [self.follow(command) for command in documented_commands(3)]
        self.assertTrue(self.is_active())
        self.assertIn("All is well", told[-1])

    def test_4_the_first_ticket(self):
        self.write(mails.mail("Tess <tess@acme.example>", "Urgent: the telephone is dead"))
        acknowledgement = wait_for(lambda: self.relay.to("tess@acme.example"), "it is acknowledged", 30)[0]
        wait_for(lambda: self.relay.to("ann@desk.example"), "the staff member has a mail too", 30)
        self.assertIn("-1", mails.parse(acknowledgement.octets)["Subject"])
        first = [(ticket["number"], ticket["subject"], ticket["category"]) for ticket in self.ctl("list")]
        self.assertEqual(first, [(1, "Urgent: the telephone is dead", "Urgent")])
        row = wait_for(lambda: next((row for row in self.ctl("outbox", "list", "--all")
                                     if row["kind"] == "acknowledgement" and row["state"] == "sent"), None), "the desk knows that it went out")
        self.assertEqual((row["ticket"], row["to"]), (1, ["tess@acme.example"]))
        self.assertIn("Urgent: the telephone is dead", self.sandbox.run("ticketctl", "show", "1", user="ann"))

    def test_5_the_first_answer(self):
        for command in documented_commands(4):
            told = self.follow(command)
            if re.search("list|show", command):
                self.assertIn("Urgent: the telephone is dead", told)
        self.assertEqual(self.ctl("show", "1")["assignee"], "Ann Engineer")
        answer = wait_for(lambda: self.relay.to("tess@acme.example")[1:], "she has an answer", 30)[0]
        self.assertIn("We are looking into it.", mails.body_of(answer.octets))
        self.assertIn("Ann Engineer", mails.body_of(answer.octets))
        self.write(mails.reply_to(answer.octets, "tess@acme.example", "Thank you.\n"))
        wait_for(lambda: "Thank you." in self.sandbox.run("ticketctl", "show", "1"), "her answer lands in the same ticket", 30)
        wait_for(lambda: self.dovecot.count(SUPPORT, "Processed") == 2, "both are moved to Processed", 30)
        self.assertEqual(self.dovecot.count(SUPPORT), 1, "what was there before stays where it was")

    def test_6_after_a_reboot_it_goes_on(self):
        self.sandbox.stop()
        self.sandbox.start()
        wait_for(self.is_active, "it is enabled", 30)
        self.write(mails.mail("uma@acme.example", "After the reboot"))
        wait_for(lambda: self.relay.to("uma@acme.example"), "it is acknowledged", 60)
        self.assertEqual(sorted(ticket["number"] for ticket in self.ctl("list")), [1, 2])


if __name__ == "__main__":
    require_package()
    case.main()
