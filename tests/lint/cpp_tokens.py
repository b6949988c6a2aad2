"""A C++ scanner just good enough for the lints: tokens with line numbers, without comments, literals blanked."""
import pathlib
import re
from typing import NamedTuple

ROOT = pathlib.Path(__file__).resolve().parents[2]
FOLDERS = ("parsers", "rules", "store", "daemon")

TOKEN = re.compile(
    r"""
    (?P<space>\s+)
  | (?P<comment>//[^\n]*|/\*.*?\*/)
  | (?P<directive>^[ \t]*\#(?:[^\n\\]|\\.)*(?:\\\n[^\n]*)*)
  | (?P<raw>(?:u8|u|U|L)?R"(?P<mark>[^()\\\s]{0,16})\(.*?\)(?P=mark)")
  | (?P<string>(?:u8|u|U|L)?"(?:[^"\\\n]|\\.)*")
  | (?P<character>(?:u8|u|U|L)?'(?:[^'\\\n]|\\.)+')
  | (?P<number>\.?\d(?:[\w.]|'\w|[eEpP][+-])*)
  | (?P<word>[A-Za-z_]\w*)
  | (?P<mark2>::|->|<<=|>>=|&&|\|\||[-+*/%&|^=!<>]=|\[\[|.)
    """,
    re.VERBOSE | re.DOTALL | re.MULTILINE,
)


class Token(NamedTuple):
    text: str  # a string literal is '""', a character or number '0'
    line: int
    literal: str = ""  # what stood in a string literal


def tokens(source: str) -> list[Token]:
    found, line = [], 1
    for match in TOKEN.finditer(source):
        kind, text = match.lastgroup, match.group()
        if match.group("raw") or kind == "string":
            found.append(Token('""', line, text))
        elif kind in ("character", "number"):
            found.append(Token("0", line))
        elif kind in ("word", "mark2"):
            found.append(Token(text, line))
        line += text.count("\n")
    return found


def sources(*patterns: str) -> list[pathlib.Path]:
    """Files of the tree's folders, headers and sources alike."""
    wanted = patterns or ("*.h", "*.cc")
    return sorted(path for folder in FOLDERS for pattern in wanted for path in (ROOT / folder).rglob(pattern))


def report(problems: list[str]) -> int:
    for problem in problems:
        print(problem)
    return 1 if problems else 0
