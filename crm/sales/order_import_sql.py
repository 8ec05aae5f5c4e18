"""The set-based half of the order import: staged rows to orders, people and products, in a fixed number of statements.

Everything works on temporary tables; the real ones are read before the report and written after it, in one
transaction. `%(source)s` is the system the numbers come from.
"""

# Sorting a million lines in the memory of one connection, until the transaction ends.
WORK_MEMORY = "SET LOCAL work_mem = '64MB'"
STAGE = """
DROP TABLE IF EXISTS import_row;
CREATE TEMPORARY TABLE import_row (
  row bigint, number text, customer text, email text, email_typed text, address_hash text, phone_normalized text,
  first_name text, last_name text, phone text, city text, country text,
  placed_at timestamptz, currency text, rate numeric(18,8), channel_id bigint,
  code text, description text, quantity numeric(14,3), price numeric(14,4), amount numeric(16,4), original text)
"""
STAGE_COLUMNS = (
    "row, number, customer, email, email_typed, address_hash, phone_normalized, first_name, last_name, phone, city,"
    " country,"
    " placed_at, currency, rate, channel_id, code, description, quantity, price, amount, original"
)

# The key of an order without a number: who, when, how much, and which of several equal ones.
LINES = """
DROP TABLE IF EXISTS import_line;
CREATE TEMPORARY TABLE import_line AS
SELECT row,
       coalesce(number, CASE WHEN length(coalesce(customer, email)) > 70
           THEN left(coalesce(customer, email), 60) || ' ' || left(md5(coalesce(customer, email)), 9)
           ELSE coalesce(customer, email, phone_normalized, '?') END || ' ' || to_char(placed_at AT TIME ZONE %(zone)s,
         CASE WHEN (placed_at AT TIME ZONE %(zone)s)::time = '00:00' THEN 'YYYY-MM-DD' ELSE 'YYYY-MM-DD HH24:MI:SS' END)
         || ' ' || round(amount, 2) || ' ' || currency || ' ' || row_number() OVER (
           PARTITION BY number, coalesce(customer, email, phone_normalized), placed_at, round(amount, 2), currency
           ORDER BY code, description, quantity, price, row)) AS number,
       coalesce('n' || customer, 'a' || email) AS person, placed_at, currency, rate, channel_id, original,
       code, description, quantity, price, amount,
       md5(concat_ws(E'\\x1f', coalesce(code, ''), coalesce(description, ''), quantity, price, amount))::uuid
         AS line_key
FROM import_row;
ANALYZE import_line
"""
LINES_NUMBERED = """
DROP TABLE IF EXISTS import_line;
CREATE TEMPORARY TABLE import_line AS
SELECT row, number, coalesce('n' || customer, 'a' || email) AS person, placed_at, currency, rate, channel_id, original,
       code, description, quantity, price, amount,
       md5(concat_ws(E'\\x1f', coalesce(code, ''), coalesce(description, ''), quantity, price, amount))::uuid
         AS line_key
FROM import_row;
ANALYZE import_line
"""

# One row per person of the file whose number or address is known, with what its latest row with an address says about
# them. Phones get their normal form later, and only those that will be written.
PERSONS = """
ANALYZE import_row;
DROP TABLE IF EXISTS import_person;
CREATE TEMPORARY TABLE import_person AS
SELECT DISTINCT ON (coalesce('n' || customer, 'a' || email))
       coalesce('n' || customer, 'a' || email) AS person, customer, email, email_typed, address_hash,
       first_name, last_name, phone, city, country, channel_id, NULL::text AS phone_normalized,
       NULL::bigint AS contact_id, NULL::text AS new_key
FROM import_row WHERE customer IS NOT NULL OR email IS NOT NULL
ORDER BY 1, (email IS NULL), placed_at DESC, email, first_name, last_name, country, city, phone;
ALTER TABLE import_person ADD PRIMARY KEY (person);
ANALYZE import_person
"""
NEW_PERSONS = """
UPDATE import_person SET new_key = coalesce('a' || email, 'n' || customer) WHERE contact_id IS NULL
"""

