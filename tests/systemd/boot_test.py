"""The whole machine goes down, in good order and at one instant, while mails come and go: the enabled unit goes on where it was."""
import pathlib
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from support import case, mails
from support.case import wait_for
from support.desk import SUPPORT
from systemd.desk_in_sandbox import InstalledDesk, require_package

MAILS = 300


class BootTest(InstalledDesk):
    def setUp(self):
        super().setUp()
        self.systemctl("enable")

    def test_a_reboot(self):
        self.write(mails.mail("before@acme.example", "Before the reboot"))
        self.wait_mail("before@acme.example")
        self.sandbox.stop()
        self.sandbox.start()
        wait_for(self.is_active, "the enabled unit is started", 30)
        self.assertIn("Before the reboot", [ticket["subject"] for ticket in self.ctl("list")])
        before = [entry.get("TICKETD_EVENT") for entry in self.sandbox.journal("-u", "ticketd", "--boot=-1")]
        self.assertIn("stopped", before)
        self.write(mails.mail("after@acme.example", "After the reboot"))
        self.wait_mail("after@acme.example")

    def test_every_process_dies_at_one_instant_again_and_again(self):
        self.smtp.plan = lambda step: time.sleep(0.02) if step.stage == "dot" else None
        names = [f"crash{number}@c{number}.example" for number in range(MAILS)]
        writer = threading.Thread(target=self.dovecot.fill, daemon=True,
                                  args=(SUPPORT, [mails.mail(name, f"Crash {name}") for name in names]), kwargs={"batch": 20})
        writer.start()
        for share in (0.1, 0.4, 0.8):
            wait_for(lambda: sum(bool(self.smtp.to(name)) for name in names) > share * MAILS, f"{share} of the mails are answered", 60)
            self.sandbox.crash()
            self.assertFalse(all(self.smtp.to(name) for name in names), "nothing was under way")
            self.sandbox.start()
        writer.join(60)
        for name in names:
            self.wait_mail(name, 90)
        wait_for(lambda: not [row for row in self.ctl("outbox") if row["state"] != "sent"], "the outbox is empty", 90, 0.5)
        subjects = [ticket["subject"] for ticket in self.ctl("list", "--status", "any", "--limit", "100000")]
        self.assertEqual(sorted(s for s in subjects if s.startswith("Crash ")), sorted(f"Crash {name}" for name in names))
        for name in names:
            self.assertEqual(len({mails.parse(mail.octets)["Message-ID"] for mail in self.smtp.to(name)}), 1, name)
        self.assertEqual(self.ctl("ledger")["mailboxes"][0]["missing"], [])


if __name__ == "__main__":
    require_package()
    case.main()
