"""The daemon against IMAP servers that stall, lie and hang up: each dialogue file says what, and what must come of it."""
import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from support import case
from support.case import FolderCase, wait_for
from support.desk import Desk
from support.desk_case import require_desk
from support.imap_script import Dialogue, ImapScript, plain_mails, read_dialogue
from support.smtp_server import SmtpServer

DIALOGUES = pathlib.Path(__file__).with_name("dialogues")


class DialogueTest(FolderCase):
    """One method per file of the folder `dialogues`, made below."""

    def run_dialogue(self, path: pathlib.Path) -> None:
        dialogue = read_dialogue(path)
        with ImapScript(dialogue) as script, ImapScript(Dialogue(plain_mails(dialogue.beside, "Beside"))) as other, SmtpServer() as smtp:
            mailboxes = [{"url": f"imap://127.0.0.1:{script.port}", "lease_folder": ""} | dialogue.mailbox]
            if dialogue.beside:
                mailboxes.append({"name": "beside", "url": f"imap://127.0.0.1:{other.port}", "lease_folder": ""})
            desk = Desk(self.folder, mailboxes, {"url": smtp.url})
            desk.start(wait_ready=False)
            try:
                for key, value in dialogue.expectations:
                    getattr(self, "expect_" + key)(desk, script, value)
                self.assertEqual(desk.stop(), 0)
                self.check_nothing_twice(desk, smtp, dialogue)
            except BaseException:
                print(f"--- {path.name}: {dialogue.about}\n{desk.log()[-3000:]}\n{script.commands[-30:]}", file=sys.stderr)
                raise
            finally:
                if desk.process:
                    desk.kill()

    def check_nothing_twice(self, desk, smtp, dialogue) -> None:
        """When all is over: the tickets that were expected and no more, and one acknowledgement each at most."""
        expected = [int(value) for key, value in dialogue.expectations if key == "tickets"]
        self.assertEqual(len(self.tickets(desk)), max(expected, default=0))
        recipients = [recipient for mail in smtp.mails for recipient in mail.recipients]
        self.assertEqual(len(recipients), len(set(recipients)))
        subjects = [ticket["subject"] for ticket in self.tickets(desk)]
        self.assertEqual(len(subjects), len(set(subjects)))

    def expect_tickets(self, desk, script, value) -> None:
        wait_for(lambda: len(self.tickets(desk)) >= int(value), f"{value} tickets", 60, 0.2)
        self.assertEqual(len(self.tickets(desk)), int(value))

    def tickets(self, desk) -> list:
        return desk.tickets() if desk.store.exists() and desk.run_ctl("list").returncode == 0 else []

    def expect_subject(self, desk, script, value) -> None:
        """A ticket of this subject."""
        wait_for(lambda: value in [ticket["subject"] for ticket in self.tickets(desk)], f"a ticket {value!r}", 60, 0.2)

    def expect_moved(self, desk, script, value) -> None:
        if value == "0":
            self.assertEqual(script.mailbox.moved, [])
            return
        wait_for(lambda: len(script.mailbox.moved) >= int(value), f"{value} mails moved", 30)
        self.assertEqual(len({uid for uid, _ in script.mailbox.moved}), int(value))

    def expect_left(self, desk, script, value) -> None:
        """So many mails are in the mailbox in the end."""
        wait_for(lambda: len(script.mailbox.mails) == int(value), f"{value} mails left", 30)

    def expect_never(self, desk, script, value) -> None:
        self.assertEqual([command for command in script.commands if command.upper().startswith(value)], [])

    def expect_commands(self, desk, script, value) -> None:
        """`N REGEX`: so many such commands, no more."""
        count, _, pattern = value.partition(" ")
        self.assertEqual(sum(bool(re.match(pattern, command)) for command in script.commands), int(count), script.commands)

    def expect_sent(self, desk, script, value) -> None:
        """A command with this tag."""
        self.assertTrue(any(re.match(value, line) for line in script.lines), script.lines)

    def expect_log(self, desk, script, value) -> None:
        wait_for(lambda: re.search(value, desk.log()), f"the log says {value!r}", 30, 0.1)

    def expect_quiet(self, desk, script, value) -> None:
        """The log never says so."""
        self.assertNotRegex(desk.log(), value)

    def expect_ledger(self, desk, script, value) -> None:
        """`OUTCOME N`: so many entries, under whatever UIDVALIDITY."""
        outcome, count = value.split()
        wait_for(lambda: self.entries(desk, outcome) >= int(count), f"{count} {outcome} in the ledger", 30, 0.2)
        self.assertEqual(self.entries(desk, outcome), int(count))

    def entries(self, desk, outcome: str) -> int:
        if not self.has_mailbox(desk):
            return 0
        entries = desk.ctl("ledger", "--mailbox", "support")["entries"]
        return sum(entry["outcome"] == outcome for entry in entries)

    def expect_reason(self, desk, script, value) -> None:
        """An entry of the ledger says so."""
        wait_for(lambda: value in self.reasons(desk), f"a reason {value!r}", 30, 0.2)

    def expect_no_reason(self, desk, script, value) -> None:
        self.assertNotIn(value, self.reasons(desk))

    def reasons(self, desk) -> str:
        if not self.has_mailbox(desk):
            return ""
        return "\n".join(entry["reason"] for entry in desk.ctl("ledger", "--mailbox", "support")["entries"])

    def has_mailbox(self, desk) -> bool:
        return desk.store.exists() and desk.run_ctl("ledger", "--mailbox", "support").returncode == 0

    def expect_error(self, desk, script, value) -> None:
        """What `status` says of the mailbox; `none`: nothing."""
        def told():
            if not self.has_mailbox(desk):
                return False
            boxes = desk.ctl("status", codes=(0, 1))["mailboxes"]
            error = next(box["error"] for box in boxes if box["name"] == "support")
            return not error if value == "none" else error and re.search(value, error)
        wait_for(told, f"status says {value!r}", 30, 0.1)

    def expect_problem(self, desk, script, value) -> None:
        """What a person is told by `status`."""
        def told():
            return desk.store.exists() and any(re.search(value, problem) for problem in desk.ctl("status", codes=(0, 1))["problems"])
        wait_for(told, f"status names the problem {value!r}", 30, 0.2)

    def expect_connections(self, desk, script, value) -> None:
        wait_for(lambda: script.connections >= int(value), f"{value} connections", 60)

    def expect_memory(self, desk, script, value) -> None:
        """`N MB`: the most that the daemon ever had in memory (proc(5), VmHWM)."""
        status = pathlib.Path(f"/proc/{desk.process.pid}/status").read_text()
        peak = int(re.search(r"VmHWM:\s+(\d+) kB", status)[1])
        if not case.sanitized():
            self.assertLess(peak, int(value.removesuffix(" MB")) * 1024)


