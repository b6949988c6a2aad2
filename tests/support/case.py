"""What every integration test needs: prerequisites, bounded waiting, a temporary folder, an end that ctest understands."""
import atexit
import collections
import os
import pathlib
import random
import shutil
import socket
import stat
import sys
import tempfile
import time
import unittest

TESTS = pathlib.Path(__file__).resolve().parents[1]
ROOT = TESTS.parent
SKIPPED = 77


def skip_all(reason: str) -> None:
    """Ends the program as skipped; ctest shows the reason."""
    print(f"SKIPPED: {reason}", flush=True)
    sys.exit(SKIPPED)


def require_programs(*programs: str) -> None:
    paths = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/sbin"])
    for program in programs:
        if not shutil.which(program, path=paths):
            skip_all(f"{program} is not installed")


def build_folder() -> pathlib.Path:
    return pathlib.Path(os.environ.get("TICKETD_BUILD", ROOT / "build" / "release")).resolve()


def sanitized() -> bool:
    """Whether the programs under test are slow ones."""
    cache = build_folder() / "CMakeCache.txt"
    return cache.exists() and "TICKETD_SANITIZE:STRING=\n" not in cache.read_text()


PATIENCE = 4 if sanitized() else 1


def wait_for(condition, what: str, seconds: float = 20, interval: float = 0.02):
    """The first true value of `condition()`; raises when the time is up."""
    end = time.monotonic() + seconds * PATIENCE
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise TimeoutError(f"waited {seconds * PATIENCE:.0f} s in vain: {what}")
        time.sleep(interval)


reserved = collections.deque(maxlen=200)  # sockets
atexit.register(lambda: [mark.close() for mark in reserved])


def reserve_port(port: int) -> bool:
    """Other tests of this network keep off it for a while, this one of many included: the port itself is not taken yet."""
    mark = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    try:
        mark.bind(f"\0ticketd-test-port-{port}")
    except OSError:
        mark.close()
        return False
    if len(reserved) == reserved.maxlen:
        reserved.popleft().close()
    reserved.append(mark)
    return True


def free_port() -> int:
    """None that the kernel gives to a connection: whoever is started on it again later would find it taken."""
    first_given = int(pathlib.Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    for _ in range(100):
        port = random.randrange(10_000, max(first_given, 11_000))
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        if reserve_port(port):
            return port
    raise RuntimeError("no port is free")


def reachable_by_others(folder: pathlib.Path) -> bool:
    return all(parent.stat().st_mode & stat.S_IXOTH for parent in [folder, *folder.parents])


def temporary_folder(prefix: str = "ticketd-") -> pathlib.Path:
    """Short (a UNIX socket's path has 107 octets) and passable for the mail servers' own users."""
    base = pathlib.Path(tempfile.gettempdir()).resolve()
    if len(str(base)) > 50 or os.geteuid() == 0 and not reachable_by_others(base):
        base = pathlib.Path("/tmp")
    folder = pathlib.Path(tempfile.mkdtemp(prefix=prefix, dir=base))
    folder.chmod(0o755)
    return folder


class FolderCase(unittest.TestCase):
    """A test with a temporary folder of its own, kept when KEEP_FOLDERS is set."""

    def setUp(self):
        self.folder = temporary_folder()
        if not os.environ.get("KEEP_FOLDERS"):
            self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        else:
            print(f"{self.id()}: {self.folder}", flush=True)


def main() -> None:
    """Runs the calling file's tests; a skipped case's reason is printed for the summary."""
    program = unittest.main(exit=False, verbosity=1)
    for _, reason in program.result.skipped:
        print(f"SKIPPED: {reason}", flush=True)
    if not program.result.wasSuccessful():
        sys.exit(1)
    sys.exit(SKIPPED if program.result.testsRun and len(program.result.skipped) == program.result.testsRun else 0)
