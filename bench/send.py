"""Sending, measured: messages a second and the cost of one, beside a bare loop with the same bytes and plain Django.

`bin/bench send --recipients 20000`. Everything is on this machine: the mail server (Debian's `smtp-sink` when
installed, else a sink of our own, one process on uvloop), Postgres, Valkey and the workers (processes as Celery would
run them, calling the engine's own entry). `--freeze-only` measures launching alone. With
`--dkim` every message is signed, and `dkim_us_per_message` says what that costs.
"""

import argparse
import json
import os
import re
import resource
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from datetime import timedelta
from pathlib import Path
from statistics import median_low
from typing import Any
from urllib.parse import urlsplit

import psutil
from django.utils import timezone

from tools.servers.home import free_port, port_is_free

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
WARM = 1000
PARAGRAPH = "Lorem ipsum dolor sit amet, consectetur adipiscing elit, sed do eiusmod tempor incididunt ut labore. "
# A worker waits for a line once it is ready. Before, it has delivered a small send, as any worker in service has: what
# a process does once in its life (starting, first connection to the database) is no part of a message.
WORKER = (
    "import resource, json, sys, django; django.setup()\n"
    "from delivery.engine.deliver import deliver\n"
    "def spent():\n"
    "    usage = resource.getrusage(resource.RUSAGE_SELF)\n"
    "    return usage.ru_utime + usage.ru_stime\n"
    "while deliver(send_id={warm}, seconds=30): pass\n"
    "print('ready', flush=True); sys.stdin.readline(); before = spent()\n"
    "while deliver(send_id={send}, seconds=30): pass\n"
    # Not ru_maxrss: that one begins with the size of the process that started us.
    "peak = next(line for line in open('/proc/self/status') if line.startswith('VmHWM'))\n"
    "print(json.dumps([spent() - before, int(peak.split()[1]) / 1024]), flush=True)\n"
)


def body() -> str:
    """About 10 KB once merged: four merge fields, one condition, five tracked links."""
    links = "".join(
        f'<mj-text>{PARAGRAPH} <a href="https://shop.example/p/{n}">Product {n}</a></mj-text>' for n in range(5)
    )
    return (
        "<mjml><mj-body><mj-section><mj-column>"
        '<mj-text>Dear {{ contact.first_name|default("friend") }} {{ contact.last_name }} of {{ contact.city }},'
        " {{ contact.email }}</mj-text>"
        '{% if contact.city == "Lima" %}<mj-text>Come and see us.</mj-text>{% endif %}'
        f"{links}<mj-text>{PARAGRAPH * 7}</mj-text></mj-column></mj-section></mj-body></mjml>"
    )


def make_contacts(count: int, name: str = "bench") -> None:
    """Plainly synthetic, straight into the table."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO crm_contact (public_id, email, email_normalized, address_hash, first_name, last_name, phone,
                sex, city, region, country, profession, tastes, looking_for, aspirations, language, time_zone,
                attributes, stage, stage_since, order_count, gross_total, net_total, created_at, updated_at,
                first_order_at)
            SELECT left(%s, 1) || lpad(n::text, 13, '0'), a, a, encode(sha256(a::bytea), 'hex'), 'Ana' || n %% 100,
                'Ejemplo', '', '', CASE WHEN n %% 3 = 0 THEN 'Lima' ELSE 'Quito' END, '', '', '', '{}',
                '', '', '', '', '{}',
                'customer', now(), 1, 10, 10, now(), now(), now()
            FROM (SELECT n, %s || n || '@example.com' AS a FROM generate_series(1, %s) n) s
            ON CONFLICT DO NOTHING
            """,
            [name, name, count],
        )
        cursor.execute("VACUUM ANALYZE crm_contact")


def make_send(url: str, *, per_second: int | None = None) -> Any:
    """A campaign of two arms through the provider at `url`; empty: through the installation's own server."""
    from crm.brands.models import Brand
    from crm.consent.models import ConsentTopic
    from delivery.engine.prepare import variants_compile
    from delivery.senders.models import SendingIdentity
    from delivery.sends.models import Send, Variant
    from delivery.transports.models import Provider, ProviderUse

    brand = Brand.objects.first() or Brand.objects.create(name="Bench")
    identity, _ = SendingIdentity.objects.update_or_create(
        name="bench",
        defaults={"brand": brand, "from_name": "Bench", "from_address": "bench@shop.example"},
    )
    if url:
        provider = Provider.objects.filter(name="bench").first() or Provider(name="bench")
        provider.url = url
        provider.save()
        ProviderUse.objects.get_or_create(identity=identity, provider=provider, position=1)
    send = Send.objects.create(
        kind="campaign",
        identity=identity,
        topic=ConsentTopic.objects.first(),
        state="sending",
        launched_at=timezone.now(),
        per_second=per_second,
    )
    for label in "AB":
        Variant.objects.create(send=send, label=label, subject=f"{label}: {{{{ contact.first_name }}}}", body=body())
    variants_compile(send)
    return send


