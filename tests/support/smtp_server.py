"""A scripted SMTP server on loopback: keeps what it is given, and misbehaves where the plan says so."""
import queue
import socket
import socketserver
import ssl
import threading
import time
from typing import Callable, NamedTuple, Optional

DROP = "drop"  # closes the connection instead of answering
HANG = "hang"  # answers nothing until the client goes away


class ReceivedMail(NamedTuple):
    sender: str
    recipients: list[str]
    octets: bytes
    at: float  # time.monotonic()
    connection: int


class Step(NamedTuple):
    """What a plan is asked about: `stage` is connect, ehlo, auth, mail, rcpt, data (the command) or dot (after the mail)."""

    stage: str
    argument: str
    connection: int
    octets: bytes = b""


Plan = Callable[[Step], Optional[str]]  # a reply like "451 4.3.0 busy", DROP, HANG, or None: all goes well


class SmtpServer:
    """`deliver` is called with each accepted mail, in the connection's thread; `plan` may be exchanged at any time."""

    def __init__(self, plan: Plan | None = None, deliver: Callable[[ReceivedMail], None] | None = None,
                 tls: tuple | None = None, implicit_tls: bool = False, extensions: tuple = ("PIPELINING", "8BITMIME", "SIZE 50000000"),
                 port: int = 0, mechanisms: str = "PLAIN LOGIN", client_authority=None):
        self.plan, self.deliver, self.extensions, self.mechanisms = plan, deliver, extensions, mechanisms
        self.tls, self.implicit_tls = None, implicit_tls
        if tls:
            self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.tls.load_cert_chain(*map(str, tls))
        if client_authority:
            self.tls.verify_mode = ssl.CERT_REQUIRED
            self.tls.load_verify_locations(str(client_authority))
        self.mails: list[ReceivedMail] = []
        self.arrivals: queue.Queue[ReceivedMail] = queue.Queue()
        self.steps: list[Step] = []
        self.connections = 0
        self.lock = threading.Lock()
        self.stopping = threading.Event()
        self.hangs_end = threading.Event()  # once set, whoever hangs hangs up
        self.server = Listener(("127.0.0.1", port), self)
        self.port = self.server.server_address[1]
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True)
        self.thread.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    @property
    def url(self) -> str:
        return f"{'smtps' if self.implicit_tls else 'smtp'}://127.0.0.1:{self.port}"

    def stop(self) -> None:
        """Refuses connections from now on, and cuts the ones there are."""
        self.stopping.set()
        self.server.shutdown()
        self.server.server_close()
        self.server.cut_all()

    def to(self, address: str) -> list[ReceivedMail]:
        return [mail for mail in list(self.mails) if address in mail.recipients]

    def answer(self, step: Step) -> str | None:
        with self.lock:
            self.steps.append(step)
        return self.plan(step) if self.plan else None

    def accept(self, mail: ReceivedMail) -> None:
        with self.lock:
            self.mails.append(mail)
        self.arrivals.put(mail)
        if self.deliver:
            self.deliver(mail)


class Listener(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, address, owner: SmtpServer):
        self.owner = owner
        self.open_sockets: set[socket.socket] = set()
        super().__init__(address, Conversation)

    def cut_all(self) -> None:
        for connection in list(self.open_sockets):
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def handle_error(self, request, client_address):
        pass  # a client that went away is no news


class Hangup(Exception):
    pass


