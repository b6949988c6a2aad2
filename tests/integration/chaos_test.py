"""The fault drills with small numbers and a fixed seed: random kills, cuts and refusals; and what must not go unnoticed."""
import collections
import contextlib
import io
import pathlib
import sys
import unittest
import unittest.mock

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from drill import chaos, drill, installed_load, sabotage
from drill.history import Finding
from drill.world import Row, World
from support import case
from support.desk_case import require_desk


class ChaosTest(unittest.TestCase):
    def check(self, seed: str, processed: str) -> None:
        row = chaos.one_round(seed, 120, processed)
        self.assertEqual([str(finding) for finding in row.findings], [], row)
        self.assertGreaterEqual(row.faults["kills"], chaos.LEAST_KILLS)

    def test_mails_are_moved(self):
        self.check("short", "move:Processed")

    def test_mails_are_kept(self):
        self.check("keeps", "keep")

    def test_mails_are_flagged(self):
        self.check("flags", "seen")


class VerdictTest(unittest.TestCase):
    """What did not happen is not good."""

    def main(self, drills: dict, *arguments: str) -> tuple[int, str]:
        """Exit code, and what was printed."""
        told = io.StringIO()
        with unittest.mock.patch.object(drill, "DRILLS", drills), unittest.mock.patch.object(sys, "argv", ["drill", *arguments]), \
                contextlib.redirect_stdout(told), contextlib.redirect_stderr(io.StringIO()):
            return drill.main(), told.getvalue()

    def test_a_round_without_a_fault(self):
        row = Row("chaos", faults=collections.Counter({fault: 1 for fault in chaos.INJECTED}))
        self.assertEqual(chaos.not_injected(row), [])
        for fault in chaos.INJECTED:
            without = Row("chaos", faults=row.faults - collections.Counter({fault: 1}))
            self.assertEqual([str(finding) for finding in chaos.not_injected(without)], [f"not_injected: wrong: no {fault} in this round"])

    def test_a_drill_that_was_skipped_as_a_whole(self):
        drills = {"good": lambda *_: [Row("good")], "absent": lambda *_: [Row("absent", skipped="nothing to do it with")]}
        code, told = self.main(drills)
        self.assertEqual(code, 1)
        self.assertRegex(told, "absent .* NOT DONE: nothing to do it with")
        self.assertEqual(self.main(drills, "--may-skip")[0], 0)
        self.assertEqual(self.main(drills, "good")[0], 0)

    def test_a_part_that_was_skipped_is_named(self):
        code, told = self.main({"disk": lambda *_: [Row("disk full"), Row("a small tmpfs", skipped="only root may mount a tmpfs")]})
        self.assertEqual(code, 0)
        self.assertRegex(told, "a small tmpfs .* skipped: only root may mount a tmpfs")

    def test_too_few_is_not_good(self):
        row = Row("kills", faults=collections.Counter({"kills": 7, "rounds": 2}), wanted={"kills": 10})
        code, told = self.main({"few": lambda *_: [row]})
        self.assertEqual(code, 1)
        self.assertRegex(told, "kills .* TOO FEW +7 of 10 kills, 2 rounds")
        self.assertIn("kills: only 7 of 10 kills", told)
        row.faults["kills"] = 10
        self.assertEqual(self.main({"enough": lambda *_: [row]})[0], 0)

    def test_what_was_found_is_never_good(self):
        drills = {"bad": lambda *_: [Row("bad", findings=[Finding("lost", "a mail")])]}
        self.assertEqual(self.main(drills, "--may-skip")[0], 1)


class MemoryTest(unittest.TestCase):
    """What a soak's samples, two a second, say of the daemon's memory."""

    def findings(self, minutes: float, memory) -> int:
        return len(list(installed_load.memory_findings([(tick / 2, memory(tick / 120)) for tick in range(int(minutes * 120))])))

    def test_flat(self):
        self.assertEqual(self.findings(20, lambda minute: 12 + 0.5 * (minute % 0.1)), 0)
        self.assertEqual(self.findings(1, lambda minute: 12 + 0.5 * (minute % 0.1)), 0)

    def test_caches_that_fill_at_first(self):
        self.assertEqual(self.findings(20, lambda minute: min(10 + 4 * minute, 25)), 0)

    def test_a_slow_leak(self):
        self.assertEqual(self.findings(20, lambda minute: 12 + 0.5 * minute), 1)

    def test_a_fast_leak_within_a_minute(self):
        self.assertEqual(self.findings(1, lambda minute: 12 + 6 * minute), 1)

    def test_too_much(self):
        self.assertEqual(self.findings(20, lambda _: 100), 1)


class ControlsTest(unittest.TestCase):
    def test_every_sabotage_is_found(self):
        with World() as world:
            for row in sabotage.controls(world):
                with self.subTest(row.name):
                    self.assertTrue(row.good, row)

    def test_every_invariant_has_a_sabotage(self):
        self.assertEqual(sabotage.uncovered(), set())


if __name__ == "__main__":
    require_desk()
    case.main()
