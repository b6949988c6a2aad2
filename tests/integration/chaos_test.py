"""The fault drills with small numbers and a fixed seed: random kills, cuts and refusals; and what must not go unnoticed."""
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from drill import chaos, sabotage
from drill.world import World
from support import case
from support.desk_case import require_desk


class ChaosTest(unittest.TestCase):
    def check(self, seed: str, processed: str) -> None:
        row = chaos.one_round(seed, 120, processed)
        self.assertEqual([str(finding) for finding in row.findings], [], row)
        self.assertGreaterEqual(row.faults["kills"], chaos.LEAST_KILLS)
        for fault in chaos.INJECTED:
            self.assertGreater(row.faults[fault], 0, fault)

    def test_mails_are_moved(self):
        self.check("short", "move:Processed")

    def test_mails_are_kept(self):
        self.check("keeps", "keep")

    def test_mails_are_flagged(self):
        self.check("flags", "seen")


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