ORDERS = """
DROP TABLE IF EXISTS import_order;
CREATE TEMPORARY TABLE import_order AS
SELECT l.number, max(l.person) AS person, min(l.placed_at) AS placed_at, max(l.currency) AS currency,
       max(l.rate) AS rate, max(l.channel_id) AS channel_id, max(l.original) AS original, count(*) AS rows,
       coalesce(round(sum(l.amount) FILTER (WHERE l.quantity > 0 AND l.price > 0), 2), 0) AS gross,
       round(sum(l.amount), 2) AS net,
       (l.number ~ '^[Cc][0-9]' AND coalesce(max(l.quantity), 0) <= 0)
         OR (coalesce(max(l.quantity), 0) <= 0 AND min(l.quantity) < 0) OR
         (sum(l.amount) < 0 AND max(l.original) IS NOT NULL) AS is_return,
       md5(string_agg(l.line_key::text, ',' ORDER BY l.line_key)) AS content_hash,
       CASE WHEN max(l.person) <> min(l.person) THEN 'two_customers'
            WHEN max(l.currency) <> min(l.currency) THEN 'two_currencies'
            WHEN abs(sum(l.amount)) >= 1e12 OR sum(abs(l.amount)) >= 1e12 THEN 'amount_too_large' END AS fault
FROM import_line l GROUP BY l.number
"""
FAULTS = """
SELECT l.row, o.fault FROM import_line l JOIN import_order o USING (number)
WHERE o.fault IS NOT NULL ORDER BY l.row
"""
FAULTS_DROP = """
DELETE FROM import_line l USING import_order o WHERE o.number = l.number AND o.fault IS NOT NULL;
DELETE FROM import_order WHERE fault IS NOT NULL
"""

# Numbers whose normal form will be written: of new people, of contacts without one, and of contacts whose country was
# not known so far.
PHONES = """
SELECT p.person, CASE WHEN coalesce(c.phone, '') = '' THEN p.phone ELSE c.phone END,
       coalesce(nullif(c.country, ''), p.country, '')
FROM import_person p LEFT JOIN crm_contact c ON c.id = p.contact_id
WHERE CASE WHEN coalesce(c.phone, '') = '' THEN p.phone IS NOT NULL ELSE c.country = '' AND p.country IS NOT NULL END
"""
PHONES_STAGE = """
DROP TABLE IF EXISTS import_number;
CREATE TEMPORARY TABLE import_number (person text, normalized text)
"""
PHONES_COPY = "COPY import_number FROM STDIN WITH (FORMAT csv, FORCE_NOT_NULL (normalized))"
PHONES_SET = """
ANALYZE import_number;
UPDATE import_person p SET phone_normalized = n.normalized FROM import_number n WHERE n.person = p.person
"""

# Orders that name their customer by one phone alone, and these people.
PHONE_PERSONS = """
DROP TABLE IF EXISTS import_phone;
CREATE TEMPORARY TABLE import_phone AS
SELECT o.number, min(r.phone_normalized) AS phone
FROM import_order o JOIN import_line l USING (number) JOIN import_row r USING (row)
WHERE o.person IS NULL AND r.phone_normalized IS NOT NULL
GROUP BY o.number HAVING min(r.phone_normalized) = max(r.phone_normalized);
INSERT INTO import_person (person, phone_normalized, first_name, last_name, phone, city, country, channel_id)
SELECT DISTINCT ON (f.phone) 'p' || f.phone, f.phone, r.first_name, r.last_name, r.phone, r.city, r.country,
       r.channel_id
FROM import_phone f JOIN import_line l USING (number) JOIN import_row r USING (row)
WHERE r.phone_normalized = f.phone
ORDER BY f.phone, r.placed_at DESC, r.first_name, r.last_name, r.country, r.city, r.phone
"""
PHONE_ORDERS = """
UPDATE import_person SET new_key = person
WHERE customer IS NULL AND email IS NULL AND contact_id IS NULL AND new_key IS NULL;
UPDATE import_order o SET person = p.person
FROM import_phone f JOIN import_person p ON p.person = 'p' || f.phone WHERE o.number = f.number;
ANALYZE import_person
"""

