"""What was sent, what came of it, and the invariants that hold between the two whatever happened in the meantime."""
import bisect
import collections
import concurrent.futures
import contextlib
import hashlib
import pathlib
import re
import sqlite3
import threading
from typing import Callable, Iterable, Iterator, NamedTuple

MESSAGE_ID = re.compile(rb"^Message-ID:\s*<([^>]+)>", re.IGNORECASE | re.MULTILINE)
OPENS = ("new_ticket", "follow_up")  # the outcomes that put a mail into a ticket


def message_id_of(octets: bytes) -> str:
    found = MESSAGE_ID.search(octets)
    return found[1].decode(errors="replace") if found else ""


def digest(octets: bytes) -> str:
    return hashlib.sha256(octets).hexdigest()


class Sent(NamedTuple):
    """One APPEND. `uid` is 0 when it is not known: no answer came, or others have moved the mail."""

    message_id: str
    octets: bytes
    sender: str
    opener: str  # Message-ID of the mail that opened the conversation
    uid: int
    arrived: bool = True  # the server has it; False when no answer came, so that nobody knows


class Finding(NamedTuple):
    kind: str  # lost, doubled, wrong
    text: str
    about: str = ""  # what is lost or doubled: several invariants may find the same
    by: str = ""  # the function that found it

    def __str__(self) -> str:
        return ": ".join(filter(None, (self.by, self.kind, self.text)))


def found_by(function: Callable, findings: Iterable[Finding]) -> list[Finding]:
    return [finding._replace(by=function.__name__) for finding in findings]


class History:
    """Written by the customers, the SMTP server and whoever kills the daemon, each in its own thread."""

    def __init__(self):
        self.lock = threading.Lock()
        self.sent: list[Sent] = []
        self.excuses = collections.defaultdict(list)  # Message-ID -> SMTP connections on one of which its answer got lost
        self.seen_early: list[Finding] = []   # what was found wrong while it ran
        self.breaks = collections.Counter()  # UID -> connections that were cut while it was the next to come
        self.not_in_backup: set[str] = set()  # Message-IDs that the server has forgotten, restored as it was before

    def add(self, sent: Sent) -> None:
        with self.lock:
            self.sent.append(sent)

    def excuse(self, message_id: str, connections: range) -> None:
        with self.lock:
            self.excuses[message_id].append(connections)

    def known_uids(self) -> set[int]:
        return {sent.uid for sent in self.sent if sent.uid}

    def copies(self) -> dict[str, list[Sent]]:
        groups = collections.defaultdict(list)
        for sent in self.sent:
            groups[sent.message_id].append(sent)
        return groups


class Evidence(NamedTuple):
    ledger: dict
    outbox: list[dict]
    tickets: list[dict]          # as `ticketctl show` tells them
    digests: dict[int, str]      # message -> of its raw octets
    folders: dict[str, list]     # folder -> [(uid, Message-ID)]
    received: list               # what the SMTP server accepted
    seen: set[int]               # UIDs in INBOX with the flag \Seen
    processed: str               # the setting of the mailbox


def collect(case) -> Evidence:
    """Everything that can be read from outside."""
    desk = case.desk
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        tickets = list(pool.map(lambda ticket: desk.ctl("show", ticket["number"]), desk.tickets()))
        wanted = [(ticket["number"], message["id"]) for ticket in tickets for message in incoming(ticket)]
        octets = pool.map(lambda place: desk.raw(*place), wanted)
        digests = {place[1]: digest(raw) for place, raw in zip(wanted, octets)}
    folders = {name: case.dovecot.message_ids(case.user, name) for name in ("INBOX", "Processed", "Failed")}
    return Evidence(desk.ctl("ledger"), desk.ctl("outbox", "list", "--all"), tickets, digests, folders, case.received(),
                    case.seen(), case.processed)


def incoming(ticket: dict) -> list[dict]:
    return [message for message in ticket["messages"] if message["direction"] == "in"]


# --- the invariants ------------------------------------------------------------------------------------------------------

def each_mail_is_in_one_message(history: History, evidence: Evidence) -> Iterator[Finding]:
    found = collections.Counter(message["message_id"] for ticket in evidence.tickets for message in incoming(ticket))
    for message_id, copies in history.copies().items():
        count = found.pop(message_id, 0)
        if count == 0 and any(sent.arrived for sent in copies):
            yield Finding("lost", f"{message_id} is in no ticket", message_id)
        if count > 1:
            yield Finding("doubled", f"{message_id} is in {count} messages", message_id)
    for message_id in found:
        yield Finding("wrong", f"{message_id} is in a ticket, and nobody sent it")


