"""A person at a terminal: starts a program on a pseudo-terminal, waits for what it asks, and types."""
import os
import pty
import re
import select
import signal
import termios
import time

from support.case import PATIENCE


class Typist:
    """`screen` is everything that ever appeared, as text. Of a terminal that is narrow, what is said may be folded anywhere."""

    def __init__(self, command: list[str], environment: dict[str, str], columns: int = 400):
        self.screen = ""
        self.read_up_to = 0
        self.process, self.terminal = pty.fork()
        if self.process == 0:
            termios.tcsetwinsize(0, (50, columns))
            os.execve(command[0], command, environment)
        self.status = None

    def read_some(self, seconds: float) -> bool:
        """False: there is nothing more."""
        if not select.select([self.terminal], [], [], seconds)[0]:
            return True
        try:
            octets = os.read(self.terminal, 65536)
        except OSError:  # EIO: the other end is closed
            return False
        self.screen += octets.decode(errors="replace").replace("\r\n", "\n")
        return bool(octets)

    def wait_for(self, pattern: str, seconds: float = 60) -> None:
        """Until that appears behind what was waited for last."""
        end = time.monotonic() + seconds * PATIENCE
        while True:
            found = re.compile(pattern).search(self.screen, self.read_up_to)
            if found:
                self.read_up_to = found.end()
                return
            if time.monotonic() > end or not self.read_some(0.2):
                raise AssertionError(f"{pattern!r} did not appear; the screen:\n{self.screen}")

    def type(self, text: str) -> None:
        os.write(self.terminal, text.encode())

    def answer(self, prompt: str, text: str = "") -> None:
        """`prompt` is how the question begins, on a line of its own; it may be folded once."""
        self.wait_for(r"(?m)^" + re.escape(prompt) + r"[^\n]*(\n[^\n]+)?: $")
        self.type(text + "\n")

    def echoes(self) -> bool:
        return bool(termios.tcgetattr(self.terminal)[3] & termios.ECHO)

    def end(self, seconds: float = 60) -> int:
        """Waits for the end; the exit code, negative for a signal."""
        limit = time.monotonic() + seconds * PATIENCE
        while self.status is None:
            self.read_some(0.05)
            done, status = os.waitpid(self.process, os.WNOHANG)
            if done:
                self.status = os.waitstatus_to_exitcode(status)
            elif time.monotonic() > limit:
                raise AssertionError(f"it did not end; the screen:\n{self.screen}")
        while select.select([self.terminal], [], [], 0)[0] and self.read_some(0):
            pass
        return self.status

    def close(self) -> None:
        if self.status is None:
            os.kill(self.process, signal.SIGKILL)
            os.waitpid(self.process, 0)
            self.status = -signal.SIGKILL
        os.close(self.terminal)
