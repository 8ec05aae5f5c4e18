"""A load generator for the tracking benchmark: keep-alive connections on uvloop, every answer's status and time kept.

`python -m bench.load PORT PATHS FROM SECONDS --connections N --rate R --out FILE`. Without a rate each connection asks
again as soon as it is answered; with one, requests leave by the clock and their time counts from when they were due.
"""

import argparse
import asyncio
import gc
import json
import time
from collections import deque
from pathlib import Path
from typing import cast

import uvloop

AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"


class Load:
    def __init__(self, paths: list[str], first: int, until: float, rate: float) -> None:
        self.paths, self.next, self.until, self.rate = paths, first, until, rate
        self.answered: list[tuple[int, int]] = []
        self.times: list[float] = []
        self.broken = 0
        self.idle: deque[Client] = deque()
        self.due: deque[float] = deque()


class Client(asyncio.Protocol):
    def __init__(self, load: Load) -> None:
        self.load = load
        self.number = -1
        self.buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        self.go()

    def go(self) -> None:
        load = self.load
        if load.rate and not load.due:
            load.idle.append(self)
        elif time.perf_counter() < load.until and load.next < len(load.paths):
            self.number, load.next = load.next, load.next + 1
            self.asked = load.due.popleft() if load.rate else time.perf_counter()
            path = load.paths[self.number]
            self.transport.write(f"GET {path} HTTP/1.1\r\nHost: shop.example\r\nUser-Agent: {AGENT}\r\n\r\n".encode())

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        head, found, body = self.buffer.partition(b"\r\n\r\n")
        if not found:
            return
        length = head.lower().partition(b"content-length:")[2].split(b"\r\n")[0]
        if len(body) < int(length or 0):
            return
        self.load.answered.append((self.number, int(head[9:12])))
        self.load.times.append(time.perf_counter() - self.asked)
        self.buffer, self.number = b"", -1
        self.go()

    def connection_lost(self, error: Exception | None) -> None:
        self.load.broken += self.number >= 0


async def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("port", type=int)
    parser.add_argument("paths", type=Path)
    parser.add_argument("first", type=int)
    parser.add_argument("seconds", type=float)
    parser.add_argument("--connections", type=int, default=64)
    parser.add_argument("--rate", type=float, default=0)
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    gc.disable()  # its own pauses are not the server's
    started = time.perf_counter()
    load = Load(arguments.paths.read_text().split(), arguments.first, started + arguments.seconds, arguments.rate)
    loop = asyncio.get_running_loop()
    clients = [
        (await loop.create_connection(lambda: Client(load), "127.0.0.1", arguments.port))[1]
        for _ in range(arguments.connections)
    ]
    began, given = time.perf_counter(), 0
    while (now := time.perf_counter()) < load.until:
        if load.rate:
            wanted = int((now - began) * load.rate)
            load.due.extend(began + number / load.rate for number in range(given, wanted))
            given = wanted
            while load.due and load.idle:
                load.idle.popleft().go()
        await asyncio.sleep(0.001 if load.rate else 0.05)
    took = time.perf_counter() - began
    patience = time.perf_counter() + 10
    while any(client.number >= 0 for client in clients) and time.perf_counter() < patience:
        await asyncio.sleep(0.02)
    times = sorted(load.times) or [0.0]
    arguments.out.write_text("".join(f"{number}\t{status}\n" for number, status in load.answered))
    report = {
        "answers": len(load.answered),
        "per_second": len(load.answered) / took,
        "p50_ms": round(times[len(times) // 2] * 1000, 2),
        "p99_ms": round(times[int(len(times) * 0.99)] * 1000, 2),
        "seconds": took,
        "cpu": time.process_time(),
        "next": load.next,
        "broken": load.broken,
    }
    print(json.dumps(report))


if __name__ == "__main__":
    uvloop.run(main())
