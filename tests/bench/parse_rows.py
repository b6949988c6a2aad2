"""Reading mails: MB/s beside GMime on the same ones, and what hostile ones cost at most."""
import json
import subprocess

from rows import Bench, Row, repeated
from support.case import build_folder


def output_of(program: str, *arguments: str) -> list:
    done = subprocess.run([build_folder() / "tests" / program, *arguments], stdout=subprocess.PIPE, check=False)
    return json.loads(done.stdout)


def parsing(bench: Bench) -> list[Row]:
    if not (build_folder() / "tests" / "parse_bench").exists():
        print("no row for parsing: libgmime-3.0-dev was not there when the tree was configured")
        return []
    return repeated(bench, parsing_once)


def parsing_once(bench: Bench) -> list[Row]:
    found = []
    for kind in output_of("parse_bench", *filter(None, [bench.mail_folder])):
        found += [Row(f"parsing, whole path: {kind['name']}", kind["ours"], "MB/s"),
                  Row("  GMime on the same mails", kind["gmime"], "MB/s"),
                  Row("  ratio to GMime", kind["ours"] / kind["gmime"], "", 1, ">=")]
    return found


def monsters(bench: Bench) -> list[Row]:
    mails = output_of("monsters", "--json")
    slowest, largest = (max(mails, key=lambda mail: mail[key]) for key in ("seconds", "extra_mb"))
    return [Row(f"{len(mails)} hostile mails: not taken in", sum(not mail["good"] for mail in mails), "", 0),
            Row(f"  CPU of the slowest ({slowest['name']})"[:66], slowest["seconds"], "s", 2),
            Row(f"  memory over the raw mail ({largest['name']})"[:66], largest["extra_mb"], "MB", 200)]
