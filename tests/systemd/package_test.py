"""The life of the Debian package: first installation, configuration, upgrades, removal, purge."""
import contextlib
import pathlib
import re
import shutil
import sqlite3
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from support import case, mails
from support.case import ROOT, wait_for
from systemd.desk_in_sandbox import DeskInSandbox, require_package
from systemd import clean_debian
from systemd.package import INSIDE, build_package, package_without, run

CONFIGURATION = 78
NOT_FOUND = 2  # getent(1)
STORE = "/var/lib/ticketd/tickets.db"
NEXT = "ticketd: next, as root: ticketctl setup (/usr/share/doc/ticketd/README.Debian)\n"


def last_commands() -> str:
    """What README.Debian says that leaves nothing."""
    return re.search(r"To be rid of them as well:\n\n((?:  .+\n)+)\Z", (ROOT / "debian/README.Debian").read_text())[1]


def old_store(path: pathlib.Path) -> None:
    """A store as the first version left it, with one ticket."""
    first = sorted((ROOT / "store" / "migrations").glob("0001_*.sql"))[0].read_text()
    known = {"subject": "From the old days", "status": "open", "priority": 5, "channel": "portal", "claim": "none",
             "requester_address": "old@customer.example"}
    header = (ROOT / "store" / "schema.cc").read_text()
    application_id = int(re.search(r"kApplicationId = (0x[0-9a-fA-F']+|\d+)", header)[1].replace("'", ""), 0)
    with contextlib.closing(sqlite3.connect(path)) as store, store:
        store.executescript(first)
        store.execute(f"PRAGMA application_id = {application_id}")
        store.execute("PRAGMA user_version = 1")
        columns = [column for column in store.execute("PRAGMA table_info(tickets)") if column[3] and column[4] is None and not column[5]]
        values = {name: known.get(name, "" if kind == "TEXT" else 0) for _, name, kind, *_ in columns}
        store.execute(f"INSERT INTO tickets ({', '.join(values)}) VALUES ({', '.join('?' * len(values))})", list(values.values()))


class ContentTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.package = build_package()

    def test_what_lies_where(self):
        listed = run("dpkg-deb", "--contents", self.package)
        for mode, path in (("-rwxr-xr-x", "usr/sbin/ticketd"), ("-rwxr-xr-x", "usr/bin/ticketctl"),
                           ("-rw-r--r--", "etc/ticketd/ticketd.toml"), ("-rw-r--r--", "lib/systemd/system/ticketd.service"),
                           ("-rw-r--r--", "lib/systemd/system/ticketd-backup.timer"),
                           ("-rw-r--r--", "usr/lib/systemd/catalog/ticketd.catalog"),  # there systemd's trigger sees it
                           ("-rw-r--r--", "usr/share/doc/ticketd/examples/ticketd-alerts.yaml"),
                           ("-rw-r--r--", "usr/lib/sysusers.d/ticketd.conf"), ("-rw-r--r--", "usr/lib/tmpfiles.d/ticketd.conf"),
                           ("-rw-r--r--", "usr/share/man/man1/ticketctl.1.gz"), ("-rw-r--r--", "usr/share/man/man5/ticketd.toml.5.gz"),
                           ("-rw-r--r--", "usr/share/man/man8/ticketd.8.gz"),
                           ("-rw-r--r--", "usr/share/bash-completion/completions/ticketctl"),
                           ("-rw-r--r--", "usr/share/doc/ticketd/README.Debian"), ("-rw-r--r--", "usr/share/doc/ticketd/README.md"),
                           ("-rw-r--r--", "usr/share/doc/ticketd/docs/trust.md"),
                           ("-rw-r--r--", "usr/share/doc/ticketd/examples/minimal.toml"),
                           ("-rw-r--r--", "usr/share/doc/ticketd/examples/ticketd-status.path"),
                           ("-rw-r--r--", "usr/share/doc/ticketd/examples/status-page.conf"),
                           ("-rw-r--r--", "usr/share/doc/ticketd/examples/templates/phrases.txt")):
            with self.subTest(path):
                self.assertRegex(listed, rf"(?m)^{mode} root/root .* \./{re.escape(path)}$")
        self.assertEqual(run("dpkg-deb", "--info", self.package, "conffiles").split(), ["/etc/ticketd/ticketd.toml"])

    def test_what_no_library_brings_is_depended_on(self):
        """Time zones; authorities of certificates; the unit's /bin/kill."""
        named = {each.split()[0] for each in run("dpkg-deb", "--field", self.package, "Depends").split(",")}
        self.assertLessEqual({"tzdata", "ca-certificates", "procps"}, named)

    def test_the_programs_are_stripped(self):
        folder = case.temporary_folder()
        self.addCleanup(shutil.rmtree, folder)
        run("dpkg-deb", "--extract", self.package, folder)
        for program in ("usr/sbin/ticketd", "usr/bin/ticketctl"):
            self.assertNotIn(".symtab", run("readelf", "--section-headers", "--wide", folder / program))

    def test_the_package_has_the_version_of_the_program(self):
        version = re.search(r"project\(ticketd VERSION (\S+)", (ROOT / "CMakeLists.txt").read_text())[1]
        self.assertEqual(run("dpkg-deb", "--field", self.package, "Version").strip(), version)

    @unittest.skipUnless(shutil.which("lintian"), "lintian is not installed")
    def test_lintian_neither_errs_nor_warns(self):
        done = subprocess.run(["lintian", "--allow-root", "--fail-on=error,warning", self.package], capture_output=True, text=True)
        self.assertEqual((done.returncode, done.stdout), (0, ""), done.stderr)