# `state` of an order: new, same, or changed; of a changed one with the same head, line by line.
COMPARE = """
ALTER TABLE import_order ADD COLUMN order_id bigint, ADD COLUMN contact_id bigint, ADD COLUMN state text,
  ADD COLUMN head_changed boolean NOT NULL DEFAULT false, ADD COLUMN rows_same bigint NOT NULL DEFAULT 0;
CREATE UNIQUE INDEX ON import_order (number);
ANALYZE import_order;
UPDATE import_order o SET contact_id = p.contact_id FROM import_person p WHERE p.person = o.person;
UPDATE import_order o SET order_id = e.id,
  head_changed = (o.person IS NOT NULL AND e.contact_id IS DISTINCT FROM o.contact_id)
    OR e.currency <> o.currency OR (o.original IS NOT NULL AND e.original_id IS DISTINCT FROM
      (SELECT s.id FROM crm_order s WHERE s.source = %(source)s AND s.number = o.original)
      AND EXISTS (SELECT FROM crm_order s WHERE s.source = %(source)s AND s.number = o.original))
    OR CASE WHEN %(correction)s THEN o.placed_at < e.placed_at ELSE o.placed_at <> e.placed_at END,
  state = CASE WHEN e.content_hash = o.content_hash THEN 'same' ELSE 'changed' END
  FROM crm_order e WHERE e.source = %(source)s AND e.number = o.number;
UPDATE import_order SET state = CASE WHEN order_id IS NULL THEN 'new' WHEN head_changed THEN 'changed' ELSE state END;
ANALYZE import_order;
DROP TABLE IF EXISTS import_kept;
CREATE TEMPORARY TABLE import_kept AS
SELECT f.row, f.number FROM (
  SELECT l.row, l.number, o.order_id, l.line_key, row_number() OVER (PARTITION BY l.number, l.line_key ORDER BY l.row) n
  FROM import_line l JOIN import_order o USING (number) WHERE o.state = 'changed') f
JOIN (
  SELECT t.order_id, count(*) AS times,
         md5(concat_ws(E'\\x1f', coalesce(p.code, ''), t.description, t.quantity, t.unit_price, t.amount))::uuid
           AS line_key
  FROM crm_orderline t JOIN import_order o ON o.order_id = t.order_id AND o.state = 'changed'
  LEFT JOIN crm_product p ON p.id = t.product_id GROUP BY t.order_id, line_key) s
ON s.order_id = f.order_id AND s.line_key = f.line_key AND f.n <= s.times;
UPDATE import_order o SET rows_same = k.n FROM (SELECT number, count(*) n FROM import_kept GROUP BY 1) k
  WHERE k.number = o.number AND NOT o.head_changed;
UPDATE import_order SET state = 'same' WHERE %(correction)s AND state = 'changed' AND NOT head_changed
  AND rows_same = rows;
UPDATE import_order SET rows_same = rows WHERE state = 'same'
"""

FIGURES = """
SELECT coalesce(sum(rows) FILTER (WHERE state = 'new'), 0)::bigint AS imported,
       coalesce(sum(rows_same), 0)::bigint AS unchanged,
       coalesce(sum(rows - rows_same) FILTER (WHERE state = 'changed'), 0)::bigint AS updated,
       coalesce(sum(rows) FILTER (WHERE person IS NULL), 0)::bigint AS anonymous,
       count(*) FILTER (WHERE person IS NOT NULL AND NOT is_return AND gross > 0) AS orders,
       count(DISTINCT coalesce(p.contact_id::text, p.new_key))
         FILTER (WHERE person IS NOT NULL AND NOT is_return AND gross > 0) AS customers,
       coalesce(round(sum(gross * rate) FILTER (WHERE person IS NOT NULL AND NOT is_return), 2), 0) AS gross,
       coalesce(round(sum(net * rate) FILTER (WHERE person IS NOT NULL AND is_return), 2), 0) AS returns,
       count(*) FILTER (WHERE state = 'new') AS orders_imported,
       count(*) FILTER (WHERE state = 'changed') AS orders_updated,
       count(*) FILTER (WHERE state = 'same') AS orders_unchanged,
       count(*) FILTER (WHERE person IS NULL) AS anonymous_orders,
       coalesce(round(sum(net * rate) FILTER (WHERE person IS NULL), 2), 0) AS anonymous_net
FROM import_order o LEFT JOIN import_person p USING (person)
"""
PERSON_FIGURES = """
SELECT count(DISTINCT coalesce(p.contact_id::text, p.new_key)) AS people,
       count(DISTINCT p.new_key) AS people_new,
       count(DISTINCT coalesce(p.contact_id::text, p.new_key))
         FILTER (WHERE p.email IS NULL AND c.email_normalized IS NULL) AS not_reachable
FROM import_person p LEFT JOIN crm_contact c ON c.id = p.contact_id
WHERE EXISTS (SELECT FROM import_order o WHERE o.person = p.person)
"""

PRODUCTS = """
INSERT INTO crm_product (code, name, category, tastes, url, price, created_at)
SELECT l.code, coalesce(mode() WITHIN GROUP (ORDER BY l.description) FILTER (WHERE l.description <> '' AND l.price > 0),
         max(nullif(l.description, '')), l.code), '', '{}', '',
       (array_agg(l.price ORDER BY l.placed_at DESC, l.price DESC) FILTER (WHERE l.price > 0))[1], now()
FROM import_line l JOIN import_order o USING (number)
WHERE l.code IS NOT NULL AND o.state <> 'same' GROUP BY l.code
ON CONFLICT (code) DO UPDATE SET
  name = CASE WHEN crm_product.name = crm_product.code THEN excluded.name ELSE crm_product.name END,
  price = coalesce(excluded.price, crm_product.price)
"""

