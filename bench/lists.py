"""The long lists, measured: contacts, suppressions and one send's recipients with a million rows each.

`bin/bench lists --rows 1000000`. Every page is asked for by the director through the application: as it opens, sorted
by each column both ways, deep inside, narrowed by each filter and each choice, searched for. Then each list is
taken along as a CSV file. `--only contacts` measures one list.
"""

import argparse
import json
import logging
import os
import re
import resource
import statistics
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.utils import timezone

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
LIMIT_MS = 300
SEARCHES = {
    "contacts": (
        "a",
        "an",
        "ana",
        "quispe",
        "ana quispe",
        "maria.quispe",
        "c77",
        "maria.quispe1001@mail3.example",
        "zz",
    ),
    "recipients": ("a", "an", "ana", "quispe", "ana quispe", "maria.quispe1", "maria.quispe1001@mail3.example", "zz"),
    "suppressions": ("a", "an", "quispe", "maria.quispe1", "maria.quispe1001@mail3.example", "zz", "gone"),
}
FILL = """
CREATE FUNCTION pg_temp.pick(n bigint, salt int, words text[]) RETURNS text LANGUAGE sql IMMUTABLE AS
$$ SELECT words[1 + (hashint8extended(n, salt) & 2147483647) %% cardinality(words)] $$;
INSERT INTO crm_contact (public_id, email, email_normalized, address_hash, first_name, last_name, phone, sex, city,
    region, country, profession, tastes, looking_for, aspirations, language, time_zone, attributes, stage, stage_since,
    channel_id, first_order_at, last_order_at, order_count, gross_total, net_total, last_contacted_at, archived_at,
    created_at, updated_at)
SELECT 'b' || lpad(n::text, 13, '0'), a, a, encode(sha256(a::bytea), 'hex'), first_name, last_name,
    '+51 9' || 10000000 + n, '',
    pg_temp.pick(n, 3, ARRAY['Lima', 'Quito', 'Bogotá', 'Arequipa', 'Cusco', 'Cali', 'Guayaquil']), '',
    pg_temp.pick(n, 4, ARRAY['Peru', 'Peru', 'Ecuador', 'Colombia', 'Chile', '']), '', '{}', '', '', '', '', '{}',
    CASE WHEN buys THEN pg_temp.pick(n, 5, ARRAY['customer', 'repeat', 'at_risk', 'lost', 'promoter'])
        ELSE pg_temp.pick(n, 6, ARRAY['subscriber', 'lead', 'qualified']) END, now(),
    (SELECT array_agg(id ORDER BY id) FROM crm_channel)[1 + n %% 6],
    CASE WHEN buys THEN now() - r * 2 * interval '730 days' END,
    CASE WHEN buys THEN now() - r * interval '730 days' END,
    CASE WHEN buys THEN 1 + (r * 20)::int ELSE 0 END, CASE WHEN buys THEN (r * 2000)::numeric(14, 2) ELSE 0 END,
    CASE WHEN buys THEN (r * 2000)::numeric(14, 2) ELSE 0 END,
    CASE WHEN n %% 10 < 3 THEN now() - n %% 90 * interval '1 day' END, CASE WHEN n %% 100 = 99 THEN now() END,
    now() - r * interval '900 days', now()
FROM (
    SELECT n, first_name, last_name, n %% 5 < 2 AS buys, (hashint8extended(n, 7) & 1048575) / 1048576.0 AS r,
        lower(first_name || '.' || last_name) || n || '@mail' || n %% 9 || '.example' AS a
    FROM (SELECT n,
        pg_temp.pick(n, 1, ARRAY['Ana', 'Maria', 'Rosa', 'Luis', 'Juan', 'Pedro', 'Sofia', 'Elena', 'Hugo', 'Ines']
            ) AS first_name,
        pg_temp.pick(n, 2, ARRAY['Quispe', 'Flores', 'Rojas', 'Garcia', 'Mamani', 'Torres', 'Vargas', 'Castro', 'Ramos',
            'Huaman', 'Diaz', 'Soto', 'Vega', 'Cruz', 'Leon', 'Paz', 'Rey', 'Gil', 'Mora', 'Luna']) AS last_name
        FROM generate_series(1, %(rows)s) n) named
) made;
INSERT INTO crm_contactidentity (contact_id, source, external_id, created_at)
SELECT id, 'shop', 'C' || row_number() OVER (ORDER BY id), now() FROM crm_contact WHERE order_count > 0;
INSERT INTO crm_minilistmembership (contact_id, owner_id, since)
SELECT id, (SELECT array_agg(id ORDER BY id) FROM accounts_user WHERE role = 'salesperson')[1 + id %% 20], now()
FROM crm_contact WHERE order_count > 0 AND id %% 3 = 0;
WITH run AS (INSERT INTO crm_rfmrun (as_of, edges, customers, started_at, finished_at)
    VALUES (current_date, '{}', 0, now(), now()) RETURNING id)
INSERT INTO crm_rfmscore (contact_id, run_id, recency_days, frequency, monetary, r, f, m, segment_id)
SELECT c.id, run.id, 1, order_count, gross_total, 1, 1, 1,
    (SELECT array_agg(id ORDER BY id) FROM crm_rfmsegment)[1 + c.id %% 11]
FROM crm_contact c, run WHERE order_count > 0 AND archived_at IS NULL;
"""
# What became of the recipients, as an engine and a mailbox would have left it.
SENT = """
UPDATE delivery_delivery SET changed_at = now(), attempts = 1,
    state = CASE WHEN contact_id %% 100 < 2 THEN 'failed'
        WHEN contact_id %% 100000 = 7 THEN 'unknown' ELSE 'sent' END,
    reason = CASE WHEN contact_id %% 100 < 2 THEN 'hard_bounce'
        WHEN contact_id %% 100000 = 7 THEN 'no_reply' ELSE '' END,
    smtp_code = CASE WHEN contact_id %% 100 < 2 THEN 550 ELSE 250 END,
    smtp_reply = CASE WHEN contact_id %% 100 < 2 THEN '5.1.1 no such user' ELSE '2.0.0 Ok: queued' END
WHERE send_id = %(send)s AND state = 'pending';
UPDATE delivery_batch b SET state = 'done', sent = s.sent, failed = s.failed, unknown = s.unknown
FROM (SELECT batch, count(*) FILTER (WHERE state = 'sent') AS sent, count(*) FILTER (WHERE state = 'failed') AS failed,
        count(*) FILTER (WHERE state = 'unknown') AS unknown
      FROM delivery_delivery WHERE send_id = %(send)s GROUP BY batch) s
WHERE b.send_id = %(send)s AND b.number = s.batch AND b.number > 0;
INSERT INTO delivery_engagement (send_id, contact_id, variant_id, opens, clicks, human_opens, human_clicks,
    first_open_at, first_click_at, unsubscribed_at, updated_at, kept_clicks, kept_human_clicks, kept_human_opens,
    kept_links, kept_opens, links)
SELECT send_id, contact_id, variant_id, 1, n, 1, n, now(), CASE WHEN n > 0 THEN now() END,
    CASE WHEN contact_id %% 200 = 50 THEN now() END, now(), 0, 0, 0, '{}', 0, '{}'
FROM (SELECT *, (contact_id %% 20 = 10)::int AS n FROM delivery_delivery
      WHERE send_id = %(send)s AND state = 'sent' AND contact_id %% 5 = 0) d;
INSERT INTO delivery_bounce (event_key, at, received_at, kind, source, origin, address, address_hash, code, diagnostic,
    raw, matched_by, suppressed, contact_id, send_id)
SELECT 'b' || d.contact_id, now(), now(), CASE WHEN d.contact_id %% 3 = 0 THEN 'hard' ELSE 'soft' END, 'mailbox', '',
    d.address, c.address_hash, '5.1.1', 'no such user', '', '', false, d.contact_id, d.send_id
FROM delivery_delivery d JOIN crm_contact c ON c.id = d.contact_id
WHERE d.send_id = %(send)s AND d.contact_id %% 100 = 31;
"""
# Half of the addresses are of contacts, a few of bounces, the rest only fingerprints.
SUPPRESSED = """
INSERT INTO crm_suppression (address_hash, reason, source, at)
SELECT coalesce(c.address_hash, encode(sha256(n::text::bytea), 'hex')),
    (ARRAY['imported', 'imported', 'unsubscribed', 'bounced', 'complained', 'manual'])[1 + n %% 6],
    'import:old.csv', now() - n * interval '1 minute'
FROM generate_series(1, %(rows)s) n LEFT JOIN crm_contact c
    ON n %% 2 = 0 AND c.id = n + (SELECT min(id) FROM crm_contact);
"""
TABLES = (
    "crm_contact", "crm_contactidentity", "crm_minilistmembership", "crm_rfmscore", "crm_suppression",
    "delivery_delivery", "delivery_batch", "delivery_engagement", "delivery_bounce",
)  # fmt: skip


