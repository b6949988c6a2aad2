"""Runs with the restrictions of the unit, and tries what the daemon has no business to do. Prints {what: "done" or the error}."""
import errno
import json
import mmap
import os
import pathlib
import socket
import subprocess
import sys


def write(path: str) -> None:
    pathlib.Path(path).write_text("x")


def set_user_id_bit() -> None:
    path = pathlib.Path(os.environ["STATE_DIRECTORY"]) / "probe-file"
    path.write_text("x")
    path.chmod(0o4755)


ATTEMPTS = {
    "read a home": lambda: pathlib.Path("/home/ann/secret").read_text(),
    "read root's home": lambda: os.listdir("/root"),
    "read the credentials' source": lambda: os.listdir("/etc/ticketd/credentials"),
    "read what others have in /var": lambda: pathlib.Path("/var/lib/others/secret").read_text(),
    "read what others have in /srv": lambda: os.listdir("/srv/others"),
    "see another's /tmp": lambda: pathlib.Path("/tmp/others-secret").read_text(),
    "see other processes": lambda: pathlib.Path("/proc/1/cmdline").read_text(),
    "write to /etc": lambda: write("/etc/ticketd/conf.d/evil.toml"),
    "write to /usr": lambda: write("/usr/lib/evil"),
    "write to /var/lib": lambda: write("/var/lib/evil"),
    "write to /run": lambda: write("/run/evil"),
    "set the set-user-id bit": set_user_id_bit,
    "open a netlink socket": lambda: socket.socket(socket.AF_NETLINK, socket.SOCK_RAW),
    "open a packet socket": lambda: socket.socket(socket.AF_PACKET, socket.SOCK_RAW),
    "open a raw socket": lambda: socket.socket(socket.AF_INET, socket.SOCK_RAW, 1),
    "run a shell": lambda: subprocess.run(["/bin/sh", "-c", "true"], check=True),
    "run what it has written": lambda: subprocess.run([os.environ["STATE_DIRECTORY"] + "/probe-program"], check=True),
    "map memory to write and execute": lambda: mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC),
    "become root": lambda: os.setuid(0),
}
ALLOWED = {
    "write its state": lambda: write(os.environ["STATE_DIRECTORY"] + "/probe-file"),
    "write its cache": lambda: write(os.environ["CACHE_DIRECTORY"] + "/probe-file"),
    "read its configuration": lambda: pathlib.Path("/etc/ticketd/ticketd.toml").read_text(),
    "read its credentials": lambda: pathlib.Path(os.environ["CREDENTIALS_DIRECTORY"] + "/ticketd_imap-password").read_text(),
    "ask for a name": lambda: socket.getaddrinfo("localhost", 25),
    "open a socket": lambda: socket.socket(socket.AF_INET, socket.SOCK_STREAM),
}


def outcome(attempt) -> str:
    try:
        attempt()
    except OSError as error:
        return errno.errorcode.get(error.errno, str(error))
    return "done"


found = {what: outcome(attempt) for what, attempt in {**ATTEMPTS, **ALLOWED}.items()}
pathlib.Path(sys.argv[1]).write_text(json.dumps({"refused": {w: found[w] for w in ATTEMPTS}, "allowed": {w: found[w] for w in ALLOWED}}))
