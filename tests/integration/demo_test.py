"""./dev demo, as a newcomer sees it: it comes to its end, and everything that it shows came about."""
import os
import pathlib
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from support import case
from support.case import ROOT, build_folder, require_programs


class DemoTest(unittest.TestCase):
    def test_it_comes_to_its_end(self):
        done = subprocess.run([sys.executable, str(ROOT / "tests" / "demo" / "demo.py"), "--build", str(build_folder())],
                              capture_output=True, text=True, timeout=600, env=os.environ | {"NO_COLOR": "1"})
        self.assertEqual(done.returncode, 0, done.stdout[-5000:] + done.stderr[-5000:])
        self.assertIn("Every mail has its outcome, every answer went out once.", done.stdout)

    def test_a_wrong_option_is_told_before_anything_is_built(self):
        for arguments in (("demo", "--nonsense"), ("bench", "--only", "nothing"), ("drill", "nothing")):
            with self.subTest(arguments):
                done = subprocess.run([str(ROOT / "dev"), *arguments], capture_output=True, text=True, timeout=60)
                self.assertEqual(done.returncode, 2)
                self.assertIn(f"./dev {arguments[0]}: error:", done.stderr)
                self.assertNotIn("cmake", done.stdout + done.stderr)


if __name__ == "__main__":
    require_programs("dovecot")
    case.main()
