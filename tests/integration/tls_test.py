"""TLS from the first octet and STARTTLS, both ways; a certificate of somebody else is refused, and said so; and whoever stands
between takes STARTTLS away, refuses it, puts lines behind it, or claims that we are logged in: nothing secret leaves."""
import pathlib
import re
import socketserver
import ssl
import sys
import threading

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from support import case, mails
from support.case import wait_for
from support.certificates import make_authority, make_client_certificate
from support.client_proxy import ClientProxy
from support.desk import SUPPORT
from support.desk_case import DeskCase, require_desk
from support.smtp_server import SmtpServer
from support.token_server import CLIENT, SECRET, TokenServer


class ManInTheMiddle:
    """Answers each line with what `answer` gives for it (octets, as they are; the greeting for an empty line). With a `tls`
    context it does a handshake after its answer to STARTTLS. `heard` is every line that came, in the clear or not."""

    def __init__(self, answer, tls: ssl.SSLContext | None = None):
        self.answer, self.tls = answer, tls
        self.heard: list[str] = []
        self.connections = 0
        self.server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Victim)
        self.server.daemon_threads = True
        self.server.handle_error = lambda *_: None
        self.server.owner = self
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()

    def heard_secret(self) -> list[str]:
        """Lines that log in, or could be a part of that."""
        return [line for line in list(self.heard) if re.search(r"(?i)login|auth|secret|c2VjcmV0|AHN1cHBvcnR", line)]


class Victim(socketserver.BaseRequestHandler):
    def handle(self):
        owner = self.server.owner
        owner.connections += 1
        self.request.settimeout(30)
        self.request.sendall(owner.answer(""))
        stream = self.request.makefile("rb")
        while octets := stream.readline():
            line = octets.decode(errors="replace").rstrip("\r\n")
            owner.heard.append(line)
            self.request.sendall(owner.answer(line))
            if owner.tls and line.upper().endswith("STARTTLS"):
                self.request = owner.tls.wrap_socket(self.request, server_side=True)
                stream = self.request.makefile("rb")


def imap(greeting: str = "OK hello", capabilities: str = "IMAP4rev1 AUTH=PLAIN STARTTLS", starttls: str = "{tag} OK begin\r\n"):
    """An IMAP server before the login; after a wrong step it would take anything."""
    def answer(line: str) -> bytes:
        tag, _, command = line.partition(" ")
        verb = command.partition(" ")[0].upper()
        if not line:
            return f"* {greeting}\r\n".encode()
        if verb == "CAPABILITY":
            return f"* CAPABILITY {capabilities}\r\n{tag} OK done\r\n".encode()
        if verb == "STARTTLS":
            return starttls.format(tag=tag).encode()
        if verb in ("AUTHENTICATE", "LOGIN", "SELECT", "LOGOUT"):
            return f"{tag} OK done\r\n".encode()
        return b""
    return answer


def smtp(extensions: tuple = ("STARTTLS", "AUTH PLAIN"), starttls: str = "220 begin\r\n"):
    """The same for SMTP."""
    def answer(line: str) -> bytes:
        verb = line.partition(" ")[0].upper()
        if not line:
            return b"220 middle.example ESMTP\r\n"
        if verb == "EHLO":
            names = ["middle.example", *extensions]
            return "".join(f"250{'-' if i + 1 < len(names) else ' '}{name}\r\n" for i, name in enumerate(names)).encode()
        if verb == "STARTTLS":
            return starttls.encode()
        return b"235 welcome\r\n" if verb == "AUTH" else b"250 ok\r\n"
    return answer


