"""The unit under a real systemd: start, reload, watchdog, secrets, rights, restarts, and what stops in the middle."""
import pathlib
import re
import socket
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from support import case, mails
from support.case import PATIENCE, wait_for
from support.desk import toml
from support.smtp_server import HANG
from systemd.desk_in_sandbox import QUICK, InstalledDesk, require_package
from systemd.stopped_threads import stopped_threads

UNIT = "/lib/systemd/system/ticketd.service"
EXAMPLES = "/usr/share/doc/ticketd/examples"
CONFIGURATION, UNAVAILABLE, NOT_PERMITTED = 78, 69, 77
STORE = "/var/lib/ticketd/tickets.db"


def from_now_on() -> str:
    """For `journal`. A cursor would do as well, but systemd 252 passes over the first match behind one."""
    return f"--since=@{time.time():.6f}"


class UnitTest(InstalledDesk):
    def restart_with(self, text: str) -> None:
        self.drop_in(QUICK + text)
        self.systemctl("restart")

    def wait_restart(self, before: int, seconds: float = 30) -> None:
        wait_for(lambda: self.restarts() > before and self.is_active(), "systemd starts it again", seconds)


class StartTest(UnitTest):
    def test_the_unit_is_free_of_mistakes(self):
        self.assertEqual(self.sandbox.run("systemd-analyze", "verify", "--man=no", "--recursive-errors=no", UNIT), "")

    def test_it_is_watched_and_started_again_as_shipped(self):
        shipped = {"WatchdogUSec": "1min", "Restart": "on-failure", "StartLimitIntervalUSec": "0", "TimeoutStopUSec": "30s",
                   "RestartPreventExitStatus": "64 78", "User": "ticketd", "UMask": "0007"}
        self.assertEqual({name: self.sandbox.property(name) for name in shipped}, shipped)

    def test_the_exposure_is_small(self):
        for where in (["ticketd"], ["--offline=true", UNIT]):
            told = self.sandbox.run("systemd-analyze", "security", "--no-pager", "--threshold=11", *where)
            self.assertRegex(told, r"Overall exposure level for ticketd.service: (0\.\d|1\.[01])")

    def test_the_examples_are_free_of_mistakes(self):
        verify = ("systemd-analyze", "verify", "--man=no", "--recursive-errors=no")
        for name in ("status-page", "encrypted-credentials", "own-servers-only"):
            self.drop_in(self.sandbox.path(f"{EXAMPLES}/{name}.conf").read_text(), f"{name}.conf")
        self.assertEqual(self.sandbox.run(*verify, UNIT), "")
        self.assertEqual(self.sandbox.run(*verify, f"{EXAMPLES}/ticketd-status.path", f"{EXAMPLES}/ticketd-status.service"), "")
        self.sandbox.run("systemd-analyze", "security", "--no-pager", "--threshold=10", "ticketd")

    def test_it_is_ready_and_says_how_it_is(self):
        self.assertEqual([self.sandbox.property(name) for name in ("ActiveState", "SubState", "Type")], ["active", "running", "notify"])
        wait_for(lambda: "nothing needs a person" in self.sandbox.property("StatusText"), "the status says that all is well")
        self.dovecot.stop()
        self.addCleanup(self.dovecot.start)
        wait_for(lambda: "support" in self.sandbox.property("StatusText"), "the status names the mailbox that fails", 60)

    def test_user_and_rights(self):
        user, status = self.sandbox.run("id", "-u", "ticketd").strip(), self.sandbox.path(f"/proc/{self.main_pid()}/status").read_text()
        self.assertRegex(status, rf"(?m)^Uid:\t{user}\t{user}\t{user}\t{user}$")
        expected = {"/var/lib/ticketd": "2770", "/run/ticketd": "750", "/var/cache/ticketd": "755", STORE: "660"}
        for path, mode in expected.items():
            self.assertEqual(self.sandbox.run("stat", "-c", "%a %U:%G", path).strip(), f"{mode} ticketd:ticketd", path)

    def test_who_is_in_the_group_works_the_desk(self):
        self.write(mails.mail("tom@acme.example", "Who works on it"))
        self.wait_mail("tom@acme.example")
        number = next(t["number"] for t in self.ctl("list") if t["subject"] == "Who works on it")
        self.assertEqual(self.ctl("take", number)["assignee"], "Ann Engineer")
        self.ctl("reply", number, "--message", "It is on its way.")
        wait_for(lambda: len(self.smtp.to("tom@acme.example")) == 2, "the daemon hears of it at once")
        self.sandbox.run("ticketctl", "list", user="bob", code=NOT_PERMITTED)

    def test_the_journal_tells_a_tickets_story(self):
        self.write(mails.mail("jo@acme.example", "In the journal"))
        self.wait_mail("jo@acme.example")
        number = next(t["number"] for t in self.ctl("list") if t["subject"] == "In the journal")
        story = wait_for(lambda: self.sandbox.journal("-u", "ticketd", f"TICKETD_TICKET={number}")[1:] and
                         self.sandbox.journal("-u", "ticketd", f"TICKETD_TICKET={number}"), "two lines about the ticket")
        for entry in story:
            self.assertEqual(entry["TICKETD_TICKET"], str(number))
            self.assertTrue(entry["TICKETD_EVENT"])
            self.assertRegex(entry["MESSAGE_ID"], r"^[0-9a-f]{32}$")


