"""A private Dovecot on high ports of loopback, as root or as a normal user. Any user name, password `secret`."""
import contextlib
import getpass
import grp
import imaplib
import os
import pathlib
import pwd
import re
import signal
import socket
import string
import subprocess
import time
from typing import NamedTuple

from support.case import free_port, wait_for
from support.certificates import make_authority, make_server_certificate

PASSWORD = "secret"
PATH = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/bin"])


class StoredMail(NamedTuple):
    uid: int
    flags: str
    octets: bytes


def identities() -> dict[str, str]:
    """Whom Dovecot runs as: Debian's own users under root, else all of it as the caller."""
    if os.geteuid() == 0:
        nobody = pwd.getpwnam("nobody")
        return dict(internal_user="dovecot", internal_group="dovecot", login_user="dovenull", mail_uid=str(nobody.pw_uid),
                    mail_gid=str(nobody.pw_gid))
    group = grp.getgrgid(os.getegid()).gr_name
    return dict(internal_user=getpass.getuser(), internal_group=group, login_user=getpass.getuser(),
                mail_uid=str(os.geteuid()), mail_gid=str(os.getegid()))


class Dovecot:
    """`introspection_url`: access tokens are taken too, where what follows there (RFC 7662, by GET) says that one is active.
    `client_certificates`: one of our authority is a login, as whom it names."""

    def __init__(self, folder: pathlib.Path, fsync: str = "never", introspection_url: str = "",
                 client_certificates: bool = False, token_mechanisms: str = "xoauth2 oauthbearer"):
        self.folder = folder / "dovecot"
        self.introspection_url, self.client_certificates = introspection_url, client_certificates
        self.token_mechanisms = token_mechanisms
        self.imap_port, self.imaps_port = free_port(), free_port()
        self.instance = f"ticketd-{self.imap_port}"
        self.process = None
        self.write_configuration(fsync)

    def write_configuration(self, fsync: str) -> None:
        (self.folder / "mail").mkdir(parents=True)
        self.ca_file = make_authority(self.folder / "tls")
        make_server_certificate(self.folder / "tls")
        users = identities()
        if os.geteuid() == 0:
            os.chown(self.folder / "mail", int(users["mail_uid"]), int(users["mail_gid"]))
        template = string.Template(pathlib.Path(__file__).with_name("dovecot.conf.template").read_text())
        self.configuration = self.folder / "dovecot.conf"
        self.configuration.write_text(template.substitute(
            users, instance=self.instance, folder=self.folder, imap_port=self.imap_port,
            imaps_port=self.imaps_port, fsync=fsync, **self.more_logins()))

    def more_logins(self) -> dict[str, str]:
        if self.client_certificates:
            settings = f"ssl_ca = <{self.ca_file}\nssl_require_crl = no\nssl_verify_client_cert = yes\nauth_ssl_username_from_cert = yes\n"
            passdb = "passdb {\n  driver = static\n  mechanisms = external\n  args = nopassword=y\n}"
            return dict(more_mechanisms=" external", more_passdb=settings + passdb)
        if not self.introspection_url:
            return dict(more_mechanisms="", more_passdb="")
        settings = self.folder / "oauth2.conf.ext"
        settings.write_text(f"introspection_url = {self.introspection_url}\nintrospection_mode = get\nforce_introspection = yes\n"
                            "username_attribute = username\nactive_attribute = active\nactive_value = true\n")
        passdb = f"passdb {{\n  driver = oauth2\n  mechanisms = {self.token_mechanisms}\n  args = {settings}\n}}"
        return dict(more_mechanisms=f" {self.token_mechanisms}", more_passdb=passdb)

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.stop()

    def start(self) -> None:
        with (self.folder / "dovecot.log").open("a") as log:  # what it says before it opens its log itself
            self.process = subprocess.Popen(["dovecot", "-F", "-c", str(self.configuration)], env={"PATH": PATH},
                                            stdin=subprocess.DEVNULL, stderr=log)
        wait_for(self.answers, f"Dovecot answers (see {self.folder}/dovecot.log)")

    def answers(self) -> bool:
        if self.process.poll() is not None:
            raise RuntimeError("Dovecot ended: " + (self.folder / "dovecot.log").read_text()[-2000:])
        try:
            with socket.create_connection(("127.0.0.1", self.imap_port), 1) as connection:
                connection.settimeout(5)
                return connection.recv(100).startswith(b"* OK")
        except OSError:
            return False

    def stop(self, how: int = signal.SIGTERM) -> None:
        """Ends it with all its children, and waits for that, so that the ports are free again."""
        if self.process and self.process.poll() is None:
            self.process.send_signal(how)
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait(10)
        self.process = None
        self.end_sessions(how)

    def end_sessions(self, how: int) -> None:
        """A process that serves a client outlives its master, and goes on serving."""
        patience_ends = time.monotonic() + 5

        def are_gone() -> bool:
            left = self.sessions()
            for pid in left:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, how if time.monotonic() < patience_ends else signal.SIGKILL)
            return not left
        wait_for(are_gone, "Dovecot's sessions end")

    def sessions(self) -> list[int]:
        """Dovecot shows in the process list whose each process is."""
        found = []
        for path in pathlib.Path("/proc").glob("[0-9]*/cmdline"):
            with contextlib.suppress(OSError):
                if path.read_bytes().startswith(f"dovecot-{self.instance}/imap".encode()):
                    found.append(int(path.parent.name))
        return found

    def restart(self) -> None:
        self.stop()
        self.start()

    def url(self, tls: str = "none") -> str:
        """`none` and `starttls` share a port: what differs is what the client insists on."""
        return f"imaps://127.0.0.1:{self.imaps_port}" if tls == "imaps" else f"imap://127.0.0.1:{self.imap_port}"

    def doveadm(self, *arguments: str) -> str:
        command = ["doveadm", "-c", str(self.configuration), *arguments]
        done = subprocess.run(command, capture_output=True, text=True, timeout=30, env={"PATH": PATH}, cwd="/")
        if done.returncode != 0:
            raise RuntimeError(f"doveadm {' '.join(arguments)}: {done.stderr}")
        return done.stdout

    def session(self, user: str, port: int = 0) -> imaplib.IMAP4:
        """`port` is that of a proxy in between."""
        client = imaplib.IMAP4("127.0.0.1", port or self.imap_port, timeout=30)
        try:
            client.login(user, PASSWORD)
        except (OSError, imaplib.IMAP4.error):
            client.shutdown()
            raise
        return client

    def append(self, user: str, octets: bytes, mailbox: str = "INBOX", flags: str = "", date=None) -> int:
        """Puts one mail into a mailbox; gives its UID."""
        with self.session(user) as client:
            return self.append_with(client, octets, mailbox, flags, date)

    def append_with(self, client: imaplib.IMAP4, octets: bytes, mailbox: str = "INBOX", flags: str = "", date=None) -> int:
        octets = octets.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
        status, answer = client.append(mailbox, flags or None, date, octets)
        if b"ALREADYEXISTS" in answer[0]:  # somebody else was making the folder at the same moment
            status, answer = client.append(mailbox, flags or None, date, octets)
        if status != "OK":
            raise RuntimeError(f"APPEND: {answer}")
        return int(re.search(rb"APPENDUID \d+ (\d+)", answer[0])[1])

    def fill(self, user: str, mails, mailbox: str = "INBOX", batch: int = 250) -> int:
        """Many mails by MULTIAPPEND with non-synchronizing literals (RFC 3502, RFC 7888): thousands per second."""
        with socket.create_connection(("127.0.0.1", self.imap_port), 60) as connection:
            stream = connection.makefile("rwb")
            stream.readline()
            command(stream, b"a LOGIN " + user.encode() + b" " + PASSWORD.encode())
            mails = list(mails)
            for start in range(0, len(mails), batch):
                parts = [b"{%d+}\r\n%s" % (len(mail), mail) for mail in mails[start:start + batch]]
                command(stream, b"a APPEND " + mailbox.encode() + b" " + b" ".join(parts))
            command(stream, b"a LOGOUT")
        return len(mails)

    def mails(self, user: str, mailbox: str = "INBOX") -> list[StoredMail]:
        with self.session(user) as client:
            if client.select(f'"{mailbox}"', readonly=True)[0] != "OK":
                return []
            answer = client.uid("FETCH", "1:*", "(UID FLAGS BODY.PEEK[])")[1]
        found = []
        for part in answer:
            if isinstance(part, tuple):
                uid = int(re.search(rb"UID (\d+)", part[0])[1])
                flags = re.search(rb"FLAGS \(([^)]*)\)", part[0])
                found.append(StoredMail(uid, flags[1].decode() if flags else "", part[1]))
        return found

    def message_ids(self, user: str, mailbox: str = "INBOX") -> list[tuple[int, str]]:
        """(UID, Message-ID) of each mail, in the order of the mailbox."""
        with self.session(user) as client:
            if client.select(f'"{mailbox}"', readonly=True)[0] != "OK":
                return []
            answer = client.uid("FETCH", "1:*", "(UID BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)])")[1]
        parts = [part for part in answer if isinstance(part, tuple)]
        return [(int(re.search(rb"UID (\d+)", head)[1]), field.partition(b"<")[2].partition(b">")[0].decode(errors="replace"))
                for head, field in parts]

    def count(self, user: str, mailbox: str = "INBOX") -> int:
        with self.session(user) as client:
            status, answer = client.status(f'"{mailbox}"', "(MESSAGES)")
            return int(re.search(rb"MESSAGES (\d+)", answer[0])[1]) if status == "OK" else 0

    def expunge(self, user: str, uid: int, mailbox: str = "INBOX") -> None:
        with self.session(user) as client:
            client.select(mailbox)
            client.uid("STORE", str(uid), "+FLAGS", r"(\Deleted)")
            client.expunge()

    def change_uid_validity(self, user: str, mailbox: str = "INBOX") -> None:
        value = int(time.time()) + 1000
        self.doveadm("mailbox", "update", "-u", user, "--uid-validity", str(value), mailbox)


def command(stream, line: bytes) -> None:
    stream.write(line + b"\r\n")
    stream.flush()
    while True:
        answer = stream.readline()
        if not answer:
            raise ConnectionError("Dovecot hung up")
        if answer.startswith(b"a "):
            if not answer.startswith(b"a OK"):
                raise RuntimeError(answer.decode())
            return
