"""Access tokens instead of passwords: Dovecot asks our token server whether one is good, and so does the scripted mail server."""
import contextlib
import pathlib
import signal
import sqlite3
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from support import case, mails
from support.case import wait_for
from support.desk_case import DeskCase, require_desk
from support.desk import SUPPORT
from support.smtp_server import SmtpServer
from support.token_server import CLIENT, FIRST_REFRESH_TOKEN, SECRET, TokenServer, refusal


class TokenCase(DeskCase):
    """`self.tokens` is the provider's token endpoint. The mail server takes tokens alone."""

    rotates = False
    mechanisms = "xoauth2 oauthbearer"
    grant = "client_credentials"

    def setUp(self):
        super().setUp()
        self.tokens = self.enter(TokenServer(self.rotates))
        introspection = f"http://127.0.0.1:{self.tokens.port}/introspect?token="
        self.dovecot = self.enter_dovecot(self.folder / "tokens", introspection_url=introspection, token_mechanisms=self.mechanisms)
        self.smtp = self.enter(SmtpServer(plan=self.check_login, deliver=self.deliver, mechanisms="XOAUTH2"))

    def check_login(self, step) -> str | None:
        if step.stage == "auth" and not self.tokens.lets_in(step.argument.rpartition(" ")[2]):
            return "535 5.7.3 Authentication unsuccessful"
        if step.stage == "mail" and not any(s.connection == step.connection and s.stage == "auth" for s in self.smtp.steps):
            return "530 5.7.57 Client not authenticated"
        return None

    def oauth2(self, **changes) -> dict:
        table = {"token_url": self.tokens.url, "client_id": CLIENT, "client_secret_file": self.desk.secret("client-secret", SECRET),
                 "grant": self.grant, "scope": "https://mail.example/.default"}
        if self.grant == "refresh_token":
            table["refresh_token_file"] = self.desk.secret("refresh-token", FIRST_REFRESH_TOKEN)
        return table | changes

    def use_tokens(self, **changes) -> None:
        """Makes a desk that logs in to both servers with tokens."""
        self.make_desk(None, {"retry_first": "200ms", "retry_max": "400ms"})
        oauth2 = self.oauth2(**changes)
        self.desk.sections["mailbox"][0].pop("password_file")
        self.desk.sections["mailbox"][0]["oauth2"] = oauth2
        self.desk.sections["smtp"] |= {"user": SUPPORT, "oauth2": oauth2}
        self.desk.write()

    def check_whole_way(self, subject: str = "By token") -> None:
        name = subject.lower().replace(" ", ".") + "@token.example"
        self.write(mails.mail(name, subject))
        self.wait_mail(name)

    def wait_error(self, words: str) -> dict:
        def status():
            found = self.desk.ctl("status", codes=(0, 1))
            return found if words in str(found["mailboxes"][0]["error"]) else None
        return wait_for(status, f"{words!r} as the mailbox's error", interval=0.1)

    def wait_problem(self, words: str) -> str:
        def problem():
            found = self.desk.ctl("status", codes=(0, 1))["problems"]
            return next((text for text in map(str, found) if words in text), None)
        return wait_for(problem, f"{words!r} among the problems", interval=0.1)

    def assert_no_secret(self) -> None:
        """In the log, and in what `status` says."""
        said = self.desk.log() + self.desk.run_ctl("status").stdout + self.desk.run_ctl("probe").stdout
        for secret in (SECRET, FIRST_REFRESH_TOKEN, "access-1", "rotated-refresh-token"):
            self.assertNotIn(secret, said)


