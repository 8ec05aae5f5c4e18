"""The Overview's questions, measured on a large company, beside a bare COUNT of the same leads and orders.

`bin/bench kpis`: two years with 100,000 leads, 300,000 orders, 30,000 NPS answers and 20,000 customers on mini-lists.
A run is one load of the Overview by the director, through the application; its queries are summed.
"""

import argparse
import json
import logging
import os
import statistics
import time
from collections.abc import Callable
from typing import Any

import psutil

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
PERIODS = ("last_28", "last_365")
DATA = """
SELECT setseed(0.7);
INSERT INTO crm_contact (public_id, email, email_normalized, address_hash, first_name, last_name, phone, sex, city,
  region, country, profession, tastes, looking_for, aspirations, language, time_zone, attributes, stage, stage_since,
  channel_id, order_count, gross_total, net_total, created_at, updated_at)
SELECT 'k' || lpad(n::text, 13, '0'), a, a, md5(a), 'Ana' || n %% 100, 'Ejemplo', '', '', 'Lima', '', '', '', '{}', '',
  '', '', '', '{}', 'subscriber', now(), (SELECT id FROM crm_channel ORDER BY id OFFSET n %% 6 LIMIT 1), 0, 0, 0,
  now(), now()
FROM (SELECT n, 'kpi' || n || '@example.com' AS a FROM generate_series(1, %(leads)s) n) s;
CREATE TEMPORARY TABLE person AS SELECT id, row_number() OVER (ORDER BY id) AS n, channel_id FROM crm_contact;
CREATE UNIQUE INDEX ON person (n);
ANALYZE person;
INSERT INTO crm_lead (public_id, contact_id, channel_id, occurred_at, attended_by, interest, content_format, utm,
  source, created_at)
SELECT 'l' || lpad(g.n::text, 13, '0'), p.id, p.channel_id, g.at, CASE WHEN g.n %% 3 = 0 THEN 'sales_force'
  ELSE 'ecommerce' END, '', '', '{}', 'bench', now()
FROM (SELECT n, 1 + floor(random() * %(leads)s)::bigint AS who, now() - random() * interval '730 days' AS at
      FROM generate_series(1, %(leads)s) n) g JOIN person p ON p.n = g.who;
INSERT INTO crm_order (source, number, kind, contact_id, placed_at, currency, rate, gross, net, channel_id,
  content_hash, created_at, updated_at)
SELECT 'bench', g.n, 'sale', p.id, g.at, 'EUR', 1, g.amount, g.amount, p.channel_id, '', now(), now()
FROM (SELECT n, 1 + floor(random() ^ 2 * %(leads)s * 0.8)::bigint AS who, now() - random() * interval '730 days' AS at,
        round((5 + random() * 200)::numeric, 2) AS amount FROM generate_series(1, %(orders)s) n) g
JOIN person p ON p.n = g.who;
UPDATE crm_contact c SET first_order_at = o.first_at, last_order_at = o.last_at, order_count = o.n,
  gross_total = o.total, net_total = o.total, stage = 'customer'
FROM (SELECT contact_id, min(placed_at) first_at, max(placed_at) last_at, count(*) n, sum(gross) total
      FROM crm_order GROUP BY 1) o WHERE o.contact_id = c.id;
INSERT INTO crm_npsanswer (invitation, contact_id, score, comment, source, answered_at, channel_id)
SELECT 'n' || g.n, p.id, floor(random() * 11), '', 'bench', now() - random() * interval '730 days', p.channel_id
FROM generate_series(1, %(leads)s * 3 / 10) g (n) JOIN person p ON p.n = g.n;
INSERT INTO crm_minilistmembership (contact_id, owner_id, since)
SELECT p.id, (SELECT id FROM accounts_user WHERE role = 'salesperson' ORDER BY id OFFSET p.n %% 10 LIMIT 1),
  now() - interval '700 days' FROM person p WHERE p.n <= %(leads)s / 5;
INSERT INTO marketing_spendentry (channel_id, day, amount, currency, rate, note, source, created_at)
SELECT c.id, current_date - d, 20 + d %% 50, 'EUR', 1, '', 'bench', now()
FROM generate_series(0, 729) d, (SELECT id FROM crm_channel ORDER BY id LIMIT 6) c;
"""
TABLES = "crm_contact, crm_lead, crm_order, crm_npsanswer, crm_minilistmembership, marketing_spendentry"


