"""The alerts among the examples: what promtool says of them, and when they come."""
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from support import case
from support.case import ROOT, TESTS, require_programs

RULES = ROOT / "systemd" / "ticketd-alerts.yaml"
CASES = TESTS / "tree" / "alerts" / "ticketd-alerts-test.yaml"


class AlertsTest(unittest.TestCase):
    def run_cases(self, rules: str) -> subprocess.CompletedProcess:
        with tempfile.TemporaryDirectory() as folder:
            (pathlib.Path(folder) / RULES.name).write_text(rules)
            shutil.copy(CASES, folder)
            return subprocess.run(["promtool", "test", "rules", CASES.name], cwd=folder, capture_output=True, text=True)

    def test_the_rules_are_good(self):
        done = subprocess.run(["promtool", "check", "rules", str(RULES)], capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_they_come_when_they_should(self):
        done = self.run_cases(RULES.read_text())
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_each_is_covered(self):
        """The cases fail without any one of the alerts."""
        rules = RULES.read_text()
        blocks = rules.split("\n      - alert: ")
        self.assertGreater(len(blocks), 10)
        for index, block in enumerate(blocks[1:], 1):
            without = "\n      - alert: ".join(blocks[:index] + blocks[index + 1:])
            with self.subTest(block.split("\n")[0]):
                self.assertNotEqual(self.run_cases(without).returncode, 0)


if __name__ == "__main__":
    require_programs("promtool")
    case.main()
