"""A small IMAP server in memory that deviates where a dialogue file says so.

A dialogue file is text: `#` comments; `mails N` (so many plain mails) or `mail` (its lines up to a single `.`);
`capabilities WORDS`; `mailbox KEY VALUE` (of the configuration); `beside N` (a second mailbox on a server that does nothing out
of the ordinary, with N mails); `connection N` (what follows holds for the Nth connection only; `connection any` ends that);
`on REGEX [times K]` with indented lines: what is answered to a command that matches (without its tag), K times, instead of
the usual answer; and `expect KEY VALUE` lines, which are the test's business. In an answer `$tag` is the command's tag;
`!drop`, `!stall`, `!usual` (the usual answer after all), `!validity N` (a new UIDVALIDITY), `!arrive SUBJECT` (a new mail; `!arrive_now`: its
INTERNALDATE is of now, not of the dialogue),
`!expunge SET` (others take mails away; nobody is told), `!return UID` (one of those comes back under a new UID), `!restore N` (yesterday's backup: the first N mails of the file under
their first UIDs, and UIDNEXT as it was then), `!long N TEXT` (one line of N octets that begins so), `!forever LINE` (until the
client goes away), `!fetch cut=N|stall=N|lie=N|announce=N|size=N|empty` (a FETCH that ends after N octets of the first literal,
stops there, counts N octets too many, announces N octets, says N for RFC822.SIZE, or says nothing).
"""
import datetime
import imaplib
import itertools
import pathlib
import re
import socketserver
import threading
from dataclasses import dataclass, field

from support import mails as make
from support.script_folders import ScriptFolders

CAPABILITIES = "IMAP4rev1 LITERAL+ SASL-IR AUTH=PLAIN AUTH=LOGIN IDLE UIDPLUS MOVE"


@dataclass
class Rule:
    pattern: re.Pattern
    connection: int | None
    times: int
    answer: list[str] = field(default_factory=list)


@dataclass
class Dialogue:
    mails: list[bytes] = field(default_factory=list)
    rules: list[Rule] = field(default_factory=list)
    capabilities: str = CAPABILITIES
    mailbox: dict[str, str] = field(default_factory=dict)
    beside: int = 0
    leases: list[bytes] = field(default_factory=list)  # mails in the folder "ticketd"
    expectations: list[tuple[str, str]] = field(default_factory=list)
    about: str = ""


def plain_mails(count: int, subject: str = "Scripted") -> list[bytes]:
    return [make.mail(f"{subject.lower()}{n}@dialogue.example", f"{subject} {n}") for n in range(1, count + 1)]


def read_dialogue(path: pathlib.Path) -> Dialogue:
    dialogue, connection = Dialogue(), None
    lines = iter(path.read_text(encoding="utf-8").splitlines())
    for line in lines:
        word, _, rest = line.strip().partition(" ")
        if line.startswith("#"):
            dialogue.about += line[1:].strip() + " "
        elif line[:1].isspace() and word:
            dialogue.rules[-1].answer.append(line.strip())
        elif word == "mails":
            dialogue.mails += plain_mails(int(rest))
        elif word == "mail":
            text = "\r\n".join(iter(lambda: next(lines), "."))
            dialogue.mails.append(text.encode() + b"\r\n")
        elif word == "capabilities":
            dialogue.capabilities = rest
        elif word == "mailbox":
            key, _, value = rest.partition(" ")
            dialogue.mailbox[key] = value
        elif word == "beside":
            dialogue.beside = int(rest)
        elif word == "connection":
            connection = None if rest == "any" else int(rest)
        elif word == "on":
            pattern, _, times = rest.partition(" times ")
            dialogue.rules.append(Rule(re.compile(pattern, re.IGNORECASE), connection, int(times or 1_000_000)))
        elif word == "expect":
            dialogue.expectations.append(tuple(rest.split(" ", 1)))
        elif word:
            raise ValueError(f"{path}: can't read {line!r}")
    return dialogue


