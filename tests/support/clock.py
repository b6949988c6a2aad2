"""A wall clock for programs under test that the test moves."""
import pathlib

from support.case import build_folder, sanitized, skip_all


def library() -> pathlib.Path:
    return build_folder() / "tests" / "libmoved_clock.so"


def require_clock() -> None:
    if sanitized():
        skip_all("a sanitizer's runtime has to be loaded before any other library")
    if not library().exists():
        raise RuntimeError(f"{library()} has not been built")


class Clock:
    """`set` takes effect at once in every program that runs with `environment`."""

    def __init__(self, folder: pathlib.Path):
        self.file = folder / "clock"
        self.set(0)

    @property
    def environment(self) -> dict[str, str]:
        return {"LD_PRELOAD": str(library()), "MOVED_CLOCK": str(self.file)}

    def set(self, seconds: float) -> None:
        """So many seconds from the real time. In one write of fixed length, for it is read at any moment."""
        self.file.touch()
        with self.file.open("r+b", buffering=0) as file:
            file.write(f"{seconds:+020.0f}\n".encode())
