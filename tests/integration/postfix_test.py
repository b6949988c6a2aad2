"""End to end over a real Postfix: customer -> Postfix -> mailbox -> ticketd -> Postfix -> the customer's own mailbox."""
import pathlib
import smtplib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from support import case, mails, postfix
from support.case import wait_for
from support.desk_case import DeskCase, require_desk


class PostfixTest(DeskCase):
    def setUp(self):
        super().setUp()
        tls = self.dovecot.folder / "tls"
        self.postfix = self.enter(postfix.Postfix(self.folder, self.smtp.port, (tls / "server.pem", tls / "server.key")))

    def customer_writes(self, sender: str, octets: bytes) -> None:
        with smtplib.SMTP("127.0.0.1", self.postfix.port, timeout=20) as client:
            client.sendmail(sender, ["support@desk.example"], octets)

    def check_whole_way(self, smtp: dict) -> None:
        self.start_desk(None, {"url": self.postfix.url} | smtp)
        self.customer_writes("tom@acme.example", mails.mail(*mails.URGENT))
        number = self.desk.wait_ticket("all inbound numbers")["number"]
        received = wait_for(lambda: self.dovecot.mails("tom@acme.example"), "the acknowledgement in the customer's INBOX")
        self.assert_says(received[0].octets, f"[SUP-{number}]", "Urgent")
        self.customer_writes("tom@acme.example", mails.reply_to(received[0].octets, "tom@acme.example", "More details.\n"))
        wait_for(lambda: "More details." in self.desk.ctl("show", number)["messages"][-1]["text"], "the reply is in the ticket",
                 interval=0.1)
        self.desk.ctl("resolve", number, "--message", "Done.")
        received = wait_for(lambda: self.dovecot.mails("tom@acme.example")[1:], "the resolution in the customer's INBOX")
        self.assert_says(received[-1].octets, "test", "Done.")

    def test_plain(self):
        self.check_whole_way({})

    def test_starttls(self):
        self.check_whole_way({"tls": "required", "ca_file": str(self.dovecot.ca_file)})

    def test_a_burst_goes_out_once_each(self):
        self.start_desk(None, {"url": self.postfix.url})
        for number in range(40):
            self.write(mails.mail(f"b{number}@burst.example", f"Burst {number}"))
        self.desk.wait_outbox("sent", 40, 60)
        wait_for(lambda: len(self.smtp.to("b0@burst.example") and self.burst()) == 40, "all delivered by Postfix", 60, 0.1)
        self.assertEqual(sorted(self.burst()), sorted(f"b{number}@burst.example" for number in range(40)))

    def burst(self) -> list[str]:
        return [address for mail in list(self.smtp.mails) for address in mail.recipients if address.endswith("@burst.example")]


if __name__ == "__main__":
    require_desk()
    if reason := postfix.missing():
        case.skip_all(reason)
    case.main()
