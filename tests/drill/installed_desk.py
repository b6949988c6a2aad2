"""A desk as a package under a systemd of its own, which a drill treats as it treats a bare one."""
import contextlib
import fcntl
import os
import pathlib
import signal
import struct
import subprocess
from typing import Iterator

from drill import faults
from drill.world import Case, Row, World
from support.case import wait_for
from support.desk import Desk, toml
from support.dovecot import PASSWORD
from systemd.package import build_package, install, purge_machine_own
from systemd.sandbox import Sandbox, isolate

STATE = "/var/lib/ticketd"
LIBRARIES = "/usr/lib/ticketd-drill"  # below /usr/lib, for elsewhere the unit lets nothing be executed
DROP_IN = "/etc/systemd/system/ticketd.service.d/drill.conf"
LEASES = "Environment=TICKETD_LEASE_SECONDS=6\n"  # after the death of a machine its lease is waited for: here not for long
BY_HAND = f"[Service]\nRestartSec=1h\n{LEASES}"  # a drill looks at what a dead one left, and starts it itself
BY_ITSELF = f"[Service]\nRestartSec=200ms\n{LEASES}"
HOLD = "/run/drill-hold"  # while it is there, what systemd starts again does not go on
HELD = f"[Service]\nRestartSec=20ms\n{LEASES}ExecStartPre=+/bin/sh -c 'while test -e {HOLD}; do sleep 0.02; done'\n"
CGROUP = "system.slice/ticketd.service/cgroup.procs"
SHUT_DOWN = 0x8004587D  # EXT4_IOC_SHUTDOWN of <linux/ext4.h>
NOTHING_MORE_IS_WRITTEN = struct.pack("I", 2)  # EXT4_GOING_FLAGS_NOLOGFLUSH: as if the power went


class Installation:
    """A machine with the package. Make it before any thread is there: this process moves to a network of its own."""

    def __init__(self):
        package = build_package()
        self.folder = isolate()
        self.sandbox = Sandbox(self.folder)
        self.package = package

    def __enter__(self):
        self.sandbox.start()
        purge_machine_own(self.sandbox)
        install(self.sandbox, self.package)
        for library in ("libfault_points.so", "libmoved_clock.so"):
            self.sandbox.copy(faults.library().with_name(library), f"{LIBRARIES}/{library}")
        return self

    def __exit__(self, *_):
        if self.sandbox.process:
            self.sandbox.crash()

    def desk(self, *arguments, **sections) -> "InstalledDesk":
        return InstalledDesk(self, *arguments, **sections)

    def desk_that_comes_back(self, *arguments, **sections) -> "InstalledDesk":
        """After a kill systemd starts it again, and not the drill, which only says when its wreck has been looked at."""
        desk = self.desk(*arguments, **sections)
        desk.drop_in(HELD)
        return desk

    @contextlib.contextmanager
    def small_file_system(self) -> Iterator[pathlib.Path]:
        """For the state; gives its folder."""
        self.sandbox.call("systemctl", "stop", "ticketd")
        self.sandbox.run("mount", "-t", "tmpfs", "-o", "size=8m", "drill", STATE)
        self.sandbox.run("chown", "ticketd:ticketd", STATE)
        try:
            yield self.sandbox.path(STATE)
        finally:
            self.sandbox.call("systemctl", "stop", "ticketd")
            self.sandbox.run("umount", "--lazy", STATE)

    @contextlib.contextmanager
    def disk(self) -> Iterator["Disk"]:
        """For the state."""
        self.sandbox.call("systemctl", "stop", "ticketd")
        disk = Disk(self)
        disk.mount()
        try:
            yield disk
        finally:
            disk.remove()


