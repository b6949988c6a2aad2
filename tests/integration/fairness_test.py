"""Wrong labels and what they lead to: strikes, the downgrade of an organization, and how it ends."""
import contextlib
import getpass
import pathlib
import sqlite3
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from support import case, mails
from support.case import wait_for
from support.desk_case import DeskCase, require_desk

STAFF = [{"name": "Ann Engineer", "email": "ann@desk.example", "login": getpass.getuser(), "roles": ["engineer"]},
         {"name": "Dee Duty", "email": "dee@desk.example", "roles": ["duty"]},
         {"name": "Dora Director", "email": "dora@desk.example", "roles": ["director"]}]
ACME = [{"name": "Acme", "domains": ["acme.example", "acme.test"], "addresses": ["boss@home.example"]}]


class FairnessCase(DeskCase):
    delivers = False

    def setUp(self):
        super().setUp()
        self.start_desk(staff=STAFF, organization=ACME)

    def open_ticket(self, sender: str, subject: str) -> int:
        return self.desk.ctl("ingest", stdin=mails.mail(sender, subject))["ticket"]

    def priority(self, number: int) -> int:
        return self.desk.ctl("show", number)["priority"]

    def details(self, number: int, kind: str) -> list[str]:
        return [event["detail"] for event in self.desk.ctl("show", number)["events"] if event["kind"] == kind]

    def strike(self, sender: str, *options: str) -> int:
        number = self.open_ticket(sender, "Urgent: one phone is slow")
        self.assertEqual(self.desk.ctl("prioritize", number, "normal", *options)["priority"], 5)
        return number

    def organization(self, name: str) -> dict:
        return self.desk.ctl("organization", "show", name)


class StrikeTest(FairnessCase):
    def test_three_strikes_downgrade_the_organization_and_it_is_told_why(self):
        waiting = self.open_ticket("jane@acme.test", "High: no faxes")
        taken = self.open_ticket("boss@home.example", "Urgent: no calls at all")
        self.desk.ctl("take", taken)
        foreign = self.open_ticket("uma@other.example", "Urgent: no calls at all")
        first = self.strike("jane@acme.example", "--reason", "one phone")
        self.strike("tom@acme.test")
        self.strike("jane@acme.example", "--no-strike")
        self.strike("uma@other.example")
        shown = self.organization("Acme")
        self.assertIsNone(shown["downgraded_until"])
        self.assertEqual([strike["ticket"] for strike in shown["strikes"]][0], first)
        self.assertIn("one phone", shown["strikes"][0]["reason"])
        self.assertEqual(len(shown["strikes"]), 2)
        self.assertEqual((self.priority(waiting), self.priority(foreign)), (7, 10))

        third = self.strike("boss@home.example")
        self.assertIsNotNone(self.organization("Acme")["downgraded_until"])
        self.assertEqual((self.priority(waiting), self.priority(taken), self.priority(foreign)), (5, 10, 10))
        self.assertTrue(self.details(third, "organization_downgraded"))
        self.assertIn("3 strikes", self.details(waiting, "category_changed")[-1])
        self.assertTrue(self.details(taken, "category_kept"))
        for address in ("dee@desk.example", "dora@desk.example"):
            self.wait_staff(address, "Acme is downgraded until")
        self.wait_staff("ann@desk.example", "Still Urgent")

        new = self.open_ticket("jill@acme.example", "Urgent: no calls at all")
        self.assertEqual(self.priority(new), 5)
        self.assert_says(self.wait_mail("jill@acme.example").octets, "handled as Normal", "higher category than they needed")

        self.assertIsNone(self.desk.ctl("organization", "restore", "acme")["downgraded_until"])
        self.assertEqual(self.priority(self.open_ticket("jim@acme.example", "Urgent: no calls at all")), 10)
        self.strike("jane@acme.example")
        self.assertIsNone(self.organization("Acme")["downgraded_until"])

    def wait_staff(self, address: str, words: str) -> None:
        case.wait_for(lambda: any(words in str(mails.parse(mail.octets)["Subject"]) for mail in self.smtp.to(address)),
                      f"{words!r} to {address}", interval=0.1)


