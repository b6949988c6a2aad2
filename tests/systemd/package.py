"""Packages of what is built already, and their installation in a sandbox."""
import fcntl
import os
import pathlib
import re
import shutil
import subprocess

from support.case import ROOT, build_folder
from systemd.sandbox import Sandbox

INSIDE = "/root/ticketd.deb"


def run(*command, cwd: pathlib.Path | None = None, **environment) -> str:
    done = subprocess.run(list(map(str, command)), cwd=cwd, env=os.environ | environment, capture_output=True, text=True, timeout=300)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(map(str, command))}: exit {done.returncode}\n{(done.stdout + done.stderr)[-4000:]}")
    return done.stdout


def build_package() -> pathlib.Path:
    """debian/rules as in ./dev package, but for the compiling: the programs of this build are packed. Made once for all tests.
    TICKETD_PACKAGE is one that is there already, of ./dev package."""
    if given := os.environ.get("TICKETD_PACKAGE"):
        return pathlib.Path(given).resolve()
    work = build_folder() / "package"
    source = work / "ticketd"
    work.mkdir(exist_ok=True)
    with (work / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        made = next(work.glob("ticketd_*.deb"), None)
        if made and made.stat().st_mtime > newest_part():
            return made
        shutil.rmtree(source, ignore_errors=True)
        left = shutil.ignore_patterns("ticketd", ".debhelper", "debhelper-build-stamp", "files", "*.substvars")
        shutil.copytree(ROOT / "debian", source / "debian", ignore=left)
        for old in work.glob("ticketd_*.deb"):
            old.unlink()
        run("debian/rules", "binary", cwd=source, TICKETD_PREBUILT=str(build_folder()), DEB_BUILD_OPTIONS="nocheck")
        return next(work.glob("ticketd_*.deb"))


def newest_part() -> float:
    """When something was last changed that is packed."""
    parts = [build_folder() / name for name in ("ticketd", "ticketctl", "cmake_install.cmake")] + [ROOT / "README.md"]
    for folder in ("debian", "docs", "systemd", "rules/templates"):
        parts += [path for path in (ROOT / folder).rglob("*") if path.is_file()]
    return max(path.stat().st_mtime for path in parts)


def later_package(package: pathlib.Path, folder: pathlib.Path, version: str, conffile: str = "") -> pathlib.Path:
    """The same content under another version; `conffile` is what the configuration as shipped says besides."""
    def alter(work: pathlib.Path) -> None:
        if conffile:
            with (work / "etc/ticketd/ticketd.toml").open("a") as shipped:
                shipped.write(f"# {conffile}\n")
    return altered_package(package, folder / f"ticketd_{version}.deb", r"^Version: .*$", f"Version: {version}", alter)


def package_without(package: pathlib.Path, folder: pathlib.Path, dependency: str) -> pathlib.Path:
    """The same, but that one dependency has been forgotten."""
    return altered_package(package, folder / f"without-{dependency}.deb", rf"^(Depends:.*) {re.escape(dependency)}(?: \([^)]*\))?(?:,|$)", r"\1")


def altered_package(package: pathlib.Path, built: pathlib.Path, field: str, instead: str, alter=lambda work: None) -> pathlib.Path:
    """One field of its control file is another, and `alter` does what else there is to do to its files."""
    work = built.with_suffix("")
    run("dpkg-deb", "--raw-extract", package, work)
    control = work / "DEBIAN" / "control"
    text, count = re.subn(field, instead, control.read_text(), flags=re.MULTILINE)
    if count != 1:
        raise ValueError(f"{field} stands {count} times in the control file")
    control.write_text(text)
    alter(work)
    run("dpkg-deb", "--root-owner-group", "-Znone", "--build", work, built)
    return built


def install(sandbox: Sandbox, package: pathlib.Path, *options: str) -> str:
    sandbox.copy(package, INSIDE)
    return sandbox.run("dpkg", *options, "--install", INSIDE)


def purge_machine_own(sandbox: Sandbox) -> None:
    """Whatever this machine has of ticketd itself is no business of the test."""
    sandbox.call("dpkg", "--purge", "ticketd")
    sandbox.run("rm", "-rf", "/var/lib/ticketd", "/etc/ticketd", "/var/cache/ticketd")
    sandbox.run("rm", "-f", "/var/lib/man-db/auto-update")  # seconds for an index that nobody asks here
