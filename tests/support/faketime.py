"""A wall clock for a program under test that the test moves: libfaketime, preloaded. The steady clock goes on as it is."""
import pathlib
import sysconfig

from support.case import sanitized, skip_all


def library() -> pathlib.Path:
    """Ends the program as skipped where it can't be used."""
    if sanitized():
        skip_all("libfaketime and the sanitizers can't be preloaded together")
    for folder in (f"/usr/lib/{sysconfig.get_config_var('MULTIARCH')}/faketime", "/usr/lib/faketime"):
        path = pathlib.Path(folder) / "libfaketimeMT.so.1"
        if path.exists():
            return path
    skip_all("libfaketime is not installed")


class Clock:
    """`set` takes effect at once in every program that runs with `environment`."""

    def __init__(self, folder: pathlib.Path):
        self.file = folder / "clock"
        self.seconds = 0.0
        self.set(0)

    @property
    def environment(self) -> dict[str, str]:
        return {"LD_PRELOAD": str(library()), "FAKETIME_TIMESTAMP_FILE": str(self.file), "FAKETIME_NO_CACHE": "1",
                "FAKETIME_DONT_FAKE_MONOTONIC": "1"}

    def set(self, seconds: float) -> None:
        """So many seconds from the real time."""
        self.seconds = seconds
        fresh = self.file.with_suffix(".new")
        fresh.write_text(f"{seconds:+.0f}\n")
        fresh.replace(self.file)

    def advance(self, seconds: float) -> None:
        self.set(self.seconds + seconds)
