#!/usr/bin/env python3
"""The demo: customers write, ticketd answers and pages, staff work by mail and resolve. All of it on loopback, in a temporary folder, with real mails."""
import argparse
import datetime
import getpass
import os
import pathlib
import shutil
import signal
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from narrator import Narrator
from support import mails
from support.case import build_folder, temporary_folder, wait_for
from support.desk import SUPPORT, Desk
from support.dovecot import Dovecot
from support.smtp_server import SmtpServer

# Seconds: the target of category High here, instead of two hours.
HIGH_TARGET = 20
# The office is closed whenever the demo runs, and opens in two hours at most.
OPENS = (datetime.datetime.now(datetime.timezone.utc).hour + 2) % 24
OFFICE = f"{OPENS:02}:00-{(OPENS + 8) % 24:02}:00"
ENGINEER, DIRECTOR = "ann@desk.example", "dora@desk.example"
STAFF = [{"name": "Ann Engineer", "email": ENGINEER, "login": getpass.getuser(), "roles": ["engineer", "duty"], "available": ["always"]},
         {"name": "Dora Director", "email": DIRECTOR, "roles": ["director"], "available": ["always"]}]

# who he is, his mail, what a newcomer should watch for, how many lines of the acknowledgement are shown
CUSTOMERS = [
    ("Tom's whole company can't be called. He writes “URGENT” into the subject.", mails.mail(*mails.URGENT),
     "The label makes it Category 10: an answer by a person within 30 minutes, day and night.", 40),
    ("Hanna's faxes fail; she writes “High:”.", mails.mail(*mails.HIGH),
     f"Category 7: within 2 hours, day and night. In this demo within {HIGH_TARGET} seconds, so that you see it missed below.", 8),
    ("Uwe sets no label.", mails.mail(*mails.UNLABELLED),
     "No label means Normal, Category 5: within 4 office hours. The acknowledgement invites him to set one. Duty staff (Ann) hear of "
     "it in one mail when the office opens.", 40),
    ("Somebody sends an SMS; the gateway turns it into a mail that says “Urgent”.", mails.mail(*mails.SMS),
     "What comes in by SMS or telephone is Category 5 whatever it says. Who wrote it can't be told, so a mail to the gateway would reach nobody.", 0),
    ("Jörg writes with umlauts, in an old character set, and attaches a file.", mails.with_attachment(),
     "Everything is readable, and the attachment can be fetched.", 8),
    ("Olga is away; her mail program answers by itself.", mails.OUT_OF_OFFICE,
     "Nothing may answer an automatic mail, or two machines write to each other for ever.", 0),
]
CHANNELS = {"portal": "by mail to the desk", "sms": "by SMS", "phone": "by telephone"}  # as the JSON calls them
PAULA = "paula@gamma.example"
PAULAS_MAIL = mails.mail(f"Paula Phone <{PAULA}>", "Urgent: no call gets through to Hamburg", "Since a quarter of an hour we reach nobody there.")


