"""A second daemon on the same store refuses to start and says why, whatever name the store goes by; the first goes on."""
import errno
import os
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from support import case, mails
from support.desk import toml
from support.desk_case import DeskCase, require_desk

UNAVAILABLE, TRY_AGAIN = 69, 75


class TwoDaemonsTest(DeskCase):
    def setUp(self):
        super().setUp()
        self.make_desk()

    def second(self, store: pathlib.Path, *arguments: str):
        configuration = self.desk.folder / "second.toml"
        configuration.write_text(toml(self.desk.sections | {"store": {"path": str(store)}}))
        return self.desk.run("ticketd", "--config", configuration, *arguments, seconds=30)

    def check_refused(self, store: pathlib.Path) -> None:
        """Both as a daemon and for one pass."""
        for arguments in ((), ("--once",)):
            with self.subTest(f"{store.name} {arguments}"):
                done = self.second(store, *arguments)
                self.assertEqual(done.returncode, TRY_AGAIN, done.stderr)
                self.assertIn(f"another ticketd (process {self.desk.process.pid}) works on", done.stderr)

    def check_first_goes_on(self) -> None:
        self.desk.check_alive()
        self.write(mails.mail("c@two.example", "Still there"))
        self.wait_mail("c@two.example")
        self.assertEqual(len(self.desk.tickets()), 1)
        self.assertEqual(len(self.smtp.mails), 1)

    def test_same_path(self):
        self.desk.start()
        self.check_refused(self.desk.store)
        self.check_first_goes_on()

    def test_links_to_the_store(self):
        self.desk.start()
        link, chain, relative = (self.desk.folder / name for name in ("link.db", "chain.db", "relative.db"))
        link.symlink_to(self.desk.store)
        chain.symlink_to(link)
        relative.symlink_to(pathlib.Path("state") / self.desk.store.name)
        folder = self.desk.folder / "elsewhere"
        folder.symlink_to(self.desk.store.parent)
        for store in (link, chain, relative, folder / self.desk.store.name, self.desk.store.parent / ".." / "state" / self.desk.store.name):
            self.check_refused(store)
        self.check_first_goes_on()

    def test_the_first_came_by_a_link_to_a_store_that_was_not_there_yet(self):
        real = self.desk.store
        link = self.desk.folder / "link.db"
        link.symlink_to(real)
        self.desk.sections["store"] = {"path": str(link)}
        self.desk.write()
        self.desk.start()
        self.assertTrue(real.exists())
        self.check_refused(real)
        self.check_first_goes_on()

    def test_the_lock_file_is_removed(self):
        self.desk.start()
        pathlib.Path(f"{self.desk.store}.lock").unlink()
        for arguments in ((), ("--once",)):
            done = self.second(self.desk.store, *arguments)
            self.assertEqual(done.returncode, TRY_AGAIN, done.stderr)
            self.assertRegex(done.stderr, r"another ticketd \(process .*\) works on")
        self.check_first_goes_on()

    def test_a_hard_link_in_another_folder(self):
        """Under each name SQLite would have a log of its own."""
        self.desk.start()
        folder = self.desk.folder / "elsewhere"
        folder.mkdir()
        link = folder / "tickets.db"
        os.link(self.desk.store, link)
        for arguments in ((), ("--once",)):
            done = self.second(link, *arguments)
            self.assertEqual(done.returncode, UNAVAILABLE, done.stderr)
            self.assertIn("has 2 names (hard links)", done.stderr)
        self.assertFalse(pathlib.Path(f"{link}-wal").exists())
        self.check_first_goes_on()
        self.desk.stop()
        self.assertIn("has 2 names (hard links)", self.second(self.desk.store, "--once").stderr)
        link.unlink()
        self.assertEqual(self.second(self.desk.store, "--once").returncode, 0)

    def test_a_new_store_is_for_its_group_and_nobody_else(self):
        self.desk.start()
        self.assertEqual(self.desk.store.stat().st_mode & 0o777, 0o660)

    def test_links_that_go_in_a_circle(self):
        one, two = self.desk.folder / "one.db", self.desk.folder / "two.db"
        one.symlink_to(two)
        two.symlink_to(one)
        done = self.second(one, "--once")
        self.assertEqual(done.returncode, UNAVAILABLE, done.stderr)
        self.assertIn(os.strerror(errno.ELOOP), done.stderr)

    def test_a_killed_daemon_keeps_nobody_out(self):
        self.desk.start()
        self.desk.kill()
        self.assertEqual(self.second(self.desk.store, "--once").returncode, 0)
        self.desk.start()
        self.check_first_goes_on()


if __name__ == "__main__":
    require_desk()
    case.main()
