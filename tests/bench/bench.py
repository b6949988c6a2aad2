#!/usr/bin/env python3
"""Measures ticketd against the targets of its design, beside mbsync on the same Dovecot in the same run."""
import argparse
import json
import os
import pathlib
import platform
import shutil
import sys
import time
import traceback

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import growth_rows
import outbox_rows
import parse_rows
import rows
from support.case import ROOT, temporary_folder
from support.dovecot import Dovecot
from support.readme import write_section

GROUPS = {
    "start": rows.start_and_check,
    "idle": rows.idle,
    "backlog": rows.backlog,
    "latency": rows.latency,
    "outbox": outbox_rows.outbox,
    "large": rows.large_mail,
    "growth": growth_rows.growth,
    "parse": parse_rows.parsing,
    "monsters": parse_rows.monsters,
}


def shown(value: float) -> str:
    return f"{value:.3f}" if value < 10 else f"{value:.1f}" if value < 1000 else f"{value:,.0f}"


def print_rows(results: list[rows.Row]) -> None:
    print(f"\n{'what':<66} {'target':>12} {'measured':>12} {'of target':>10}")
    for row in results:
        target = f"{row.comparison} {shown(row.target)}" if row.target is not None else "–"
        ratio = f"{row.ratio:.2f}" if row.ratio is not None else ""
        mark = "" if row.reached is None else "ok" if row.reached else "MISSED"
        print(f"{row.what:<66} {target:>12} {shown(row.measured) + ' ' + row.unit:>12} {ratio:>10}  {mark}")


def write_readme(results: list[rows.Row], runs: int) -> None:
    """The table in the README; what was not reached is bold."""
    lines = [f"{os.cpu_count()} CPUs, Linux {platform.release().split('-')[0]}; medians of {runs} runs where a row is repeated.", "",
             "| what | target | measured | of target |", "|---|---|---|---|"]
    for row in results:
        target = f"{row.comparison.replace('<=', '≤').replace('>=', '≥')} {shown(row.target)}" if row.target is not None else ""
        measured = f"{shown(row.measured)} {row.unit}".strip()
        what = row.what.replace("->", "→").strip()
        lines.append(f"| {'– ' * row.what.startswith('  ')}{what} | {target} | {f'**{measured}**' if row.reached is False else measured} | "
                     f"{f'{row.ratio:.2f}' if row.ratio is not None else ''} |")
    write_section("bench", lines)


def main() -> int:
    parser = argparse.ArgumentParser(prog="./dev bench", description=__doc__)
    parser.add_argument("--build", default="build/release")
    parser.add_argument("--quick", action="store_true", help="one run each and fewer mails: to see that it works")
    parser.add_argument("--mails", default="", help="a folder of mails that is parsed too")
    parser.add_argument("--readme", action="store_true", help="write the table into the README")
    parser.add_argument("--only", choices=GROUPS, action="append", help="only these rows")
    parser.add_argument("--options-only", action="store_true", help=argparse.SUPPRESS)  # ./dev asks before it builds
    options = parser.parse_args()
    if options.options_only:
        return 0
    os.environ["TICKETD_BUILD"] = options.build
    folder = temporary_folder("ticketd-bench-")
    results: list[rows.Row] = []
    failed: list[str] = []
    began = time.monotonic()
    try:
        with Dovecot(folder) as dovecot:
            bench = rows.Bench(folder, dovecot, options.quick, options.mails)
            for name in options.only or GROUPS:
                print(f"measuring {name} …", file=sys.stderr, flush=True)
                try:
                    results += GROUPS[name](bench)
                except Exception:  # the others are worth something all the same
                    traceback.print_exc()
                    failed.append(name)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print_rows(results)
    output = ROOT / "build" / "bench.json"
    output.write_text(json.dumps({"machine": f"{os.cpu_count()} CPUs, {platform.release()}", "quick": options.quick,
                                  "seconds": round(time.monotonic() - began, 1), "rows": [row.as_json() for row in results]}, indent=1))
    if options.readme:
        write_readme(results, bench.runs)
    print(f"\nall of it is in {output.relative_to(ROOT)}")
    if failed:
        print(f"not measured, see above: {', '.join(failed)}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
