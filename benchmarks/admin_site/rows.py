"""The values of the columns as SQL: two years of authentications and their events.

Every value depends on the row's number only, so that each run creates the same rows. ``chance(n, k)`` is a
pseudorandom number from 0 to 1, a different one for each ``k``.
"""

CHANCE = """
CREATE OR REPLACE FUNCTION pg_temp.chance(n bigint, k bigint) RETURNS float8 IMMUTABLE PARALLEL SAFE LANGUAGE sql
AS 'SELECT (hashint8extended(n, k) & 4294967295) / 4294967296.0::float8'
"""

#: An id as Prelude's are, ``01jc0t6fwwfgfsq1md24mhyztj``: a time, then chance.
ULID = """
CREATE OR REPLACE FUNCTION pg_temp.ulid(n bigint, name text) RETURNS text IMMUTABLE PARALLEL SAFE LANGUAGE sql
AS $$SELECT '01' || lpad(to_hex(n), 8, '0') || left(md5(name || n), 16)$$
"""

PLACES = """
CREATE TEMPORARY TABLE place (
    id int PRIMARY KEY, prefix text, country text, price numeric, currency text, entered float8
)
"""

#: Each place has its own conversion rate; a few have almost none.
PLACE = """
INSERT INTO place VALUES (
    %s, %s, %s, %s, %s, CASE WHEN pg_temp.chance(%s, 1) < 0.004 THEN 0.05 ELSE 0.5 + 0.3 * pg_temp.chance(%s, 2) END
)
"""

USERS = {
    "id": "n",
    "username": "'user' || n",
    "email": "'user' || n || '@example.com'",
    "password": "'!'",
    "first_name": "''",
    "last_name": "''",
    "is_active": "true",
    "is_staff": "false",
    "is_superuser": "false",
    "date_joined": "%(now)s::timestamptz - interval '800 days'",
}
USERS_FROM = "generate_series(%(first)s, %(last)s) n"

#: The number of each person. The first ``users`` persons have an account, and they request the most codes.
_PERSON = """
    CROSS JOIN LATERAL (SELECT
        '+' AS plus,
        floor(power(pg_temp.chance(person, 3), 2.2) * %(places)s)::int AS place_id,
        lpad(floor(pg_temp.chance(person, 4) * 10000)::text, 4, '0') AS last_digits
        OFFSET 0
    ) owner
    JOIN place ON place.id = place_id
"""

NUMBERS = {
    "public_id": "md5('number ' || person)::uuid",
    "phone_number": "place.prefix || last_digits",
    "user_id": "person",
    "verified_at": "%(now)s::timestamptz - pg_temp.chance(person, 5) * interval '730 days'",
    "is_primary": "true",
}
NUMBERS_FROM = f"generate_series(%(first)s, %(last)s) person {_PERSON}"

