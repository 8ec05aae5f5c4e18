"""The numbers for other programs: the same answer as on the screens, as JSON and as CSV."""

import csv
import io
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.company.models import Company
from accounts.people.models import User
from accounts.tokens.authentication import ApiRequest
from analytics.kpis.periods import DEFAULT_PRESET, EARLIEST, checked_period, preset_period
from analytics.kpis.queries import SPLITS, KpiValue, Series, SeriesRow, kpi_series
from core.kpis import Kpi, kpis
from core.spreadsheets import safe_cell
from crm.channels.models import Channel

CHAIN = "cpl,cvr,cpa,nps"
CONFIDENCE = 0.95


class KpiQuery(serializers.Serializer[dict[str, Any]]):
    """What may be asked. `from` and `to` are days on the company's clock, both included."""

    metrics = serializers.CharField(default=CHAIN)
    to = serializers.DateField(required=False)
    by = serializers.ChoiceField(choices=SPLITS, required=False)
    channel = serializers.CharField(required=False)
    salesperson = serializers.CharField(required=False)

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        return {**super().get_fields(), "from": serializers.DateField(required=False)}

    def validate_metrics(self, value: str) -> list[str]:
        codes = list(dict.fromkeys(part.strip() for part in value.split(",") if part.strip()))
        unknown = [code for code in codes if code not in kpis]
        if unknown or not codes:
            raise serializers.ValidationError(
                _("Unknown: %(unknown)s. Available: %(known)s.")
                % {"unknown": ", ".join(unknown) or "–", "known": ", ".join(kpi.code for kpi in kpis)}
            )
        return codes


class IntervalOut(serializers.Serializer[Any]):
    low = serializers.FloatField()
    high = serializers.FloatField()
    confidence = serializers.FloatField()


class FigureField(serializers.FloatField):
    """A number as people write it: 12, not 12.0."""

    def to_representation(self, value: Any) -> Any:
        number = float(value)
        return int(number) if number.is_integer() else number


class KpiValueOut(serializers.Serializer[Any]):
    value = FigureField(allow_null=True, help_text="Null when undefined; `reason` says why.")
    numerator = FigureField(allow_null=True)
    denominator = FigureField(allow_null=True)
    interval = IntervalOut(allow_null=True, help_text="Where chance plays a part: CVR, CPA, NPS.")
    reason = serializers.CharField(help_text="Stable code such as `no_leads`; empty when defined.")


class KpiRowOut(serializers.Serializer[Any]):
    key = serializers.CharField(help_text="Channel code, public id of a person, or first day of the bucket.")
    label = serializers.CharField()  # type: ignore[assignment]
    starts_on = serializers.DateField(allow_null=True)
    ends_on = serializers.DateField(allow_null=True)
    values = serializers.DictField(child=KpiValueOut(), help_text="By metric code.")


class KpiDefinitionOut(serializers.Serializer[Any]):
    code = serializers.CharField()
    name = serializers.CharField()
    formula = serializers.CharField()
    unit = serializers.ChoiceField(choices=["money", "ratio", "count", "score"])
    better_when = serializers.ChoiceField(choices=["higher", "lower"])
    numerator = serializers.CharField()
    denominator = serializers.CharField(allow_blank=True)
    definition_version = serializers.IntegerField()


class KpiSeriesOut(serializers.Serializer[Any]):
    starts_on = serializers.DateField()
    ends_on = serializers.DateField()
    time_zone = serializers.CharField()
    currency = serializers.CharField()
    by = serializers.CharField()
    as_of = serializers.DateTimeField(help_text="The records are read at this instant; nothing is cached.")
    definitions = KpiDefinitionOut(many=True)
    total = KpiRowOut()
    rows = KpiRowOut(many=True)


class KpiCsvRenderer(BaseRenderer):
    """One line per row and metric; the total is a line with the key `total`. Text is safe for spreadsheets."""

    media_type = "text/csv"
    format = "csv"
    charset = "utf-8"

    def render(
        self, data: Any, accepted_media_type: str | None = None, renderer_context: Mapping[str, Any] | None = None
    ) -> bytes:
        out = io.StringIO()
        writer = csv.writer(out)
        if "error" in data:
            writer.writerow(["error", "message"])
            writer.writerow([data["error"]["code"], data["error"]["message"]])
        else:
            writer.writerow(CSV_COLUMNS)
            writer.writerows(csv_lines(data))
        return out.getvalue().encode()


CSV_COLUMNS = [
    "from",
    "to",
    "by",
    "key",
    "label",
    "starts_on",
    "ends_on",
    "metric",
    "value",
    "unit",
    "currency",
    "numerator",
    "denominator",
    "low",
    "high",
    "reason",
    "definition_version",
]


def csv_lines(data: Mapping[str, Any]) -> Iterator[list[object]]:
    definitions = {item["code"]: item for item in data["definitions"]}
    for row in [*data["rows"], data["total"]]:
        for code, value in row["values"].items():
            interval = value["interval"] or {"low": None, "high": None}
            unit = definitions[code]["unit"]
            yield [
                data["starts_on"],
                data["ends_on"],
                data["by"],
                row["key"],
                safe_cell(row["label"]),
                row["starts_on"],
                row["ends_on"],
                code,
                value["value"],
                unit,
                data["currency"] if unit == "money" else "",
                value["numerator"],
                value["denominator"],
                interval["low"],
                interval["high"],
                value["reason"],
                definitions[code]["definition_version"],
            ]


