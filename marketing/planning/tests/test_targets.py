"""Targets: set, refused, removed."""

from datetime import date
from decimal import Decimal

import pytest

from accounts.people.models import User
from core.errors import DomainError
from marketing.planning.models import KpiTarget
from marketing.planning.services import target_remove, target_set
from marketing.spend.tests.test_spend import DAY


def test_targets(director: User) -> None:
    def put(kpi: str, value: str) -> KpiTarget:
        return target_set(kpi=kpi, starts_on=DAY, ends_on=date(2026, 3, 31), value=Decimal(value), actor=director)

    put("cpl", "20")
    target = put("cpl", "21")
    assert KpiTarget.objects.get().value == 21
    for kpi, value, code in [("cvr", "1.5", "target_out_of_range"), ("x", "1", "kpi_unknown")]:
        with pytest.raises(DomainError) as error:
            put(kpi, value)
        assert error.value.code == code
    with pytest.raises(DomainError, match="before"):
        target_set(kpi="cpl", starts_on=DAY, ends_on=date(2026, 2, 1), value=Decimal(1), actor=director)
    target_remove(target=target, actor=director)
    assert KpiTarget.objects.count() == 0
