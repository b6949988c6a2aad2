"""A systemd of the test's own: PID 1 of its own namespaces, on an overlay of this machine's root, or another, that ends with the test.

The test's process shares the sandbox's network, a loopback and nothing else, so that mail servers which the test starts are
reached from inside, and outlive a reboot like those of somebody else. `python3 sandbox.py COMMAND…` boots one and runs a command.
"""
import atexit
import ctypes
import fcntl
import json
import os
import pathlib
import shutil
import signal
import socket
import struct
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from support.case import require_programs, skip_all, temporary_folder, wait_for

LIBC = ctypes.CDLL(None, use_errno=True)
CLONE_NEWNS, CLONE_NEWNET = 0x00020000, 0x40000000
SIOCGIFFLAGS, SIOCSIFFLAGS, IFF_UP = 0x8913, 0x8914, 1
PR_SET_PDEATHSIG = 1
POWER_OFF = signal.SIGRTMIN + 4  # systemd(1)
ENVIRONMENT = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8", "HOME": "/root", "TERM": "dumb",
               "SYSTEMD_PAGER": "", "SYSTEMD_COLORS": "0", "DEBIAN_FRONTEND": "noninteractive"}


def cgroup_root() -> pathlib.Path | None:
    for line in pathlib.Path("/proc/self/mountinfo").read_text().splitlines():
        fields, _, kind = line.partition(" - ")
        if kind.startswith("cgroup2 "):
            return pathlib.Path(fields.split()[4])
    return None


def own_cgroup() -> pathlib.Path:
    return cgroup_root() / f"ticketd-test-{os.getpid()}"


def remove_cgroup(cgroup: pathlib.Path) -> bool:
    for folder, _, _ in os.walk(cgroup, topdown=False):
        try:
            os.rmdir(folder)
        except OSError:
            return False
    return True


def require_sandbox() -> None:
    """Ends the program as skipped where a systemd can't be booted."""
    require_programs("unshare", "nsenter", "dbus-daemon", "systemd-analyze", "dpkg-deb", "dh")
    if os.geteuid() != 0:
        skip_all("a systemd of its own needs root")
    if "\toverlay\n" not in pathlib.Path("/proc/filesystems").read_text():
        skip_all("this kernel has no overlayfs")
    if not pathlib.Path("/lib/systemd/systemd").exists():
        skip_all("systemd is not installed")
    if not cgroup_root():
        skip_all("no cgroup2 is mounted")


def call(name: str, *arguments) -> None:
    if getattr(LIBC, name)(*arguments) != 0:
        raise OSError(ctypes.get_errno(), f"{name}: {os.strerror(ctypes.get_errno())}")


def loopback_up() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        request = struct.pack("16sH14x", b"lo", 0)
        flags = struct.unpack("16sH14x", fcntl.ioctl(one, SIOCGIFFLAGS, request))[1]
        fcntl.ioctl(one, SIOCSIFFLAGS, struct.pack("16sH14x", b"lo", flags | IFF_UP))


def isolate() -> pathlib.Path:
    """Takes this process to a network of its own; gives a folder on a tmpfs that nobody else sees. Call it before any thread is."""
    try:
        call("unshare", CLONE_NEWNS | CLONE_NEWNET)
        subprocess.run(["mount", "--make-rprivate", "/"], check=True)
    except (OSError, subprocess.CalledProcessError) as error:
        skip_all(f"namespaces can't be made here ({error})")
    loopback_up()
    folder = temporary_folder()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "mode=755", "tmpfs", str(folder)], check=True)
    atexit.register(remove, folder)
    try_out(folder)
    return folder


def try_out(folder: pathlib.Path) -> None:
    """Whether an overlay of this root and a cgroup can be had; for that there is only trying."""
    parts = [folder / part for part in ("upper", "work", "root")]
    for part in parts:
        part.mkdir()
    options = f"lowerdir=/,upperdir={parts[0]},workdir={parts[1]}"
    done = subprocess.run(["mount", "-t", "overlay", "-o", options, "overlay", str(parts[2])], capture_output=True, text=True)
    if done.returncode != 0:
        skip_all(f"no overlay of this root can be mounted ({done.stderr.strip()})")
    subprocess.run(["umount", str(parts[2])], check=True)
    for part in parts:
        shutil.rmtree(part)
    for cgroup in cgroup_root().glob("ticketd-test-*"):  # of a test that was killed
        if not pathlib.Path("/proc", cgroup.name.rpartition("-")[2]).exists():
            remove_cgroup(cgroup)
    try:
        own_cgroup().mkdir()
        own_cgroup().rmdir()
    except OSError as error:
        skip_all(f"no cgroup can be made ({error})")


def remove(folder: pathlib.Path) -> None:
    subprocess.run(["umount", "--lazy", str(folder)], check=True)
    folder.rmdir()


class CommandFailed(AssertionError):
    pass