def each_ticket_is_one_conversation(history: History, evidence: Evidence) -> Iterator[Finding]:
    openers = {sent.message_id: sent.opener for sent in history.sent}
    for ticket in evidence.tickets:
        ids = [message["message_id"] for message in incoming(ticket)]
        if not ids:
            yield Finding("wrong", f"ticket {ticket['number']} has no mail")
        elif any(openers.get(each) != ids[0] for each in ids):
            yield Finding("wrong", f"ticket {ticket['number']} mixes conversations: {ids}")


def each_ticket_is_acknowledged_once(history: History, evidence: Evidence) -> Iterator[Finding]:
    senders = {sent.message_id: sent.sender for sent in history.sent}
    rows = collections.defaultdict(list)
    for row in evidence.outbox:
        if row["kind"] == "acknowledgement":
            rows[row["ticket"]].append(row["to"])
    for ticket in evidence.tickets:
        written = rows[ticket["number"]]
        if not written:
            yield Finding("lost", f"ticket {ticket['number']} has no acknowledgement", f"acknowledgement of {ticket['number']}")
        elif len(written) > 1:
            yield Finding("doubled", f"ticket {ticket['number']} has {len(written)} acknowledgements", f"acknowledgement of {ticket['number']}")
        elif written != [[senders.get(message["message_id"]) for message in incoming(ticket)[:1]]]:
            yield Finding("wrong", f"the acknowledgement of ticket {ticket['number']} goes to {written[0]}")


def unexcused(copies: list, excuses: list[range]) -> int:
    """How many of the copies went out although the answer to the one before had come. Each lost answer excuses one. They
    went out in the order in which their ends were read: a slow server may take the copy of a dead daemon after the next."""
    left, count = list(excuses), 0
    for mail in sorted(copies, key=lambda copy: copy.at)[:-1]:
        excuse = next((connections for connections in left if mail.connection in connections), None)
        if excuse is None:
            count += 1
        else:
            left.remove(excuse)
    return count


def each_row_reached_the_server(history: History, evidence: Evidence) -> Iterator[Finding]:
    received = collections.defaultdict(list)
    for mail in evidence.received:
        received[message_id_of(mail.octets)].append(mail)
    for row in evidence.outbox:
        copies = received.pop(row["message_id"], [])
        again = unexcused(copies, history.excuses[row["message_id"]])
        if row["state"] != "sent":
            yield Finding("wrong", f"outbox row {row['id']} is {row['state']}: {row['last_error']}")
        if not copies:
            yield Finding("lost", f"outbox row {row['id']} never reached the SMTP server", row["message_id"])
        if again:
            yield Finding("doubled", f"outbox row {row['id']} went out {len(copies)} times, {again} of them without excuse: on the connections {[copy.connection for copy in copies]}, with answers lost on one of each of {history.excuses[row['message_id']]}", row["message_id"])
        if len({(digest(mail.octets), tuple(mail.recipients)) for mail in copies}) > 1:
            yield Finding("wrong", f"outbox row {row['id']} went out in different forms")
    for message_id in received:
        yield Finding("wrong", f"the SMTP server was given {message_id}, which is no row of the outbox")


def late_comers(history: History) -> set[int]:
    """A mail over which the connection broke once is fetched before all others, after a second time behind them."""
    return {uid for uid, times in history.breaks.items() if times > 1}


def orders_of(history: History, evidence: Evidence) -> dict[int, list[int]]:
    """Ticket -> the UIDs of its mails in the order in which it shows them; mails that came twice have no place."""
    uids = {message_id: [sent.uid for sent in copies] for message_id, copies in history.copies().items()}
    orders = {}
    for ticket in evidence.tickets:
        known = [uids[message["message_id"]] for message in incoming(ticket) if message["message_id"] in uids]
        orders[ticket["number"]] = [copies[0] for copies in known if len(copies) == 1 and copies[0]]
    return orders


def count_displaced(history: History, evidence: Evidence) -> int:
    """How many mails have to be taken out so that the rest is in the order of UIDs."""
    count = 0
    for order in orders_of(history, evidence).values():
        longest: list[int] = []
        for uid in order:
            at = bisect.bisect_left(longest, uid)
            longest[at:at + 1] = [uid]
        count += len(order) - len(longest)
    return count


def messages_stand_in_the_order_of_uids(history: History, evidence: Evidence) -> Iterator[Finding]:
    excused = late_comers(history)
    for number, order in orders_of(history, evidence).items():
        judged = [uid for uid in order if uid not in excused]
        if judged != sorted(judged):
            yield Finding("wrong", f"the order in ticket {number} is not that of the UIDs: {order}, where only {sorted(excused & set(order))} may be late")


