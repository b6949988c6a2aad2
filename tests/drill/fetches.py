"""A proxy in front of the IMAP server that knows which mail the client still waited for when it cut the connection."""
import asyncio
import collections
import contextvars
import re

from support.proxy import Cut, CutPlan, Proxy

ASKS = re.compile(rb"(\S+) UID FETCH (\S+) \(.*BODY\.PEEK\[\].*\)")
GIVES = re.compile(rb"\* \d+ FETCH \(UID (\d+) .*BODY\[\] \{\d+\}")
LITERAL = re.compile(rb"\{(\d+)\}$")
LINE_END = b"\r\n"
HEARD_BEFORE_RESET, HEARD_AT_MOST = 0.3, 5.0  # seconds


def members(uid_set: bytes) -> list[int]:
    """2,4:6 -> 2, 4, 5, 6"""
    found = []
    for part in uid_set.split(b","):
        first, _, last = part.partition(b":")
        found += range(int(first), int(last or first) + 1)
    return found


class Conversation:
    """One connection, as far as its octets have gone through."""

    def __init__(self):
        self.heard, self.said = b"", b""    # what makes no whole line yet; whole mails count as parts of their line
        self.asked: dict[bytes, list[int]] = {}  # tag -> UIDs whose mails have not come, in the order of the commands
        self.giving = 0   # the UID whose mail is under way
        self.literal = 0  # octets of it to come
        self.passed = 0   # octets from the server

    def from_client(self, octets: bytes) -> None:
        *lines, self.heard = (self.heard + octets).split(LINE_END)
        for line in lines:
            if asks := ASKS.fullmatch(line):
                self.asked[asks[1]] = members(asks[2])

    def from_server(self, octets: bytes) -> None:
        self.passed += len(octets)
        self.said += octets
        while True:
            skipped = min(self.literal, len(self.said))
            self.said, self.literal = self.said[skipped:], self.literal - skipped
            if self.literal or LINE_END not in self.said:
                return
            line, _, self.said = self.said.partition(LINE_END)
            self.take_line(line)

    def take_line(self, line: bytes) -> None:
        if gives := GIVES.fullmatch(line):
            self.giving = int(gives[1])
        if literal := LITERAL.search(line):
            self.literal = int(literal[1])
            return
        for uids in self.asked.values():
            if self.giving in uids:
                del uids[:uids.index(self.giving) + 1]
        self.giving = 0
        self.asked.pop(line.partition(b" ")[0], None)

    def next_to_come(self) -> int:
        """The UID of the mail that the client waited for, or 0."""
        return next((uids[0] for uids in self.asked.values() if uids), 0)


class Tap:
    """A stream writer that tells `note` of what it writes."""

    def __init__(self, writer, note):
        self.writer, self.note = writer, note

    def write(self, octets: bytes) -> None:
        self.note(octets)
        self.writer.write(octets)

    async def drain(self) -> None:
        await self.writer.drain()


class FetchProxy(Proxy):
    """`breaks` counts the cuts for each UID."""

    def __init__(self, target_port: int, plan: CutPlan | None = None):
        self.breaks: collections.Counter[int] = collections.Counter()
        self.conversation = contextvars.ContextVar("conversation")
        super().__init__(target_port, plan)

    async def accept(self, reader, writer):
        self.conversation.set(Conversation())
        await super().accept(reader, writer)

    async def pump(self, reader, writer, cut: Cut | None, watched: bool) -> None:
        conversation = self.conversation.get()
        note = conversation.from_server if watched else conversation.from_client
        await super().pump(reader, Tap(writer, note), cut, watched)
        if watched and cut and conversation.passed >= cut.after:
            await self.hear_out(writer, cut, conversation)

    async def hear_out(self, writer, cut: Cut, conversation: Conversation) -> None:
        """What the client asks for before it knows of the cut counts as waited for, for so it does at the client. It is heard until
        the client closes its end, which cancels this; a RST, behind which nothing is heard, waits a moment for it."""
        try:
            if not cut.reset:
                writer.write_eof()
            await asyncio.sleep(HEARD_BEFORE_RESET if cut.reset else HEARD_AT_MOST)
        finally:
            if uid := conversation.next_to_come():
                self.breaks[uid] += 1