class TlsTest(DeskCase):
    def server_certificate(self) -> tuple:
        tls = self.dovecot.folder / "tls"
        return tls / "server.pem", tls / "server.key"

    def smtp_with_tls(self, implicit: bool) -> SmtpServer:
        return self.enter(SmtpServer(deliver=self.deliver, tls=self.server_certificate(), implicit_tls=implicit))

    def check_whole_way(self, imap: str, implicit_smtp: bool) -> None:
        self.smtp = self.smtp_with_tls(implicit_smtp)
        ca = str(self.dovecot.ca_file)
        self.start_desk({"url": self.dovecot.url(imap), "tls": "required", "ca_file": ca},
                        {"url": self.smtp.url, "tls": "required", "ca_file": ca})
        self.write(mails.mail("Tess <tess@tls.example>", "Over TLS"))
        self.wait_mail("tess@tls.example")

    def test_imaps_and_smtps(self):
        self.check_whole_way("imaps", implicit_smtp=True)

    def test_starttls_on_both(self):
        self.check_whole_way("starttls", implicit_smtp=False)

    def check_refused(self, mailbox: dict) -> None:
        self.start_desk(mailbox | {"tls": "required"})
        self.write(mails.mail("Tess <tess@tls.example>", "Never read"))

        def refused():
            status = self.desk.ctl("status", codes=(0, 1))
            return status["mailboxes"][0]["error"] and status
        status = wait_for(refused, "the mailbox's error in status", interval=0.1)
        self.assertFalse(status["ok"])
        self.assertRegex(status["mailboxes"][0]["error"].lower(), "certificate|tls|ssl")
        self.assertEqual(self.desk.tickets(), [])

    def test_wrong_authority_is_refused(self):
        stranger = make_authority(self.folder / "stranger", "Somebody Else")
        self.check_refused({"url": self.dovecot.url("imaps"), "ca_file": str(stranger)})

    def test_wrong_authority_is_refused_after_starttls(self):
        stranger = make_authority(self.folder / "stranger", "Somebody Else")
        self.check_refused({"url": self.dovecot.url("starttls"), "ca_file": str(stranger)})

    def test_unknown_authority_is_refused(self):
        self.check_refused({"url": self.dovecot.url("imaps")})

    def test_smtp_without_starttls_gets_nothing(self):
        self.start_desk(None, {"tls": "required"})
        self.write(mails.mail("Tess <tess@tls.example>", "A ticket all the same"))
        self.desk.wait_ticket("A ticket all the same")
        row = self.desk.wait_outbox("deferred")[0]
        self.assertTrue(row["last_error"])
        self.assertEqual(self.smtp.mails, [])


class ClientCertificateTest(DeskCase):
    """Who shows none of our authority's does not get in; who does needs no password."""

    def setUp(self):
        super().setUp()
        self.dovecot = self.enter_dovecot(self.folder / "certificates", client_certificates=True)
        tls = self.dovecot.folder / "tls"
        self.certificate, self.key = make_client_certificate(tls, SUPPORT)
        self.smtp = self.enter(SmtpServer(deliver=self.deliver, tls=(tls / "server.pem", tls / "server.key"), implicit_tls=True,
                                          mechanisms="EXTERNAL", client_authority=tls / "ca.pem"))

    def make_desk_with(self, certificate) -> None:
        shared = {"tls": "required", "ca_file": str(self.dovecot.ca_file)}
        if certificate:
            shared |= {"client_certificate_file": str(certificate), "client_key_file": str(self.key)}
        self.make_desk({"url": self.dovecot.url("imaps")} | shared, {"user": SUPPORT} | shared)
        if certificate:
            self.desk.sections["mailbox"][0].pop("password_file")
        else:
            self.desk.sections["smtp"].pop("user")
        self.desk.write()

    def test_a_certificate_is_the_login(self):
        self.make_desk_with(self.certificate)
        self.assertEqual([probe["error"] for probe in self.desk.ctl("probe")], [None, None])
        self.desk.start()
        self.write(mails.mail("Tess <tess@tls.example>", "By certificate"))
        self.wait_mail("tess@tls.example")
        self.assertEqual({step.argument.split()[0] for step in self.smtp.steps if step.stage == "auth"}, {"EXTERNAL"})

    def test_without_one_no_mail_gets_out(self):
        self.make_desk_with(None)
        self.assertTrue(self.desk.ctl("probe", codes=(1,))[1]["error"])
        self.assertEqual([step for step in self.smtp.steps if step.stage == "ehlo"], [])

    def test_one_of_a_stranger_is_refused(self):
        make_authority(self.folder / "stranger", "Somebody Else")
        certificate, self.key = make_client_certificate(self.folder / "stranger", SUPPORT)
        self.make_desk_with(certificate)
        mailbox, smtp = self.desk.ctl("probe", codes=(1,))
        self.assertTrue(mailbox["error"])
        self.assertTrue(smtp["error"])