class Disk:
    """An ext4 in a file on a tmpfs, for the state; `fill` has that tmpfs take no more, `cut` is the end of all writing."""

    def __init__(self, machine: Installation):
        self.machine, self.sandbox = machine, machine.sandbox
        self.backing = machine.folder / "backing"
        self.backing.mkdir(exist_ok=True)
        self.image, self.filler = self.backing / "image", self.backing / "filler"
        run("mount", "-t", "tmpfs", "-o", "size=48m", "drill", self.backing)
        with self.image.open("wb") as file:
            file.truncate(256_000_000)
        run("mkfs.ext4", "-q", "-F", self.image)
        self.device = run("losetup", "--find", "--show", self.image).strip()

    def mount(self) -> None:
        number = self.device.removeprefix("/dev/loop")
        if not self.sandbox.path(self.device).exists():
            self.sandbox.run("mknod", self.device, "b", "7", number)
        self.sandbox.run("mount", self.device, STATE)
        self.sandbox.run("chown", "ticketd:ticketd", STATE)

    def cut(self) -> None:
        """What is not on the disk now never gets there."""
        folder = os.open(self.sandbox.path(STATE), os.O_RDONLY)
        try:
            fcntl.ioctl(folder, SHUT_DOWN, NOTHING_MORE_IS_WRITTEN)
        finally:
            os.close(folder)

    def come_back(self, check: bool = False) -> None:
        """No process has files on it. Its journal is replayed, or all of it checked."""
        self.sandbox.run("umount", STATE)
        if check and subprocess.run(["e2fsck", "-fp", self.device], capture_output=True).returncode > 1:
            run("e2fsck", "-fy", self.device)
        self.mount()

    def fill(self) -> None:
        with self.filler.open("wb", buffering=0) as file, contextlib.suppress(OSError):
            while file.write(b"x" * 65536):
                pass

    def make_room(self) -> None:
        self.filler.unlink()

    def remove(self) -> None:
        self.sandbox.call("systemctl", "stop", "ticketd")
        self.sandbox.call("umount", "--lazy", STATE)
        run("losetup", "--detach", self.device)
        run("umount", "--lazy", self.backing)


def run(*command) -> str:
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, timeout=60)
    if done.returncode not in (0, 1 if command[0] == "e2fsck" else 0):
        raise RuntimeError(f"{' '.join(map(str, command))}: {done.stderr}")
    return done.stdout


