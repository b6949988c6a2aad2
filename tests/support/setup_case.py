"""A test case that runs ticketctl setup against a Dovecot and a mail server that wants the right password."""
import base64
import getpass
import pathlib
import subprocess

from support.case import build_folder
from support.desk import SUPPORT, Desk, toml_value
from support.desk_case import DeskCase

OK, USAGE, DATA, NO_INPUT, UNAVAILABLE, TEMPORARY, NOT_PERMITTED, CONFIGURATION = 0, 64, 65, 66, 69, 75, 77, 78


class SetupCase(DeskCase):
    def setUp(self):
        super().setUp()
        self.place = self.folder / "new" / "desk"
        self.file = self.place / "ticketd.toml"
        self.smtp.plan = self.check_login

    def check_login(self, step):
        """The relay wants the right password."""
        if step.stage == "auth":
            return None if base64.b64decode(step.argument.split()[-1]).endswith(b"\0secret") else "535 5.7.8 wrong"
        return None

    def answers(self, **changed) -> dict:
        usual = {"address": SUPPORT, "name": "Desk \"X\" \\ Söhne", "time_zone": "Europe/Berlin", "provider": "own",
                 "imap_server": f"127.0.0.1:{self.dovecot.imap_port}", "imap_tls": "none", "imap_password": "secret",
                 "smtp_server": f"127.0.0.1:{self.smtp.port}", "smtp_tls": "none", "smtp_user": "desk",
                 "staff_name": "Ann Engineer", "staff_email": "ann@desk.example", "staff_login": getpass.getuser(),
                 "store": str(self.place / "tickets.db")}
        return {key: value for key, value in (usual | changed).items() if value is not None}

    def run_setup(self, code: int, *arguments, file: pathlib.Path | None = None, **changed) -> subprocess.CompletedProcess:
        text = "\n".join(f"{key} = {toml_value(value)}" for key, value in self.answers(**changed).items())
        done = subprocess.run([str(build_folder() / "ticketctl"), "--config", str(file or self.file), "setup", "--answers", "-",
                               *arguments], input=text, capture_output=True, text=True, timeout=120)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        self.assertNotIn("secret", (done.stdout + done.stderr).replace("oauth2-secret", ""))
        return done

    def left(self) -> list[str]:
        """What setup has left where it writes."""
        base = self.folder / "new"
        return sorted(str(path.relative_to(base)) for path in base.rglob("*")) if base.exists() else []

    def mode(self, path: pathlib.Path) -> int:
        return path.stat().st_mode & 0o777

    def written_desk(self) -> Desk:
        """A desk with the configuration that setup wrote."""
        desk = self.make_desk()
        desk.configuration, desk.store = self.file, self.place / "tickets.db"
        return desk