class ProxyTest(DeskCase):
    def check_whole_way(self, scheme: str) -> None:
        proxy = self.enter(ClientProxy(scheme))
        tls = self.dovecot.folder / "tls"
        self.smtp = self.enter(SmtpServer(deliver=self.deliver, tls=(tls / "server.pem", tls / "server.key")))
        shared = {"tls": "required", "ca_file": str(self.dovecot.ca_file), "proxy": proxy.url}
        self.make_desk({"url": self.dovecot.url("imaps")} | shared, shared)
        self.desk.common_environment |= {"no_proxy": "*", "https_proxy": "http://127.0.0.1:9", "all_proxy": "http://127.0.0.1:9"}
        self.desk.start()
        self.write(mails.mail("Tess <tess@tls.example>", "Through a proxy"))
        self.wait_mail("tess@tls.example")
        self.assertEqual(set(proxy.asked), {f"127.0.0.1:{self.dovecot.imaps_port}", f"127.0.0.1:{self.smtp.port}"})

    def test_http_connect(self):
        self.check_whole_way("http")

    def test_socks5(self):
        self.check_whole_way("socks5")

    def test_socks5h(self):
        self.check_whole_way("socks5h")

    def test_a_token_is_asked_for_through_it(self):
        tls = self.dovecot.folder / "tls"
        proxy = self.enter(ClientProxy("http"))
        tokens = self.enter(TokenServer(tls=(tls / "server.pem", tls / "server.key")))
        self.make_desk({"url": self.dovecot.url("imaps"), "tls": "required", "ca_file": str(self.dovecot.ca_file), "proxy": proxy.url})
        self.desk.sections["mailbox"][0].pop("password_file")
        self.desk.sections["mailbox"][0]["oauth2"] = {"token_url": tokens.url, "client_id": CLIENT, "grant": "client_credentials",
                                                      "client_secret_file": self.desk.secret("client-secret", SECRET)}
        self.desk.write()
        self.desk.ctl("probe", codes=(1,))  # this Dovecot knows passwords alone
        self.assertEqual(proxy.asked[0], f"127.0.0.1:{tokens.port}")
        self.assertEqual(len(tokens.requests), 1)

    def test_a_refusal_by_the_proxy_is_told(self):
        self.make_desk()
        for scheme in ("http", "socks5"):
            with self.subTest(scheme):
                proxy = self.enter(ClientProxy(scheme, refuses=True))
                self.desk.sections["mailbox"][0]["proxy"] = proxy.url
                self.desk.write()
                error = self.desk.ctl("probe", codes=(1,))[0]["error"]
                self.assertRegex(error.lower(), "proxy|socks|connect")
                self.assertEqual(proxy.asked, [f"127.0.0.1:{self.dovecot.imap_port}"])