class ClientCredentialsTest(TokenCase):
    def test_one_token_for_both_servers(self):
        self.use_tokens()
        self.desk.start()
        self.check_whole_way()
        self.assertEqual([form["grant_type"] for form in self.tokens.requests], ["client_credentials"])
        self.assertEqual(self.tokens.requests[0]["scope"], "https://mail.example/.default")
        self.assert_no_secret()

    def test_a_refused_token_is_replaced_at_once(self):
        self.use_tokens()
        self.desk.start()
        self.check_whole_way()
        time.sleep(10)  # a younger token would not be doubted
        self.tokens.revoke_access_tokens()
        self.dovecot.restart()
        self.check_whole_way("After the revocation")
        self.assertEqual(len(self.tokens.requests), 2)

    def check_endpoint_error(self, plan, words: str) -> dict:
        self.tokens.plan = plan
        self.use_tokens()
        self.desk.start()
        status = self.wait_error(words)
        self.assertFalse(status["ok"])
        probes = self.desk.ctl("probe", codes=(0, 1))
        self.assertIn(words, probes[0]["error"])
        self.assertIn(words, probes[1]["error"])
        self.assertIn(words, self.desk.log())
        self.assert_no_secret()
        return status

    def test_the_endpoints_own_error_is_told(self):
        answer = 401, refusal("invalid_client", f"AADSTS7000222: The provided client secret {SECRET}\r\nis expired.")
        self.check_endpoint_error(lambda _: answer, "invalid_client: AADSTS7000222: The provided client secret ***")

    def test_html_instead_of_json(self):
        self.check_endpoint_error(lambda _: (502, "<html>Bad gateway</html>"), "it answers HTTP 502")

    def test_a_huge_answer(self):
        self.check_endpoint_error(lambda _: (200, "x" * 10_000_000), "the answer has more than 65536 octets")

    def test_a_redirection_gets_no_secret(self):
        stranger = self.enter(TokenServer())
        self.check_endpoint_error(lambda _: (307, "", {"Location": stranger.url}), "redirection (HTTP 307)")
        self.assertEqual(stranger.requests, [])

    def test_an_endpoint_that_hangs_does_not_hold_up_the_end(self):
        self.tokens.delay = 60
        self.use_tokens()
        self.desk.start(wait_ready=False)
        wait_for(lambda: self.tokens.requests, "the request for a token")
        self.assertEqual(self.desk.stop(seconds=30), 0)

    def test_it_recovers_by_itself(self):
        self.tokens.plan = lambda _: (503, "")
        self.use_tokens()
        self.desk.start()
        self.wait_error("it answers HTTP 503")
        self.wait_problem("it answers HTTP 503")
        self.tokens.plan = None
        self.write(mails.mail("late@token.example", "Late"))
        self.wait_mail("late@token.example", seconds=60)
        wait_for(lambda: self.desk.ctl("status", codes=(0, 1))["ok"], "all is well again")
        self.assertIn("there is an access token", self.desk.log())

    def test_a_renewal_that_fails_is_told_while_the_old_token_works(self):
        self.tokens.lifetime = 30
        self.use_tokens()
        self.desk.start()
        self.check_whole_way()
        self.tokens.plan = lambda _: (401, refusal("invalid_client", "The secret has expired."))
        self.wait_problem("The secret has expired.")
        self.assertFalse(self.desk.ctl("status", codes=(0, 1))["mailboxes"][0]["error"])

    def test_a_token_for_smtp_alone_is_asked_for_before_there_is_a_mail(self):
        self.tokens.plan = lambda _: (401, refusal("invalid_client", "The secret has expired."))
        self.use_tokens()
        mailbox = self.desk.sections["mailbox"][0]
        mailbox.pop("oauth2")
        mailbox["password_file"] = self.desk.secret("imap-password", "secret")
        self.desk.write()
        self.desk.start(wait_ready=False)
        self.wait_problem("The secret has expired.")

    def test_a_secret_that_is_missing_is_found_out_before_the_start(self):
        self.use_tokens(client_secret_file="/nowhere/secret")
        done = self.desk.once()
        self.assertEqual(done.returncode, 78, done.stderr)
        self.assertIn("/nowhere/secret", done.stderr)


    def test_a_fallback_logs_in_by_token_too(self):
        main = self.enter(SmtpServer(plan=lambda step: "421 4.3.2 not today" if step.stage == "connect" else None))
        self.use_tokens()
        fallback = self.desk.sections["smtp"]
        own = {key: fallback[key] for key in ("url", "tls", "user", "oauth2")}
        self.desk.sections["smtp"] = fallback | {"url": main.url, "fallback": [own]}
        self.desk.write()
        self.desk.start()
        self.check_whole_way()
        self.assertEqual(main.mails, [])


class OneMechanismTest(TokenCase):
    """As Exchange Online has it."""

    mechanisms = "xoauth2"

    def test_xoauth2_alone(self):
        self.use_tokens()
        self.desk.start()
        self.check_whole_way()