class ReloadTest(UnitTest):
    def test_a_good_configuration_is_in_force_when_the_command_returns(self):
        self.machine.configure(support={"subject_tag": "NEW"})
        pid, since = self.main_pid(), from_now_on()
        self.systemctl("reload")
        wait_for(lambda: self.sandbox.journal("-u", "ticketd", "TICKETD_EVENT=configuration_reloaded", since), "it says so")
        self.assertEqual(self.main_pid(), pid)
        self.assertFalse(self.sandbox.logged("Permission denied", "-u", "ticketd", since))
        self.write(mails.mail("new@acme.example", "With another tag"))
        self.assertIn("[NEW-", mails.parse(self.wait_mail("new@acme.example").octets)["Subject"])

    def test_systemd_knows_that_it_reloads_until_it_is_done(self):
        """RELOADING=1 is there before the signal's sender has ended; else systemd took the reload for done already."""
        self.dovecot.stop()
        self.addCleanup(self.dovecot.start)
        with socket.create_server(("127.0.0.1", self.dovecot.imap_port)):  # accepts, and says nothing
            reload = threading.Thread(target=self.systemctl, args=("reload",))
            reload.start()
            wait_for(lambda: self.sandbox.property("StatusText") == "reloading", "it reloads")
            time.sleep(1)
            self.assertTrue(reload.is_alive(), "systemctl did not wait")
            self.assertEqual(self.sandbox.property("ActiveState"), "reloading")
        reload.join(60)
        self.assertFalse(reload.is_alive(), "the first try has failed, and nobody said that it is done")
        self.assertTrue(self.is_active())

    def test_a_bad_configuration_is_refused_and_the_old_one_stays(self):
        pid = self.main_pid()
        settings = toml(self.machine.settings()).replace("subject_tag", "subjct_tag")
        self.sandbox.write("/etc/ticketd/ticketd.toml", settings)
        self.systemctl("reload", code=1)
        self.assertTrue(self.is_active())
        self.assertEqual(self.main_pid(), pid)
        self.assertTrue(self.sandbox.logged("subjct_tag"))
        self.systemctl("kill", "--signal=HUP")
        wait_for(lambda: self.sandbox.journal("-u", "ticketd", "TICKETD_EVENT=configuration_refused"), "the daemon refuses it itself")
        self.assertEqual(self.main_pid(), pid)


class WatchdogTest(UnitTest):
    def timeouts(self) -> int:
        return sum("Watchdog timeout" in str(entry.get("MESSAGE")) for entry in self.sandbox.journal("-u", "ticketd"))

    def test_it_is_fed_while_all_goes_on(self):
        self.restart_with("WatchdogSec=3s\n")
        restarts = self.restarts()
        for number in range(5):
            self.write(mails.mail(f"fed{number}@acme.example", "While it is watched"))
            time.sleep(0.8)
        self.assertEqual(self.restarts(), restarts)

    def test_a_process_that_hangs_is_started_again(self):
        self.restart_with("WatchdogSec=2s\n")
        timeouts, restarts = self.timeouts(), self.restarts()
        self.systemctl("kill", "--kill-who=main", "--signal=STOP")
        self.wait_restart(restarts)
        self.assertGreater(self.timeouts(), timeouts)

    def test_a_worker_that_hangs_is_noticed_although_the_loop_goes_on(self):
        self.restart_with("WatchdogSec=2s\n")
        timeouts, restarts = self.timeouts(), self.restarts()
        with stopped_threads(self.sandbox.host_pid(self.main_pid())):
            wait_for(lambda: self.timeouts() > timeouts, "the watchdog bites", 30)
        self.wait_restart(restarts)


