"""Mails as customers write them, built octet by octet so that nothing is tidied up on the way."""
import email
import email.policy
import itertools
import time
from email.utils import formatdate

COUNTER = itertools.count(1)
SUPPORT = "support@desk.example"


def mail(sender: str, subject: str, text: str = "Hello.\n", to: str = SUPPORT, message_id: str = "", headers: tuple = (),
         content_type: str = "text/plain; charset=utf-8", encoding: str = "8bit") -> bytes:
    message_id = message_id or f"<{next(COUNTER)}.{time.time_ns()}@customer.example>"
    fields = [f"From: {sender}", f"To: {to}", f"Subject: {subject}", f"Date: {formatdate()}", f"Message-ID: {message_id}",
              "MIME-Version: 1.0", f"Content-Type: {content_type}", f"Content-Transfer-Encoding: {encoding}", *headers]
    return ("\n".join(fields) + "\n\n" + text).encode().replace(b"\n", b"\r\n")


URGENT = ("Tom Trunk <tom@acme.example>", "URGENT: all inbound numbers are dead", "Nobody can call us since 9:30.\n")
HIGH = ("Hanna Hoch <hanna@beta.example>", "High: no faxes are received", "Since this morning.\n")
UNLABELLED = ("Uwe Usual <uwe@gamma.example>", "Please add an extension", "We need extension 42.\n")
SMS = ("15551234567@sms.example.net", "Urgent: phones down", "from my mobile\n")

OUT_OF_OFFICE = mail("Olga Office <olga@delta.example>", "Out of office: Re: your question", "I am away until Monday.\n",
                     headers=("Auto-Submitted: auto-replied", "X-Auto-Response-Suppress: All"))

ATTACHMENT_NAME = "Störung Büro.txt"
ATTACHMENT = "Leitung 3 ist gestört: ÄÖÜ ß €\n"


def with_attachment(sender: str = "=?utf-8?q?J=C3=B6rg_M=C3=BCller?= <joerg@mueller.example>",
                    text: str = ATTACHMENT) -> bytes:
    """A base64 attachment whose name is RFC 2231, a subject in encoded words, a body in ISO-8859-1 quoted-printable."""
    import base64
    body = ("--b1\nContent-Type: text/plain; charset=iso-8859-1\nContent-Transfer-Encoding: quoted-printable\n\n"
            "Gr=FC=DFe aus K=F6ln, siehe Anhang.\n\n"
            "--b1\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64\n"
            "Content-Disposition: attachment;\n filename*=utf-8''St%C3%B6rung%20B%C3%BCro.txt\n\n"
            + base64.encodebytes(text.encode()).decode() + "--b1--\n")
    return mail(sender, "=?utf-8?q?St=C3=B6rung_in_K=C3=B6ln_=E2=80=93_hohe_Verz=C3=B6gerung?=", body,
                content_type='multipart/mixed; boundary="b1"', encoding="7bit")


def reply_to(received: bytes, sender: str, text: str, subject: str = "", to: str = SUPPORT) -> bytes:
    """How a customer's mail program answers `received`."""
    original = parse(received)
    subject = subject or "Re: " + original["Subject"].removeprefix("Re: ")
    references = " ".join(filter(None, [original.get("References", ""), original["Message-ID"]]))
    return mail(sender, subject, text, to, headers=(f"In-Reply-To: {original['Message-ID']}", f"References: {references}"))


def quoted(received: bytes) -> str:
    """A mail's text as mail programs quote it below an answer."""
    date = parse(received)["Date"].datetime
    return f"\nOn {date:%a, %d %b %Y at %H:%M}, Example Support wrote:\n" + "".join(f"> {line}\n" for line in body_of(received).splitlines())


def filler(number: int, size: int = 5000) -> bytes:
    """One of many mails, each from its own sender, of about `size` octets."""
    line = "The quick brown fox jumps over the lazy dog, and the line crackles all the while. \n"
    text = f"Case {number}.\n" + line * max(1, (size - 400) // len(line))
    return mail(f"customer{number}@c{number}.example", f"Crackling line {number}", text, message_id=f"<fill.{number}@customer.example>")


def with_ballast(sender: str, size: int) -> bytes:
    """A mail with a base64 attachment of about `size` octets."""
    import base64
    octets = base64.encodebytes(bytes(range(256)) * (size * 3 // 4 // 256)).decode()
    text = ("--b\nContent-Type: text/plain\n\nSee the attachment.\n--b\nContent-Type: application/octet-stream; name=big.bin\n"
            "Content-Disposition: attachment; filename=big.bin\nContent-Transfer-Encoding: base64\n\n" + octets + "--b--\n")
    return mail(sender, "Large", text, content_type="multipart/mixed; boundary=b", encoding="7bit")


def parse(octets: bytes):
    return email.message_from_bytes(octets, policy=email.policy.default)


def body_of(octets: bytes) -> str:
    part = parse(octets).get_body(("plain",))
    return part.get_content().replace("\r\n", "\n") if part else ""