class Demo:
    def __init__(self, folder: pathlib.Path, keeps: bool):
        self.keeps = keeps
        self.narrator = Narrator()
        self.folder = folder
        self.dovecot = Dovecot(folder)
        self.smtp = SmtpServer(deliver=self.deliver)
        self.desk = Desk(folder, [{"url": self.dovecot.url(), "poll_interval": "5s"}], {"url": self.smtp.url},
                         channel={"sms": ["@sms.example.net"]}, staff=STAFF, priority={"high": {"response": f"{HIGH_TARGET}s"}},
                         office_hours={"weekly": [f"mon-sun {OFFICE}"]}, status_page={"directory": str(folder / "status")})

    def deliver(self, mail) -> None:
        """What any mail server does: puts the mail into the recipients' mailboxes."""
        for recipient in mail.recipients:
            self.dovecot.append(recipient, mail.octets)

    def ticketctl(self, *arguments) -> str:
        shown = [f"'{argument}'" if " " in str(argument) else str(argument) for argument in arguments]
        self.narrator.command("ticketctl " + " ".join(shown))
        output = self.desk.text(*arguments)
        self.narrator.output(output)
        return output

    def inbox(self, address: str, count: int) -> bytes:
        """The newest mail in a customer's own mailbox, once there are `count`."""
        found = wait_for(lambda: self.dovecot.mails(address)[count - 1:], f"mail {count} for {address}", 20, 0.05)
        return found[0].octets

    def show_mail(self, title: str, octets: bytes, most: int) -> None:
        fields = mails.parse(octets)
        shown = [(name, fields[name]) for name in ("From", "To", "Subject") if fields[name]]
        shown += [("Attachment", part.get_filename()) for part in fields.iter_attachments()] if fields.is_multipart() else []
        self.narrator.box(title, shown, mails.body_of(octets), most)

    # --- the chapters ---

    def start(self) -> None:
        self.narrator.heading("Mail servers and ticketd start")
        self.narrator.say(f"""A private IMAP server (Dovecot) holds the mailbox {SUPPORT} and those of all customers; an SMTP
            server takes what ticketd sends and puts it there. Nothing leaves this machine; all of it lives in {self.folder}.
            The office opens from {OFFICE} (UTC), so it is closed now: what is urgent pages people, the rest waits for them.""")
        began = time.monotonic()
        self.dovecot.start()
        self.narrator.point("Dovecot", f"answers on 127.0.0.1:{self.dovecot.imap_port}")
        self.narrator.point("SMTP", f"answers on 127.0.0.1:{self.smtp.port}")
        servers_ready = time.monotonic()
        self.desk.start()
        self.narrator.point("ticketd", f"is logged in and waits for mail, {1000 * (time.monotonic() - servers_ready):.0f} ms after its start")
        self.began = began

    def customers_write(self) -> None:
        self.narrator.heading("Customers write to " + SUPPORT)
        for who, octets, lesson, most in CUSTOMERS:
            self.narrator.line()
            self.narrator.line(self.narrator.styled("▸ " + who, "heading"))
            self.customer_writes(octets, most)
            self.narrator.point("so", lesson)

    def customer_writes(self, octets: bytes, most: int) -> None:
        self.show_mail("mail in", octets, 6)
        sent = time.monotonic()
        uid = self.dovecot.append(SUPPORT, octets)
        self.follow(octets, uid, sent, most)

    def follow(self, octets: bytes, uid: int, sent: float, most: int) -> None:
        entry = wait_for(lambda: self.entry(uid), f"the mail with UID {uid} is on record", 20, 0.05)
        address = mails.parse(octets)["From"].addresses[0].addr_spec
        if not entry["ticket"]:
            self.narrator.point("outcome", f"{entry['outcome'].replace('_', ' ')}: {entry['reason']}")
            return
        ticket = self.desk.ctl("show", entry["ticket"])
        due = f"first response due {ticket['response_due_at']}" if ticket["response_due_at"] else "no response is owed"
        self.narrator.point("ticket", f"#{ticket['number']} {ticket['subject']}")
        self.narrator.point("category", f"{ticket['category']} ({ticket['priority']}), {CHANNELS[ticket['channel']]}, {due}")
        for event in ticket["events"]:
            self.narrator.point("why", f"{event['kind'].replace('_', ' ')}: {event['detail']}")
        if not most:
            self.narrator.point("answer", "one was sent" if self.smtp.to(address) else "none")
            return
        received = self.inbox(address, 1)
        arrived = self.smtp.to(address)[0].at
        self.show_mail(f"acknowledgement, in {address}'s mailbox {1000 * (arrived - sent):.0f} ms later", received, most)

    def entry(self, uid: int) -> dict | None:
        return next((entry for entry in self.desk.ctl("ledger")["entries"] if entry["uid"] == uid), None)

    def received(self, address: str, words: str) -> bytes:
        """The newest mail to an address whose subject or text holds these words."""
        def newest() -> list:
            return [mail for mail in self.smtp.to(address) if words in mails.parse(mail.octets)["Subject"] + mails.body_of(mail.octets)]
        return wait_for(newest, f"a mail to {address} about {words!r}", 2 * HIGH_TARGET, 0.05)[-1].octets

    def engineer_answers(self) -> None:
        self.narrator.heading("An Urgent ticket pages the engineers; Ann answers the page by mail")
        page = self.received(ENGINEER, "New Urgent ticket")
        self.show_mail("the page, in Ann's mailbox", page, 40)
        answer = mails.reply_to(page, f"Ann Engineer <{ENGINEER}>", "#take\nWe are looking at the trunk gateway.\n" + mails.quoted(page))
        self.show_mail("what Ann writes", answer, 8)
        self.dovecot.append(SUPPORT, answer)
        self.show_mail("what Tom gets", self.received("tom@acme.example", "looking at the trunk"), 40)
        self.narrator.say("""The first line is a command: she has the ticket, and the page does not go out again. The words above the cut
            line went to the customer; nothing of the page did. That was the answer by a person that Tom had been promised.""")

    def target_is_missed(self) -> None:
        self.narrator.heading("Nobody answers Hanna: her target passes")
        self.show_mail("what the director gets", self.received(DIRECTOR, "Answer overdue"), 12)
        self.show_mail("what Hanna gets", self.received("hanna@beta.example", "You may now raise"), 40)

    def staff_work(self) -> None:
        self.narrator.heading("Staff look at the queue")
        self.ticketctl("list")
        self.narrator.heading("The fault is found: staff resolve the ticket")
        self.ticketctl("resolve", 1, "--message", "A card in the trunk gateway was dead; it has been replaced.")
        self.show_mail("the resolution, in tom@acme.example's mailbox", self.received("tom@acme.example", "has been replaced"), 40)
        self.narrator.say("""It threads below his own mail, and asks him to test. If he answers that it still fails, the
            ticket is open again.""")
        self.narrator.heading("The whole story of ticket #1")
        self.ticketctl("show", 1)

    def fault_of_many(self) -> None:
        self.narrator.heading("A fault that many will report: staff declare an incident")
        self.ticketctl("incident", "open", "Calls to the north fail", "--match", "call", "--message", "Our carrier has a fault; it is being repaired.")
        self.customer_writes(PAULAS_MAIL, 40)
        self.narrator.point("so", "Paula knows at once, nobody is paged for what is known already, and no clock runs against the staff.")
        self.ticketctl("incident", "resolve", 1, "--message", "The carrier has replaced a broken line.")
        self.show_mail("what Paula gets", self.received(PAULA, "replaced a broken line"), 40)
        self.narrator.say("""All who waited are told, each in his own conversation. Customers can read of it on the status page, too, a
            plain file for any web server:""")
        self.narrator.line(f"  {self.folder / 'status' / 'index.html'}" + ("" if self.keeps else "  (removed at the end; --keep keeps it)"))

    def summary(self) -> None:
        self.narrator.heading("Summary")
        ledger = self.desk.ctl("ledger")["mailboxes"][0]
        written = len(CUSTOMERS) + 1  # Paula's
        tickets = self.desk.tickets()
        by_staff = ledger["counts"].get("staff", 0)
        filed = sum(ledger["counts"].values()) - by_staff
        counts = ", ".join(f"{number} × {outcome.replace('_', ' ')}" for outcome, number in ledger["counts"].items())
        self.narrator.point("mails in", f"{filed} of {written} of customers and {by_staff} of staff on record ({counts}); missing: "
                                        f"{len(ledger['missing'])}")
        self.narrator.point("tickets", ", ".join(f"{sum(t['category'] == name for t in tickets)} {name}" for name in ("Urgent", "High", "Normal"))
                            + f"; {sum(t['status'] == 'resolved' for t in tickets)} resolved")
        kinds = [row["kind"] for row in self.desk.ctl("outbox")]
        answered = kinds.count("acknowledgement")
        automatic = len(self.smtp.to("olga@delta.example"))
        counted = ", ".join(f"{kinds.count(kind)} × {kind}" for kind in dict.fromkeys(kinds))
        self.narrator.point("mails out", f"{counted}; {automatic or 'none'} to the automatic mail")
        self.narrator.point("time", f"{time.monotonic() - self.began:.1f} s, servers included")
        owed = 1 + sum(most > 0 for *_, most in CUSTOMERS)
        complete = filed == written and not ledger["missing"] and (answered, automatic) == (owed, 0)
        self.narrator.line()
        self.narrator.line(self.narrator.styled("Every mail has its outcome, every answer went out once.", "good") if complete
                           else "Something is missing: please report this, with the lines above.")
        if not complete:
            raise SystemExit(1)
        self.narrator.line("To play with it yourself: ./dev demo --keep" if not self.keeps else "")

    def keep(self) -> None:
        here = pathlib.Path.cwd()
        control = (build_folder() / "ticketctl").resolve()
        self.narrator.heading("It keeps running until you press Ctrl-C. Play with it, from another terminal:")
        self.narrator.line(f"""
  cd {here}
  alias ticketctl='RUNTIME_DIRECTORY={self.desk.folder}/run {control} --config {self.desk.configuration}'
  ticketctl list
  ticketctl show 2
  ticketctl reply 2 --message 'We are looking at it.'
  tests/demo/customer.py --smtp {self.smtp.port} write you@example.org 'High: my own fault' 'It crackles.'
  tests/demo/customer.py --imap {self.dovecot.imap_port} read you@example.org
  cat {self.desk.configuration}
  less {self.desk.log_path}
""")
        while True:
            time.sleep(3600)

    def run(self) -> None:
        self.start()
        self.customers_write()
        self.engineer_answers()
        self.staff_work()
        self.target_is_missed()
        self.fault_of_many()
        self.summary()
        if self.keeps:
            self.keep()

    def stop(self) -> None:
        if self.desk.process:
            self.desk.stop()
        self.smtp.stop()
        self.dovecot.stop()


def main() -> None:
    parser = argparse.ArgumentParser(prog="./dev demo", description=__doc__)
    parser.add_argument("--build", default="build/release", help="where ticketd and ticketctl have been built")
    parser.add_argument("--keep", action="store_true", help="leave everything running afterwards, and say how to play with it")
    parser.add_argument("--options-only", action="store_true", help=argparse.SUPPRESS)  # ./dev asks before it builds
    options = parser.parse_args()
    if options.options_only:
        return
    os.environ["TICKETD_BUILD"] = options.build
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    folder = temporary_folder("ticketd-demo-")
    demo = Demo(folder, options.keep)
    try:
        demo.run()
    except KeyboardInterrupt:
        print("\nStopping; everything of the demo goes with it.", flush=True)
    except Exception:
        print(demo.desk.log()[-3000:], file=sys.stderr)
        raise
    finally:
        demo.stop()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
