"""An OAuth 2 token endpoint on loopback (RFC 6749), which misbehaves where it is told to; and what it gave out, for servers that
have to know a good access token from another (by introspection, RFC 7662, or by asking `is_good`)."""
import base64
import http.server
import json
import re
import ssl
import threading
import time
import urllib.parse
from typing import Callable

CLIENT, SECRET = "desk-app", "cl1ent/s3cret+&"
FIRST_REFRESH_TOKEN = "refresh-of-the-file"

Plan = Callable[[dict], tuple | None]  # the form of a request -> (status, body) or (status, body, fields); None: all goes well


class TokenServer:
    """`rotates`: each refresh token is good once, and the next one comes with the access token."""

    def __init__(self, rotates: bool = False, lifetime: int = 3600, tls: tuple | None = None):
        self.rotates, self.lifetime = rotates, lifetime
        self.plan: Plan | None = None
        self.delay = 0.0
        self.requests: list[dict] = []
        self.good: set[str] = set()
        self.refresh_token = FIRST_REFRESH_TOKEN
        self.user = "support@desk.example"
        self.lock = threading.Lock()
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.server.handle_error = lambda *_: None
        self.server.owner = self
        self.scheme = "https" if tls else "http"
        if tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*map(str, tls))
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()

    @property
    def url(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.port}/tenant/token"

    def revoke_access_tokens(self) -> None:
        with self.lock:
            self.good.clear()

    def is_good(self, token: str) -> bool:
        with self.lock:
            return token in self.good

    def lets_in(self, sasl: str) -> bool:
        """Whether the initial response of XOAUTH2 or OAUTHBEARER (RFC 7628 §3.1), in Base64, has our user and a good token."""
        text = base64.b64decode(sasl + "==").decode()
        token = re.search(r"\x01auth=Bearer ([^\x01]+)\x01", text)
        user = re.match(r"(?:user=|n,a=)([^\x01,]*)", text)
        return bool(token and user and user[1] == self.user and self.is_good(token[1]))

    def answer(self, form: dict) -> tuple:
        with self.lock:
            self.requests.append(form)
            number = len(self.requests)
        time.sleep(self.delay)
        planned = self.plan(form) if self.plan else None
        if planned:
            return planned
        if (form.get("client_id"), form.get("client_secret")) != (CLIENT, SECRET):
            return 401, refusal("invalid_client", "Invalid client secret is provided.")
        with self.lock:
            if form["grant_type"] == "refresh_token" and form.get("refresh_token") != self.refresh_token:
                return 400, refusal("invalid_grant", "The refresh token has expired or was used before.")
            token = f"access-{number}-" + "x" * 1200
            self.good.add(token)
            answer = {"token_type": "Bearer", "expires_in": self.lifetime, "access_token": token}
            if form["grant_type"] == "refresh_token" and self.rotates:
                self.refresh_token = f"rotated-refresh-token-{number}"
                answer["refresh_token"] = self.refresh_token
            return 200, json.dumps(answer)

    def introspect(self, token: str) -> dict:
        return {"active": "true", "username": self.user} if self.is_good(token) else {"active": "false"}


def refusal(error: str, description: str) -> str:
    return json.dumps({"error": error, "error_description": description})


class Handler(http.server.BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def send(self, status: int, body: str, fields: dict | None = None) -> None:
        octets = body.encode()
        self.send_response(status)
        for name, value in ({"Content-Type": "application/json"} | (fields or {})).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(octets)))
        self.end_headers()
        self.wfile.write(octets)

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        form = dict(urllib.parse.parse_qsl(body, strict_parsing=True)) | {"path": self.path}
        self.send(*self.server.owner.answer(form))

    def do_GET(self):
        query = urllib.parse.parse_qs(urllib.parse.urlsplit(self.path).query)
        self.send(200, json.dumps(self.server.owner.introspect(query.get("token", [""])[0])))