def moved_is_only_what_is_committed(history: History, committed: set[int], moved: list) -> Iterator[Finding]:
    """`committed` are the UIDs in the ledger, `moved` the folder Processed as (uid, Message-ID)."""
    uids = history.copies()
    counts = collections.Counter(message_id for _, message_id in moved)
    for message_id, count in counts.items():
        known = [sent.uid for sent in uids.get(message_id, [])]
        if all(known) and sum(uid in committed for uid in known) < count:
            yield Finding("wrong", f"{message_id} was moved before it was committed")


def moved_in_the_end(history: History, evidence: Evidence) -> Iterator[Finding]:
    committed = {entry["uid"] for entry in evidence.ledger["entries"]}
    yield from moved_is_only_what_is_committed(history, committed, evidence.folders["Processed"])


def seen_is_only_what_is_committed(history: History, committed: set[int], seen: set[int]) -> Iterator[Finding]:
    for uid in sorted(seen - committed):
        yield Finding("wrong", f"UID {uid} was flagged \\Seen before it was committed")


def seen_in_the_end(history: History, evidence: Evidence) -> Iterator[Finding]:
    """With processed = "seen" every mail in the ledger has the flag, and no other; else none has it."""
    box = evidence.ledger["mailboxes"][0]
    filed = {entry["uid"] for entry in evidence.ledger["entries"] if entry["uid_validity"] == box["uid_validity"]}
    expected = {uid for uid, _ in evidence.folders["INBOX"]} & filed if evidence.processed == "seen" else set()
    for uid in sorted(expected - evidence.seen):
        yield Finding("wrong", f"UID {uid} was filed and is not flagged \\Seen")
    for uid in sorted(evidence.seen - expected):
        yield Finding("wrong", f"UID {uid} is flagged \\Seen, and should not be")


def originals_are_kept_octet_for_octet(history: History, evidence: Evidence) -> Iterator[Finding]:
    digests = {sent.message_id: digest(sent.octets) for sent in history.sent}
    for ticket in evidence.tickets:
        for message in incoming(ticket):
            if evidence.digests[message["id"]] != digests.get(message["message_id"]):
                yield Finding("wrong", f"the raw octets of {message['message_id']} are not those that were sent")


def each_uid_has_one_outcome(history: History, evidence: Evidence) -> Iterator[Finding]:
    box = evidence.ledger["mailboxes"][0]
    entries = evidence.ledger["entries"]
    places = collections.Counter((entry["uid_validity"], entry["uid"]) for entry in entries)
    uids = {uid for _, uid in places}
    mails = {sent.uid: sent.message_id for sent in history.sent}
    for uid in history.known_uids() - uids:
        yield Finding("lost", f"UID {uid} has no outcome in the ledger", mails[uid])
    for place, count in places.items():
        if count > 1:
            yield Finding("doubled", f"UID {place} has {count} outcomes", mails.get(place[1], str(place)))
    for uid, message_id in evidence.folders["INBOX"]:
        if (box["uid_validity"], uid) not in places:
            yield Finding("lost", f"the server lists UID {uid} ({message_id}), the ledger does not", message_id)
    if len(uids - history.known_uids()) > sum(not sent.uid for sent in history.sent):
        yield Finding("wrong", f"the ledger has UIDs that nobody appended: {sorted(uids - history.known_uids())}")
    if box["missing"]:
        yield Finding("lost", f"the ledger misses UIDs {box['missing']}")
    counted = collections.Counter(entry["outcome"] for entry in entries if entry["uid_validity"] == box["uid_validity"])
    if counted != box["counts"]:
        yield Finding("wrong", f"the ledger's counts are {box['counts']}, its entries {dict(counted)}")


def outcomes_are_as_expected(history: History, evidence: Evidence) -> Iterator[Finding]:
    """Of all entries of one mail, one put it into its ticket; the others found it there. What could not be read before the
    UIDs were given out anew has vanished under its old number."""
    outcomes = collections.defaultdict(list)
    now = {box["uid_validity"] for box in evidence.ledger["mailboxes"]}
    for entry in evidence.ledger["entries"]:
        if entry["outcome"] != "vanished" or entry["uid_validity"] in now:
            outcomes[entry["uid"]].append(entry["outcome"])
    for message_id, copies in history.copies().items():
        if not all(sent.uid for sent in copies):
            continue
        found = [outcome for sent in copies for outcome in outcomes[sent.uid]]
        others = [outcome for outcome in found if outcome not in OPENS]
        if len(found) - len(others) != 1 or set(others) - {"duplicate"}:
            kind = "lost" if len(found) == len(others) else "doubled" if len(found) - len(others) > 1 else "wrong"
            yield Finding(kind, f"the outcomes of {message_id} are {found}", message_id)