def freeze(send: Any, name: str = "bench") -> float:
    from crm.contacts.models import Contact
    from delivery.engine.freeze import audience_freeze

    started = time.perf_counter()
    audience_freeze(send, Contact.objects.filter(email__startswith=name))
    return time.perf_counter() - started


def postgres_server() -> psutil.Process:
    """The server this bench talks to: others may run on the machine."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return psutil.Process(psutil.Process(cursor.fetchone()[0]).ppid())


def postgres_seconds(server: psutil.Process) -> dict[int, float]:
    """Processor time of every process of the server now, by pid."""
    found = {}
    for process in (server, *server.children()):
        try:
            times = process.cpu_times()
        except psutil.NoSuchProcess:
            continue
        found[process.pid] = times.user + times.system
    return found


class PostgresMeter(threading.Thread):
    """Sums Postgres' processor time while its backends come and go."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.server = postgres_server()
        self.before = postgres_seconds(self.server)
        self.latest = dict(self.before)
        self.running = True

    def run(self) -> None:
        while self.running:
            self.latest |= postgres_seconds(self.server)
            time.sleep(0.05)

    def stop(self) -> float:
        self.running = False
        self.join()
        self.latest |= postgres_seconds(self.server)
        return sum(seconds - self.before.get(pid, 0.0) for pid, seconds in self.latest.items())


def spent_by(process: psutil.Process | None) -> float:
    """Processor seconds of a process until now."""
    if process is None:
        return 0.0
    times = process.cpu_times()
    return float(times.user + times.system)


def run_workers(send_id: int, count: int, *, warm_id: int = 0, sink: psutil.Process | None = None) -> dict[str, float]:
    """The send delivered by so many workers; processor seconds of all of them, Postgres and the sink meanwhile."""
    command = [sys.executable, "-c", WORKER.format(send=send_id, warm=warm_id)]
    workers = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(count)
    ]
    for worker in workers:
        assert worker.stdout
        worker.stdout.readline()
    before = spent_by(sink)
    meter = PostgresMeter()
    meter.start()
    started = time.perf_counter()
    for worker in workers:
        assert worker.stdin
        worker.stdin.write("go\n")
        worker.stdin.flush()
    reports = [json.loads(worker.stdout.readline()) for worker in workers if worker.stdout]
    seconds = time.perf_counter() - started
    after = spent_by(sink)
    for worker in workers:
        worker.wait()
    return {
        "seconds": seconds,
        "sink": after - before,
        "cpu": sum(report[0] for report in reports),
        "mb": max(report[1] for report in reports),
        "postgres": meter.stop(),
    }


def merged(send: Any, count: int) -> list[tuple[bytes, bytes]]:
    """The same messages prepared beforehand: (recipient, body)."""
    from crm.contacts.models import Contact
    from delivery.engine.compile import CompiledVariant
    from delivery.engine.fields import FIELDS
    from delivery.engine.merge import Merger

    compiled = CompiledVariant.load(send.variants.first().compiled)
    merger = Merger(compiled)
    rows = Contact.objects.filter(email__startswith="bench").order_by("pk")[:count]
    made = []
    for contact in rows:
        row = tuple(getattr(contact, name) if name in FIELDS else None for name in compiled.fields)
        message = merger.merge(contact.pk, contact.email, row)
        made.append((contact.email.encode(), message.body))
    return made


def dkim_cost(messages: list[tuple[bytes, bytes]]) -> dict[str, float]:
    """Make the bench's domain sign from now on; processor time of a signature on these messages, in microseconds."""
    from delivery.domains.dkim import signer_of
    from delivery.domains.models import DkimKey
    from delivery.domains.services.signing import dkim_key_activate, dkim_key_make, domain_ensure

    domain = domain_ensure(address="bench@shop.example")
    costs: dict[str, float] = {}
    for algorithm in (DkimKey.Algorithm.ED25519, DkimKey.Algorithm.RSA):
        domain.keys.all().delete()
        dkim_key_activate(key=dkim_key_make(domain=domain, algorithm=algorithm, actor=None), actor=None)
        signer = signer_of("bench@shop.example", at=timezone.now())
        assert signer
        before = time.process_time()
        for _, message in messages:
            signer.signed(message)
        costs[algorithm] = round((time.process_time() - before) / len(messages) * 1e6, 1)
    return {"dkim_us_per_message": costs["rsa"], "dkim_ed25519_us_per_message": costs["ed25519"]}


