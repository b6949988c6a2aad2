"""A Debian that holds what is required, systemd, dbus, and what one package depends on: nothing else of this machine is in it.

Its files are those of these packages that are on this machine, and dpkg sets them up anew, so that no network is needed. A dependency
that was forgotten shows: what it brings is not there, unless it is required anyway (tzdata).
"""
import glob
import os
import pathlib
import re
import shutil
import subprocess
import tempfile

from support.case import skip_all
from systemd.package import run

DPKG = pathlib.Path("/var/lib/dpkg")
ALWAYS = ("systemd", "dbus")
ENVIRONMENT = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8", "DEBIAN_FRONTEND": "noninteractive"}


class Installed:
    """A package as /var/lib/dpkg/status has it (deb822(5))."""

    def __init__(self, stanza: str):
        self.stanza = stanza
        self.fields = dict(re.findall(r"^(\S+): *(.*)$", stanza, re.MULTILINE))
        self.name = self.fields["Package"]
        # What dpkg calls its files.
        self.qualified = self.name + (f":{self.fields['Architecture']}" if self.fields.get("Multi-Arch") == "same" else "")

    def is_required(self) -> bool:
        return self.fields.get("Essential") == "yes" or self.fields.get("Priority") == "required"

    def depends(self) -> list[list[str]]:
        return dependencies(", ".join(self.fields.get(field, "") for field in ("Pre-Depends", "Depends")))


def dependencies(value: str) -> list[list[str]]:
    """The names of a relationship field (Debian Policy 7.1): each needs one of several. Versions are dpkg's to judge."""
    return [[re.match(r"[^\s:(\[]+", one)[0] for one in map(str.strip, each.split("|"))] for each in map(str.strip, value.split(",")) if each]


def installed_packages() -> dict[str, Installed]:
    packages = map(Installed, (stanza for stanza in (DPKG / "status").read_text().split("\n\n") if stanza.strip()))
    own = (run("dpkg", "--print-architecture").strip(), "all")
    return {package.name: package for package in packages
            if package.fields["Status"].split()[1:] == ["ok", "installed"] and package.fields["Architecture"] in own}


def closure(known: dict[str, Installed], wanted: list[list[str]]) -> list[Installed]:
    """All that `wanted` leads to; of alternatives the first that is here, or else what provides it."""
    providers = {name: [name] for name in known}
    for package in known.values():
        for [name] in dependencies(package.fields.get("Provides", "")):
            providers.setdefault(name, []).append(package.name)
    chosen: dict[str, Installed] = {}
    while wanted:
        alternatives = wanted.pop()
        candidates = [provider for name in alternatives for provider in providers.get(name, [])]
        if not candidates:
            skip_all(f"the package depends on {' | '.join(alternatives)}, which is not installed here")
        if not chosen.keys() & set(candidates):
            chosen[candidates[0]] = known[candidates[0]]
            wanted += chosen[candidates[0]].depends()
    return list(chosen.values())


def make(folder: pathlib.Path, package: pathlib.Path) -> pathlib.Path:
    """The root of one in `folder`, in which everything but `package` itself is set up. Some 150 MB and five seconds."""
    known = installed_packages()
    own = dependencies(run("dpkg-deb", "--field", package, "Depends"))
    chosen = closure(known, [[name] for name in (*ALWAYS, *(each.name for each in known.values() if each.is_required()))] + own)
    root = folder / "debian"
    root.mkdir()
    copy_files(root, chosen)
    copy_state(root, chosen)
    run(*inside(root), "dpkg", "--force-depends", "--configure", "base-passwd")  # without a user root the others' scripts fail
    run(*inside(root), "dpkg", "--configure", "--pending")
    return root


def inside(root: pathlib.Path) -> list:
    """What a command begins with that runs in it, nothing of it being started."""
    return ["chroot", root, "env", "-i", *(f"{name}={value}" for name, value in ENVIRONMENT.items())]


def copy_files(root: pathlib.Path, packages: list[Installed]) -> None:
    for merged in ("bin", "sbin", "lib", "lib32", "lib64", "libx32"):
        if (pathlib.Path("/") / merged).is_symlink():
            (root / "usr" / merged).mkdir(parents=True)
            (root / merged).symlink_to(f"usr/{merged}")
    names = run("dpkg-query", "--listfiles", *(package.qualified for package in packages)).splitlines()
    there = sorted({name[1:] for name in names if name.startswith("/") and name != "/." and os.path.lexists(name)})
    with tempfile.TemporaryFile() as listed:
        listed.write(b"".join(name.encode() + b"\0" for name in there))
        listed.seek(0)
        pack = ["tar", "-C", "/", "--create", "--no-recursion", "--null", "--files-from=-"]
        with subprocess.Popen(pack, stdin=listed, stdout=subprocess.PIPE) as packing:
            subprocess.run(["tar", "-C", str(root), "--extract", "--keep-directory-symlink", "--same-permissions"],
                           stdin=packing.stdout, check=True)
        if packing.returncode:
            raise RuntimeError("the files of the packages could not be read")


def copy_state(root: pathlib.Path, packages: list[Installed]) -> None:
    """What dpkg knows after unpacking."""
    state = root / DPKG.relative_to("/")
    for folder in ("info", "updates", "triggers", "alternatives", "parts"):
        (state / folder).mkdir(parents=True, exist_ok=True)
    for package in packages:
        for path in (DPKG / "info").glob(f"{glob.escape(package.qualified)}.*"):
            shutil.copy(path, state / "info")
    shutil.copy(DPKG / "info" / "format", state / "info")
    unpacked = (re.sub(r"^Status: .*$", "Status: install ok unpacked", package.stanza.strip(), flags=re.MULTILINE) for package in packages)
    (state / "status").write_text("\n\n".join(unpacked) + "\n")