AUTHENTICATIONS = {
    "id": "n",
    "public_id": "md5('public ' || n)::uuid",
    "authentication_uuid": """
        CASE WHEN status IN ('failed', 'created') THEN '' ELSE 'vrf_' || pg_temp.ulid(n, 'provider') END""",
    "user_id": "CASE WHEN person <= %(users)s THEN person END",
    "phone_number": "place.prefix || last_digits",
    "prefix": "place.prefix",
    "country": "place.country",
    "purpose": """
        CASE WHEN n %% 200000 = 7 THEN 'handover'
        ELSE (ARRAY['login', 'login', 'login', 'second_factor', 'second_factor', 'link', 'signup'])
            [1 + floor(pg_temp.chance(n, 11) * 7)::int] END""",
    "backend": """
        CASE WHEN n < %(authentications)s * 0.02 THEN 'legacy'
        WHEN pg_temp.chance(n, 12) < 0.0005 THEN 'backup' ELSE 'default' END""",
    "status": "status",
    "check_count": "(status = 'validated')::int + CASE WHEN sent THEN wrong ELSE 0 END",
    "retry_count": "CASE WHEN sent AND retried THEN 1 ELSE 0 END",
    "remaining_retry": "CASE WHEN sent AND retried THEN 2 ELSE 3 END",
    "next_retry_at": "at + interval '30 seconds'",
    "created_at": "at",
    "expires_at": "at + interval '10 minutes'",
    "validated_at": "CASE WHEN status = 'validated' THEN at + entered_after * interval '1 second' END",
    "ip": "('203.0.' || floor(pg_temp.chance(person, 13) * 256) || '.' || floor(pg_temp.chance(n, 14) * 256))::inet",
    "device_signals": """
        jsonb_build_object(
            'device_type', (ARRAY['ANDROID', 'IOS', 'WEB'])[1 + floor(pg_temp.chance(person, 15) * 3)::int],
            'device_id', md5('device ' || person), 'app_version', '4.' || n * 40 / %(authentications)s)""",
    "error_code": """
        CASE WHEN status IN ('rate_limited', 'spam_detected') THEN status
        WHEN status = 'failed' THEN (ARRAY['invalid_line', 'invalid_line', 'blocked_number', 'timeout',
            'internal_server_error', 'answer_lost', 'unsupported_region'])[1 + floor(pg_temp.chance(n, 16) * 7)::int]
        ELSE '' END""",
    "channel": """
        CASE WHEN NOT sent THEN '' WHEN n %% 50000 = 11 AND n < %(authentications)s / 4 THEN 'zalo'
        WHEN pg_temp.chance(n, 17) < 0.72 THEN 'sms' WHEN pg_temp.chance(n, 17) < 0.9 THEN 'whatsapp'
        WHEN pg_temp.chance(n, 17) < 0.97 THEN 'rcs' WHEN pg_temp.chance(n, 17) < 0.995 THEN 'viber'
        ELSE 'telegram' END""",
    "delivery_status": """
        CASE WHEN NOT sent THEN '' WHEN status = 'validated' OR pg_temp.chance(n, 18) < 0.75 THEN 'delivered'
        WHEN pg_temp.chance(n, 18) < 0.95 THEN 'undeliverable' ELSE 'in_transit' END""",
    "carrier": """
        CASE WHEN NOT sent THEN '' ELSE '208' || lpad(floor(pg_temp.chance(person, 19) * 20)::text, 2, '0') END""",
    "price_amount": "CASE WHEN sent THEN place.price * CASE WHEN retried THEN 2 ELSE 1 END END",
    "price_currency": "CASE WHEN sent THEN place.currency ELSE '' END",
}

#: There are more and more over the two years. The newest are minutes old, so some are still pending.
AUTHENTICATIONS_FROM = f"""
    generate_series(%(first)s, %(last)s) n
    CROSS JOIN LATERAL (SELECT
        1 + floor(power(pg_temp.chance(n, 6), 2) * %(persons)s)::bigint AS person,
        %(now)s::timestamptz - (1 - power(n::float8 / %(authentications)s, 0.7)) * interval '730 days' AS at,
        pg_temp.chance(n, 7) AS fate,
        pg_temp.chance(n, 8) < 0.12 AS retried,
        CASE WHEN pg_temp.chance(n, 9) < 0.1 THEN 1 ELSE 0 END AS wrong,
        CASE WHEN pg_temp.chance(n, 8) < 0.12 THEN 46 ELSE 6 END - 24 * ln(1 - pg_temp.chance(n, 10)) AS entered_after
        OFFSET 0
    ) chosen
    {_PERSON}
    CROSS JOIN LATERAL (SELECT
        CASE WHEN n %% 400000 = 3 THEN 'unknown' WHEN fate > 0.999999 THEN 'created'
        WHEN fate > 0.95 THEN 'failed' WHEN fate > 0.93 THEN 'spam_detected' WHEN fate > 0.91 THEN 'rate_limited'
        WHEN fate < place.entered AND at + entered_after * interval '1 second' < %(now)s::timestamptz THEN 'validated'
        WHEN at > %(now)s::timestamptz - interval '10 minutes' THEN 'pending'
        ELSE 'expired' END AS status
        OFFSET 0
    ) decided
    CROSS JOIN LATERAL (SELECT status IN ('unknown', 'validated', 'pending', 'expired') AS sent OFFSET 0) known
"""

