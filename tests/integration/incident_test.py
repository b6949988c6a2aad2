"""A major incident: declared and resolved by ticketctl, with a daemon that takes mail meanwhile, and its status page."""
import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from support import case, mails
from support.case import wait_for
from support.desk import CommandFailed
from support.desk_case import DeskCase, require_desk
from support.mails import body_of

JANE = "Jane Doe <jane@acme.example>"
TOM = "Tom Trunk <tom@acme.example>"


class IncidentTest(DeskCase):
    delivers = False

    def setUp(self):
        super().setUp()
        self.page = self.folder / "status"
        support = {"address": "support@desk.example", "name": "Example Support", "subject_tag": "SUP",
                   "status_url": "https://status.desk.example/"}
        self.start_desk(support=support, status_page={"directory": str(self.page)})

    def wait_page(self, *words: str) -> dict:
        """status.json, once index.html says all of this."""
        wait_for(lambda: (self.page / "index.html").exists() and
                 all(word in (self.page / "index.html").read_text() for word in words), f"the page says {words}")
        return json.loads((self.page / "status.json").read_text())

    def test_an_incident_from_its_declaration_to_the_last_customer(self):
        self.assertEqual(self.wait_page("No incidents")["status"], "ok")
        incident = self.desk.ctl("incident", "open", "Phones down", "--match", "phone", "--message", "We look into it.")
        self.assertEqual((incident["number"], incident["status"], incident["tickets"]), (1, "open", []))
        self.assertEqual(self.wait_page("Phones down", "We look into it.")["open"][0]["number"], 1)

        self.write(mails.mail(JANE, "Urgent: no phone works"))
        acknowledgement = self.wait_mail("jane@acme.example").octets
        self.assert_says(acknowledgement, "Phones down", "We look into it.", "https://status.desk.example/")
        self.assertNotIn("within 30 minutes", body_of(acknowledgement))
        ticket = self.desk.tickets()[0]
        self.assertEqual((ticket["incident"], ticket["priority"], ticket["response_due_at"]), (1, 10, None))

        self.write(mails.mail(TOM, "Fax prints blank pages"))
        self.wait_mail("tom@acme.example")
        other = self.desk.wait_ticket("Fax prints blank pages")
        self.assertIsNone(other["incident"])
        self.assertEqual(self.desk.ctl("incident", "link", 1, other["number"])["incident"], 1)
        unlinked = self.desk.ctl("incident", "unlink", other["number"])
        self.assertIsNone(unlinked["incident"])
        self.assertIsNotNone(unlinked["response_due_at"])
        self.assert_says(self.wait_mail("tom@acme.example", 2).octets, "Phones down", "We look into it.")
        self.assert_says(self.wait_mail("tom@acme.example", 3).octets, "does not wait for a known fault", "within 4 hours")

        self.desk.ctl("incident", "update", 1, "--message", "The carrier has a fault.")
        self.wait_page("The carrier has a fault.")
        resolved = self.desk.ctl("incident", "resolve", 1, "--message", "The carrier has repaired it.")
        self.assertEqual((resolved["status"], resolved["tickets"]), ("resolved", [ticket["number"]]))
        mail = self.wait_mail("jane@acme.example", 2).octets
        self.assert_says(mail, "Phones down", "The carrier has repaired it.", "test")
        self.assertEqual(self.desk.ctl("show", ticket["number"])["status"], "resolved")
        self.assertEqual(self.desk.ctl("show", other["number"])["status"], "new")
        self.assertEqual(self.wait_page("The carrier has repaired it.")["status"], "ok")
        pages = [mail for mail in self.smtp.to("ann@desk.example") if b"no phone works" in mail.octets]
        self.assertEqual(pages, [])

        self.assertEqual([row["number"] for row in self.desk.ctl("incident", "list")], [1])
        with self.assertRaises(CommandFailed) as failed:
            self.desk.ctl("incident", "resolve", 1)
        self.assertEqual(failed.exception.code, 65)
        for option in ("--match", "--organization"):
            with self.assertRaises(CommandFailed) as failed:
                self.desk.ctl("incident", "open", "Fax", option, "")
            self.assertEqual(failed.exception.code, 65)
        with self.assertRaises(CommandFailed) as failed:
            self.desk.ctl("incident", "update", 7, "--message", "x")
        self.assertEqual(failed.exception.code, 66)

    def test_whoever_says_that_it_is_about_something_else_is_heard_and_not_swept_away(self):
        self.desk.ctl("incident", "open", "Slow portal", "--all")
        self.write(mails.mail(JANE, "Urgent: no phone works"))
        acknowledgement = self.wait_mail("jane@acme.example").octets
        self.write(mails.reply_to(acknowledgement, JANE, "No, it is not about the portal: nobody can call us.\n"))
        page = self.wait_mail("ann@desk.example").octets
        self.assert_says(page, "nobody can call us", "waits for incident 1", "#incident none")
        self.desk.ctl("incident", "resolve", 1)
        ticket = self.desk.tickets()[0]
        self.assertEqual(ticket["status"], "new")
        self.assertIsNotNone(ticket["response_due_at"])
        self.assert_says(self.wait_mail("ann@desk.example", 2).octets, "waits for its incident no more")
        self.assertEqual(len(self.smtp.to("jane@acme.example")), 1)

    def test_without_a_daemon_the_page_is_written_and_the_mails_wait(self):
        self.wait_page("No incidents")
        self.desk.ctl("incident", "open", "Everything is down", "--all")
        self.write(mails.mail(JANE, "Slow portal"))
        self.wait_mail("jane@acme.example")
        self.desk.stop()
        self.desk.ctl("incident", "resolve", 1)
        self.assertEqual(self.wait_page("Everything is down")["past"][0]["status"], "resolved")
        self.assertEqual(self.desk.tickets()[0]["status"], "resolved")
        self.desk.start()
        self.assert_says(self.wait_mail("jane@acme.example", 2).octets, "Everything is down")


if __name__ == "__main__":
    require_desk()
    case.main()
