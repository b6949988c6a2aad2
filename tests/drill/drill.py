#!/usr/bin/env python3
"""Injects faults for some minutes, and tells whether anything was lost or doubled; every drill has controls that must go red."""
import argparse
import os
import pathlib
import platform
import random
import sys
import time
import traceback

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from drill import chaos, crash_points, disk, faults, installed, sabotage
from drill.history import Finding
from drill.world import Row, World, until
from support.readme import write_section

PROCESSED = ("move:Processed", "keep", "seen")


def run_chaos(seed: int, end: float) -> list[Row]:
    total = Row("chaos")
    for number in until(end):
        row = chaos.one_round(f"{seed}.{number}", 300, PROCESSED[number % len(PROCESSED)])
        print("\n    ".join([f"  round {number}: {verdict(row)}", *map(str, row.findings)]), file=sys.stderr, flush=True)
        total.add(row)
        total.faults["rounds"] += 1
    with World() as world:
        return [total, *sabotage.controls(world)]


def run_crash_points(seed: int, end: float) -> list[Row]:
    if reason := faults.why_not():
        return [Row("crash points", skipped=reason)]
    with World() as world:
        return [crash_points.CrashPoints(world, seed).run(1_000_000, end), crash_points.power_cut_after_a_pass(world, "cut"),
                crash_points.lying_syncs(world), crash_points.control(world)]


def run_disk(seed: int, end: float) -> list[Row]:
    if reason := faults.why_not():
        return [Row("disk", skipped=reason)]
    full, small, broken = Row("disk full (every write fails)"), Row("disk full (a small tmpfs)"), Row("a sync fails (EIO)")
    chance = random.Random(f"{seed} syncs")
    with World() as world:
        for number in until(end):
            full.add(disk.full_by_library(world, f"full{number}"))
            tmpfs = disk.full_tmpfs(world, f"tmpfs{number}")
            small.skipped = tmpfs.skipped
            small.add(tmpfs)
            broken.add(disk.broken_sync(world, chance.randint(0, 8), f"eio{number}"))
        return [full, small, broken, *disk.controls(world)]


# The installed one is the first: it takes this process to a network of its own, which it can while there is one thread.
DRILLS = {"installed": installed.run, "chaos": run_chaos, "crash-points": run_crash_points, "disk": run_disk}


def run(name: str, *arguments) -> list[Row]:
    """The rows of one drill; one that breaks off is a row too, and one that was skipped as a whole has not been done."""
    try:
        rows = DRILLS[name](*arguments)
    except Exception as error:
        traceback.print_exc()
        return [Row(name, findings=[Finding("wrong", f"the drill broke off: {error!r}")])]
    for row in rows:
        row.is_not_done = all(row.skipped for row in rows)
    return rows


def verdict(row: Row) -> str:
    if row.skipped:
        return f"{'NOT DONE' if row.is_not_done else 'skipped'}: {row.skipped}"
    if row.must_find:
        return "found, as it must be" if row.good else "NOT FOUND"
    return "good" if row.good else "BAD" if row.findings else "TOO FEW"


def print_table(rows: list[Row]) -> None:
    print(f"\n{'drill':<46} {'mails':>6} {'lost':>5} {'doubled':>8} {'recovered in':>13}  {'verdict':<21} faults injected")
    for row in rows:
        seconds = f"{row.recovered:.1f} s" if row.recovered else ""
        print(f"{row.name:<46} {row.mails:>6} {row.count('lost'):>5} {row.count('doubled'):>8} {seconds:>13}  {verdict(row):<21} {row.told()}")


def write_readme(rows: list[Row], seconds: float) -> None:
    lines = [f"{os.cpu_count()} CPUs, Linux {platform.release().split('-')[0]}; {seconds / 60:.0f} minutes.", "",
             "| drill | mails | lost | doubled | recovered in | verdict | faults injected |", "|---|---|---|---|---|---|---|"]
    for row in rows:
        recovered = f"{row.recovered:.1f} s" if row.recovered else ""
        seen = [row.mails, row.count("lost"), row.count("doubled"), recovered] if not row.must_find else [row.mails, "", "", ""]
        lines.append("| " + " | ".join(map(str, [row.name, *seen, verdict(row), row.told()])) + " |")
    write_section("drill", lines)


def print_findings(rows: list[Row]) -> None:
    for row in rows:
        if row.must_find and not row.good:
            print(f"\n{row.name}: nothing that begins with {row.not_found()} was found; found: {list(map(str, row.findings))[:20]}")
        elif not row.good:
            short = [f"only {what}" for what in row.too_few()]
            print("\n" + "\n".join(f"{row.name}: {finding}" for finding in [*short, *row.findings[:50]]))


def main() -> int:
    parser = argparse.ArgumentParser(prog="./dev drill", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"{', '.join(DRILLS)}; default: all")
    parser.add_argument("--build", default="build/release")
    parser.add_argument("--minutes", type=float, default=5, help="for all of them together, about; of installed only for power cuts (default: %(default)g)")
    usual = installed.Wanted()
    parser.add_argument("--kills", type=int, default=usual.kills, help="of installed: kill -9 under load (default: %(default)d)")
    parser.add_argument("--storm", type=int, default=usual.storm, help="of installed: automatic mails at once (default: %(default)d)")
    parser.add_argument("--soak", type=float, default=usual.soak, metavar="MINUTES",
                        help="of installed: load without kills (default: %(default)g)")
    parser.add_argument("--away", type=float, default=usual.away, metavar="SECONDS",
                        help="of installed: a mailbox is empty for so long (default: %(default)g)")
    parser.add_argument("--may-skip", action="store_true", help="exit with 0 even if a drill could not be done at all")
    parser.add_argument("--readme", action="store_true", help="write the table into the README")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1_000_000))
    parser.add_argument("--options-only", action="store_true", help=argparse.SUPPRESS)  # ./dev asks before it builds
    options = parser.parse_args()
    unknown = set(options.names) - set(DRILLS)
    if unknown:
        parser.error(f"no such drill: {', '.join(sorted(unknown))}; there are {', '.join(DRILLS)}")
    if options.options_only:
        return 0
    os.environ["TICKETD_BUILD"] = options.build
    names = [name for name in DRILLS if not options.names or name in options.names]
    rows: list[Row] = []
    began = time.monotonic()
    print(f"seed {options.seed} (again with --seed {options.seed})", flush=True)
    for name in names:
        print(f"{name} …", file=sys.stderr, flush=True)
        wanted = [installed.Wanted(options.kills, options.storm, options.soak, options.away)] if name == "installed" else []
        rows += run(name, options.seed, time.monotonic() + options.minutes * 60 / len(names), *wanted)
    print_table(rows)
    print_findings(rows)
    if options.readme:
        write_readme(rows, time.monotonic() - began)
    return 0 if all(row.good if not row.skipped else options.may_skip or not row.is_not_done for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
