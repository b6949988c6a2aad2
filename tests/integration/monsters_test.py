"""Mails built to exhaust time, stack or memory, through the whole way of a mail, each in a process with hard limits."""
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from support import case
from support.case import build_folder


class MonstersTest(case.FolderCase):
    def test_each_is_read_within_its_bounds(self):
        done = subprocess.run([build_folder() / "tests" / "monsters"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
        self.assertEqual([line for line in done.stdout.splitlines() if "MISSED" in line], [])
        self.assertEqual(done.returncode, 0, done.stdout[-2000:])


if __name__ == "__main__":
    case.main()
