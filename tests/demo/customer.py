#!/usr/bin/env python3
"""Be a customer of a demo that was started with --keep.

  tests/demo/customer.py --smtp PORT write you@example.org 'High: my subject' 'my text'
  tests/demo/customer.py --imap PORT read you@example.org
"""
import argparse
import pathlib
import smtplib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from support import mails


def read_mailbox(port: int, address: str) -> None:
    import imaplib
    with imaplib.IMAP4("127.0.0.1", port, timeout=20) as client:
        client.login(address, "secret")
        client.select("INBOX", readonly=True)
        parts = [part for part in client.uid("FETCH", "1:*", "(BODY.PEEK[])")[1] or [] if isinstance(part, tuple)]
        for _, octets in parts:
            fields = mails.parse(octets)
            print(f"From: {fields['From']}\nSubject: {fields['Subject']}\n\n{mails.body_of(octets)}\n{'-' * 72}")
        if not parts:
            print(f"No mail for {address} yet.")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--smtp", type=int, help="port of the demo's SMTP server")
    parser.add_argument("--imap", type=int, help="port of the demo's IMAP server")
    parser.add_argument("action", choices=["write", "read"])
    parser.add_argument("address")
    parser.add_argument("words", nargs="*", metavar="SUBJECT TEXT")
    options = parser.parse_args()
    if options.action == "read":
        return read_mailbox(options.imap or parser.error("read needs --imap"), options.address)
    if len(options.words) != 2:
        parser.error("write needs ADDRESS SUBJECT TEXT: put each into quotes")
    subject, text = options.words
    with smtplib.SMTP("127.0.0.1", options.smtp or parser.error("write needs --smtp"), timeout=20) as client:
        client.sendmail(options.address, [mails.SUPPORT], mails.mail(options.address, subject, text + "\n"))


if __name__ == "__main__":
    main()
