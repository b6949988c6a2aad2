"""The store as a whole: backup, check, export, erasing a person, and originals that are kept for a time only."""
import contextlib
import json
import pathlib
import re
import shutil
import sqlite3
import stat
import signal
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from support import case, mails
from support.case import wait_for
from support.desk import SUPPORT
from support.desk_case import DeskCase, require_desk
from support.mails import reply_to
from support.store_case import DATA, NO_INPUT, OK, PROBLEM, TEMPORARY, UNAVAILABLE, USAGE, StoreCase

TREE = pathlib.Path(__file__).resolve().parents[2]


class BackupTest(StoreCase):
    def test_a_backup_is_whole_and_for_its_owner_alone(self):
        self.ingest("tom@acme.example", "One")
        file = self.folder / "backup.db"
        facts = self.desk.ctl("backup", file)
        self.assertEqual((facts["tickets"], facts["messages"], facts["file"]), (1, 1, str(file)))
        self.assertEqual(stat.S_IMODE(file.stat().st_mode), 0o600)
        self.assertEqual(sorted(path.name for path in self.folder.iterdir() if path.name.startswith((".", "backup"))), ["backup.db"])
        with contextlib.closing(sqlite3.connect(file)) as copy:
            self.assertEqual(copy.execute("SELECT subject FROM tickets").fetchall(), [("One",)])

    def test_a_file_that_is_there_is_kept(self):
        self.ingest("tom@acme.example", "One")
        file = self.folder / "backup.db"
        file.write_text("precious")
        self.assertIn("File exists", self.expect(DATA, "backup", file))
        self.assertEqual(file.read_text(), "precious")
        self.expect(OK, "backup", file, "--force")
        self.assertNotEqual(file.read_bytes()[:8], b"precious")

    def test_the_store_itself_is_refused_by_whatever_name(self):
        self.ingest("tom@acme.example", "One")
        before = self.desk.store.read_bytes()
        link = self.folder / "link.db"
        link.symlink_to(self.desk.store)
        for file in (self.desk.store, link, f"{self.desk.store}-wal", f"{self.desk.store.parent}/../state/tickets.db"):
            with self.subTest(file):
                self.assertIn("belongs to the store", self.expect(DATA, "backup", file, "--force"))
        self.assertEqual(self.desk.store.read_bytes(), before)

    def test_without_a_store_there_is_nothing_to_back_up(self):
        self.assertIn("does not exist", self.expect(NO_INPUT, "backup", self.folder / "b.db"))
        self.assertFalse(self.desk.store.exists())

    def test_a_damaged_store_gives_no_backup(self):
        for i in range(40):
            self.ingest("tom@acme.example", f"Ticket {i}", "x" * 2000 + "\n")
        octets = bytearray(self.desk.store.read_bytes())
        for page in range(5, len(octets) // 4096, 3):
            octets[page * 4096:page * 4096 + 16] = b"\x7f" * 16
        self.desk.store.write_bytes(octets)
        self.expect(69, "backup", self.folder / "b.db")
        self.assertEqual([path for path in self.folder.iterdir() if path.name.startswith((".ticketctl", "b.db"))], [])
        done = self.desk.run_ctl("check")
        self.assertEqual(done.returncode, PROBLEM, done.stdout)

    def test_a_damaged_search_index_is_left_out_and_told(self):
        self.index()
        self.change_store("UPDATE message_search_data SET block = zeroblob(length(block)) WHERE id > 10")
        file = self.folder / "backup.db"
        self.assertIn("check --repair", self.expect(OK, "backup", file))
        self.desk.ctl("restore", file)
        self.assertEqual(self.desk.ctl("check"), {"ok": True, "problems": []})
        self.assertEqual(len(self.desk.ctl("search", "One")), 1)

    def test_a_signal_leaves_no_half_backup(self):
        self.ingest("tom@acme.example", "One")
        with contextlib.closing(sqlite3.connect(self.desk.store)) as store, store:
            store.execute("CREATE TABLE ballast (octets)")
            store.executemany("INSERT INTO ballast VALUES (randomblob(1000000))", [()] * 200)
        folder = self.folder / "backups"
        folder.mkdir()
        command = [str(case.build_folder() / "ticketctl"), "--config", str(self.desk.configuration), "backup", str(folder / "b.db")]
        for ending in (signal.SIGTERM, signal.SIGINT):
            with self.subTest(ending), subprocess.Popen(command, env=self.desk.environment()) as running:
                wait_for(lambda: any(path.stat().st_size for path in folder.iterdir()), "it is being written", interval=0.001)
                running.send_signal(ending)
                self.assertEqual(running.wait(60), -ending)
                self.assertEqual(list(folder.iterdir()), [])

    def test_the_service_keeps_the_newest(self):
        """The command of the unit, with its folders elsewhere."""
        self.ingest("tom@acme.example", "One")
        unit = (TREE / "systemd" / "ticketd-backup.service").read_text()
        script = re.search(r"ExecStart=/bin/sh -euc '(.*?)'\n", unit, re.S).group(1)
        script = script.replace("\\\n", "").replace("%%", "%").replace("\\\\", "\\")
        ticketctl = f"{case.build_folder()}/ticketctl --config {self.desk.configuration}"
        folder = self.folder / "backups"
        folder.mkdir()
        for i in range(1, 5):
            (folder / f"tickets-2020010{i}T000000Z.db").write_text("old")
        (folder / "other.txt").write_text("mine")
        (folder / ".ticketctl-abcdef").write_text("of a backup that was killed just now")
        subprocess.run(["/bin/sh", "-euc", script.replace("/usr/bin/ticketctl", ticketctl)], check=True, timeout=120,
                       env=self.desk.environment() | {"FOLDER": str(folder), "KEEP": "3"})
        names = sorted(path.name for path in folder.iterdir())  # what was half-written is gone
        self.assertEqual(names[:3], ["other.txt", "tickets-20200103T000000Z.db", "tickets-20200104T000000Z.db"])
        self.assertEqual(len(names), 4)

    def test_the_service_makes_room_before_it_fails(self):
        folder = self.folder / "backups"
        folder.mkdir()
        (folder / ".ticketctl-abcdef").write_text("of a backup that was killed")
        unit = (TREE / "systemd" / "ticketd-backup.service").read_text()
        script = re.search(r"ExecStart=/bin/sh -euc '(.*?)'\n", unit, re.S).group(1).replace("\\\n", "").replace("%%", "%")
        subprocess.run(["/bin/sh", "-euc", script.replace("/usr/bin/ticketctl", "false")], timeout=120,
                       env=self.desk.environment() | {"FOLDER": str(folder), "KEEP": "3"})
        self.assertEqual(list(folder.iterdir()), [])

    @unittest.skipIf(not shutil.which("systemd-analyze"), "systemd-analyze is not installed")
    def test_the_units_are_good(self):
        for unit in ("ticketd-backup.service", "ticketd-backup.timer", "ticketd.service"):
            shutil.copy(TREE / "systemd" / unit, self.folder)
        done = subprocess.run(["systemd-analyze", "verify", "--man=no", "--recursive-errors=no",
                               str(self.folder / "ticketd-backup.timer"), str(self.folder / "ticketd-backup.service")],
                              capture_output=True, text=True, timeout=60)
        self.assertNotIn("ticketd-backup", done.stderr)


class CheckTest(StoreCase):
    def test_a_sound_store_and_one_that_is_not(self):
        self.ingest("tom@acme.example", "One")
        self.assertEqual(self.desk.ctl("check"), {"ok": True, "problems": []})
        with contextlib.closing(sqlite3.connect(self.desk.store)) as store, store:
            store.execute("UPDATE tickets SET message_count = 7")
        found = self.desk.ctl("check", codes=(PROBLEM,))
        self.assertFalse(found["ok"])
        self.assertIn("ticket #1 counts 7 messages", found["problems"][0])

    def test_a_damaged_search_index_is_found_and_mended(self):
        self.index()
        self.change_store("UPDATE message_search_data SET block = x'ffffffffffffffffffffffff' WHERE id = 10")
        found = self.desk.ctl("check", codes=(PROBLEM,))
        self.assertIn("check --repair", found["problems"][0])
        self.assertIn("check --repair", self.expect(UNAVAILABLE, "search", "One"))
        self.assertIn("search index", self.expect(OK, "check", "--repair"))
        self.assertEqual(len(self.desk.ctl("search", "One")), 1)

    def test_a_filter_of_message_ids_that_lacks_one_is_found_and_mended(self):
        self.ingest("tom@acme.example", "One")
        self.change_store("INSERT INTO mail_keys SELECT message_key, mail FROM fresh_mail_keys")
        self.change_store("INSERT INTO mail_key_filters VALUES (-9223372036854775807 - 1, 1, zeroblob(4000))")
        found = self.desk.ctl("check", codes=(PROBLEM,))
        self.assertIn("filter of Message-IDs", found["problems"][0])
        self.assertIn("check --repair", found["problems"][0])
        self.expect(OK, "backup", self.folder / "mended.db")
        self.assertIn("after its next start", self.expect(OK, "check", "--repair"))
        self.assertEqual(self.desk.ctl("check"), {"ok": True, "problems": []})

    def test_originals_that_can_not_be_unpacked(self):
        number = self.ingest("tom@acme.example", "One")
        message = self.desk.ctl("show", number)["messages"][0]["id"]
        self.change_store("UPDATE raw_mails SET octets = zeroblob(length(octets))")
        self.assertIn("can't be unpacked", self.desk.ctl("check", codes=(PROBLEM,))["problems"][0])
        self.assertIn("damaged", self.expect(UNAVAILABLE, "raw", number, message))

    def test_an_older_schema_is_no_damage(self):
        self.ingest("tom@acme.example", "One")
        self.change_store("PRAGMA user_version = 1")
        self.assertIn("older schema", self.expect(UNAVAILABLE, "check"))


class ExportTest(StoreCase):
    def test_a_line_for_each_ticket_as_show_has_it(self):
        for i in range(3):
            self.ingest("tom@acme.example", f"Ticket {i}")
        lines = self.desk.text("export").splitlines()
        self.assertEqual([json.loads(line) for line in lines], [self.desk.ctl("show", number) for number in (1, 2, 3)])
        file = self.folder / "tickets.jsonl"
        self.assertEqual(self.desk.ctl("export", "-o", file, "--since", "1h"), {"file": str(file), "tickets": 3})
        self.assertEqual(file.read_text().splitlines(), lines)
        self.assertIn("File exists", self.expect(DATA, "export", "-o", file))
        self.assertIn("belongs to the store", self.expect(DATA, "export", "-o", self.desk.store, "--force"))
        self.expect(USAGE, "export", "--since", "tomorrow")


class EraseTest(StoreCase):
    def test_killed_at_any_time_all_of_it_is_erased_or_nothing(self):
        for i in range(30):
            self.ingest("Jane Doe <jane@acme.example>", f"Xylophone {i}", "It is in Baker Street.\n" * 200)
        self.ingest("bob@acme.example", "Fax", "Ask jane@acme.example.\n")
        for number in range(1, 31):
            self.desk.ctl("close", number)
        for milliseconds in (20, 40, 60, 80, 120, 200, 400):
            self.kill_after(milliseconds, "erase", "jane@acme.example", "--yes")
            left = sum("Xylophone" in ticket["subject"] for ticket in self.desk.tickets())
            self.assertIn(left, (0, 30))
            self.assertTrue(self.desk.ctl("check")["ok"])
        self.desk.ctl("erase", "jane@acme.example", "--yes")
        octets = b"".join(path.read_bytes() for path in self.desk.store.parent.glob(self.desk.store.name + "*")).lower()
        for trace in (b"jane@acme.example", b"xylophone", b"baker"):
            self.assertNotIn(trace, octets)
        self.assertEqual(self.desk.ctl("show", 31)["requester"]["address"], "bob@acme.example")

    def test_open_tickets_are_closed_and_nothing_goes_out_any_more(self):
        number = self.ingest("Jane Doe <jane@acme.example>", "Xylophone")
        done = self.desk.ctl("erase", "JANE@acme.example", "--yes")
        self.assertEqual((done["tickets"], done["files_are_clean"]), ([number], True))
        self.assertEqual(self.desk.ctl("show", number)["status"], "closed")
        self.assertNotIn("jane", json.dumps(self.desk.ctl("outbox", "--all")).lower())
        self.assertEqual([row for row in self.desk.ctl("outbox", "--all") if row["state"] == "queued"], [])
        again = self.desk.ctl("erase", "jane@acme.example", "--yes")
        self.assertEqual((again["tickets"], again["messages"]), ([], 0))
        self.assertIn("nothing of this person", self.desk.text("erase", "jane@acme.example", "--dry-run"))

    def test_nobody_writes_to_whoever_is_erased(self):
        number = self.ingest("Jane Doe <jane@acme.example>", "Xylophone")
        self.desk.ctl("erase", "jane@acme.example", "--yes")
        waiting = len(self.desk.ctl("outbox", "--all"))
        self.assertIn("no address that can be written to", self.expect(DATA, "reply", number, "--message", "Hello?"))
        self.assertEqual(len(self.desk.ctl("outbox", "--all")), waiting)

    def test_whose_address_is_longer_keeps_it(self):
        number = self.ingest("Bob O'Brien <o'brien@acme.example>", "Fax")
        self.ingest("Ed Brien <brien@acme.example>", "Telephone")
        self.desk.ctl("erase", "brien@acme.example", "--yes")
        self.assertEqual(self.desk.ctl("show", number)["requester"]["address"], "o'brien@acme.example")
        self.assertIn("o'brien@acme.example", json.dumps(self.desk.ctl("outbox", "--all")))

    def test_words_that_are_no_address(self):
        for words in ("jane", "@acme.example", "jane@", "Jane <jane@acme.example>"):
            with self.subTest(words):
                self.assertIn("is no address", self.expect(DATA, "erase", words, "--yes"))


class DeskDataTest(DeskCase):
    delivers = False

    def test_restore_end_to_end(self):
        desk = self.make_desk()
        # The lease of the killed daemon is known to the restored store: it is not waited for as long as it holds.
        desk.common_environment["TICKETD_LEASE_SECONDS"] = "96"
        desk.start()
        self.write(mails.mail("tom@acme.example", "Before the backup"))
        desk.wait_ticket("Before the backup")
        self.wait_mail("tom@acme.example")
        desk.wait_outbox("sent")
        desk.stop()
        desk.ctl("reply", 1, "--message", "It waits in the backup.")
        backup = self.folder / "backup.db"
        desk.ctl("backup", backup)
        desk.start()
        self.wait_mail("tom@acme.example", 2)
        self.write(mails.mail("sue@shop.example", "After the backup"))
        desk.wait_ticket("After the backup")
        self.wait_mail("sue@shop.example")
        refused = desk.run_ctl("restore", backup)
        self.assertEqual(refused.returncode, TEMPORARY, refused.stderr)
        self.assertIn("another ticketd", refused.stderr)
        wait_for(lambda: self.dovecot.count(SUPPORT, "Processed") == 2, "both mails in Processed")
        desk.kill()  # its log is left beside the store

        done = desk.ctl("restore", backup)
        self.assertEqual((done["tickets"], done["held_back"]), (1, 1))
        with contextlib.closing(sqlite3.connect(done["aside"])) as aside:
            self.assertEqual(aside.execute("SELECT count(*) FROM tickets").fetchone(), (2,))
        held = [row for row in desk.ctl("outbox", "list") if row["last_error"]]
        self.assertEqual([(row["state"], row["kind"]) for row in held], [("failed", "reply")])
        self.assertIn("held back by restore", held[0]["last_error"])

        desk.start()
        # A person moves what lies in Processed back: the known one is recognised, the other one is filed again.
        with self.dovecot.session(SUPPORT) as client:
            client.select("Processed")
            client.uid("MOVE", "1:*", "INBOX")
        self.assertEqual(desk.wait_ticket("After the backup")["number"], 2)
        wait_for(lambda: self.dovecot.count(SUPPORT, "Processed") == 2, "both mails in Processed again")
        self.assertEqual(sorted(entry["outcome"] for entry in desk.ctl("ledger")["entries"])[-3:], ["duplicate", "new_ticket", "new_ticket"])
        self.wait_mail("sue@shop.example", 2)
        self.assertEqual(len(self.smtp.to("tom@acme.example")), 2, "what was held back has not gone out again")
        desk.ctl("outbox", "retry", held[0]["id"])
        self.wait_mail("tom@acme.example", 3)
        self.assertEqual(desk.ctl("check"), {"ok": True, "problems": []})

    def test_a_damaged_search_index_stops_nothing(self):
        desk = self.start_desk()
        self.write(mails.mail("tom@acme.example", "Xylophone"))
        desk.wait_ticket("Xylophone")
        wait_for(lambda: desk.ctl("search", "Xylophone"), "it is in the index")
        with contextlib.closing(sqlite3.connect(desk.store)) as store, store:
            store.execute("UPDATE message_search_data SET block = x'ffffffffffffffffffffffff' WHERE id = 10")
        self.write(mails.mail("sue@shop.example", "Trombone"))
        desk.wait_ticket("Trombone")
        wait_for(lambda: "the search index begins anew" in desk.log(), "the daemon has mended it")
        for word in ("Xylophone", "Trombone"):
            wait_for(lambda: len(desk.ctl("search", word)) == 1, f"{word} is found")
        self.assertIsNone(desk.process.poll())
        self.assertEqual(desk.ctl("check"), {"ok": True, "problems": []})

    def test_erase_while_the_desk_runs(self):
        desk = self.start_desk()
        self.write(mails.mail("Jane Doe <jane@acme.example>", "Xylophone mute", "It is in Baker Street.\n", message_id="<one@acme.example>"))
        desk.wait_ticket("Xylophone mute")
        acknowledgement = self.wait_mail("jane@acme.example").octets
        self.write(mails.mail("Bob <bob@acme.example>", "Fax", "Ask jane@acme.example, not me.\n"))
        desk.wait_ticket("Fax")
        self.wait_mail("bob@acme.example")
        wait_for(lambda: all(row["state"] == "sent" for row in desk.ctl("outbox", "list", "--all")), "all is sent")
        self.assertEqual(desk.run_ctl("erase", "jane@acme.example").returncode, USAGE)
        self.assertEqual(desk.run_ctl("erase", SUPPORT, "--yes").returncode, DATA)
        self.assertEqual(desk.run_ctl("erase", "ann@desk.example", "--yes").returncode, DATA)
        trial = desk.ctl("erase", "jane@acme.example", "--dry-run")
        self.assertEqual((trial["dry_run"], trial["tickets"]), (True, [1]))
        self.assertEqual(desk.ctl("show", 1)["subject"], "Xylophone mute")

        done = wait_for(lambda: (erased := desk.ctl("erase", "jane@acme.example", "--yes", codes=(0, TEMPORARY))) and
                        erased["files_are_clean"] and erased, "the files are clean", interval=1)
        self.assertIsNotNone(done)
        octets = b"".join(pathlib.Path(f"{desk.store}{suffix}").read_bytes() for suffix in ("", "-wal", "-shm")).lower()
        for trace in (b"jane@acme.example", b"jane doe", b"xylophone", b"baker", b"one@acme.example"):
            self.assertNotIn(trace, octets)
        shown = desk.ctl("show", 1)
        self.assertEqual((shown["status"], shown["subject"]), ("closed", "(erased)"))
        self.assertNotIn("jane", json.dumps(shown).lower())
        self.assertIn("erased", desk.run_ctl("raw", 1, shown["messages"][0]["id"]).stderr.replace("erase", "erased"))
        self.assertEqual(desk.ctl("show", 2)["requester"]["address"], "bob@acme.example")
        self.assertEqual([entry["outcome"] for entry in desk.ctl("ledger")["entries"]], ["new_ticket", "new_ticket"])
        self.assertTrue(desk.ctl("check")["ok"])
        # The desk goes on: an answer to a mail of before is a new request.
        self.write(reply_to(acknowledgement, "Jane Doe <jane@acme.example>", "And now?\n", "Once more"))
        self.assertEqual(desk.wait_ticket("Once more")["number"], 3)

    def test_originals_that_were_kept_long_enough_go(self):
        desk = self.start_desk(retention={"raw_mails": "1s"})
        self.write(mails.with_attachment())
        number = wait_for(lambda: desk.tickets(), "a ticket")[0]["number"]
        message = desk.ctl("show", number)["messages"][0]
        wait_for(lambda: desk.run_ctl("raw", number, message["id"]).returncode == NO_INPUT, "the original is gone", 60, 0.5)
        for command in (("raw", number, message["id"]), ("attachment", number, message["attachments"][0]["id"])):
            self.assertIn("the original was removed after", desk.run_ctl(*command).stderr)
        self.assertEqual(desk.ctl("show", number)["messages"][0]["text"], message["text"])


if __name__ == "__main__":
    require_desk()
    case.main()
