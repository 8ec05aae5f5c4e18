"""What was changed, in the words of the reader."""

import csv
import json
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone, translation

from accounts.audit.entries import readable
from accounts.audit.models import AuditEntry
from accounts.audit.services import audit_record
from accounts.audit.subjects import field_label, subject_title
from accounts.audit.values import (
    count,
    day,
    decimal,
    duration,
    hour,
    in_words,
    moment,
    money,
    money_of,
    one_of,
    percent,
    stored,
    text,
    yes_no,
)
from accounts.people.models import Team, User

NOON = datetime(2026, 3, 1, 11, tzinfo=UTC)


@pytest.fixture
def spaniard(db: None) -> User:
    return User.objects.create_user(
        "eva@company.example", full_name="Eva", role=User.Role.ANALYST, language="es", time_zone="Europe/Madrid"
    )


def changed(**changes: tuple[Any, Any]) -> AuditEntry:
    user = User(pk=7, full_name="Ada", email="ada@company.example")
    return audit_record(actor=None, action="user_change", subject=user, changes=changes)


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        (None, None),
        (True, True),
        (3, 3),
        (Decimal("1.50"), "1.50"),
        (User.Role.MARKETER, "marketer"),
        (NOON, "2026-03-01T11:00:00+00:00"),
        (date(2026, 3, 1), "2026-03-01"),
        (time(9, 30), "09:30:00"),
        (timedelta(hours=2), 7200.0),
        (Team(name="North"), "North"),
        (("a", Team(name="North")), ["a", "North"]),
        ({"gmail.com": Decimal(20)}, {"gmail.com": "20"}),
        ("x" * 600, "x" * 500),
    ],
)
def test_values_are_recorded_as_json(value: object, kept: object) -> None:
    assert stored(value) == kept
    assert json.loads(json.dumps(stored(value))) == kept


def test_a_structure_too_large_to_keep_is_kept_as_the_beginning_of_its_text() -> None:
    assert len(stored({"rules": ["x" * 400] * 100})) == 500


@pytest.mark.parametrize(
    ("show", "value", "english", "spanish"),
    [
        (yes_no, True, "Yes", "Sí"),
        (yes_no, "False", "No", "No"),
        (count, 12345, "12,345", "12.345"),
        (decimal, "1.50", "1.5", "1,5"),
        (decimal, "20.00", "20", "20"),
        (percent, "0.125", "12.5%", "12,5\xa0%"),
        (money, {"amount": "12.50", "currency": "EUR"}, "€12.50", "12,50\xa0€"),
        (moment, "2026-03-01T11:00:00+00:00", "1 Mar 2026, 12:00", "1 mar 2026, 12:00"),
        (moment, "2026-03-01 11:00 UTC", "1 Mar 2026, 12:00", "1 mar 2026, 12:00"),
        (day, "2026-03-01", "1 Mar 2026", "1 mar 2026"),
        (hour, "09:30:00", "09:30", "09:30"),
        (duration, 7200.0, "2 hours", "2 horas"),
        (one_of(User.Role.choices), "marketer", "Marketer", "Especialista de marketing"),
        (one_of(User.Role.choices), ["analyst", "gone"], "Analyst, gone", "Analista, gone"),
        (text, ["a", 1500, None], "a, 1,500, –", "a, 1.500, –"),
        (text, {"gmail.com": 20}, "gmail.com: 20", "gmail.com: 20"),
        (text, "", "–", "–"),
        (moment, "some time", "some time", "some time"),
        (money, [], "–", "–"),
    ],
)
def test_values_are_read_in_the_language_and_zone_of_the_reader(
    show: Any, value: object, english: str, spanish: str
) -> None:
    with timezone.override("Europe/Madrid"):
        with translation.override("en"):
            assert in_words(show, value) == english
        with translation.override("es"):
            assert in_words(show, value) == spanish


def test_money_without_its_currency_is_the_companys(db: None) -> None:
    assert money("3") == "€3.00"
    assert stored(money_of(Decimal("3.00"), "USD")) == {"amount": "3.00", "currency": "USD"}
    assert money_of(None, "USD") is None


def test_fields_have_the_label_of_their_form_or_model_and_values_their_type(db: None) -> None:
    entry = changed(
        role=(User.Role.ANALYST, User.Role.MARKETER), is_active=(True, False), team=(None, Team(name="North"))
    )
    assert entry.changes == {"role": ["analyst", "marketer"], "is_active": [True, False], "team": [None, "North"]}
    with translation.override("es"):
        shown = readable(entry)
    assert (shown.title, shown.kind, shown.name) == ("Usuario editado", "Usuario", "Ada")
    assert [(line.label, line.before, line.after) for line in shown.changes] == [
        ("Rol", "Analista", "Especialista de marketing"),
        ("Activo", "Sí", "No"),
        ("Equipo", "–", "North"),
    ]


def test_entries_kept_as_text_are_still_read(db: None) -> None:
    entry = changed(is_active=("True", "False"), role=("analyst", "no role"))
    shown = readable(entry)
    assert [(line.before, line.after) for line in shown.changes] == [("Yes", "No"), ("Analyst", "no role")]


def test_things_and_fields_nobody_registered_read_as_their_names() -> None:
    entry = AuditEntry(action="planet_move", object_type="sky.planet", changes={"far_side": [1, None]})
    shown = readable(entry)
    assert (shown.title, shown.kind) == ("Planet move", "Planet")
    assert [(line.label, line.before, line.after) for line in shown.changes] == [("far side", "1", "–")]
    assert field_label("sky.planet", "far_side") == ""
    assert subject_title("accounts.company") == "Company"


def test_the_page_speaks_the_readers_language(spaniard: User, signed_in: Any) -> None:
    changed(role=("analyst", "marketer"))
    page = signed_in(spaniard).get("/data/audit/").content.decode()
    assert "Usuario editado" in page
    assert "Especialista de marketing" in page


def test_the_export_speaks_the_readers_language_on_the_readers_clock(spaniard: User, signed_in: Any) -> None:
    entry = changed(role=("analyst", "marketer"), is_active=(True, None))
    AuditEntry.objects.filter(pk=entry.pk).update(at=NOON)
    client: Client = signed_in(spaniard)
    response: Any = client.get("/data/audit/export/", {"action": "user_change"})
    rows = list(csv.reader(b"".join(response.streaming_content).decode("utf-8-sig").splitlines()))
    assert rows[0][:3] == ["Cuándo", "Usuario", "Acción"]
    assert rows[1] == [
        "2026-03-01T12:00:00+01:00",
        "",
        "Usuario editado",
        "Usuario",
        "Ada",
        "Rol: Analista; Activo: Sí",
        "Rol: Especialista de marketing",
    ]