def fill(rows: int) -> tuple[Any, Any]:
    """A company with so many contacts, all of them mailed once, and as many suppressed addresses: its director and
    the campaign."""
    from django.db import connection

    from accounts.people.models import User
    from bench.send import make_send
    from campaigns.campaigns.models import Campaign
    from crm.contacts.models import Contact
    from delivery.engine.freeze import audience_freeze

    director = User.objects.create(email="lists@company.example", full_name="Dora", role=User.Role.DIRECTOR)
    for number in range(20):
        User.objects.create(email=f"s{number}@company.example", full_name=f"S {number}", role=User.Role.SALESPERSON)
    with connection.cursor() as cursor:
        cursor.execute(FILL, {"rows": rows})
        cursor.execute("VACUUM ANALYZE crm_contact")
    send = make_send("")
    campaign = Campaign.objects.create(name="To everybody", send=send)
    audience_freeze(send, Contact.objects.all())
    with connection.cursor() as cursor:
        cursor.execute(SENT, {"send": send.pk})
        cursor.execute(SUPPRESSED, {"rows": rows})
    type(send).objects.filter(pk=send.pk).update(state="finished")
    vacuum()
    return director, campaign


def vacuum() -> None:
    """As autovacuum would have done by the time somebody looks."""
    from django.db import connection

    with connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"VACUUM ANALYZE {table}")


