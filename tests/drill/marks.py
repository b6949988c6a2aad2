"""What a killed daemon left in TICKETS.sending of the mails it was about to send (daemon/smtp/send_mark.cc)."""
import pathlib
import struct

BOOT = 40  # octets: the boot ID, '\0', and the layout as the last one
LAYOUT = b"2"
ENTRY = struct.Struct("=QQII")  # key of the Message-ID, recipients that have it, attempt, progress
LEASED, ANSWERED = 1, 3  # of the progress; in both it is sure who has the mail


def key_of(message_id: str) -> int:
    """FNV-1a"""
    key = 14695981039346656037
    for octet in message_id.encode():
        key = (key ^ octet) * 1099511628211 % (1 << 64)
    return max(key, 1)


def sure(store: pathlib.Path, boot_id: str) -> set[tuple[int, int]]:
    """(Key, attempt) of each mail of which the daemon knew who has it, and who has not."""
    path = store.with_name(store.name + ".sending")
    page = path.read_bytes() if path.exists() else b""
    if not page.startswith(boot_id.replace("-", "").encode()) or page[BOOT - 1:BOOT] != LAYOUT:
        return set()
    entries = ENTRY.iter_unpack(page[BOOT:len(page) - (len(page) - BOOT) % ENTRY.size])
    return {(key, attempt) for key, _, attempt, progress in entries if key and progress in (LEASED, ANSWERED)}
