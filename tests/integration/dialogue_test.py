"""The daemon against IMAP servers that stall, lie and hang up: each dialogue file says what, and what must come of it."""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from support import case
from support.case import FolderCase, wait_for
from support.desk import Desk
from support.desk_case import require_desk
from support.imap_script import ImapScript, read_dialogue
from support.smtp_server import SmtpServer

DIALOGUES = pathlib.Path(__file__).with_name("dialogues")


class DialogueTest(FolderCase):
    """One method per file of the folder `dialogues`, made below."""

    def run_dialogue(self, path: pathlib.Path) -> None:
        dialogue = read_dialogue(path)
        with ImapScript(dialogue) as script, SmtpServer() as smtp:
            desk = Desk(self.folder, [{"url": f"imap://127.0.0.1:{script.port}"}], {"url": smtp.url})
            desk.start(wait_ready=False)
            try:
                for key, value in dialogue.expectations:
                    getattr(self, "expect_" + key)(desk, script, value)
                self.assertEqual(desk.stop(), 0)
            except BaseException:
                print(f"--- {path.name}: {dialogue.about}\n{desk.log()[-3000:]}\n{script.commands[-30:]}", file=sys.stderr)
                raise
            finally:
                if desk.process:
                    desk.kill()

    def expect_tickets(self, desk, script, value) -> None:
        wait_for(lambda: desk.store.exists() and len(self.tickets(desk)) >= int(value), f"{value} tickets", 60, 0.2)
        self.assertEqual(len(self.tickets(desk)), int(value))

    def tickets(self, desk) -> list:
        return desk.tickets() if desk.run_ctl("list").returncode == 0 else []

    def expect_moved(self, desk, script, value) -> None:
        if value == "0":
            self.assertEqual(script.mailbox.moved, [])
            return
        wait_for(lambda: len(script.mailbox.moved) >= int(value), f"{value} mails moved", 30)
        self.assertEqual(len({uid for uid, _ in script.mailbox.moved}), int(value))

    def expect_never(self, desk, script, value) -> None:
        self.assertEqual([command for command in script.commands if command.upper().startswith(value)], [])


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
