"""Sending by a provider's API, measured: messages a second over N connections against a local HTTPS server.

`bin/bench api --recipients 4000 --latency 0`. The server speaks as Postmark does (one process, asyncio, TLS,
kept-alive) and answers each request after `--latency` milliseconds, as a provider far away would; it counts its TLS
handshakes and how many requests were under way at once.
"""

import argparse
import asyncio
import json
import os
import ssl
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import psutil

from bench.send import freeze, make_contacts, make_send, run_workers
from delivery.transports.tests.certificates import certificate_make
from tools.servers.home import free_port

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
GOOD = b'{"To":"%b","ErrorCode":0,"Message":"OK","MessageID":"b7bc2f4a-e38e-4336-af7d-e6c392c2f817"}'


class Provider:
    """Takes whatever comes to it; what it counted goes to `report` after every hundred requests and at each end."""

    def __init__(self, report: Path, latency: float) -> None:
        self.report, self.latency = report, latency
        self.handshakes = self.taken = self.busy = self.most_busy = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.handshakes += 1
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])
                body = json.loads(await reader.readexactly(length))
                self.busy += 1
                self.most_busy = max(self.most_busy, self.busy)
                if self.latency:
                    await asyncio.sleep(self.latency)
                said = GOOD % body["To"].encode()
                writer.write(
                    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b"
                    % (len(said), said)
                )
                self.busy -= 1
                self.taken += 1
        except (asyncio.IncompleteReadError, ConnectionError, ssl.SSLError):
            pass
        finally:
            self.report.write_text(json.dumps([self.taken, self.handshakes, self.most_busy]))
            writer.close()


def provider_run(port: int, certificate: str, report: str, latency: float) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    provider = Provider(Path(report), latency)

    async def run() -> None:
        server = await asyncio.start_server(provider.serve, "127.0.0.1", port, ssl=context, backlog=256)
        print("ready", flush=True)
        await server.serve_forever()

    asyncio.run(run())


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--recipients", type=int, default=4_000)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--connections", type=int, default=8)
    parser.add_argument("--latency", type=float, default=0.0, help="milliseconds until the provider answers")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="cauce-bench-") as place:
        folder, port = Path(place), free_port()
        certificate = certificate_make(folder)
        os.environ["REQUESTS_CA_BUNDLE"] = str(certificate)
        os.environ["PROVIDER_API_ORIGINS"] = f"https://127.0.0.1:{port}"
        import django

        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        given = (port, str(certificate), str(folder / "report"), arguments.latency / 1000)
        call = f"from bench.api import provider_run; provider_run(*{given!r})"
        server = subprocess.Popen([sys.executable, "-c", call], stdout=subprocess.PIPE, text=True)
        try:
            assert server.stdout
            server.stdout.readline()
            result = measure(arguments, port, psutil.Process(server.pid), folder / "report")
        finally:
            server.terminate()
            server.wait()
    print(json.dumps(result))


def measure(arguments: Any, port: int, server: psutil.Process, report: Path) -> dict[str, Any]:
    make_contacts(arguments.recipients)
    url = f"postmark://TOKEN@?api_url=https://127.0.0.1:{port}/&connections={arguments.connections}"
    send = make_send(url)
    freeze(send)
    before = server.cpu_times()
    run = run_workers(send.pk, arguments.workers)
    after = server.cpu_times()
    taken, handshakes, most_busy = json.loads(report.read_text())
    count = arguments.recipients
    return {
        "recipients": count,
        "messages_per_second": round(count / run["seconds"]),
        "cpu_us_per_message": round(run["cpu"] / count * 1e6),
        "postgres_us_per_message": round(run["postgres"] / count * 1e6),
        "server_us_per_message": round((after.user + after.system - before.user - before.system) / count * 1e6),
        "worker_peak_mb": round(run["mb"]),
        "workers": arguments.workers,
        "connections": arguments.connections,
        "latency_ms": arguments.latency,
        "taken": taken,
        "tls_handshakes": handshakes,
        "most_at_once": most_busy,
        "sent": send_sent(send.pk),
    }


def send_sent(send_id: int) -> int:
    from delivery.sends.models import Delivery

    return Delivery.objects.filter(send_id=send_id, state=Delivery.State.SENT).count()


if __name__ == "__main__":
    main()