class RestartTest(UnitTest):
    def test_killed_it_is_started_again(self):
        pid, restarts = self.main_pid(), self.restarts()
        self.systemctl("kill", "--signal=KILL")
        self.wait_restart(restarts)
        self.assertNotEqual(self.main_pid(), pid)

    def test_killed_it_takes_what_was_its_own_for_its_own(self):
        """With leases as long as they are, whoever does not know his own stands by for half a minute."""
        self.drop_in("[Service]\nRestartSec=100ms\n")
        self.systemctl("restart")
        since, restarts = from_now_on(), self.restarts()
        self.systemctl("kill", "--signal=KILL")
        self.wait_restart(restarts)
        self.write(mails.mail("killed@acme.example", "After the kill"))
        self.wait_mail("killed@acme.example")
        self.assertFalse(self.sandbox.logged("another ticketd", "-u", "ticketd", since))
        self.assertRegex(self.sandbox.path(f"{STORE}.sending").read_bytes()[:32], rb"^[0-9a-f]{32}$")

    def test_a_wrong_configuration_is_not_tried_again(self):
        self.systemctl("stop")
        self.sandbox.write("/etc/ticketd/ticketd.toml", "[support]\n")
        self.sandbox.call("systemctl", "start", "ticketd")
        wait_for(lambda: self.sandbox.property("ActiveState") == "failed", "it has failed")
        time.sleep(0.5)
        self.assertEqual([self.sandbox.property(name) for name in ("ActiveState", "ExecMainStatus", "NRestarts")],
                         ["failed", str(CONFIGURATION), "0"])

    def test_systemd_never_gives_up_what_may_heal(self):
        self.systemctl("stop")
        self.sandbox.run("sh", "-c",
                         f"mkdir -p /root/away && mv {STORE}* /root/away && echo no data base > {STORE} && chown ticketd: {STORE}")
        self.sandbox.call("systemctl", "start", "--no-block", "ticketd")
        wait_for(lambda: self.restarts() >= 7, "more restarts than systemd allows by default", 60)
        wait_for(lambda: self.sandbox.property("ExecMainStatus") == str(UNAVAILABLE), "it ends with 69")
        self.sandbox.run("sh", "-c", f"rm {STORE}* && mv /root/away/* /var/lib/ticketd/")
        wait_for(self.is_active, "it comes up once the store is back", 30)

    def test_it_stops_soon_with_mails_in_flight_and_loses_none(self):
        def slow(step):
            if step.stage == "dot":
                time.sleep(0.2)
            return HANG if step.stage == "rcpt" and "hang" in step.argument else None

        self.smtp.plan = slow
        names = ["hang@hang.example"] + [f"flight{number}@f{number}.example" for number in range(40)]
        for name in names:
            self.write(mails.mail(name, "In flight"))
        wait_for(lambda: any(step.stage == "rcpt" and names[0] in step.argument for step in list(self.smtp.steps)), "one hangs")
        self.wait_mail(names[1])
        begun = time.monotonic()
        self.systemctl("stop")
        self.assertLess(time.monotonic() - begun, 10 * PATIENCE)
        self.assertEqual(self.sandbox.property("Result"), "success")
        self.assertLess(sum(bool(self.smtp.to(name)) for name in names), len(names), "nothing was in flight")
        self.smtp.plan = None
        self.systemctl("start")
        for name in names:
            self.wait_mail(name, 60)
        for name in names:
            self.assertEqual(len({mails.parse(mail.octets)["Message-ID"] for mail in self.smtp.to(name)}), 1, name)