EVENTS = {
    "authentication_id": "a.id",
    "type": "event.type",
    "status": "event.status",
    "occurred_at": "a.created_at + event.after * interval '1 second'",
    "provider_event_id": "event.provider_id",
    "attempt_number": "event.attempt_number::int",
    "channel": "CASE WHEN event.type = 'attempt' THEN a.channel ELSE '' END",
    "data": "event.data",
}

#: In chronological order, about five per authentication.
EVENTS_FROM = """
    {authentication} a
    CROSS JOIN LATERAL (SELECT
        a.retry_count > 0 AS retried,
        a.channel <> '' AS sent,
        CASE WHEN a.retry_count > 0 THEN 40 ELSE 0 END AS last_sent,
        COALESCE(EXTRACT(epoch FROM a.validated_at - a.created_at), 60)::float8 AS entered,
        'att_' || pg_temp.ulid(a.id, 'attempt') AS first, 'att_' || pg_temp.ulid(a.id, 'retry') AS second,
        jsonb_build_object(
            'amount', (a.price_amount / (1 + a.retry_count))::numeric(12, 6)::text, 'currency', a.price_currency
        ) AS price,
        jsonb_build_object('network', a.carrier) AS network
        OFFSET 0
    ) made
    CROSS JOIN LATERAL (
        SELECT last_sent + 1.5 + 0.5 * pg_temp.chance(a.id, 20) * (entered - last_sent) AS arrived OFFSET 0
    ) brought
    CROSS JOIN LATERAL (VALUES
        (a.status NOT IN ('failed', 'created'), 'authentication', CASE WHEN sent THEN 'pending' ELSE a.status END,
            0.4, 'authentication', NULL, jsonb_build_object('authentication_uuid', a.authentication_uuid)),
        (a.status = 'failed', 'error', a.error_code, 1.2, NULL, NULL, '{{"operation": "send"}}'),
        (sent, 'attempt', 'pending', 0.9, first, 1,
            jsonb_build_object('attempt_id', first, 'carrier', network, 'price', price)),
        (sent AND pg_temp.chance(a.id, 21) < 0.5, 'delivery_status', 'submitted', 1.5, first || ':submitted', NULL,
            jsonb_build_object('attempt_id', first)),
        (sent AND NOT retried AND a.delivery_status <> 'in_transit', 'delivery_status', a.delivery_status,
            arrived, first || ':' || a.delivery_status, NULL, jsonb_build_object('attempt_id', first)),
        (retried, 'attempt', 'approved', last_sent, second, 2,
            jsonb_build_object('attempt_id', second, 'carrier', network, 'price', price)),
        (retried, 'delivery_status', a.delivery_status, arrived, second || ':' || a.delivery_status, NULL,
            jsonb_build_object('attempt_id', second)),
        (sent AND a.check_count > (a.status = 'validated')::int, 'check', 'invalid', (arrived + entered) / 2,
            NULL, NULL, '{{}}'),
        (a.status = 'validated', 'check', 'valid', entered, NULL, NULL, '{{}}')
    ) event (happens, type, status, after, provider_id, attempt_number, data)
    WHERE a.id BETWEEN %(first)s AND %(last)s AND event.happens
"""

BLOCKS = {
    "scope": "'prefix'",
    "subject": "place.prefix",
    "sends": "20",
    "validated": "1",
    "created_at": "%(now)s::timestamptz - pg_temp.chance(n, 30) * interval '730 days'",
    "expires_at": "%(now)s::timestamptz - pg_temp.chance(n, 30) * interval '730 days' + interval '12 hours'",
}
BLOCKS_FROM = "generate_series(%(first)s, %(last)s) n JOIN place ON place.id = n * 7"
