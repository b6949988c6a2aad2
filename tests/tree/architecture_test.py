"""The tests that docs/architecture.md names for what must always hold are there."""
import pathlib
import re
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]


def named_tests(text: str) -> list[str]:
    """Paths below the root; a bare file name stands in the folder of the one before it."""
    section = text.partition("## What must always hold")[2].partition("\n## ")[0]
    paths, folder = [], ""
    for name in re.findall(r"`([^`\s]+)`", section):
        if name.startswith("tests/"):
            folder = name.rpartition("/")[0]
            paths.append(name)
        elif re.search(r"_test\.(cc|py)$", name):
            paths.append(f"{folder}/{name}")
    return paths


class ArchitectureTest(unittest.TestCase):
    def test_every_named_test_exists(self):
        paths = named_tests((ROOT / "docs" / "architecture.md").read_text(encoding="utf-8"))
        self.assertGreater(len(paths), 10)
        self.assertEqual([path for path in paths if not (ROOT / path).exists()], [])

    def test_a_bare_name_stands_in_the_folder_before_it(self):
        text = "## What must always hold\n- So. (`tests/a/b_test.cc`, `c_test.py`)\n## More\n`tests/d_test.cc`"
        self.assertEqual(named_tests(text), ["tests/a/b_test.cc", "tests/a/c_test.py"])


if __name__ == "__main__":
    unittest.main()