class SecretTest(UnitTest):
    def use_secret(self, drop_in: str = "", event: str = "mailbox_connected") -> None:
        self.drop_in(QUICK + drop_in)
        since = from_now_on()
        self.systemctl("restart")
        wait_for(lambda: self.sandbox.journal("-u", "ticketd", f"TICKETD_EVENT={event}", since), f"{event} with that secret")

    def test_a_file_in_the_folder_is_handed_over_at_the_start(self):
        secret = "/etc/ticketd/credentials/imap-password"
        self.sandbox.write(secret, "wrong\n", 0o600)
        since = from_now_on()
        self.systemctl("reload")
        connected = ("-u", "ticketd", "TICKETD_EVENT=mailbox_connected", since)
        wait_for(lambda: self.sandbox.journal(*connected), "the old one holds until then")
        self.use_secret(event="mailbox_failed")
        self.sandbox.write(secret, "secret\n", 0o600)
        self.use_secret()

    def test_one_from_another_place(self):
        self.sandbox.path("/etc/ticketd/credentials/imap-password").unlink()
        self.sandbox.write("/etc/elsewhere", "secret\n", 0o600)
        self.use_secret("LoadCredential=imap-password:/etc/elsewhere\n")

    def test_one_that_is_encrypted_to_the_machine(self):
        self.sandbox.path("/etc/ticketd/credentials/imap-password").unlink()
        encrypted = "/etc/ticketd/imap-password.cred"
        self.sandbox.run("systemd-creds", "encrypt", "--with-key=host", "--name=imap-password", "-", encrypted, stdin="secret\n")
        self.assertNotIn(b"secret", self.sandbox.path(encrypted).read_bytes())
        example = self.sandbox.path(f"{EXAMPLES}/encrypted-credentials.conf").read_text()
        self.use_secret("".join(line + "\n" for line in example.splitlines() if "imap-password:" in line))

    def test_no_secret_in_what_systemd_shows(self):
        told = self.sandbox.run("systemctl", "show", "ticketd") + self.sandbox.run("systemctl", "status", "--no-pager", "ticketd")
        self.assertFalse(re.search(r"\bsecret\b", told), told)


class StatusPageTest(UnitTest):
    def open_incident(self, title: str) -> None:
        self.ctl("incident", "open", title, "--match", "nothing-of-the-kind", "--message", "We look into it.")

    def test_outside_of_the_sandbox_by_the_example(self):
        self.sandbox.run("install", "-d", "-o", "ticketd", "-g", "ticketd", "-m", "755", "/srv/status")
        self.drop_in(self.sandbox.path(f"{EXAMPLES}/status-page.conf").read_text(), "status-page.conf")
        self.machine.configure(status_page={"directory": "/srv/status"})
        self.systemctl("restart")
        self.open_incident("Outside")
        page = self.sandbox.path("/srv/status/index.html")
        wait_for(lambda: page.exists() and "Outside" in page.read_text(), "the page is written")

    def test_below_var_by_the_example_with_its_one_more_line(self):
        """Of /var the daemon sees nothing but its own folders, whatever it may write."""
        self.sandbox.run("install", "-d", "-o", "ticketd", "-g", "ticketd", "-m", "755", "/var/www/status")
        example = self.sandbox.path(f"{EXAMPLES}/status-page.conf").read_text().replace("/srv/status", "/var/www/status")
        self.drop_in(example.replace("#BindPaths=", "BindPaths="), "status-page.conf")
        self.machine.configure(status_page={"directory": "/var/www/status"})
        self.systemctl("restart")
        page = self.sandbox.path("/var/www/status/index.html")
        for title in ("Below var", "Another one"):
            self.open_incident(title)
            wait_for(lambda: page.exists() and title in page.read_text(), "the page is written")

    def test_the_path_unit_publishes_each_new_page(self):
        for kind in ("path", "service"):
            self.sandbox.run("cp", f"{EXAMPLES}/ticketd-status.{kind}", "/etc/systemd/system/")
        self.sandbox.run("useradd", "--create-home", "ticketd-status")
        self.sandbox.write("/etc/systemd/system/ticketd-status.service.d/test.conf",
                           "[Service]\nExecStart=\nExecStart=/bin/cp /var/cache/ticketd/index.html /tmp/published\n"
                           "PrivateTmp=no\nReadWritePaths=/tmp\n")
        self.machine.configure(status_page={"directory": "/var/cache/ticketd"})
        self.systemctl("restart")
        self.sandbox.run("systemctl", "daemon-reload")
        self.sandbox.run("systemctl", "start", "ticketd-status.path")
        published = self.sandbox.path("/tmp/published")
        for title in ("Trunk down", "Fax down"):
            self.open_incident(title)
            wait_for(lambda: published.exists() and title in published.read_text(), f"{title} is published", 30)


if __name__ == "__main__":
    require_package()
    case.main()