def bare_loop(port: int, messages: list[tuple[bytes, bytes]], workers: int, connections: int) -> float:
    """The limit: as many processes with as many connections each, nothing but the pipelined conversation with messages
    that are ready; seconds for all of them. Round robin over blocking sockets is the cheapest way there is."""

    def talk(share: list[tuple[bytes, bytes]]) -> None:
        socks = []
        for _ in range(connections):
            sock = socket.create_connection(("127.0.0.1", port))
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            answered(sock, 1)
            sock.sendall(b"EHLO bench\r\n")
            while not re.search(rb"^250 .*\n", sock.recv(65536), re.MULTILINE):
                pass
            socks.append(sock)
        behind = [b""] * connections
        for number, (recipient, message) in enumerate(share):
            sock = socks[number % connections]
            if number >= connections:
                answered(sock, 3 if number < 2 * connections else 4)
            envelope = b"MAIL FROM:<b@shop.example> BODY=8BITMIME\r\nRCPT TO:<%b>\r\nDATA\r\n" % recipient
            sock.sendall(behind[number % connections] + envelope)
            behind[number % connections] = message + b".\r\n"
        for place in range(min(connections, len(share))):
            answered(socks[place], 4 if len(share) > connections + place else 3)
            socks[place].sendall(behind[place])
            answered(socks[place], 1)

    def answered(sock: socket.socket, lines: int) -> None:
        while lines > 0:
            lines -= sock.recv(65536).count(b"\n")

    processes = []
    started = time.perf_counter()
    for number in range(workers):
        pid = os.fork()
        if pid == 0:
            talk(messages[number::workers])
            os._exit(0)
        processes.append(pid)
    for pid in processes:
        assert os.waitpid(pid, 0)[1] == 0
    return time.perf_counter() - started


def ordinary(port: int, count: int) -> float:
    """Plain Django, tuned: a template compiled once, one kept connection, results in bulk; seconds per message."""
    from django.core.mail import EmailMultiAlternatives, get_connection
    from django.template import Context, Engine

    from crm.contacts.models import Contact

    html = re.sub(r"\|default\(\"(\w+)\"\)", r'|default:"\1"', body())
    template = Engine().from_string(html)
    mail = get_connection("django.core.mail.backends.smtp.EmailBackend", host="127.0.0.1", port=port)
    contacts = list(Contact.objects.filter(email__startswith="bench")[:count])
    started = time.perf_counter()
    mail.open()
    for contact in contacts:
        words = template.render(Context({"contact": contact}))
        message = EmailMultiAlternatives("Hello", words[:2000], "b@shop.example", [contact.email], connection=mail)
        message.attach_alternative(words, "text/html")
        message.send()
    mail.close()
    Contact.objects.bulk_update(contacts, ["last_contacted_at"], batch_size=500)
    return (time.perf_counter() - started) / len(contacts)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--recipients", type=int, default=20_000)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--connections", type=int, default=8, help="of each worker, and of the bare loop")
    parser.add_argument("--runs", type=int, default=None, help="how many; the middle one counts (5; 1 from 100,000 on)")
    parser.add_argument("--freeze-only", action="store_true")
    parser.add_argument("--dkim", action="store_true", help="sign each message (RSA 2048)")
    parser.add_argument("--own-sink", action="store_true", help="our own sink even where smtp-sink is installed")
    arguments = parser.parse_args()
    arguments.runs = arguments.runs or (5 if arguments.recipients < 100_000 else 1)
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    if arguments.freeze_only:
        print(json.dumps(measure_freeze(arguments.recipients)))
        return
    folder = Path(tempfile.mkdtemp(prefix="cauce-bench-"))
    sink, port, name = start_sink(folder, own=arguments.own_sink)
    try:
        result = measure(arguments, port, psutil.Process(sink.pid)) | {"sink": name}
    finally:
        sink.terminate()
        sink.wait()
        shutil.rmtree(folder, ignore_errors=True)
    print(json.dumps(result))


