"""Proxies that a client asks for a connection: HTTP CONNECT (RFC 9110 §9.3.6) and SOCKS 5 (RFC 1928)."""
import select
import socket
import socketserver
import struct
import threading


class ClientProxy:
    """`refuses`: it makes no connection."""

    def __init__(self, scheme: str, refuses: bool = False):
        self.scheme, self.refuses = scheme, refuses
        self.asked: list[str] = []  # HOST:PORT of each connection
        handler = HttpConnect if scheme == "http" else Socks5
        self.server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), handler)
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

    @property
    def url(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.port}"


class Tunnel(socketserver.BaseRequestHandler):
    def read(self, count: int) -> bytes:
        octets = b""
        while len(octets) < count:
            more = self.request.recv(count - len(octets))
            if not more:
                raise ConnectionError
            octets += more
        return octets

    def pass_on(self, host: str, port: int, welcome: bytes, refusal: bytes) -> None:
        self.server.owner.asked.append(f"{host}:{port}")
        if self.server.owner.refuses:
            self.request.sendall(refusal)
            return
        with socket.create_connection((host, port), 10) as server:
            self.request.sendall(welcome)
            ends = {self.request: server, server: self.request}
            while True:
                for end in select.select(list(ends), [], [])[0]:
                    octets = end.recv(65536)
                    if not octets:
                        return
                    ends[end].sendall(octets)


class HttpConnect(Tunnel):
    def handle(self):
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            head += self.read(1)
        host, _, port = head.decode().split()[1].rpartition(":")
        self.pass_on(host, int(port), b"HTTP/1.1 200 Connection established\r\n\r\n",
                     b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")


class Socks5(Tunnel):
    def handle(self):
        self.read(self.read(2)[1])  # the methods it knows
        self.request.sendall(b"\x05\x00")
        kind = self.read(4)[3]
        host = socket.inet_ntoa(self.read(4)) if kind == 1 else self.read(self.read(1)[0]).decode()
        port = struct.unpack(">H", self.read(2))[0]
        self.pass_on(host, port, b"\x05\x00\x00\x01" + bytes(6), b"\x05\x02\x00\x01" + bytes(6))