def nothing_vanished_from_the_server(history: History, evidence: Evidence) -> Iterator[Finding]:
    there = collections.Counter(message_id for folder in evidence.folders.values() for _, message_id in folder)
    for message_id, copies in history.copies().items():
        known = sum(1 for sent in copies if sent.arrived and message_id not in history.not_in_backup)
        if not known <= there[message_id] <= len(copies):
            kind = "lost" if there[message_id] < known else "doubled"
            yield Finding(kind, f"the server holds {there[message_id]} of {known} copies of {message_id}", message_id)


INVARIANTS = (each_mail_is_in_one_message, each_ticket_is_one_conversation, each_ticket_is_acknowledged_once,
              each_row_reached_the_server, messages_stand_in_the_order_of_uids, moved_in_the_end, seen_in_the_end,
              originals_are_kept_octet_for_octet, each_uid_has_one_outcome, outcomes_are_as_expected,
              nothing_vanished_from_the_server)


def check(history: History, evidence: Evidence) -> list[Finding]:
    findings = list(history.seen_early)
    for invariant in INVARIANTS:
        findings += found_by(invariant, invariant(history, evidence))
    return findings


def same_after_another_recovery(before: Evidence, after: Evidence) -> list[Finding]:
    before, after = (evidence._replace(ledger=without_comparison(evidence.ledger)) for evidence in (before, after))
    return [Finding("wrong", f"another recovery changes {name}: {difference(getattr(before, name), getattr(after, name))}",
                    by="same_after_another_recovery")
            for name in Evidence._fields if getattr(before, name) != getattr(after, name)]


def difference(before, after) -> str:
    """What only one of the two has; not all of it, for people."""
    old, new = ({repr(each)[:400] for each in (value.items() if isinstance(value, dict) else value)} for value in (before, after))
    return f"came {sorted(new - old)[:5]}, went {sorted(old - new)[:5]}"


OF_COMPARISON = {"compared_at", "server_count", "listed", "on_record", "difference"}  # with the mailbox as it is at each poll


def without_comparison(ledger: dict) -> dict:
    mailboxes = [{key: value for key, value in mailbox.items() if key not in OF_COMPARISON} for mailbox in ledger["mailboxes"]]
    return ledger | {"mailboxes": mailboxes}


# --- recoveries without any server -----------------------------------------------------------------------------------------

OF_TIME = {"mailbox_leases", "alarms"}  # a mailbox that no server answers for is silent once some time has passed
OF_ATTEMPTS = {  # what each try to reach a server changes
    "mailboxes": {"error"},
    "outbox": {"attempts", "next_attempt_at", "last_error", "changed_at", "unanswered_since"},
}


def rows_of(store: pathlib.Path) -> dict[str, list]:
    """Table -> its rows, but for the search index, which follows in its own time, OF_TIME and OF_ATTEMPTS. No process
    has the store."""
    with contextlib.closing(sqlite3.connect(store)) as database:
        tables = [name for name, in database.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'message_search%' AND name <> 'search_progress'")]
        rows = {"integrity": database.execute("PRAGMA integrity_check").fetchall()}
        for table in sorted(set(tables) - OF_TIME):
            columns = [column[1] for column in database.execute(f"PRAGMA table_info({table})")]
            kept = ", ".join(column for column in columns if column not in OF_ATTEMPTS.get(table, ()))
            rows[table] = sorted(database.execute(f"SELECT {kept} FROM {table}"), key=repr)
    return rows


BATCH = 100  # rows that ticketd leases at once, and puts off together when no server can be reached
STATE = 5  # the column of the outbox


def without_second_batch(once: list[tuple], twice: list[tuple]) -> list[tuple]:
    """The second recovery's rows, but for those that only its own try to send them has put off: there is one where the
    first one had put off a whole batch, and left more."""
    if sum(row[STATE] == "deferred" for row in once) < BATCH:
        return twice
    left = {row[0]: row for row in once if row[STATE] in ("queued", "uncertain")}
    return [left[row[0]] if row[0] in left and row[STATE] == "deferred" else row for row in twice]


def recovered_twice_as_once(once: pathlib.Path, twice: pathlib.Path) -> list[Finding]:
    """Stores that were copies of one."""
    one, two = rows_of(once), rows_of(twice)
    found = [Finding("wrong", f"a recovered store is damaged: {rows['integrity']}") for rows in (one, two) if rows["integrity"] != [("ok",)]]
    two["outbox"] = without_second_batch(one["outbox"], two["outbox"])
    for table in one.keys() | two.keys():
        if one.get(table) != two.get(table):
            found.append(Finding("wrong", f"a second recovery changes {table}: {difference(one.get(table, []), two.get(table, []))}"))
    return found_by(recovered_twice_as_once, found)
