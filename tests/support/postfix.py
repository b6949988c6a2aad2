"""A private Postfix on a high port: own configuration and queue, hands every mail on to one SMTP port of loopback."""
import os
import pathlib
import pwd
import shutil
import socket
import string
import subprocess

from support.case import free_port, wait_for

MAIN = string.Template("""\
compatibility_level = 3.6
queue_directory = $folder/queue
data_directory = $folder/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
mail_owner = postfix
setgid_group = postdrop
maillog_file = $folder/mail.log
maillog_file_prefixes = $folder
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = relay.example
mydestination =
local_recipient_maps =
alias_maps =
alias_database =
mynetworks = 127.0.0.0/8
smtpd_relay_restrictions = permit_mynetworks, reject
smtpd_client_connection_count_limit = 0
default_transport = $transport
relay_transport = $transport
disable_dns_lookups = yes
smtp_host_lookup = native
smtp_tls_security_level = none
smtpd_tls_security_level = $tls_level
smtpd_tls_cert_file = $certificate
smtpd_tls_key_file = $key
smtpd_sasl_auth_enable = no
message_size_limit = 60000000
biff = no
notify_classes =
""")

MASTER = """\
{port} inet n - n - - smtpd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
tlsmgr unix - - n 1000? 1 tlsmgr
postlog unix-dgram n - n - 1 postlogd
"""


def missing() -> str:
    """Why there can be no private Postfix here; empty when there can."""
    if not pathlib.Path("/usr/sbin/postfix").exists():
        return "Postfix is not installed"
    if os.geteuid() != 0:
        return "Postfix starts as root only"
    return ""


class Postfix:
    """Without a target port every mail is discarded once it has been accepted."""

    def __init__(self, folder: pathlib.Path, target_port: int | None, certificate: tuple | None = None):
        self.folder = folder / "postfix"
        self.port = free_port()
        self.configuration = self.folder / "etc"
        for part in ("etc", "queue", "data"):
            (self.folder / part).mkdir(parents=True)
        owner = pwd.getpwnam("postfix")
        os.chown(self.folder / "data", owner.pw_uid, owner.pw_gid)
        certificate_file, key = certificate or ("none", "none")
        (self.configuration / "main.cf").write_text(MAIN.substitute(
            folder=self.folder, transport=f"smtp:[127.0.0.1]:{target_port}" if target_port else "discard:", certificate=certificate_file, key=key,
            tls_level="may" if certificate else "none"))
        (self.configuration / "master.cf").write_text(MASTER.format(port=f"127.0.0.1:{self.port}"))
        for name in ("dynamicmaps.cf", "postfix-files"):
            if pathlib.Path("/etc/postfix", name).exists():
                shutil.copy(f"/etc/postfix/{name}", self.configuration)

    def __enter__(self):
        self.postfix("start")
        wait_for(self.answers, f"Postfix answers (see {self.folder}/mail.log)")
        return self

    def __exit__(self, *_):
        self.postfix("stop")

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    def postfix(self, command: str) -> None:
        subprocess.run(["/usr/sbin/postfix", "-c", str(self.configuration), command], timeout=30, stdin=subprocess.DEVNULL,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)

    def answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), 1) as connection:
                connection.settimeout(5)
                return connection.recv(200).startswith(b"220")
        except OSError:
            return False

    def log(self) -> str:
        path = self.folder / "mail.log"
        return path.read_text(errors="replace") if path.exists() else ""
