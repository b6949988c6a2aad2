"""systemd/ticketd.catalog against the events of the log, and as journalctl reads it."""
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from support import case
from support.case import ROOT

CATALOG = ROOT / "systemd" / "ticketd.catalog"


def entries() -> dict[str, str]:
    parts = re.split(r"(?m)^-- ([0-9a-f]{32})$", CATALOG.read_text())
    return dict(zip(parts[1::2], parts[2::2]))


def events() -> dict[str, str]:
    """Id to name."""
    return {id: name for name, id in re.findall(r'\{Event::\w+, "(\w+)", "([0-9a-f]{32})"\}',
                                               (ROOT / "daemon" / "log" / "entry.cc").read_text())}


class CatalogTest(unittest.TestCase):
    def test_each_event_has_its_entry(self):
        self.assertGreater(len(events()), 10)
        missing = {name for id, name in events().items() if id not in entries()}
        self.assertEqual(missing, set(), "events without an entry in systemd/ticketd.catalog")
        self.assertEqual(set(entries()) - set(events()), set(), "entries of no event")
        self.assertEqual(len(re.findall(r"(?m)^-- ", CATALOG.read_text())), len(entries()), "an id that is none, or stands there twice")

    def test_each_entry_says_what_it_is_and_what_to_do(self):
        known = set(re.findall(r'"(TICKETD_\w+)"', (ROOT / "daemon" / "log" / "log.cc").read_text()
                               + (ROOT / "daemon" / "log" / "writer.cc").read_text()))
        for id, text in entries().items():
            with self.subTest(events().get(id, id)):
                header, _, body = text.strip("\n").partition("\n\n")
                self.assertRegex(header, r"^Subject: .+\nDefined-By: ticketd$")
                self.assertIn("\n\n", body)  # what it means, what to do
                self.assertEqual(set(re.findall(r"@(\w+)@", text)) - known, set(), "fields that no line has")

    def test_journalctl_reads_it(self):
        if not shutil.which("journalctl"):
            self.skipTest("journalctl is not installed")
        with tempfile.TemporaryDirectory() as root:
            folder = pathlib.Path(root) / "usr/lib/systemd/catalog"
            folder.mkdir(parents=True)
            (pathlib.Path(root) / "var/lib/systemd/catalog").mkdir(parents=True)
            shutil.copy(CATALOG, folder)
            done = subprocess.run(["journalctl", f"--root={root}", "--update-catalog"], capture_output=True, text=True)
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            listed = subprocess.run(["journalctl", f"--root={root}", "--list-catalog"], capture_output=True, text=True).stdout
            self.assertEqual({line.split()[0] for line in listed.splitlines()}, set(events()))


if __name__ == "__main__":
    case.main()