class InstalledDesk(Desk):
    """Its daemon is the unit, its store the one in /var/lib, and ticketctl the one that the package brought."""

    def __init__(self, machine: Installation, *arguments, **sections):
        self.machine, self.sandbox = machine, machine.sandbox
        self.sandbox.call("systemctl", "stop", "ticketd")
        self.sandbox.run("find", STATE, "-mindepth", "1", "-not", "-name", "lost+found", "-delete")
        super().__init__(*arguments, **sections)
        self.restarted = 0  # by systemd itself, after kills
        self.hold.unlink(missing_ok=True)
        self.drop_in(BY_HAND)

    @property
    def hold(self) -> pathlib.Path:
        return self.sandbox.path(HOLD)

    @property
    def store(self) -> pathlib.Path:
        return self.sandbox.path(f"{STATE}/tickets.db")

    @store.setter
    def store(self, _) -> None:
        pass

    def write(self) -> None:
        super().write()
        boxes = [box | {"password_file": "imap-password"} for box in self.sections["mailbox"]]
        self.sandbox.write("/etc/ticketd/credentials/imap-password", PASSWORD + "\n", 0o600)
        self.sandbox.write("/etc/ticketd/ticketd.toml", toml({name: section for name, section in self.sections.items() if name != "store"} |
                                                            {"mailbox": boxes}))

    def drop_in(self, text: str) -> None:
        """In force from the next start on."""
        self.comes_back = text == HELD
        self.sandbox.write(DROP_IN, text)
        self.sandbox.run("systemctl", "daemon-reload")

    # --- the daemon ---

    def state(self) -> str:
        """As systemd calls it: running, auto-restart, dead, failed …"""
        return self.sandbox.property("SubState")

    def boot_id(self) -> str:
        return (self.sandbox.folder / "boot_id").read_text().strip()

    def start(self, wait_ready: bool = True) -> None:
        if self.hold.exists():
            self.hold.unlink()
            self.restarted += 1
        else:
            self.sandbox.run("systemctl", "start", *([] if wait_ready else ["--no-block"]), "ticketd")
        self.process = wait_for(self.host_pid, "the unit starts")
        if wait_ready:
            wait_for(lambda: self.state() == "running", "the unit is ready")

    def check_alive(self) -> bool:
        if self.host_pid() != self.process:
            raise RuntimeError(f"ticketd.service has ended, and is {self.state()}:\n{self.log()[-3000:]}")
        return False

    def host_pid(self) -> int:
        """Of the daemon, as this process knows it, or 0. The kernel is asked: a thousand kills have no time to ask systemd."""
        with contextlib.suppress(OSError):
            for pid in (self.sandbox.cgroup / CGROUP).read_text().split():
                if pathlib.Path("/proc", pid, "comm").read_text() == "ticketd\n":
                    return int(pid)
        return 0

    def restarts(self) -> int:
        return int(self.sandbox.property("NRestarts"))

    def stop(self, how: int = signal.SIGTERM, seconds: float = 60) -> int:
        if how == signal.SIGKILL:
            return self.kill_process(seconds)
        self.sandbox.run("systemctl", "stop", "ticketd", seconds=seconds)
        self.process = None
        return int(self.sandbox.property("ExecMainStatus"))

    def kill_process(self, seconds: float) -> int:
        if self.comes_back:
            self.sandbox.write(HOLD, "")
        if pid := self.host_pid():
            os.kill(pid, signal.SIGKILL)
        wait_for(lambda: not self.host_pid(), "the process is gone", seconds, 0.005)
        if not self.comes_back:
            self.sandbox.run("systemctl", "stop", "ticketd", seconds=seconds)  # it is started by the drill alone
        self.process = None
        return -signal.SIGKILL

    def crash_machine(self) -> None:
        """Every process on it dies at one instant; then it boots again."""
        self.sandbox.crash()
        self.sandbox.start()
        self.process = None

    def once(self) -> subprocess.CompletedProcess:
        settings = ("User=ticketd", "Group=ticketd", "UMask=0007", "StateDirectory=ticketd", "StateDirectoryMode=2770",
                    "RuntimeDirectory=ticketd", "LoadCredential=ticketd:/etc/ticketd/credentials")
        return self.sandbox.call("systemd-run", "--wait", "--pipe", "--collect", "--quiet",
                                 *(f"--property={setting}" for setting in settings), "/usr/sbin/ticketd", "--once")

    def log(self) -> str:
        return self.sandbox.call("journalctl", "--no-pager", "--unit=ticketd", "--lines=60", "--output=cat").stdout

    def memory(self) -> float:
        """RssAnon in MB; 0 while it does not run."""
        with contextlib.suppress(OSError, LookupError, StopIteration):
            status = pathlib.Path("/proc", str(self.host_pid()), "status").read_text()
            return int(next(line for line in status.splitlines() if line.startswith("RssAnon:")).split()[1]) / 1024
        return 0.0

    # --- the commands ---

    def run_binary(self, program: str, *arguments, stdin: bytes | None = None, seconds: float = 120) -> subprocess.CompletedProcess:
        """Inside, as the desk's own user; with another configuration than the desk's it is this build's program, outside."""
        if self.configuration not in arguments:
            return super().run_binary(program, *arguments, stdin=stdin, seconds=seconds)
        kept = [argument for argument in arguments if argument not in ("--config", self.configuration)]
        return subprocess.run([*self.sandbox.entering("ticketd"), program, *map(str, kept)], input=stdin or b"", capture_output=True,
                              timeout=seconds, env=self.sandbox.environment)


@contextlib.contextmanager
def case(machine: Installation, name: str, check=Case.findings, **mailbox) -> Iterator[tuple[Row, Case]]:
    """A row, and a world with a case whose daemon is the installed unit; what `check` finds at the end is in the row."""
    row = Row(f"installed: {name}")
    with World() as world, Case(world, "installed", mailbox, make_desk=machine.desk) as one:
        with row.stopping_short():
            yield row, one
        with row.stopping_short():
            one.desk.stop()
            row.mails = row.mails or len(one.history.sent)
            row.findings += check(one)
