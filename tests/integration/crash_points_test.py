"""ticketd dies at some of its numbered steps (./dev drill: at all of them); the steps themselves are all there are."""
import collections
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from drill import crash_points, faults
from drill.world import Case, World
from support import case
from support.desk_case import require_desk
from support.proxy import Proxy
from support.smtp_server import SmtpServer

POINTS = 12
CLOSE_NOTIFY = 24  # octets of TLS 1.3's last record


class CrashPointsTest(unittest.TestCase):
    def test_some_points(self):
        with World() as world:
            row = crash_points.CrashPoints(world, "short").run(POINTS)
        self.assertEqual([str(finding) for finding in row.findings], [])
        self.assertGreaterEqual(row.faults["kills"], POINTS)

    def test_one_point_is_tried_however_little_time_there_is(self):
        with World() as world:
            row = crash_points.CrashPoints(world, "late").run(POINTS, end=0)
        self.assertEqual([str(finding) for finding in row.findings], [])
        self.assertGreaterEqual(row.faults["kills"], 1)
        self.assertEqual([count for fault, count in row.faults.items() if fault.endswith("points")], [1])

    def test_a_power_cut_after_a_pass_takes_nothing(self):
        with World() as world:
            row = crash_points.power_cut_after_a_pass(world, "cut")
        self.assertEqual([str(finding) for finding in row.findings], [])

    def test_syncs_that_lie_are_found(self):
        with World() as world:
            row = crash_points.lying_syncs(world)
        self.assertTrue(row.good, row)

    def test_a_forgetful_ledger_is_found(self):
        with World() as world:
            row = crash_points.control(world)
        self.assertTrue(row.good, row)


class StepsTest(unittest.TestCase):
    """Nothing that ticketd tells a server or its store escapes the library."""

    def test_every_kind_of_step_is_there(self):
        with World() as world:
            kinds = {step.kind for step in crash_points.CrashPoints(world, "kinds").steps}
        for kind in ("create tickets.db", "pwrite tickets.db-wal", "fdatasync tickets.db-wal", "pwrite tickets.db", "fdatasync tickets.db",
                     "unlink tickets.db-wal", "send IMAP UID FETCH", "send IMAP UID MOVE", "send SMTP MAIL", "send SMTP QUIT"):
            self.assertIn(kind, kinds)

    def test_every_octet_on_the_wire_is_seen(self):
        with World() as world:
            self.check_octets(world, "plain", world.smtp, world.dovecot.imap_port, "imap", "smtp", {})

    def test_every_octet_on_the_wire_is_seen_with_tls(self):
        with World() as world:
            tls = world.dovecot.folder / "tls"
            smtp = SmtpServer(tls=(tls / "server.pem", tls / "server.key"), implicit_tls=True)
            with smtp:
                settings = {"tls": "required", "ca_file": str(world.dovecot.ca_file)}
                self.check_octets(world, "tls", smtp, world.dovecot.imaps_port, "imaps", "smtps", settings, CLOSE_NOTIFY)

    def check_octets(self, world, name, smtp, imap_port, imap_scheme, smtp_scheme, settings, unheard=0) -> None:
        """`unheard` octets per connection may be said after the server has hung up."""
        with Proxy(imap_port) as imap, Proxy(smtp.port) as relay:
            with Case(world, name, {"url": f"{imap_scheme}://127.0.0.1:{imap.port}"} | settings,
                      {"url": f"{smtp_scheme}://127.0.0.1:{relay.port}"} | settings) as one:
                one.smtp, one.imap_port, one.smtp_port = smtp, imap.port, relay.port
                crash_points.write_mails(one)
                faults.arm(one)
                done = one.desk.once()
                self.assertEqual(done.returncode, 0, done.stderr)
                seen = collections.Counter()
                for step in faults.steps(one):
                    seen[step.target] += step.octets
        for server, proxy in (("IMAP", imap), ("SMTP", relay)):
            self.assertIn(seen[server] - proxy.upstream, range(unheard * proxy.connections + 1), server)
        self.assertEqual(len(one.received()), 5)  # two acknowledgements; staff hear of each mail


if __name__ == "__main__":
    require_desk()
    if reason := faults.why_not():
        case.skip_all(reason)
    case.main()
