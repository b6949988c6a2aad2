"""The manual pages are clean for those who format them, and bash completes as it should."""
import pathlib
import shutil
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from support import case

DOCS = pathlib.Path(__file__).resolve().parents[2] / "docs"
PAGES = sorted((DOCS / "man").glob("*.[0-9]"))


class ManualPagesTest(unittest.TestCase):
    def test_there_are_pages(self):
        self.assertEqual([page.name for page in PAGES], ["ticketctl.1", "ticketd.8", "ticketd.toml.5"])

    @unittest.skipUnless(shutil.which("groff"), "groff is not installed")
    def test_groff_warns_of_nothing(self):
        for page in PAGES:
            with self.subTest(page.name):
                done = subprocess.run(["groff", "-man", "-Tutf8", "-Kutf8", "-ww", "-z", page], capture_output=True, text=True)
                self.assertEqual((done.returncode, done.stderr), (0, ""))

    @unittest.skipUnless(shutil.which("mandoc"), "mandoc is not installed")
    def test_mandoc_warns_of_nothing(self):
        for page in PAGES:
            with self.subTest(page.name):
                done = subprocess.run(["mandoc", "-T", "lint", "-W", "warning", page], capture_output=True, text=True)
                self.assertEqual(done.stdout + done.stderr, "")


@unittest.skipUnless(shutil.which("bash"), "bash is not installed")
class CompletionTest(unittest.TestCase):
    def completed(self, *words: str) -> list[str]:
        """What may follow after the words; the last one is begun."""
        program = words[0]
        script = (f'source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _{program}; printf "%s\\n" "${{COMPREPLY[@]}}"')
        done = subprocess.run(["bash", "-uc", script, "bash", DOCS / "completion" / program, *words], capture_output=True, text=True,
                              cwd=DOCS)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return done.stdout.split()

    def test_commands(self):
        self.assertEqual(self.completed("ticketctl", "und"), ["undeliverable"])
        self.assertEqual(self.completed("ticketctl", "outbox", "re"), ["retry"])
        self.assertIn("incident", self.completed("ticketctl", "--json", ""))

    def test_options(self):
        self.assertEqual(self.completed("ticketctl", "show", "12", "--f"), ["--full"])
        self.assertEqual(self.completed("ticketctl", "incident", "open", "--ma"), ["--match"])
        self.assertEqual(self.completed("ticketctl", "show", "--js"), ["--json"])
        self.assertEqual(self.completed("ticketd", "--ch"), ["--check"])

    def test_what_an_option_takes(self):
        self.assertEqual(self.completed("ticketctl", "list", "--status", "re"), ["resolved"])
        self.assertEqual(self.completed("ticketctl", "new", "--channel", "p"), ["phone", "portal"])
        self.assertEqual(self.completed("ticketctl", "list", "--limit", ""), [])

    def test_files(self):
        self.assertEqual(self.completed("ticketd", "--config", "architec"), ["architecture.md"])
        self.assertEqual(self.completed("ticketctl", "attachment", "1", "1", "-o", "architec"), ["architecture.md"])


if __name__ == "__main__":
    case.main()
