"""A disk that is full, stays full at the next start, and then has room again; a sync that fails."""
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from drill import disk, faults
from drill.world import World
from support import case
from support.desk_case import require_desk


class DiskTest(unittest.TestCase):
    def setUp(self):
        self.world = World()
        self.world.__enter__()
        self.addCleanup(self.world.__exit__, None, None, None)

    def assert_good(self, row) -> None:
        if row.skipped:
            self.skipTest(row.skipped)
        self.assertEqual([str(finding) for finding in row.findings], [])

    def test_every_write_fails(self):
        self.assert_good(disk.full_by_library(self.world))

    def test_a_small_file_system_fills_up(self):
        self.assert_good(disk.full_tmpfs(self.world))

    def test_a_sync_fails(self):
        for after in (0, 3, 6):  # the rollback journal of the new file, the log's header, the first mails
            with self.subTest(after):
                self.assert_good(disk.broken_sync(self.world, after, f"eio{after}"))

    def test_what_must_not_go_unnoticed(self):
        for row in disk.controls(self.world):
            with self.subTest(row.name):
                self.assertTrue(row.good, row)


if __name__ == "__main__":
    require_desk()
    if reason := faults.why_not():
        case.skip_all(reason)
    case.main()