class OnceTest(FolderCase):
    def run_once(self, dialogue: Dialogue, *codes: int):
        """A pass per exit code; gives what the last one said."""
        with ImapScript(dialogue) as script, SmtpServer() as smtp:
            desk = Desk(self.folder, [{"url": f"imap://127.0.0.1:{script.port}", "lease_folder": "", "processed": "keep"}], {"url": smtp.url})
            for code in codes:
                done = desk.once()
                self.assertEqual(done.returncode, code, done.stderr)
        return desk, done

    def test_a_mail_that_comes_empty_is_told_and_tried_again(self):
        dialogue = read_dialogue(DIALOGUES / "empty_fetch_for_ever.imap")
        desk, done = self.run_once(dialogue, 75, 75)
        self.assertRegex(done.stderr, r"mailbox support: 1 mail has no outcome yet")
        ledger = desk.ctl("ledger")["mailboxes"][0]
        self.assertEqual((ledger["server_count"], ledger["listed"], ledger["on_record"], ledger["difference"]), (3, 3, 2, 1))
        self.assertEqual(ledger["missing"], [1])
        self.assertRegex(desk.text("ledger"), r"the server counts 3, 2 of them on record; 1 without an outcome")

    def test_all_on_record_is_compared_and_good(self):
        desk, _ = self.run_once(Dialogue(plain_mails(2)), 0)
        ledger = desk.ctl("ledger")["mailboxes"][0]
        self.assertEqual((ledger["server_count"], ledger["on_record"], ledger["difference"], ledger["missing"]), (2, 2, 0, []))
        self.assertRegex(ledger["compared_at"], r"^20.*Z$")
        self.assertRegex(desk.text("ledger"), r"compared .*: the server counts 2, 2 of them on record; nothing is missing")

    def test_a_list_that_hides_a_mail_is_no_good_comparison(self):
        dialogue = read_dialogue(DIALOGUES / "exists_too_high.imap")
        desk, done = self.run_once(dialogue, 75)
        self.assertIn("mailbox support: the server lists 2 of 5000 mails", done.stderr)
        self.assertEqual(desk.ctl("ledger")["mailboxes"][0]["difference"], 4998)


def add_methods() -> None:
    for path in sorted(DIALOGUES.glob("*.imap")):
        def method(self, path=path):
            self.run_dialogue(path)
        method.__doc__ = path.stem
        setattr(DialogueTest, "test_" + path.stem, method)


add_methods()

if __name__ == "__main__":
    require_desk()
    case.main()