# A public id of 14 characters out of 31: bytes of two random uuids, leaving out those that carry the version.
PUBLIC_ID = """(SELECT string_agg(substr('23456789abcdefghjkmnpqrstuvwxyz', 1 + get_byte(b.bytes, i) %% 31, 1), '')
  FROM (SELECT uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()) AS bytes WHERE n.new_key IS NOT NULL) b,
       unnest(ARRAY[0,1,2,3,4,5,9,10,11,12,13,14,15,16]) AS i)"""
CONTACTS = f"""
DELETE FROM import_person p WHERE NOT EXISTS (SELECT FROM import_order o WHERE o.person = p.person);
DROP TABLE IF EXISTS import_new;
CREATE TEMPORARY TABLE import_new AS
SELECT n.*, {PUBLIC_ID} AS public_id FROM (
  SELECT DISTINCT ON (new_key) new_key, customer, email, email_typed, address_hash, first_name, last_name, phone,
         phone_normalized, city, country, channel_id
  FROM import_person WHERE new_key IS NOT NULL ORDER BY new_key, customer, email) n;
INSERT INTO crm_contact (public_id, number, email, email_normalized, address_hash, first_name, last_name, phone,
  phone_normalized, sex, city, region, country, profession, tastes, looking_for, aspirations, language, time_zone,
  attributes, stage, stage_since, channel_id, order_count, gross_total, net_total, created_at, updated_at)
SELECT public_id, coalesce(customer, ''), coalesce(email_typed, ''), email, address_hash, coalesce(first_name, ''),
  coalesce(last_name, ''), coalesce(phone, ''), coalesce(phone_normalized, ''), '', coalesce(city, ''), '',
  coalesce(country, ''), '', '{{}}', '', '', '', '', '{{}}', 'subscriber', now(), channel_id, 0, 0, 0, now(), now()
FROM import_new;
UPDATE import_person p SET contact_id = c.id FROM import_new n JOIN crm_contact c ON c.public_id = n.public_id
  WHERE p.new_key = n.new_key;
UPDATE import_order o SET contact_id = p.contact_id FROM import_person p WHERE p.person = o.person;
INSERT INTO crm_contactidentity (contact_id, source, external_id, created_at)
SELECT contact_id, %(source)s, customer, now() FROM import_person WHERE customer IS NOT NULL
ON CONFLICT (source, external_id) DO NOTHING;
UPDATE crm_contact c SET number = p.customer
FROM (SELECT contact_id, min(customer) AS customer FROM import_person WHERE customer IS NOT NULL GROUP BY 1) p
WHERE p.contact_id = c.id AND c.number = '';
UPDATE crm_contact c SET
  first_name = CASE WHEN c.first_name = '' AND c.last_name = '' THEN coalesce(p.first_name, '') ELSE c.first_name END,
  last_name = CASE WHEN c.first_name = '' AND c.last_name = '' THEN coalesce(p.last_name, '') ELSE c.last_name END,
  phone = coalesce(nullif(c.phone, ''), p.phone, ''),
  phone_normalized = coalesce(p.phone_normalized, c.phone_normalized),
  city = coalesce(nullif(c.city, ''), p.city, ''),
  country = coalesce(nullif(c.country, ''), p.country, ''), updated_at = now()
FROM import_person p WHERE p.contact_id = c.id AND p.new_key IS NULL AND (
  (c.first_name = '' AND c.last_name = '' AND coalesce(p.first_name, p.last_name) IS NOT NULL)
  OR (c.phone = '' AND p.phone IS NOT NULL) OR (c.city = '' AND p.city IS NOT NULL)
  OR (c.country = '' AND p.country IS NOT NULL));
UPDATE crm_contact c SET email = p.email_typed, email_normalized = p.email, address_hash = p.address_hash
FROM (SELECT DISTINCT ON (email) * FROM import_person WHERE email IS NOT NULL AND new_key IS NULL
      ORDER BY email, contact_id) p
WHERE p.contact_id = c.id AND c.email_normalized IS NULL
  AND NOT EXISTS (SELECT FROM crm_contact x WHERE x.email_normalized = p.email)
"""  # noqa: S608