class ManInTheMiddleTest(DeskCase):
    """TLS is required, and somebody in between has other plans. Implicit TLS is the default; this is what STARTTLS must stand."""

    def middle(self, answer, with_tls: bool = False) -> ManInTheMiddle:
        context = None
        if with_tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(self.dovecot.folder / "tls" / "server.pem", self.dovecot.folder / "tls" / "server.key")
        return self.enter(ManInTheMiddle(answer, context))

    def check_imap(self, answer, words: str, with_tls: bool = False) -> ManInTheMiddle:
        """The mailbox is refused with such words, again at the next try, and nothing of a login was ever heard."""
        middle = self.middle(answer, with_tls)
        self.start_desk({"url": f"imap://127.0.0.1:{middle.port}", "tls": "required", "ca_file": str(self.dovecot.ca_file)})
        wait_for(lambda: middle.connections >= 2, "a second try")
        status = self.desk.ctl("status", codes=(0, 1))
        self.assertRegex(status["mailboxes"][0]["error"], words)
        self.assertFalse(status["ok"])
        self.assertEqual(middle.heard_secret(), [])
        self.assertEqual([line for line in middle.heard if "SELECT" in line.upper()], [])
        self.assertRegex(self.desk.log(), words)
        return middle

    def test_imap_preauth(self):
        middle = self.check_imap(imap("PREAUTH welcome back"), "PREAUTH")
        self.assertFalse([line for line in middle.heard if "STARTTLS" in line])

    def test_imap_preauth_with_starttls_to_come(self):
        self.check_imap(imap("PREAUTH [CAPABILITY IMAP4rev1 STARTTLS AUTH=PLAIN] welcome back"), "PREAUTH")

    def test_imap_starttls_taken_away(self):
        self.check_imap(imap(capabilities="IMAP4rev1 AUTH=PLAIN"), "does not offer STARTTLS")

    def test_imap_starttls_refused(self):
        self.check_imap(imap(starttls="{tag} NO not today\r\n"), "refuses STARTTLS.*not today")

    def test_imap_starttls_bad(self):
        self.check_imap(imap(starttls="{tag} BAD what\r\n"), "refuses STARTTLS.*what")

    def test_imap_lines_behind_starttls(self):
        """In the same segment as the answer to STARTTLS; then a handshake that would go well."""
        injected = "{tag} OK begin\r\n* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\nB001 OK done\r\n* BYE injected\r\n"
        self.check_imap(imap(starttls=injected), "STARTTLS", with_tls=True)

    def test_imap_lines_behind_starttls_without_tls(self):
        injected = "{tag} OK begin\r\n" + "".join(f"A00{n} OK done\r\n" for n in range(2, 9))
        self.check_imap(imap(starttls=injected), "STARTTLS")

    def check_smtp(self, answer, words: str, with_tls: bool = False) -> None:
        """The mail waits with such words, and nothing of a login, a mail or a recipient was ever heard."""
        middle = self.middle(answer, with_tls)
        password = {"user": "support", "password_file": str(self.folder / "desk" / "imap-password")}
        self.start_desk(None, {"url": f"smtp://127.0.0.1:{middle.port}", "tls": "required", "ca_file": str(self.dovecot.ca_file),
                               "retry_first": "200ms", "retry_max": "400ms"} | password)
        self.write(mails.mail("Tess <tess@tls.example>", "A ticket all the same"))
        self.desk.wait_ticket("A ticket all the same")
        row = self.desk.wait_outbox("deferred")[0]
        self.assertRegex(row["last_error"], words)
        self.assertEqual(middle.heard_secret(), [])
        self.assertEqual([line for line in middle.heard if line.upper().startswith(("MAIL", "RCPT", "DATA"))], [])

    def test_smtp_starttls_taken_away(self):
        self.check_smtp(smtp(extensions=("AUTH PLAIN", "PIPELINING")), "does not offer STARTTLS")

    def test_smtp_starttls_refused(self):
        self.check_smtp(smtp(starttls="454 4.7.0 TLS not available\r\n"), "refuses STARTTLS.*454 4.7.0 TLS not available")

    def test_smtp_lines_behind_starttls(self):
        injected = "220 begin\r\n250-middle.example\r\n250 AUTH PLAIN\r\n235 welcome\r\n"
        self.check_smtp(smtp(starttls=injected), "STARTTLS", with_tls=True)

    def test_smtp_lines_behind_starttls_without_tls(self):
        injected = "220 begin\r\n" + "250 ok\r\n" * 4 + "235 welcome\r\n"
        self.check_smtp(smtp(starttls=injected), "STARTTLS")

    def test_smtp_bye_in_the_middle(self):
        """421 instead of an answer to EHLO, after that all is well: the mail goes out, once."""
        told = []

        def plan(step):
            if step.stage == "ehlo" and len(told) < 2:
                told.append(step)
                return "421 4.3.2 shutting down"
            return None
        self.smtp.plan = plan
        self.start_desk(None, {"retry_first": "200ms", "retry_max": "400ms"})
        self.write(mails.mail("Tess <tess@tls.example>", "Once"))
        self.wait_mail("tess@tls.example")
        self.desk.wait_outbox("sent")
        self.assertEqual((len(self.smtp.mails), len(told)), (1, 2))


if __name__ == "__main__":
    require_desk()
    case.main()
