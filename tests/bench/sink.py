"""Where mails end in the bench: the tree's own smtp_sink, so that Python is not what is measured. And its counterpart."""
import itertools
import pathlib
import socket
import subprocess
import time

from support.case import build_folder, free_port, wait_for

NUMBERS = itertools.count(1)


def tool(name: str) -> str:
    return str(build_folder() / "tests" / name)


class Sink:
    """`delay_ms` holds back each answer: a round trip."""

    def __init__(self, folder: pathlib.Path, port: int = 0, delay_ms: int = 0):
        self.port = port or free_port()
        self.log = folder / f"sink{next(NUMBERS)}.log"
        self.log.touch()
        self.arguments = [tool("smtp_sink"), str(self.port), "--delay-ms", str(delay_ms), "--log", str(self.log)]

    def __enter__(self):
        self.process = subprocess.Popen(self.arguments, stdout=subprocess.DEVNULL)
        wait_for(self.answers, "the sink answers")
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(10)

    def answers(self) -> bool:
        try:
            socket.create_connection(("127.0.0.1", self.port), 1).close()
            return True
        except OSError:
            return False

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    def arrivals(self) -> list[tuple[float, str]]:
        """(time.monotonic() of acceptance, recipient) of each mail."""
        found = []
        for line in self.log.read_text().splitlines():
            at, recipient, *_ = line.split(" ")
            found.append((int(at) / 1e6, recipient.strip("<>")))
        return found

    def count(self) -> int:
        return self.log.read_bytes().count(b"\n")

    def rate(self) -> float:
        """Mails per second between the first and the last."""
        times = [at for at, _ in self.arrivals()]
        return (len(times) - 1) / (max(times) - min(times))

    def wait_for(self, address: str, seconds: float = 20) -> float:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            for at, recipient in self.arrivals()[-3:]:
                if recipient == address:
                    return at
            time.sleep(0.002)
        raise TimeoutError(f"no mail for {address}")


def bare_client_rate(port: int, mails: int, connections: int) -> float:
    """Mails per second of a client that does nothing but send, pipelined as far as RFC 2920 allows."""
    command = [tool("smtp_client"), "127.0.0.1", str(port), str(mails), str(connections), "lap"]
    return float(subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, timeout=300).stdout)