def fill(leads: int, orders: int) -> Any:
    """The company's data straight into the tables; its director."""
    from django.db import connection

    from accounts.people.models import User
    from crm.channels.models import Channel

    for number in range(max(6 - Channel.objects.count(), 0)):
        Channel.objects.create(code=f"bench{number}", name=f"Channel {number}")
    director = User.objects.create(email="kpi@company.example", full_name="Dora", role=User.Role.DIRECTOR)
    for number in range(10):
        User.objects.create(email=f"kpi{number}@company.example", full_name=f"S {number}", role=User.Role.SALESPERSON)
    with connection.cursor() as cursor:
        cursor.execute(DATA, {"leads": leads, "orders": orders})
        for table in TABLES.split(", "):
            cursor.execute(f"VACUUM ANALYZE {table}")
    return director


class Meter:
    """Sums the time Postgres takes to answer."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.count = 0

    def __call__(self, execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: Any) -> Any:
        started = time.perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            self.seconds += time.perf_counter() - started
            self.count += 1


def backend_seconds() -> float:
    """Processor time our Postgres process has used: what a busy machine does not blur."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        times = psutil.Process(cursor.fetchone()[0]).cpu_times()
    return times.user + times.system


def spread(values: list[float]) -> dict[str, float]:
    cuts = statistics.quantiles(values, n=20, method="inclusive")
    return {"p50": round(statistics.median(values) * 1000, 1), "p95": round(cuts[-1] * 1000, 1)}


def loads(client: Any, url: str, runs: int) -> dict[str, Any]:
    from django.db import connection

    queries, pages, count = [], [], 0
    client.get(url)
    used = backend_seconds()
    for _ in range(runs):
        meter, started = Meter(), time.perf_counter()
        with connection.execute_wrapper(meter):
            response = client.get(url)
        page = time.perf_counter() - started
        assert response.status_code == 200, response.status_code
        queries.append(meter.seconds)
        pages.append(page)
        count = meter.count
    used = (backend_seconds() - used) / runs
    times = {"queries_ms": spread(queries), "page_ms": spread(pages)}
    return {"queries": count, **times, "postgres_cpu_ms": round(used * 1000, 1)}


def bare_count(runs: int) -> dict[str, float]:
    from django.db import connection

    taken = []
    with connection.cursor() as cursor:
        for _ in range(runs):
            started = time.perf_counter()
            cursor.execute("SELECT (SELECT count(*) FROM crm_lead), (SELECT count(*) FROM crm_order)")
            cursor.fetchone()
            taken.append(time.perf_counter() - started)
    return spread(taken)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--leads", type=int, default=100_000)
    parser.add_argument("--orders", type=int, default=300_000)
    parser.add_argument("--runs", type=int, default=20)
    arguments = parser.parse_args()
    import django

    django.setup()
    logging.disable()
    # One process answers, so that its processor time is the whole cost.
    os.environ["PGOPTIONS"] = "-c max_parallel_workers_per_gather=0"
    from django.conf import settings
    from django.core.management import call_command
    from django.test import Client
    from django.urls import reverse

    settings.ALLOWED_HOSTS = ["testserver"]
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    call_command("migrate", verbosity=0)
    director = fill(arguments.leads, arguments.orders)
    client = Client()
    client.force_login(director)
    count = bare_count(arguments.runs)
    found = {name: loads(client, f"{reverse('overview')}?period={name}", arguments.runs) for name in PERIODS}
    result: dict[str, Any] = {"leads": arguments.leads, "orders": arguments.orders, "count_ms": count}
    for name, run in found.items():
        ratio = run["queries_ms"]["p50"] / count["p50"]
        result[f"overview_{name}"] = {**run, "ratio_to_count": round(ratio, 1)}
    print(json.dumps(result))


if __name__ == "__main__":
    main()
