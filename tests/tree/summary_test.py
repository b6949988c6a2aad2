"""The last line of ./dev test tells the truth about what ran."""
import ast
import collections
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from support.summary import summarize


def entry(number: int, name: str, output: str, end: str) -> str:
    return f"{number}/9 Testing: {name}\n{number}/9 Test: {name}\nOutput:\n----\n{output}\n<end of output>\n{end}\n----\n"


CASES = {
    "Catch2, all well": ("All tests passed (1234 assertions in 56 test cases)", "Test Passed.", (56, 0, 0)),
    "Catch2, one case": ("All tests passed (1 assertion in 1 test case)", "Test Passed.", (1, 0, 0)),
    "Catch2, some fail": ("test cases: 10 | 8 passed | 2 failed\nassertions: 99 | 97 passed | 2 failed", "Test Failed.", (8, 2, 0)),
    "Catch2, all fail": ("test cases: 2 | 2 failed", "Test Failed.", (0, 2, 0)),
    "Catch2, then a sanitizer's word": ("All tests passed (5 assertions in 4 test cases)\nERROR: LeakSanitizer", "Test Failed.", (4, 1, 0)),
    "unittest, all well": ("....\n---\nRan 4 tests in 0.1s\n\nOK", "Test Passed.", (4, 0, 0)),
    "unittest, all sorts": ("Ran 9 tests in 0.1s\n\nFAILED (failures=1, errors=2, skipped=3)", "Test Failed.", (3, 3, 3)),
    "skipped whole": ("SKIPPED: Postfix is not installed", "Test Skipped.", (0, 0, 1)),
    "a crash": ("Segmentation fault", "Test Failed.", (0, 1, 0)),
    "out of time": ("....", "Test timed out", (0, 1, 0)),
}


def hidden_tests(source: str) -> list[str]:
    """Classes, and tests of one class, that others of the same name stand in front of: they never run."""
    tree = ast.parse(source)
    scopes = [tree, *(node for node in tree.body if isinstance(node, ast.ClassDef))]
    names = [[node.name for node in scope.body if isinstance(node, (ast.ClassDef, ast.FunctionDef)) and not node.decorator_list]
             for scope in scopes]
    return [name for each in names for name, count in collections.Counter(each).items() if count > 1]


class SummaryTest(unittest.TestCase):
    def test_every_test_runs(self):
        tests = pathlib.Path(__file__).resolve().parents[1]
        for script in sorted(tests.glob("*/*.py")):
            with self.subTest(script.name):
                self.assertEqual(hidden_tests(script.read_text(encoding="utf-8")), [])
        self.assertEqual(hidden_tests("class A:\n  def f(self): 1\n  def f(self): 2\nclass B: pass\nclass A: pass"), ["A", "f"])

    def test_one_program(self):
        for name, (output, end, expected) in CASES.items():
            with self.subTest(name):
                self.assertEqual(summarize(entry(1, "x", output, end))[1], expected)

    def test_sum_and_reasons(self):
        log = "".join(entry(i, f"t{i}", output, end) for i, (output, end, _) in enumerate(CASES.values(), 1))
        notes, total = summarize(log)
        self.assertEqual(total, tuple(sum(column) for column in zip(*(case[2] for case in CASES.values()))))
        self.assertEqual(notes, ["skipped in t8: Postfix is not installed"])


if __name__ == "__main__":
    unittest.main()
