"""The last line of ./dev test: counts the single cases in ctest's log, and says why the skipped ones were skipped."""
import re
import sys


def counts(body: str) -> tuple[int, int, int]:
    """(passed, failed, skipped) of one program; a program whose count can't be read counts as one."""
    if match := re.search(r"All tests passed \(.*? in (\d+) test cases?\)", body):
        return int(match[1]), 0, 0
    if match := re.search(r"^test cases:\s+(\d+) \|(?:\s+(\d+) passed \|)?\s+(\d+) failed", body, re.MULTILINE):
        return int(match[2] or 0), int(match[3]), 0
    if match := re.search(r"^Ran (\d+) tests? in .*?\n\n(OK|FAILED)(?: \((.*?)\))?$", body, re.MULTILINE):
        details = dict(re.findall(r"(\w+)=(\d+)", match[3] or ""))
        failed = int(details.get("failures", 0)) + int(details.get("errors", 0))
        skipped = int(details.get("skipped", 0))
        return max(0, int(match[1]) - failed - skipped), failed, skipped
    return (0, 0, 1) if "Test Skipped" in body else (1, 0, 0) if "Test Passed" in body else (0, 1, 0)


def reasons(name: str, body: str) -> list[str]:
    found = re.findall(r"^SKIPPED: (.*)$", body, re.MULTILINE)
    return [f"skipped in {name}: {reason}" for reason in dict.fromkeys(found)]


def summarize(log: str) -> tuple[list[str], tuple[int, int, int]]:
    notes, total = [], [0, 0, 0]
    for entry in re.split(r"^(?=\d+/\d+ Testing: )", log, flags=re.MULTILINE)[1:]:
        name = re.match(r"\d+/\d+ Testing: (.*)", entry)[1]
        passed, failed, skipped = counts(entry)
        if not failed and "Test Passed" not in entry and "Test Skipped" not in entry:
            failed += 1  # a crash, a time limit, or a sanitizer's word after the last case
        total = [total[0] + passed, total[1] + failed, total[2] + skipped]
        notes += reasons(name, entry)
    return notes, tuple(total)


def main() -> int:
    with open(sys.argv[1], encoding="utf-8", errors="replace") as file:
        notes, (passed, failed, skipped) = summarize(file.read())
    for note in notes:
        print(note)
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