class Mailbox:
    """The INBOX (UID -> octets), and what was moved away."""

    def __init__(self, octets: list[bytes]):
        self.lock = threading.RLock()
        self.first = octets
        self.taken: dict[int, bytes] = {}
        self.uid_validity = 1000
        self.mails = dict(enumerate(octets, 1))
        self.flags: dict[int, set[str]] = {}
        self.moved: list[tuple[int, str]] = []
        self.next_uid = len(octets) + 1
        self.clock = (f"24-Nov-2026 {10 + n // 60}:{n % 60:02}:00 +0000" for n in itertools.count())
        self.dates = {uid: next(self.clock) for uid in self.mails}

    def arrive(self, subject: str, date: str = "") -> None:
        with self.lock:
            sender = subject.lower().replace(" ", ".") + "@dialogue.example"
            self.add(make.mail(sender, subject), date)

    def add(self, octets: bytes, date: str = "") -> None:
        self.mails[self.next_uid] = octets
        self.dates[self.next_uid] = date or next(self.clock)
        self.next_uid += 1

    def expunge(self, uid_set: str) -> None:
        with self.lock:
            for uid in self.chosen(uid_set):
                self.taken[uid] = self.mails.pop(uid)

    def bring_back(self, uid: int) -> None:
        with self.lock:
            self.add(self.taken.pop(uid))

    def restore(self, count: int) -> None:
        with self.lock:
            self.mails = dict(enumerate(self.first[:count], 1))
            self.flags.clear()
            self.dates = {uid: f"24-Nov-2026 10:{uid - 1:02}:00 +0000" for uid in self.mails}
            self.next_uid = count + 1

    def numbers(self) -> list[int]:
        return sorted(self.mails)

    def chosen(self, uid_set: str) -> list[int]:
        """The UIDs of a sequence set such as 1:3,7,9:* (RFC 9051 §9)."""
        highest = max(self.mails, default=0)
        found = set()
        for part in uid_set.split(","):
            first, _, last = part.partition(":")
            low, high = (highest if end == "*" else int(end) for end in (first, last or first))
            found |= {uid for uid in self.mails if min(low, high) <= uid <= max(low, high)}
        return sorted(found)


class ImapScript:
    def __init__(self, dialogue: Dialogue):
        self.dialogue = dialogue
        self.mailbox = Mailbox(dialogue.mails)
        self.leases = Mailbox(dialogue.leases)  # the folder "ticketd", which is missing until it is created, if it is empty
        self.has_leases = bool(dialogue.leases)
        self.commands: list[str] = []
        self.lines: list[str] = []  # the same with their tags
        self.connections = 0
        self.stopping = threading.Event()
        self.server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Session)
        self.server.daemon_threads = True
        self.server.handle_error = lambda *_: None
        self.server.script = self
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stopping.set()
        self.server.shutdown()
        self.server.server_close()

    def rule_for(self, command: str, connection: int) -> Rule | None:
        with self.mailbox.lock:
            for rule in self.dialogue.rules:
                if rule.times > 0 and rule.connection in (None, connection) and rule.pattern.match(command):
                    rule.times -= 1
                    return rule
        return None


class Hangup(Exception):
    pass