class ByHandTest(FairnessCase):
    def test_organizations_are_listed_downgraded_and_restored(self):
        number = self.open_ticket("Uma@other.example", "Urgent: no calls at all")
        listed = {each["name"]: each for each in self.desk.ctl("organization", "list")}
        self.assertEqual(set(listed), {"Acme", "other.example"})
        self.assertEqual(listed["Acme"], {"name": "Acme", "domains": ["acme.example", "acme.test"],
                                          "addresses": ["boss@home.example"], "downgraded_until": None, "strikes": [],
                                          "events": []})
        self.assertIn("other.example", self.desk.text("organization"))
        for command in ("show", "downgrade", "restore"):
            self.assertEqual(self.desk.run_ctl("organization", command, "nobody.example").returncode, 66)
        self.assertEqual(self.desk.run_ctl("organization", "restore", "other.example").returncode, 65)
        self.assertIsNotNone(self.desk.ctl("organization", "downgrade", "other.example")["downgraded_until"])
        self.assertEqual(self.priority(number), 5)
        self.assertIn("downgraded until", self.desk.text("organization", "show", "other.example"))
        self.assertEqual(self.desk.ctl("organization", "downgrade", "jane@acme.test")["name"], "Acme")
        restored = self.desk.ctl("organization", "restore", "other.example")
        self.assertIsNone(restored["downgraded_until"])
        self.assertEqual([event["kind"] for event in restored["events"]],
                         ["organization_downgraded", "organization_restored"])
        self.assertIn("is in good standing again", self.desk.text("organization", "show", "other.example"))
        self.assertEqual(self.priority(number), 5)

    def test_a_new_name_takes_over_when_the_daemon_has_it_and_no_look_at_the_desk_changes_that(self):
        self.open_ticket("uma@other.example", "Urgent: no calls at all")
        self.desk.ctl("organization", "downgrade", "other.example")
        self.desk.sections["organization"] = ACME + [{"name": "Other", "domains": ["other.example"]}]
        self.desk.write()
        self.desk.ctl("explain", stdin=mails.mail("uma@other.example", "Urgent: again"))
        with contextlib.closing(sqlite3.connect(self.desk.store)) as store:
            self.assertEqual(store.execute("SELECT name FROM organizations").fetchall(), [("other.example",)])
        self.desk.reload()
        wait_for(lambda: self.organization("Other")["downgraded_until"], "the new name's standing", interval=0.05)
        self.assertEqual(self.priority(self.open_ticket("uma@other.example", "Urgent: no calls again")), 5)

    def test_statistics_count_tickets_and_answers(self):
        answered = self.open_ticket("jane@acme.example", "Urgent: no calls at all")
        self.desk.ctl("reply", answered, "--message", "We look.")
        self.open_ticket("uma@other.example", "Fax")
        stats = self.desk.ctl("stats")
        self.assertEqual([(row["name"], row["reported"], row["within"], row["waiting"]) for row in stats["categories"]],
                         [("Urgent", 1, 1, 0), ("High", 0, 0, 0), ("Normal", 1, 0, 1)])
        self.assertEqual({row["name"]: row["reported"] for row in stats["organizations"]}, {"Acme": 1, "other.example": 1})
        self.assertEqual(stats["all"]["share_within"], 1)
        self.assertEqual(self.desk.run_ctl("stats", "--since", "soon").returncode, 64)
        self.assertIn("other.example", self.desk.text("stats", "--since", "1d"))

    def test_whoever_is_given_a_ticket_hears_of_it(self):
        number = self.open_ticket("uma@other.example", "Portal is slow")
        self.desk.ctl("assign", number, "dora@desk.example")
        mail = self.wait_mail("dora@desk.example")
        self.assert_says(mail.octets, "given to you", "portal is slow")


if __name__ == "__main__":
    require_desk()
    case.main()