class RefreshTokenTest(TokenCase):
    rotates = True
    grant = "refresh_token"

    def test_a_rotation_survives_kill_9(self):
        self.use_tokens()
        self.desk.start()
        self.check_whole_way()
        self.desk.stop(signal.SIGKILL)
        self.desk.start()
        self.check_whole_way("After the kill")
        used = [form["refresh_token"] for form in self.tokens.requests]
        self.assertEqual(used[:2], [FIRST_REFRESH_TOKEN, "rotated-refresh-token-1"])
        self.assertNotIn("invalid_grant", self.desk.log())

    def test_probe_and_daemon_share_the_chain(self):
        self.use_tokens()
        self.desk.start()
        for _ in range(3):
            self.assertEqual([probe["error"] for probe in self.desk.ctl("probe")], [None, None])
        self.desk.stop()
        self.desk.start()
        self.check_whole_way()
        self.assertNotIn("invalid_grant", self.desk.log())

    def test_probes_at_the_same_time_use_no_token_twice(self):
        self.use_tokens()
        self.desk.start()
        self.check_whole_way()
        self.tokens.delay = 0.2
        with ThreadPoolExecutor(4) as pool:
            answers = list(pool.map(lambda _: self.desk.run_ctl("probe", "--json"), range(4)))
        for answer in answers:
            self.assertEqual(answer.returncode, 0, answer.stdout)
        used = [form["refresh_token"] for form in self.tokens.requests]
        self.assertEqual(len(set(used)), len(used), used)

    def test_probe_keeps_a_rotation_where_no_daemon_ever_ran(self):
        self.use_tokens()
        self.assertEqual([probe["error"] for probe in self.desk.ctl("probe")], [None, None])
        self.desk.start()
        self.check_whole_way()
        self.assertEqual(self.tokens.requests[-1]["refresh_token"], "rotated-refresh-token-1")

    def test_another_token_in_the_file_begins_anew(self):
        self.use_tokens()
        self.desk.start()
        self.check_whole_way()
        self.desk.stop()
        self.tokens.refresh_token = "consented-anew"  # what was handed out before is worth nothing now
        self.desk.start()
        self.wait_error("invalid_grant: The refresh token has expired")
        self.desk.stop()
        self.desk.secret("refresh-token", "consented-anew")
        self.desk.start()
        self.check_whole_way("After the consent")

    def test_a_stop_in_the_middle_of_an_exchange_loses_no_token(self):
        self.use_tokens()
        self.tokens.delay = 2
        self.desk.start(wait_ready=False)
        wait_for(lambda: self.tokens.requests, "the request for a token")
        self.assertEqual(self.desk.stop(seconds=30), 0)
        self.tokens.delay = 0
        self.desk.start()
        self.check_whole_way()
        self.assertEqual(self.tokens.requests[1]["refresh_token"], "rotated-refresh-token-1")

    def test_an_exchange_without_an_end_is_given_up_and_told(self):
        self.use_tokens()
        self.tokens.delay = 60
        self.desk.start(wait_ready=False)
        wait_for(lambda: self.tokens.requests, "the request for a token")
        began = time.monotonic()
        self.assertEqual(self.desk.stop(seconds=30), 0)
        self.assertGreater(time.monotonic() - began, 5)
        self.assertIn("may be lost: the provider had not answered", self.desk.log())

    def lock_store_at_exchange(self, seconds: float) -> threading.Event:
        """The next answer of the provider finds the store locked by somebody else, for so long."""
        locked = threading.Event()

        def plan(_):
            if not locked.is_set():
                threading.Thread(target=self.hold_store, args=(locked, seconds), daemon=True).start()
                locked.wait(10)
        self.tokens.plan = plan
        return locked

    def hold_store(self, locked: threading.Event, seconds: float) -> None:
        with contextlib.closing(sqlite3.connect(self.desk.store, isolation_level=None)) as store:
            store.execute("BEGIN IMMEDIATE")
            locked.set()
            time.sleep(seconds)
            store.execute("ROLLBACK")

    def test_probe_waits_for_a_locked_store_with_a_rotated_token(self):
        self.use_tokens()
        self.desk.start()
        self.desk.stop()
        self.lock_store_at_exchange(7)
        self.assertEqual([probe["error"] for probe in self.desk.ctl("probe")], [None, None])
        self.assertEqual([probe["error"] for probe in self.desk.ctl("probe")], [None, None])

    def test_preview_is_to_be_tried_again_where_the_store_is_locked(self):
        self.use_tokens()
        self.desk.start()
        self.desk.stop()
        with contextlib.closing(sqlite3.connect(self.desk.store, isolation_level=None)) as store:
            store.execute("BEGIN IMMEDIATE")
            done = self.desk.run_ctl("preview")
            store.execute("ROLLBACK")
        self.assertEqual(done.returncode, 75, done.stderr)
        self.assertIn("locked", done.stderr)

    def stop_with_locked_store(self, seconds: float) -> int:
        self.tokens.lifetime = 15  # renewed after ten seconds
        self.use_tokens()
        self.desk.start()
        self.check_whole_way()
        locked = self.lock_store_at_exchange(seconds)
        self.assertTrue(locked.wait(30))
        time.sleep(0.5)
        return self.desk.stop(seconds=60)

    def test_a_stop_waits_for_a_locked_store_with_a_rotated_token(self):
        self.assertEqual(self.stop_with_locked_store(10), 0)
        self.assertNotIn("may be lost", self.desk.log())
        self.desk.start()
        self.check_whole_way("After the stop")
        self.assertNotIn("invalid_grant", self.desk.log())

    def test_a_rotated_token_that_is_lost_is_told(self):
        self.assertEqual(self.stop_with_locked_store(40), 75)
        self.assertIn("a new refresh token for support@desk.example may be lost: another process has the store locked", self.desk.log())

    def test_the_token_of_the_store_is_nowhere_else(self):
        self.use_tokens()
        self.desk.start()
        self.check_whole_way()
        self.assert_no_secret()


if __name__ == "__main__":
    require_desk()
    case.main()