def series_data(series: Series) -> dict[str, Any]:
    """A series as the API says it."""
    return {
        "starts_on": series.period.start,
        "ends_on": series.period.end,
        "time_zone": series.period.zone.key,
        "currency": series.currency,
        "by": series.by,
        "as_of": timezone.now(),
        "definitions": [definition_data(kpis[code]) for code in series.codes],
        "total": _row_data(series.total),
        "rows": [_row_data(row) for row in series.rows],
    }


def definition_data(kpi: Kpi) -> dict[str, Any]:
    return {
        "code": kpi.code,
        "name": str(kpi.name),
        "formula": str(kpi.formula),
        "unit": kpi.unit.value,
        "better_when": kpi.better_when.value,
        "numerator": kpi.numerator,
        "denominator": kpi.denominator,
        "definition_version": kpi.definition_version,
    }


def _row_data(row: SeriesRow) -> dict[str, Any]:
    return {
        "key": row.key,
        "label": row.label,
        "starts_on": row.starts_on,
        "ends_on": row.ends_on,
        "values": {code: _value_data(value) for code, value in row.values.items()},
    }


def _value_data(value: KpiValue) -> dict[str, Any]:
    interval = None
    if value.low is not None and value.high is not None:
        interval = {"low": value.low, "high": value.high, "confidence": CONFIDENCE}
    return {
        "value": value.value,
        "numerator": value.numerator,
        "denominator": value.denominator,
        "interval": interval,
        "reason": value.reason_code,
    }


class KpiListView(APIView):
    """The KPIs over a period, split one way."""

    required_scope = "kpis:read"
    renderer_classes = [JSONRenderer, KpiCsvRenderer]

    @extend_schema(
        operation_id="kpis",
        summary="Key figures: CPL, CVR, CPA, NPS and what they are made of",
        description=(
            "Every figure is read from the records at that moment and recomputed from sums. CPL = spend / leads, "
            "CVR = customers / leads, CPA = spend / customers; undefined where there is nothing to divide by (null, "
            "with a reason code). Days are cut by the company's time zone. A salesperson's token is answered about "
            "their own mini-list only. As CSV: `Accept: text/csv`, `?format=csv`, or `/api/v1/kpis.csv`."
        ),
        parameters=[
            OpenApiParameter("metrics", str, description=f"Codes, comma-separated. Default: {CHAIN}."),
            OpenApiParameter("from", OpenApiTypes.DATE, description="First day. Default: 28 days up to `to`."),
            OpenApiParameter("to", OpenApiTypes.DATE, description="Last day, included. Default: today."),
            OpenApiParameter("by", str, enum=SPLITS, description="How to split. Default: the total only."),
            OpenApiParameter("channel", str, description="Only this channel (code)."),
            OpenApiParameter("salesperson", str, description="Only this salesperson (public id)."),
            OpenApiParameter("format", str, enum=["json", "csv"], description="`csv` for a spreadsheet."),
        ],
        responses={(200, "application/json"): KpiSeriesOut, (200, "text/csv"): OpenApiTypes.STR},
    )
    def get(self, request: ApiRequest, format: str | None = None) -> Response:
        query = KpiQuery(data=request.query_params)
        query.is_valid(raise_exception=True)
        response = Response(KpiSeriesOut(series_data(series_for_query(query.validated_data, user=request.user))).data)
        if request.accepted_renderer.format == "csv":
            response["Content-Disposition"] = 'attachment; filename="kpis.csv"'
        return response


@extend_schema(exclude=True)
class KpiCsvView(KpiListView):
    """The same by an address that a spreadsheet can be pointed at."""


def series_for_query(asked: Mapping[str, Any], *, user: User) -> Series:
    """Ask `kpi_series` what a checked `KpiQuery` says. Raises DomainError for a period that is none, Http404 for a
    channel or person that is not there."""
    zone = Company.get().zone
    usual = preset_period(DEFAULT_PRESET, today=timezone.localdate(timezone=zone), zone=zone)
    end: date = asked.get("to") or usual.end
    start: date = asked.get("from") or max(end, EARLIEST) - (usual.end - usual.start)
    channel = get_object_or_404(Channel, code=asked["channel"]) if asked.get("channel") else None
    person = None
    if asked.get("salesperson"):
        person = User.objects.filter(public_id=asked["salesperson"], role=User.Role.SALESPERSON).first()
        if person is None or (user.is_salesperson and person != user):
            raise Http404
    return kpi_series(
        codes=asked["metrics"],
        period=checked_period(start, end, zone=zone),
        by=asked.get("by") or "total",
        user=user,
        channel=channel,
        salesperson=person,
    )


class KpiDefinitionsView(APIView):
    """What each figure is: formula, unit, and when it is better."""

    required_scope = "kpis:read"

    @extend_schema(
        operation_id="kpi_definitions", summary="What each key figure is", responses=KpiDefinitionOut(many=True)
    )
    def get(self, request: ApiRequest) -> Response:
        return Response([definition_data(kpi) for kpi in kpis])
