"""A TCP proxy between ticketd and a server: cuts connections after so many octets, or holds everything back for a while."""
import asyncio
import threading
from typing import Callable, NamedTuple, Optional


class Cut(NamedTuple):
    after: int         # octets from the server to the client
    reset: bool = False  # with a RST instead of a FIN
    stall: float = 0.0   # seconds of silence before that


CutPlan = Callable[[int], Optional[Cut]]  # number of the connection (from 1) -> where it is cut


class Proxy:
    """`delay` is one way, in seconds: a round trip takes twice that."""

    def __init__(self, target_port: int, plan: CutPlan | None = None, delay: float = 0.0):
        self.target_port, self.plan, self.delay = target_port, plan, delay
        self.connections = 0
        self.cuts = 0
        self.octets = 0
        self.upstream = 0  # octets from the client
        self.loop = asyncio.new_event_loop()
        self.tasks: set[asyncio.Task] = set()
        self.accepting: set[asyncio.Task] = set()
        started = threading.Event()
        self.thread = threading.Thread(target=self.run, args=(started,), daemon=True)
        self.thread.start()
        started.wait(10)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def run(self, started: threading.Event) -> None:
        asyncio.set_event_loop(self.loop)
        self.server = self.loop.run_until_complete(asyncio.start_server(self.accept, "127.0.0.1", 0, limit=1 << 20, backlog=128))
        self.port = self.server.sockets[0].getsockname()[1]
        started.set()
        self.loop.run_forever()

    def stop(self) -> None:
        asyncio.run_coroutine_threadsafe(self.close(), self.loop).result(10)
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(10)
        self.loop.close()

    async def close(self) -> None:
        self.server.close()
        for task in list(self.tasks):
            task.cancel()
        await asyncio.gather(*self.accepting, return_exceptions=True)

    def cut_all(self) -> None:
        """Ends every connection there is; new ones are accepted."""
        self.loop.call_soon_threadsafe(lambda: [task.cancel() for task in list(self.tasks)])

    async def accept(self, reader, writer) -> None:
        self.accepting.add(asyncio.current_task())
        self.connections += 1
        cut = self.plan(self.connections) if self.plan else None
        try:
            server_reader, server_writer = await asyncio.open_connection("127.0.0.1", self.target_port, limit=1 << 20)
        except OSError:
            writer.close()
            return
        tasks = [asyncio.ensure_future(self.pump(reader, server_writer, None, False)),
                 asyncio.ensure_future(self.pump(server_reader, writer, cut, True))]
        self.tasks.update(tasks)
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self.tasks.difference_update(tasks)
        self.accepting.discard(asyncio.current_task())
        for end in (writer, server_writer):
            end.transport.abort() if cut and cut.reset else end.close()

    def passing(self, octets: bytes) -> None:
        """What the server says, before it goes on to the client; for those who derive from this."""

    async def pump(self, reader, writer, cut: Cut | None, watched: bool) -> None:
        """Passes octets on; with a delay, in the order they came, each `delay` after it came."""
        passed = 0
        held: asyncio.Queue = asyncio.Queue(maxsize=4096)
        sender = asyncio.ensure_future(self.release(held, writer)) if self.delay else None
        try:
            while octets := await reader.read(1 << 18):
                if watched:
                    self.passing(octets)
                else:
                    self.upstream += len(octets)
                if cut and passed + len(octets) >= cut.after:
                    writer.write(octets[:cut.after - passed])
                    await writer.drain()
                    self.cuts += 1
                    await asyncio.sleep(cut.stall)
                    return
                passed += len(octets)
                self.octets += len(octets)
                if sender:
                    await held.put((self.loop.time() + self.delay, octets))
                else:
                    writer.write(octets)
                    await writer.drain()
            if sender:
                await held.put((self.loop.time() + self.delay, b""))
                await sender
        except ConnectionError:
            return
        finally:
            if sender:
                sender.cancel()

    async def release(self, held: asyncio.Queue, writer) -> None:
        while True:
            due, octets = await held.get()
            if not octets:
                return
            wait = due - self.loop.time()
            if wait > 0:
                await asyncio.sleep(wait)
            writer.write(octets)
            await writer.drain()