class Conversation(socketserver.BaseRequestHandler):
    def setup(self):
        self.owner: SmtpServer = self.server.owner
        self.server.open_sockets.add(self.request)
        with self.owner.lock:
            self.owner.connections += 1
            self.number = self.owner.connections
        if self.owner.implicit_tls:
            self.request = self.owner.tls.wrap_socket(self.request, server_side=True)
        self.stream = self.request.makefile("rb")
        self.reset()

    def finish(self):
        self.server.open_sockets.discard(self.request)
        self.request.close()

    def reset(self):
        self.sender, self.recipients = None, []

    def send(self, text: str) -> None:
        self.request.sendall(text.encode() + b"\r\n")

    def reply(self, stage: str, argument: str, usual: str, octets: bytes = b"") -> bool:
        """Sends the plan's answer or the usual one; whether it was the usual one (or another 2yz/3yz)."""
        planned = self.owner.answer(Step(stage, argument, self.number, octets))
        if planned == DROP:
            raise Hangup
        if planned == HANG:
            self.hang()
        self.send(planned or usual)
        return (planned or usual)[0] in "23"

    def hang(self) -> None:
        self.request.settimeout(0.2)
        while not self.owner.stopping.is_set() and not self.owner.hangs_end.is_set():
            try:
                if not self.request.recv(4096):
                    break
            except TimeoutError:
                continue
            except OSError:
                break
        raise Hangup

    def handle(self):
        try:
            self.reply("connect", "", "220 scripted.example ESMTP")
            while line := self.stream.readline():
                self.dispatch(line.rstrip(b"\r\n").decode(errors="replace"))
        except (Hangup, ConnectionError, ssl.SSLError, ValueError, OSError):
            pass

    def dispatch(self, line: str) -> None:
        verb, _, argument = line.partition(" ")
        handler = getattr(self, "do_" + verb.lower(), None)
        if handler is None:
            self.send("502 5.5.1 unknown command")
        else:
            handler(argument)

    def do_ehlo(self, argument):
        self.reset()
        extensions = list(self.owner.extensions)
        if self.owner.tls and not isinstance(self.request, ssl.SSLSocket):
            extensions.append("STARTTLS")
        extensions += ["ENHANCEDSTATUSCODES", f"AUTH {self.owner.mechanisms}"]
        lines = ["scripted.example", *extensions]
        text = "\r\n".join(f"250{'-' if i + 1 < len(lines) else ' '}{name}" for i, name in enumerate(lines))
        self.reply("ehlo", argument, text)

    def do_helo(self, argument):
        self.reply("ehlo", argument, "250 scripted.example")

    def do_starttls(self, _):
        self.send("220 2.0.0 go ahead")
        self.stream.close()
        self.request = self.owner.tls.wrap_socket(self.request, server_side=True)
        self.server.open_sockets.add(self.request)
        self.stream = self.request.makefile("rb")
        self.reset()

    def do_auth(self, argument):
        mechanism, _, initial = argument.partition(" ")
        if mechanism.upper() == "LOGIN":
            self.send("334 VXNlcm5hbWU6")
            self.stream.readline()
            self.send("334 UGFzc3dvcmQ6")
            self.stream.readline()
        elif not initial:
            self.send("334 ")
            argument = mechanism + " " + self.stream.readline().decode().strip()
        self.reply("auth", argument, "235 2.7.0 welcome")

    def do_mail(self, argument):
        if self.reply("mail", argument, "250 2.1.0 ok"):
            self.sender, self.recipients = address_in(argument), []

    def do_rcpt(self, argument):
        if self.reply("rcpt", argument, "250 2.1.5 ok"):
            self.recipients.append(address_in(argument))

    def do_data(self, argument):
        if self.sender is None or not self.recipients:
            self.send("503 5.5.1 no recipients")
            return
        if not self.reply("data", argument, "354 go ahead"):
            return
        octets = self.read_mail()
        mail = ReceivedMail(self.sender, list(self.recipients), octets, time.monotonic(), self.number)
        planned = self.owner.answer(Step("dot", "", self.number, octets))
        self.reset()
        if planned and planned[0] in "45":
            self.send(planned)
            return
        self.owner.accept(mail)  # a mail whose answer gets lost has been accepted all the same
        if planned == DROP:
            raise Hangup
        if planned == HANG:
            self.hang()
        self.send(planned or f"250 2.0.0 accepted as {len(self.owner.mails)}")

    def read_mail(self) -> bytes:
        lines = []
        while True:
            line = self.stream.readline()
            if not line:
                raise Hangup
            if line == b".\r\n":
                return b"".join(lines)
            lines.append(line[1:] if line.startswith(b".") else line)

    def do_rset(self, _):
        self.reset()
        self.send("250 2.0.0 ok")

    def do_noop(self, _):
        self.send("250 2.0.0 ok")

    def do_quit(self, _):
        self.send("221 2.0.0 bye")
        raise Hangup


def address_in(argument: str) -> str:
    """MAIL FROM:<a@b> SIZE=1 -> a@b"""
    return argument.partition("<")[2].partition(">")[0]
