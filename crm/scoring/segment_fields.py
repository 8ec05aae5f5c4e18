"""What segments can ask about the RFM scores of a customer."""

from collections.abc import Sequence
from functools import partial

from django.utils.translation import gettext_lazy

from core.rules.choices import from_rows
from core.rules.fields import Choice, Field
from core.rules.operators import Kind
from core.rules.sources import Column, Related
from crm.scoring.models import RfmScore, RfmSegment

RFM = gettext_lazy("RFM")


def rfm_segments(codes: Sequence[str] | None, query: str) -> Sequence[Choice]:
    return from_rows(RfmSegment.objects.all(), "code", "name", codes, query)


_rfm = partial(Field, group=RFM)
_score = partial(Field, group=RFM, kind=Kind.SCORE, least=1, most=5)

RFM_FIELDS = (
    _rfm(
        code="rfm_segment",
        label=gettext_lazy("RFM segment"),
        kind=Kind.CHOICE,
        source=Related(RfmScore.objects.all, Column("segment__code")),
        choices=rfm_segments,
    ),
    _score(code="rfm_r", label=gettext_lazy("recency score"), source=Related(RfmScore.objects.all, Column("r"))),
    _score(code="rfm_f", label=gettext_lazy("frequency score"), source=Related(RfmScore.objects.all, Column("f"))),
    _score(code="rfm_m", label=gettext_lazy("monetary score"), source=Related(RfmScore.objects.all, Column("m"))),
    _rfm(
        code="recency_days",
        label=gettext_lazy("days since the last purchase at the last scoring"),
        kind=Kind.NUMBER,
        source=Related(RfmScore.objects.all, Column("recency_days")),
    ),
)
