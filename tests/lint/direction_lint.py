"""The architecture as includes: parsers <- rules <- store <- daemon, each C library behind its one door, SQL in store/."""
import pathlib
import re
import sys

from cpp_tokens import FOLDERS, ROOT, report, sources, tokens

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^">]+)[">]', re.MULTILINE)
SQL = re.compile(r"\b(SELECT\s.+\sFROM\s|INSERT\s+(OR\s+\w+\s+)?INTO\s|DELETE\s+FROM\s|UPDATE\s+\w+\s+SET\s"
                 r"|CREATE\s+(UNIQUE\s+)?(TABLE|INDEX|TRIGGER)|PRAGMA\s+\w|BEGIN\s+IMMEDIATE)", re.DOTALL)


def upward(folder: str, included: str) -> str:
    target = included.split("/")[0]
    if target in FOLDERS and FOLDERS.index(target) > FOLDERS.index(folder):
        return f"{folder}/ includes {included}: the direction is {' <- '.join(FOLDERS)}"
    return ""


def wrong_door(path: str, included: str) -> str:
    if included == "sqlite3.h" and not re.fullmatch(r"store/sqlite\.(h|cc)", path):
        return "sqlite3.h is included by store/sqlite.* alone"
    if included.startswith("curl/") and not path.startswith("daemon/net/"):
        return "libcurl is included in daemon/net/ alone"
    return ""


def problems_in(path: str, source: str) -> list[tuple[int, str]]:
    """`path` is relative to the root, with slashes."""
    found = []
    for match in INCLUDE.finditer(source):
        line = source.count("\n", 0, match.start(1)) + 1
        folder = path.split("/")[0]
        for problem in (upward(folder, match[2]), wrong_door(path, match[2])):
            if problem:
                found.append((line, problem))
    if not path.startswith("store/"):
        for token in tokens(source):
            if SQL.search(token.literal):
                found.append((token.line, "SQL outside store/"))
    return found


def includes(path: pathlib.Path, prefix: str) -> bool:
    return any(match[2].startswith(prefix) for match in INCLUDE.finditer(path.read_text()))


def mimetic_doors() -> list[str]:
    doors = [str(path.relative_to(ROOT)) for path in sources() if includes(path, "mimetic")]
    return [] if len(doors) <= 1 else [f"mimetic is included by more than one file: {', '.join(doors)}"]


def check_tree() -> list[str]:
    found = mimetic_doors()
    for path in sources():
        name = path.relative_to(ROOT).as_posix()
        found += [f"{name}:{line}: {text}" for line, text in problems_in(name, path.read_text())]
    return found


if __name__ == "__main__":
    sys.exit(report(check_tree()))