class Session(ScriptFolders, socketserver.StreamRequestHandler):
    def setup(self):
        super().setup()
        self.script: ImapScript = self.server.script
        self.mailbox = self.script.mailbox
        self.script.connections += 1
        self.number = self.script.connections

    def send(self, *lines: str) -> None:
        self.wfile.write("".join(line + "\r\n" for line in lines).encode("utf-8", "surrogateescape"))

    def handle(self):
        try:
            self.respond("", "greeting")
            while line := self.read_command():
                tag, _, command = line.partition(" ")
                self.script.commands.append(command)
                self.script.lines.append(line)
                self.respond(tag, command)
        except (Hangup, OSError, ValueError):
            pass

    def read_command(self) -> str:
        line = self.rfile.readline().decode(errors="replace").rstrip("\r\n")
        while match := re.search(r"\{(\d+)(\+?)\}$", line):
            if not match[2]:
                self.send("+ go ahead")
            line = line[:match.start()] + self.rfile.read(int(match[1])).decode(errors="replace")
            line += self.rfile.readline().decode(errors="replace").rstrip("\r\n")
        return line

    def respond(self, tag: str, command: str) -> None:
        rule = self.script.rule_for(command, self.number)
        if rule is None:
            return self.usual(tag, command)
        for line in rule.answer:
            word, _, rest = line.partition(" ")
            if word == "!drop":
                raise Hangup
            elif word.startswith("!"):
                getattr(self, "act_" + word[1:])(tag, command, rest)
            else:
                self.send(line.replace("$tag", tag))

    def act_usual(self, tag, command, _):
        self.usual(tag, command)

    def act_stall(self, *_):
        self.stall()

    def act_validity(self, _, __, value):
        self.mailbox.uid_validity = int(value)

    def act_arrive(self, _, __, subject):
        self.mailbox.arrive(subject)

    def act_arrive_now(self, _, __, subject):
        now = imaplib.Time2Internaldate(datetime.datetime.now(datetime.timezone.utc))
        self.mailbox.arrive(subject, now.strip('"'))

    def act_expunge(self, _, __, uid_set):
        self.mailbox.expunge(uid_set)

    def act_return(self, _, __, uid):
        self.mailbox.bring_back(int(uid))

    def act_restore(self, _, __, count):
        self.mailbox.restore(int(count))

    def act_long(self, _, __, rest):
        size, _, text = rest.partition(" ")
        self.send(text + "x" * (int(size) - len(text)))

    def act_forever(self, _, __, line):
        lines = (line + "\r\n").encode() * 1000
        while not self.script.stopping.is_set():
            self.wfile.write(lines)

    def act_fetch(self, tag, command, rest):
        self.fetch(tag, command, dict(option.partition("=")[::2] for option in rest.split()))

    def stall(self) -> None:
        while not self.script.stopping.wait(0.1):
            self.request.settimeout(0.01)
            try:
                if not self.request.recv(4096):
                    break
            except TimeoutError:
                continue
        raise Hangup

    def usual(self, tag: str, command: str) -> None:
        words = command.replace('"', "").split()
        name = "uid_" + words[1].lower() if words[0].upper() == "UID" else words[0].lower()
        handler = getattr(self, "do_" + name, None)
        if handler is None:
            self.send(f"{tag} BAD unknown command")
        else:
            handler(tag, command, words)

    def do_greeting(self, *_):
        self.send("* OK scripted server ready")

    def do_capability(self, tag, *_):
        self.send(f"* CAPABILITY {self.script.dialogue.capabilities}", f"{tag} OK done")

    def do_login(self, tag, *_):
        self.send(f"{tag} OK logged in")

    def do_authenticate(self, tag, _, words):
        for _ in range(0 if len(words) > 2 else 2 if words[1].upper() == "LOGIN" else 1):
            self.send("+ ")
            self.rfile.readline()
        self.send(f"{tag} OK logged in")

    def do_noop(self, tag, *_):
        self.send(f"* {len(self.mailbox.mails)} EXISTS", f"{tag} OK done")

    do_check = do_noop

    def do_enable(self, tag, *_):
        self.send(f"{tag} OK done")

    do_subscribe = do_id = do_enable

    def do_list(self, tag, *_):
        self.send('* LIST (\\HasNoChildren) "/" INBOX', '* LIST () "/" Processed', '* LIST () "/" Failed', f"{tag} OK done")

    def do_idle(self, tag, *_):
        self.send("+ idling")
        while True:
            line = self.rfile.readline()
            if not line:
                raise Hangup
            if line.strip().upper() == b"DONE":
                return self.send(f"{tag} OK idle ended")

    def do_logout(self, tag, *_):
        self.send("* BYE see you", f"{tag} OK bye")
        raise Hangup

    def do_uid_search(self, tag, command, words):
        chosen = self.mailbox.numbers()
        if match := re.search(r"UID ([\d:*,]+)\s*$", command.split(" ", 2)[2] if len(words) > 2 else ""):
            chosen = self.mailbox.chosen(match[1])
        self.send("* SEARCH " + " ".join(map(str, chosen)), f"{tag} OK done")

    def do_uid_fetch(self, tag, command, words):
        self.fetch(tag, command, {})

    def fetch(self, tag: str, command: str, options: dict[str, str]) -> None:
        items = command.split(" ", 3)[3].upper()
        for uid in [] if "empty" in options else self.mailbox.chosen(command.split()[2]):
            position = self.mailbox.numbers().index(uid) + 1
            octets = self.mailbox.mails[uid]
            parts = [f"UID {uid}"]
            parts += [f"FLAGS ({' '.join(sorted(self.mailbox.flags.get(uid, ())))})"] if "FLAGS" in items else []
            parts += [f'INTERNALDATE "{self.mailbox.dates[uid]}"'] if "INTERNALDATE" in items else []
            parts += [f"RFC822.SIZE {options.get('size', len(octets))}"] if "RFC822.SIZE" in items else []
            self.wfile.write(f"* {position} FETCH ({' '.join(parts)}".encode())
            if "BODY" in items:
                self.literal(items, octets, options)
            self.send(")")
        self.send(f"{tag} OK fetched")

    def literal(self, items: str, octets: bytes, options: dict[str, str]) -> None:
        partial = re.search(r"\[\]<(\d+)\.(\d+)>", items)
        section = "BODY[]"
        if partial:
            section = f"BODY[]<{partial[1]}>"
            octets = octets[int(partial[1]):int(partial[1]) + int(partial[2])]
        announced = options.get("announce", len(octets) + int(options.get("lie", 0)))
        self.wfile.write(f" {section} {{{announced}}}\r\n".encode())
        for how in ("cut", "stall"):
            if how in options:
                self.wfile.write(octets[:int(options[how])])
                if how == "stall":
                    self.stall()
                raise Hangup
        self.wfile.write(octets)

    def do_uid_move(self, tag, command, words):
        with self.mailbox.lock:
            for uid in self.mailbox.chosen(words[2]):
                position = self.mailbox.numbers().index(uid) + 1
                del self.mailbox.mails[uid]
                self.mailbox.moved.append((uid, words[3]))
                self.send(f"* {position} EXPUNGE")
        self.send(f"{tag} OK [COPYUID 1 {words[2]} {words[2]}] moved")

    def do_uid_copy(self, tag, command, words):
        self.mailbox.moved += [(uid, words[3]) for uid in self.mailbox.chosen(words[2])]
        self.send(f"{tag} OK copied")

    def do_uid_store(self, tag, command, words):
        for uid in self.mailbox.chosen(words[2]):
            flags, named = self.mailbox.flags.setdefault(uid, set()), re.findall(r"\\\w+", command)
            (flags.difference_update if " -FLAGS" in command else flags.update)(named)
        self.send(f"{tag} OK stored")

    def do_uid_expunge(self, tag, command, words):
        with self.mailbox.lock:
            for uid in self.mailbox.chosen(words[2]):
                if "\\Deleted" in self.mailbox.flags.get(uid, ()):
                    position = self.mailbox.numbers().index(uid) + 1
                    del self.mailbox.mails[uid]
                    self.send(f"* {position} EXPUNGE")
        self.send(f"{tag} OK expunged")

    def do_expunge(self, tag, *_):
        self.send(f"{tag} OK expunged")