WRITE_ORDERS = """
DROP TABLE IF EXISTS import_touched;
CREATE TEMPORARY TABLE import_touched AS
SELECT e.contact_id FROM crm_order e JOIN import_order o ON o.order_id = e.id AND o.state = 'changed'
WHERE e.contact_id IS NOT NULL
UNION SELECT contact_id FROM import_order WHERE state <> 'same' AND contact_id IS NOT NULL;
UPDATE crm_order e SET placed_at = CASE WHEN %(correction)s THEN least(e.placed_at, o.placed_at) ELSE o.placed_at END,
  contact_id = coalesce(o.contact_id, e.contact_id), currency = o.currency, rate = o.rate,
  channel_id = coalesce(o.channel_id, e.channel_id), updated_at = now()
FROM import_order o WHERE o.order_id = e.id AND o.state = 'changed';
DELETE FROM crm_orderline t USING import_order o
  WHERE t.order_id = o.order_id AND o.state = 'changed' AND NOT %(correction)s;
INSERT INTO crm_order (source, number, kind, contact_id, placed_at, currency, rate, gross, net, channel_id,
  content_hash, created_at, updated_at)
SELECT %(source)s, number, CASE WHEN is_return THEN 'return' ELSE 'sale' END, contact_id, placed_at, currency, rate,
  CASE WHEN is_return THEN 0 ELSE gross END, net, channel_id, content_hash, now(), now()
FROM import_order WHERE state = 'new' ORDER BY placed_at, number;
UPDATE import_order o SET order_id = e.id FROM crm_order e
  WHERE o.order_id IS NULL AND e.source = %(source)s AND e.number = o.number;
INSERT INTO crm_orderline (order_id, product_id, description, quantity, unit_price, amount)
SELECT o.order_id, p.id, coalesce(l.description, ''), l.quantity, l.price, l.amount
FROM import_line l JOIN import_order o USING (number) LEFT JOIN crm_product p ON p.code = l.code
WHERE o.state = 'new' OR (o.state = 'changed' AND NOT (
  %(correction)s AND EXISTS (SELECT FROM import_kept k WHERE k.row = l.row)))
ORDER BY o.order_id, l.row
"""

# What an order's head says about its lines, computed from the stored lines.
TOTALS = """
UPDATE crm_order e SET
  gross = CASE WHEN t.is_return OR (e.kind = 'return' AND t.net <= 0) THEN 0 ELSE t.gross END, net = t.net,
  kind = CASE WHEN t.is_return OR (e.kind = 'return' AND t.net <= 0) THEN 'return' ELSE 'sale' END,
  content_hash = t.content_hash
FROM (
  SELECT s.order_id, round(coalesce(sum(s.amount) FILTER (WHERE s.quantity > 0 AND s.unit_price > 0), 0), 2) AS gross,
    round(coalesce(sum(s.amount), 0), 2) AS net, max(s.quantity) <= 0 AND min(s.quantity) < 0 AS is_return,
    md5(string_agg(s.line_key::text, ',' ORDER BY s.line_key)) AS content_hash
  FROM (
    SELECT t.*, md5(concat_ws(E'\\x1f', coalesce(p.code, ''), t.description, t.quantity, t.unit_price, t.amount))::uuid
      AS line_key
    FROM crm_orderline t LEFT JOIN crm_product p ON p.id = t.product_id WHERE t.order_id IN ({orders})) s
  GROUP BY s.order_id) t
WHERE t.order_id = e.id
"""

ORIGINALS = """
UPDATE crm_order r SET original_id = s.id
FROM import_order o JOIN crm_order s ON s.source = %(source)s AND s.kind = 'sale'
  AND s.number = coalesce(o.original, CASE WHEN o.number ~ '^[Cc][0-9]' THEN substr(o.number, 2) END)
WHERE r.id = o.order_id AND o.state <> 'same' AND r.kind = 'return' AND s.contact_id IS NOT DISTINCT FROM r.contact_id;
UPDATE crm_order r SET original_id = s.id
FROM import_order o JOIN crm_order s ON s.id = o.order_id AND s.kind = 'sale'
WHERE o.state = 'new' AND r.source = %(source)s AND r.number IN ('C' || o.number, 'c' || o.number)
  AND r.kind = 'return' AND r.original_id IS NULL AND s.contact_id IS NOT DISTINCT FROM r.contact_id
"""
# What follows joins the tables that were just filled, and the next import may come before the server has looked at them
# by itself. A table it looked at when an import had been rolled back counts as empty: joined as such, it takes minutes.
STATISTICS = "ANALYZE crm_contact, crm_order, crm_orderline, import_order, import_touched"
CLEAN_UP = """
DROP TABLE IF EXISTS import_row, import_line, import_person, import_order, import_kept, import_new, import_touched,
  import_number, import_phone
"""