def pages(base: str, table: Any, searches: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """(what, address) of the list as it opens, by each column, by each filter and choice, and searched."""
    yield "as it opens", ""
    for column in table.columns:
        if column.sort:
            yield f"by {column.code}", f"sort={column.code}"
            yield f"by {column.code}, falling", f"sort=-{column.code}"
    for item in table.filters:
        options = item.options({})
        values = [value for value, _label, _chosen in options] if options else []
        shown = values if len(values) < 8 else [*values[:4], *values[-3:]]
        for value in shown:
            yield f"{item.code} is {value}", urlencode({item.code: value})
        if not options:
            yield f"{item.code} of a week", f"{item.names[0]}={timezone.localdate() - timedelta(days=7)}"
    for text in searches:
        yield f"search {text}", urlencode({"q": text})


def asked(client: Any, url: str, runs: int) -> tuple[float, str]:
    """The middle of some times an address was asked for, in milliseconds, and the answer."""
    taken, text = [], ""
    for _ in range(runs):
        started = time.perf_counter()
        response = client.get(url)
        taken.append((time.perf_counter() - started) * 1000)
        assert response.status_code == 200, (url, response.status_code)
        text = response.content.decode()
    return statistics.median(taken), text


def deep(client: Any, url: str, steps: int) -> str:
    """The address of the page that many steps on."""
    for _ in range(steps):
        found = re.search(r'rel="next" href="([^"]+)"', client.get(url).content.decode())
        if not found:
            break
        url = found.group(1).replace("&amp;", "&")
    return url


def exported(client: Any, url: str) -> dict[str, Any]:
    """The whole list as CSV: its time, rows, and by how much this process grew meanwhile."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    started, count, size = time.perf_counter(), 0, 0
    for piece in client.get(f"{url}?export=csv").streaming_content:
        count += piece.count(b"\n")
        size += len(piece)
    seconds = time.perf_counter() - started
    grew = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    return {"rows": count - 1, "seconds": round(seconds, 1), "mb": round(size / 1e6), "process_grew_mb": round(grew, 1)}


def measured(client: Any, url: str, table: Any, searches: tuple[str, ...], arguments: Any) -> dict[str, Any]:
    found = {what: asked(client, f"{url}?{query}", arguments.runs)[0] for what, query in pages(url, table, searches)}
    found["twenty pages on"] = asked(client, deep(client, url, 20), arguments.runs)[0]
    if arguments.all:
        for what, ms in found.items():
            print(f"  {ms:7.0f} ms  {what}", flush=True)
    slow = sorted(((round(ms), what) for what, ms in found.items()), reverse=True)
    times = sorted(found.values())
    return {
        "pages": len(found),
        "p50_ms": round(statistics.median(times)),
        "p95_ms": round(times[int(len(times) * 0.95)]),
        "slowest": [f"{what}: {ms} ms" for ms, what in slow[:3]],
        "over_limit": sum(ms > LIMIT_MS for ms in times),
        **({} if arguments.no_export else {"csv": exported(client, url)}),
    }


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--only", choices=tuple(SEARCHES), action="append")
    parser.add_argument("--all", action="store_true", help="print every page's time")
    parser.add_argument("--no-export", action="store_true")
    parser.add_argument("--filled", action="store_true", help="the database has the rows of an earlier run")
    arguments = parser.parse_args()
    import django

    django.setup()
    logging.disable()
    from django.conf import settings
    from django.core.management import call_command
    from django.test import Client, RequestFactory
    from django.urls import reverse

    settings.ALLOWED_HOSTS = ["testserver"]
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    call_command("migrate", verbosity=0)
    from accounts.people.models import User
    from campaigns.campaigns.models import Campaign
    from crm.contact_pages.tables import ContactTable, contact_rows
    from delivery.feedback.tables import SuppressionTable, suppression_rows
    from delivery.sends.recipients_table import RecipientsTable

    if not arguments.filled:
        fill(arguments.rows)
    director = User.objects.get(email="lists@company.example")
    campaign = Campaign.objects.get(name="To everybody")
    client, request = Client(), RequestFactory().get("/")
    client.force_login(director)
    request.user = director
    lists = {
        "contacts": (reverse("contact_list"), ContactTable(request, contact_rows(director))),
        "recipients": (reverse("campaign_ledger", args=[campaign.public_id]), RecipientsTable(request, campaign.send)),
        "suppressions": (reverse("suppression_list"), SuppressionTable(request, suppression_rows(director))),
    }
    result: dict[str, Any] = {"rows": arguments.rows}
    for name in arguments.only or SEARCHES:
        url, table = lists[name]
        print(name, flush=True)
        result[name] = measured(client, url, table, SEARCHES[name], arguments)
    print(json.dumps(result))


if __name__ == "__main__":
    main()