class DependenciesTest(DeskInSandbox):
    """The clean Debian that the others install on would show a dependency that is missing."""

    clean = True

    def test_without_a_dependency_the_programs_lack_its_library(self):
        folder = self.machine.folder / "forgotten"
        folder.mkdir()
        package = package_without(self.machine.package, folder, "libre2-9")
        root = clean_debian.make(folder, package)
        shutil.copy(package, root / "package.deb")
        run(*clean_debian.inside(root), "dpkg", "--install", "package.deb")
        for program in ("ticketd", "ticketctl"):
            done = subprocess.run([*clean_debian.inside(root), program, "--version"], capture_output=True, text=True)
            self.assertRegex(done.stderr, "error while loading shared libraries: libre2")


class LifeTest(DeskInSandbox):
    """One life, step by step in the order of the names."""

    clean = True

    def ticket(self, words: str) -> dict:
        return wait_for(lambda: next((t for t in self.ctl("list", "--status", "any") if words in t["subject"]), None), words, 30)

    def test_1_installed_it_is_neither_enabled_nor_started(self):
        self.assertIn(NEXT, self.machine.install())
        self.assertEqual(self.sandbox.call("systemctl", "is-enabled", "ticketd").stdout.strip(), "disabled")
        self.assertEqual(self.sandbox.property("ActiveState"), "inactive")
        self.sandbox.run("test", "-s", "/etc/ssl/certs/ca-certificates.crt")
        self.assertEqual(self.sandbox.run("stat", "-c", "%a %U %G", "/etc/ticketd/credentials", "/var/lib/ticketd").split(),
                         ["700", "root", "root", "2770", "ticketd", "ticketd"])
        self.sandbox.run("usermod", "-aG", "ticketd", "ann")

    def test_2_without_a_configuration_it_says_what_is_missing(self):
        told = self.sandbox.run("ticketd", "--check", code=CONFIGURATION)
        self.assertIn("/etc/ticketd/ticketd.toml:1:1: support.address is missing", told)
        self.sandbox.call("systemctl", "start", "ticketd")
        wait_for(lambda: self.sandbox.property("ActiveState") == "failed", "the start fails")
        self.assertEqual((self.sandbox.property("ExecMainStatus"), self.restarts()), (str(CONFIGURATION), 0))
        self.assertTrue(self.sandbox.logged("support.address is missing"))

    def test_3_configured_enabled_and_started_it_works(self):
        self.machine.configure()
        self.sandbox.run("ticketd", "--check")
        self.sandbox.run("ticketctl", "probe")
        self.systemctl("enable", "--now")
        self.write(mails.mail("tom@acme.example", "The first one"))
        self.wait_mail("tom@acme.example")
        self.assertEqual(self.ticket("The first one")["number"], 1)

    def test_4_an_upgrade_restarts_it_and_keeps_everything(self):
        before, configured = self.main_pid(), self.sandbox.path("/etc/ticketd/ticketd.toml").read_text()
        self.assertNotIn(NEXT, self.machine.install(self.machine.later("9.1")))
        self.assertTrue(self.is_active())
        self.assertNotIn(self.main_pid(), (0, before))
        self.assertEqual(self.sandbox.path("/etc/ticketd/ticketd.toml").read_text(), configured)
        self.assertEqual(self.ticket("The first one")["number"], 1)
        self.write(mails.mail("sue@acme.example", "After the upgrade"))
        self.wait_mail("sue@acme.example")

    def test_5_another_configuration_in_the_package_does_not_replace_the_own_one(self):
        configured = self.sandbox.path("/etc/ticketd/ticketd.toml").read_text()
        self.machine.install(self.machine.later("9.2", "Said otherwise."), "--force-confdef", "--force-confold")
        self.assertEqual(self.sandbox.path("/etc/ticketd/ticketd.toml").read_text(), configured)
        self.assertIn("Said otherwise.", self.sandbox.path("/etc/ticketd/ticketd.toml.dpkg-dist").read_text())
        self.assertTrue(self.is_active())

    def test_6_an_upgrade_takes_over_the_store_of_the_first_version(self):
        self.systemctl("stop")
        self.sandbox.run("sh", "-c", f"mkdir /root/kept && mv {STORE}* /root/kept")
        old_store(self.machine.folder / "old.db")
        self.sandbox.copy(self.machine.folder / "old.db", STORE)
        self.sandbox.run("sh", "-c", f"chown ticketd:ticketd {STORE} && chmod 660 {STORE}")
        self.machine.install(self.machine.later("9.3", "Said otherwise."))
        self.systemctl("start")
        self.assertEqual(self.ticket("From the old days")["number"], 1)
        self.write(mails.mail("una@acme.example", "A new one beside it"))
        self.assertGreater(self.ticket("A new one beside it")["number"], 1)
        self.systemctl("stop")
        self.sandbox.run("sh", "-c", f"rm {STORE}* && mv /root/kept/* /var/lib/ticketd")
        self.systemctl("start")

    def test_7_removed_it_is_stopped_and_leaves_what_is_the_admins(self):
        self.sandbox.run("dpkg", "--remove", "ticketd")
        self.assertEqual(self.sandbox.property("ActiveState"), "inactive")
        self.assertTrue(self.sandbox.logged("stopped"))
        for kept in (STORE, "/etc/ticketd/ticketd.toml", "/etc/ticketd/credentials/imap-password"):
            self.assertTrue(self.sandbox.path(kept).exists(), kept)
        self.sandbox.run("dpkg", "--install", INSIDE)
        self.systemctl("start")
        self.assertEqual(self.ticket("The first one")["number"], 1)

    def test_8_purged_its_secrets_are_gone_and_its_tickets_stay(self):
        for left in ("ticketd.toml.bak", "ticketd.toml.bak2", "ticketd.toml.new", "ticketd.toml.new.bak", ".ticketctl-a1B2c3"):
            self.sandbox.run("cp", "/etc/ticketd/ticketd.toml", f"/etc/ticketd/{left}")  # as setup leaves them
        told = self.sandbox.run("dpkg", "--purge", "ticketd")
        self.assertIn("The tickets stay in /var/lib/ticketd", told)
        self.assertFalse(self.sandbox.path("/etc/ticketd").exists())
        self.assertTrue(self.sandbox.path(STORE).exists())
        self.assertEqual(self.sandbox.run("stat", "-c", "%U", STORE).strip(), "ticketd")

    def test_9_the_last_commands_leave_nothing(self):
        self.assertIn("ticketd", self.sandbox.run("id", "-Gn", "ann").split())
        self.assertEqual(self.sandbox.run("sh", "-ec", last_commands()), "")
        for gone in ("/var/lib/ticketd", "/var/lib/ticketd-backup", "/etc/ticketd"):
            self.assertFalse(self.sandbox.path(gone).exists(), gone)
        for database in ("passwd", "group"):
            self.sandbox.run("getent", database, "ticketd", code=NOT_FOUND)
        self.assertIn(NEXT, self.machine.install(), "it begins anew")


if __name__ == "__main__":
    require_package()
    case.main()