def start_sink(folder: Path, *, own: bool = False) -> "tuple[subprocess.Popen[str], int, str]":
    """The mail server that takes everything, its port and its name."""
    installed = shutil.which("smtp-sink", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if installed and not own:
        port = free_port()
        account = ["-u", "nobody"] if os.geteuid() == 0 else []
        sink = subprocess.Popen([installed, *account, f"127.0.0.1:{port}", "500"], text=True)
        while port_is_free(port):
            time.sleep(0.05)
        return sink, port, "smtp-sink"
    command = [sys.executable, "-m", "delivery.transports.tests.sink", "--log", str(folder / "sink.log")]
    sink = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert sink.stdout
    return sink, int(sink.stdout.readline()), "delivery.transports.tests.sink (asyncio on uvloop)"


def measure_freeze(count: int) -> dict[str, Any]:
    """Launching alone: its time, what this process and Postgres needed, and what a recipient takes on disk."""
    make_contacts(count)
    send = make_send("smtp://127.0.0.1:1")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    meter = PostgresMeter()
    meter.start()
    seconds = freeze(send)
    postgres = meter.stop()
    return {
        "recipients": send.audience,
        "freeze_seconds": round(seconds, 2),
        "postgres_seconds": round(postgres, 2),
        "process_grew_mb": round((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024, 1),
        **ledger_bytes(send),
    }


def ledger_bytes(send: Any) -> dict[str, int]:
    """What a recipient takes in the ledger, without and with its indexes."""
    from django.db import connection

    from delivery.engine.partitions import ledger_partition

    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s)", [ledger_partition(send.pk)])
        table = cursor.fetchone()[0] or "delivery_delivery_small"
        cursor.execute("SELECT pg_table_size(%s), pg_total_relation_size(%s)", [table, table])
        rows, everything = cursor.fetchone()
    return {
        "table_bytes_per_recipient": round(rows / send.audience),
        "with_indexes_bytes_per_recipient": round(everything / send.audience),
    }


def measure(arguments: Any, port: int, sink: psutil.Process) -> dict[str, Any]:
    """Several runs, each with its own bare loop behind it: other work on a machine comes and goes. The figures are
    those of the run in the middle; the ratios compare the middle rate of all runs with that of all loops."""
    make_contacts(arguments.recipients)
    make_contacts(WARM, "warm")
    url = f"smtp://127.0.0.1:{port}?connections={arguments.connections}"
    runs = [run(arguments, url, sink) for _ in range(arguments.runs)]
    plain = ordinary(port, min(arguments.recipients, 2000))
    rates = [one["messages_per_second"] for one in runs]
    limits = [one.pop("limit_per_second") for one in runs]
    rate, limit = median_low(rates), median_low(limits)
    return {
        **runs[rates.index(rate)],
        "ratio_to_limit": round(rate / limit, 3),
        "limit_per_second": limit,
        "ratio_to_ordinary": round(rate * plain, 1),
        "ordinary_per_second": round(1 / plain),
        "rates_of_all_runs": rates,
        "limits_of_all_runs": limits,
        "ratios_of_all_runs": [round(one / bare, 3) for one, bare in zip(rates, limits, strict=True)],
        "load_average": round(os.getloadavg()[0], 1),
    }


def run(arguments: Any, url: str, sink: psutil.Process) -> dict[str, Any]:
    """One send through the workers, then the same bytes through the bare loop."""
    from delivery.domains.models import SendingDomain
    from delivery.sends.models import Delivery, Send
    from delivery.sends.services import send_finish

    # Each run is the first of its month for everybody.
    long_ago = timezone.now() - timedelta(days=60)
    Send.objects.update(launched_at=long_ago, finished_at=long_ago)
    warm, send = make_send(url), make_send(url)
    freeze(warm, "warm")
    frozen = freeze(send)
    sample = merged(send, min(arguments.recipients, 20_000))
    SendingDomain.objects.update(is_signed=False)
    signing = dkim_cost(sample[:2000]) if arguments.dkim else {}
    worked = run_workers(send.pk, arguments.workers, warm_id=warm.pk, sink=sink)
    finished = send_finish(send_id=send.pk)
    sent = Delivery.objects.filter(send_id=send.pk, state="sent").count()
    limit = bare_loop(urlsplit(url).port or 25, sample, arguments.workers, arguments.connections) / len(sample)
    total = worked["cpu"] + worked["postgres"] + worked["sink"]
    rate = sent / worked["seconds"]
    return {
        "recipients": sent,
        "finished": finished,
        "message_bytes": sum(len(message) for _, message in sample) // len(sample),
        "messages_per_second": round(rate),
        "cpu_us_per_message": round(worked["cpu"] / sent * 1e6, 1),
        "postgres_us_per_message": round(worked["postgres"] / sent * 1e6, 1),
        "limit_per_second": round(1 / limit),
        "worker_peak_mb": round(worked["mb"]),
        "freeze_seconds": round(frozen, 2),
        **ledger_bytes(send),
        "workers": arguments.workers,
        "connections": arguments.workers * arguments.connections,
        **signing,
        "sink_us_per_message": round(worked["sink"] / sent * 1e6, 1),
        "processor_share": {
            "workers": round(worked["cpu"] / total, 2),
            "postgres": round(worked["postgres"] / total, 2),
            "sink": round(worked["sink"] / total, 2),
        },
    }


if __name__ == "__main__":
    main()
