"""ticketctl setup where the servers want access tokens: they are tried like passwords."""
import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from support import case, mails
from support.desk import SUPPORT
from support.desk_case import require_desk
from support.setup_case import OK, UNAVAILABLE, SetupCase
from support.smtp_server import SmtpServer
from support.token_server import CLIENT, FIRST_REFRESH_TOKEN, SECRET, TokenServer, refusal


class TokenTest(SetupCase):
    def setUp(self):
        super().setUp()
        self.tokens = self.enter(TokenServer(rotates=True))
        self.dovecot = self.enter_dovecot(self.folder / "tokens", token_mechanisms="xoauth2 oauthbearer",
                                          introspection_url=f"http://127.0.0.1:{self.tokens.port}/introspect?token=")
        self.smtp = self.enter(SmtpServer(plan=self.check_token, mechanisms="XOAUTH2"))

    def check_token(self, step):
        is_login = step.stage == "auth"
        return "535 5.7.3 no" if is_login and not self.tokens.lets_in(step.argument.rpartition(" ")[2]) else None

    def answers(self, **changed) -> dict:
        oauth2 = {"login": "oauth2", "oauth2_token_url": self.tokens.url, "oauth2_client_id": CLIENT, "oauth2_client_secret": SECRET,
                  "imap_password": None, "smtp_user": SUPPORT}
        return super().answers(**(oauth2 | changed))

    def test_tokens_are_tried_and_the_newest_mails_shown(self):
        self.write(mails.mail("Tom <tom@acme.example>", "Old mail"))
        result = json.loads(self.run_setup(OK, "--json", preview=True).stdout)
        self.assertEqual([mail["outcome"] for mail in result["preview"]], ["new_ticket"])
        self.assertEqual(len(self.tokens.requests), 1)
        self.assertTrue(any(step.stage == "auth" for step in self.smtp.steps))
        self.assertEqual([probe["ok"] for probe in self.written_desk().ctl("probe")], [True, True])

    def test_a_rotated_refresh_token_is_written(self):
        done = self.run_setup(OK, oauth2_grant="refresh_token", oauth2_refresh_token=FIRST_REFRESH_TOKEN)
        self.assertEqual((self.place / "credentials" / "oauth2-refresh-token").read_text(), "rotated-refresh-token-1\n")
        self.assertNotIn("rotated-refresh-token-1", done.stdout + done.stderr)
        self.assertEqual([probe["ok"] for probe in self.written_desk().ctl("probe")], [True, True])

    def test_a_rotated_refresh_token_that_is_not_written_is_told(self):
        done = self.run_setup(UNAVAILABLE, oauth2_grant="refresh_token", oauth2_refresh_token=FIRST_REFRESH_TOKEN, smtp_login="password",
                              smtp_password="wrong")
        self.assertIn("the login to the SMTP server does not work", done.stderr)
        self.assertIn("has replaced the refresh token meanwhile, and the new one is lost", done.stderr)
        self.assertNotIn("rotated-refresh-token-1", done.stdout + done.stderr)
        self.assertEqual(self.left(), [])

    def test_with_a_rotated_refresh_token_the_same_answers_are_no_use_again(self):
        done = self.run_setup(UNAVAILABLE, oauth2_grant="refresh_token", oauth2_refresh_token=FIRST_REFRESH_TOKEN,
                              smtp_server=f"127.0.0.1:{case.free_port()}")
        self.assertIn("the new one is lost", done.stderr)

    def test_what_fails_leaves_nothing(self):
        self.tokens.plan = lambda _: (400, refusal("invalid_scope", "No such scope."))
        done = self.run_setup(UNAVAILABLE)
        self.assertIn("the request for an access token does not work", done.stderr)
        self.assertIn("invalid_scope: No such scope.", done.stderr)
        self.assertEqual(self.left(), [])


if __name__ == "__main__":
    require_desk()
    case.main()
