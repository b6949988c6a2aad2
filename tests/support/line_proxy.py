"""A proxy between ticketd and an IMAP server that reads the client's lines, and answers some of them itself."""
import contextlib
import socket
import threading
import time
from typing import Callable

CUT = b""  # as an answer: the line is passed on, and the connection ends before the server's answer comes back

Answer = Callable[[bytes, int], bytes | None]  # a line, the number of the connection (from 1) -> None: it is passed on


class LineProxy:
    def __init__(self, target_port: int, answer: Answer):
        self.target_port, self.answer = target_port, answer
        self.connections: list[tuple[socket.socket, socket.socket]] = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.url = f"imap://127.0.0.1:{self.port}"
        threading.Thread(target=self.accept, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.listener.close()
        for number in range(len(self.connections)):
            self.cut(number + 1)

    def accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client = self.listener.accept()[0]
                server = socket.create_connection(("127.0.0.1", self.target_port))
                self.connections.append((client, server))
                number = len(self.connections)
                threading.Thread(target=self.talk, args=(client, server, number), daemon=True).start()
                threading.Thread(target=self.listen, args=(client, server, number), daemon=True).start()

    def talk(self, client, server, number: int) -> None:
        with contextlib.suppress(OSError):
            for line in client.makefile("rb"):
                answer = self.answer(line, number)
                if answer is None:
                    server.sendall(line)
                elif answer == CUT:
                    client.shutdown(socket.SHUT_RDWR)
                    server.sendall(line)
                    time.sleep(0.5)  # it does it meanwhile
                    break
                else:
                    client.sendall(answer)
        self.cut(number)

    def listen(self, client, server, number: int) -> None:
        with contextlib.suppress(OSError):
            while octets := server.recv(1 << 16):
                client.sendall(octets)
        self.cut(number)

    def cut(self, number: int) -> None:
        for end in self.connections[number - 1]:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
