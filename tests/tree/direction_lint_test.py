"""Includes go in one direction, C libraries have one door each, SQL stays in store/; and the lint finds what breaks that."""
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lint"))
import direction_lint
import length_lint

BAD = {
    "rules see the store": ("rules/a.cc", '#include "store/store.h"\n'),
    "parsers see rules": ("parsers/a.h", '  #  include "rules/ticket.h"\n'),
    "store sees the daemon": ("store/a.cc", '#include <x>\n#include "daemon/log/log.h"\n'),
    "sqlite elsewhere in store": ("store/store.cc", "#include <sqlite3.h>\n"),
    "sqlite in the daemon": ("daemon/desk/desk.cc", "#include <sqlite3.h>\n"),
    "curl outside net": ("daemon/imap/session.cc", "#include <curl/curl.h>\n"),
    "a query": ("daemon/a.cc", 'auto s = "SELECT number FROM ticket WHERE x = 1";\n'),
    "a query over lines": ("rules/a.cc", 'auto s = R"(UPDATE ticket\n SET a = 1)";\n'),
    "a pragma": ("daemon/a.cc", 'run("PRAGMA user_version");\n'),
}

GOOD = {
    "downward": ("daemon/a.cc", '#include "store/store.h"\n#include "rules/ticket.h"\n#include "parsers/email.h"\n'),
    "same folder": ("rules/a.cc", '#include "rules/ticket.h"\n'),
    "sqlite's door": ("store/sqlite.h", "#include <sqlite3.h>\n"),
    "curl's door": ("daemon/net/curl.cc", "#include <curl/curl.h>\n"),
    "IMAP's SELECT": ("daemon/imap/a.cc", 'send("SELECT \\"INBOX\\"");\n'),
    "SQL in a comment": ("daemon/a.cc", "// SELECT x FROM y\n"),
    "SQL in store": ("store/tickets.cc", 'auto s = "SELECT number FROM ticket";\n'),
}


class DirectionLintTest(unittest.TestCase):
    def test_bad_snippets_are_found(self):
        for name, (path, source) in BAD.items():
            with self.subTest(name):
                self.assertEqual(len(direction_lint.problems_in(path, source)), 1)

    def test_good_snippets_pass(self):
        for name, (path, source) in GOOD.items():
            with self.subTest(name):
                self.assertEqual(direction_lint.problems_in(path, source), [])

    def test_tree(self):
        self.assertEqual(direction_lint.check_tree(), [])


class LengthLintTest(unittest.TestCase):
    SOURCE = ("namespace a {\nclass X {\n  void f() const {\n    g();\n  }\n};\n"
              "int h(int a)\n{\n  if (a) {\n    return [&] {\n      return 1;\n    }();\n  }\n  return 2;\n}\n}\n")

    def test_functions_are_measured(self):
        self.assertEqual(length_lint.cpp_functions(self.SOURCE), [(3, 3), (7, 9)])


if __name__ == "__main__":
    unittest.main()
