"""What the unit's restrictions are worth: a program that runs in them tries to get out. Without them the same program does all of it."""
import json
import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from support import case
from systemd.desk_in_sandbox import DeskInSandbox, require_package

PROBE = "/usr/lib/reach-probe/reach_probe.py"
OUTSIDE_OF_THE_UNIT = """[Service]
Type=oneshot
ExecStart=/usr/bin/python3 {probe} /root/found.json
Environment=STATE_DIRECTORY=/var/lib/ticketd CACHE_DIRECTORY=/var/cache/ticketd CREDENTIALS_DIRECTORY=/nowhere
"""


class ReachTest(DeskInSandbox):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.machine.install_once()
        cls.machine.configure()
        cls.sandbox.copy(pathlib.Path(__file__).with_name("reach_probe.py"), PROBE)
        for path in ("/home/ann/secret", "/var/lib/others/secret", "/srv/others/secret", "/tmp/others-secret", "/root/secret"):
            cls.sandbox.write(path, "secret")
        cls.sandbox.write("/var/lib/ticketd/probe-program", "#!/bin/sh\n", 0o755)

    def probe_in_unit(self) -> dict:
        """The unit as it is, with another program in place of the daemon; its interpreter is the one thing more that may run."""
        shipped = self.sandbox.path("/lib/systemd/system/ticketd.service").read_text()
        unit = re.sub(r"(?m)^ExecStart=.*$", f"ExecStart=/usr/bin/python3 {PROBE} /var/lib/ticketd/found.json", shipped)
        unit = unit.replace("Type=notify", "Type=oneshot").replace("Restart=on-failure\n", "")
        interpreter = self.sandbox.run("readlink", "-f", "/usr/bin/python3").strip()
        unit, count = re.subn(r"(?m)^(ExecPaths=.*)$", rf"\1 {interpreter}", unit)
        self.assertEqual(count, 1)
        self.sandbox.write("/etc/systemd/system/probe-inside.service", unit)
        return self.run_probe("probe-inside", "/var/lib/ticketd/found.json")

    def run_probe(self, unit: str, found: str) -> dict:
        self.sandbox.run("systemctl", "daemon-reload")
        done = self.sandbox.call("systemctl", "start", unit)
        self.assertEqual(done.returncode, 0, self.sandbox.call("journalctl", "--no-pager", "-u", unit).stdout)
        return json.loads(self.sandbox.path(found).read_text())

    def test_it_reaches_what_it_needs_and_nothing_else(self):
        found = self.probe_in_unit()
        self.assertEqual({what: result for what, result in found["refused"].items() if result == "done"}, {})
        self.assertEqual({what: result for what, result in found["allowed"].items() if result != "done"}, {})

    def test_without_the_unit_all_of_it_can_be_done(self):
        self.sandbox.write("/etc/systemd/system/probe-outside.service", OUTSIDE_OF_THE_UNIT.format(probe=PROBE))
        found = self.run_probe("probe-outside", "/root/found.json")
        self.assertEqual({what: result for what, result in found["refused"].items() if result != "done"}, {})


if __name__ == "__main__":
    require_package()
    case.main()