class Sandbox:
    """`start` boots it; after `stop` or `crash` that is a reboot of the same machine."""

    def __init__(self, folder: pathlib.Path, lower: pathlib.Path = pathlib.Path("/")):
        """`lower` is the root as it is at first; it is not written to."""
        self.folder = folder / "sandbox"
        self.lower = lower
        self.cgroup = own_cgroup()
        self.process, self.pid = None, 0
        for part in ("upper", "work", "root"):
            (self.folder / part).mkdir(parents=True)
        (self.folder / "console.log").touch()

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        if self.process:
            self.crash()

    def start(self) -> None:
        self.cgroup.mkdir(exist_ok=True)

        def enter() -> None:
            (self.cgroup / "cgroup.procs").write_text(str(os.getpid()))
            LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)  # nothing outlives the test, however it ends

        command = ["unshare", "--fork", "--kill-child", "--pid", "--mount", "--cgroup", "--uts", "--ipc", "--propagation", "private",
                   "sh", str(pathlib.Path(__file__).with_name("sandbox_init.sh")), str(self.folder), str(self.lower)]
        with (self.folder / "boot.log").open("w") as log:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, preexec_fn=enter)
        wait_for(self.is_up, "systemd is up", 60)

    def is_up(self) -> bool:
        if self.process.poll() is not None:
            raise RuntimeError("the sandbox ended: " + (self.folder / "boot.log").read_text()[-2000:])
        children = pathlib.Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        if not children or "systemd" not in pathlib.Path(f"/proc/{children[0]}/comm").read_text():
            return False
        self.pid = int(children[0])
        return self.call("systemctl", "is-system-running").stdout.strip() in ("running", "degraded")

    def stop(self) -> None:
        """A shutdown in good order."""
        os.kill(self.pid, POWER_OFF)
        self.wait_end(60)

    def crash(self) -> None:
        """Every process in it dies at one instant."""
        os.kill(self.pid, signal.SIGKILL)
        self.wait_end(20)

    def wait_end(self, seconds: float) -> None:
        try:
            self.process.wait(seconds)
        finally:
            self.process.kill()
            self.process.wait()
            self.process = None
        wait_for(lambda: remove_cgroup(self.cgroup), "its cgroups are empty")

    # --- what is done inside ---

    environment = ENVIRONMENT

    def entering(self, user: str = "") -> list[str]:
        """What a command inside begins with."""
        as_user = ["setpriv", f"--reuid={user}", f"--regid={user}", "--init-groups"] if user else []
        return ["nsenter", "--target", str(self.pid), "--all", "--root", "--wd", *as_user]

    def call(self, *command, stdin: str = "", user: str = "", seconds: float = 120) -> subprocess.CompletedProcess:
        return subprocess.run([*self.entering(user), *map(str, command)], input=stdin, capture_output=True, text=True,
                              errors="replace", timeout=seconds, env=self.environment)

    def run(self, *command, code: int = 0, **more) -> str:
        """What it prints; another exit code than `code` is a failure."""
        done = self.call(*command, **more)
        if done.returncode != code:
            raise CommandFailed(f"{' '.join(map(str, command))}: exit {done.returncode} instead of {code}\n{done.stdout}{done.stderr}")
        return done.stdout + done.stderr

    def path(self, inside: str) -> pathlib.Path:
        """Where this process finds that file, no symbolic link in it; only while the sandbox runs."""
        return pathlib.Path(f"/proc/{self.pid}/root{inside}")

    def write(self, inside: str, text: str, mode: int = 0o644) -> None:
        path = self.path(inside)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(mode)

    def copy(self, source: pathlib.Path, inside: str) -> None:
        self.path(inside).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, self.path(inside))

    def property(self, name: str, unit: str = "ticketd") -> str:
        return self.run("systemctl", "show", "--property", name, "--value", unit).strip()

    def journal(self, *matches) -> list[dict]:
        self.call("journalctl", "--sync")
        done = self.call("journalctl", "--no-pager", "--output=json", *matches)
        return [json.loads(line) for line in done.stdout.splitlines()]

    def logged(self, words: str, *matches) -> bool:
        return any(words in str(entry.get("MESSAGE")) for entry in self.journal(*(matches or ("-u", "ticketd"))))

    def host_pid(self, inside: int) -> int:
        """The number that this process knows a process of the sandbox by."""
        namespace = os.readlink(f"/proc/{self.pid}/ns/pid")
        for path in pathlib.Path("/proc").glob("[0-9]*"):
            try:
                numbers = next(line for line in (path / "status").read_text().splitlines() if line.startswith("NSpid:"))
                if numbers.split()[-1] == str(inside) and os.readlink(path / "ns/pid") == namespace:
                    return int(path.name)
            except OSError:
                continue
        raise LookupError(f"no process {inside} in the sandbox")


if __name__ == "__main__":
    require_sandbox()
    with Sandbox(isolate()) as machine:
        result = machine.call(*(sys.argv[1:] or ["systemctl", "--no-pager", "status"]))
        print(result.stdout + result.stderr, end="")
        sys.exit(result.returncode)
