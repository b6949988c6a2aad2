"""A test case that runs the programs on a store, without any server."""
from .case import FolderCase
from .desk import Desk

OK, PROBLEM, USAGE, DATA, NO_INPUT, TEMPORARY, NOT_PERMITTED, CONFIGURATION = 0, 1, 64, 65, 66, 75, 77, 78


class CommandLineTest(FolderCase):
    """No server runs here: what the commands do, they do on the store."""

    def setUp(self):
        super().setUp()
        self.desk = Desk(self.folder, [{"url": "imap://127.0.0.1:1"}], {"url": "smtp://127.0.0.1:1"})

    def assert_exit(self, code: int, program: str, *arguments, stdin: bytes | None = None):
        done = self.desk.run(program, *arguments, stdin=stdin)
        self.assertEqual(done.returncode, code, f"{arguments}: {done.stdout}{done.stderr}")
        return done

    def ctl(self, code: int, *arguments, stdin: bytes | None = None):
        return self.assert_exit(code, "ticketctl", "--config", self.desk.configuration, *arguments, stdin=stdin)

    def ingest(self, octets: bytes) -> dict:
        return self.desk.ctl("ingest", stdin=octets)
