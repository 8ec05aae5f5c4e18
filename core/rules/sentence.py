"""A tree of rules said in the person's language: "customers in Lima who bought at least twice since March 1, 2026"."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import cast

from babel.numbers import format_currency, format_decimal
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from core.rules.context import RuleContext
from core.rules.fields import Field, Phrase
from core.rules.operators import Kind, Shape
from core.rules.tree import Condition, Group, Node
from core.rules.values import Window

MAX_NAMED = 4

_ON_RECORD = {
    "is_set": Phrase(gettext_lazy("with %(label)s on record")),
    "is_not_set": Phrase(gettext_lazy("without %(label)s on record")),
}
_NUMBER = {
    "at_least": Phrase(gettext_lazy("with %(label)s of at least %(value)s")),
    "at_most": Phrase(gettext_lazy("with %(label)s of at most %(value)s")),
    "more_than": Phrase(gettext_lazy("with %(label)s above %(value)s")),
    "less_than": Phrase(gettext_lazy("with %(label)s below %(value)s")),
    "equals": Phrase(gettext_lazy("with %(label)s of %(value)s")),
    "not_equals": Phrase(gettext_lazy("without %(label)s of %(value)s")),
    "between": Phrase(gettext_lazy("with %(label)s between %(first)s and %(last)s")),
}
_MEASURED = {
    "some": Phrase(gettext_lazy("with %(label)s%(window)s")),
    "never": Phrase(gettext_lazy("without %(label)s%(window)s")),
    "measured": Phrase(gettext_lazy("with %(amount)s in %(label)s%(window)s")),
}
_DEFAULT: dict[Kind, dict[str, Phrase]] = {
    Kind.TEXT: {
        "is": Phrase(gettext_lazy("with %(label)s %(value)s")),
        "is_any_of": Phrase(gettext_lazy("with %(label)s %(value)s")),
        "is_not": Phrase(gettext_lazy("without %(label)s %(value)s")),
        "is_none_of": Phrase(gettext_lazy("without %(label)s %(value)s")),
        "contains": Phrase(gettext_lazy("with %(label)s containing %(value)s")),
        "not_contains": Phrase(gettext_lazy("without %(value)s in %(label)s")),
        "starts_with": Phrase(gettext_lazy("with %(label)s starting with %(value)s")),
    },
    Kind.NUMBER: _NUMBER,
    Kind.MONEY: _NUMBER,
    Kind.SCORE: _NUMBER,
    Kind.DATE: {
        "in_last": Phrase(gettext_lazy("with %(label)s in the last %(days)s")),
        "not_in_last": Phrase(gettext_lazy("without %(label)s in the last %(days)s")),
        "older_than": Phrase(gettext_lazy("with %(label)s more than %(days)s ago")),
        "on": Phrase(gettext_lazy("with %(label)s on %(value)s")),
        "since": Phrase(gettext_lazy("with %(label)s since %(value)s")),
        "before": Phrase(gettext_lazy("with %(label)s before %(value)s")),
        "between": Phrase(gettext_lazy("with %(label)s between %(first)s and %(last)s")),
    },
    Kind.BIRTHDAY: {
        "in_next": Phrase(gettext_lazy("with %(label)s in the next %(days)s")),
        "in_month": Phrase(gettext_lazy("with %(label)s in %(value)s")),
    },
    Kind.CHOICE: {
        "is_any_of": Phrase(gettext_lazy("with %(label)s %(value)s")),
        "is_none_of": Phrase(gettext_lazy("without %(label)s %(value)s")),
    },
    Kind.CHOICES: {
        "has_any_of": Phrase(gettext_lazy("with %(label)s %(value)s%(window)s")),
        "has_all_of": Phrase(gettext_lazy("with %(label)s %(value)s%(window)s")),
        "has_none_of": Phrase(gettext_lazy("without %(label)s %(value)s%(window)s")),
    },
    Kind.BOOLEAN: {
        "is_true": Phrase(gettext_lazy("with %(label)s")),
        "is_false": Phrase(gettext_lazy("without %(label)s")),
    },
    Kind.COUNT: _MEASURED,
    Kind.SUM: _MEASURED,
    Kind.SEGMENT: {
        "in_any_of": Phrase(gettext_lazy("in the segment %(value)s")),
        "in_none_of": Phrase(gettext_lazy("outside the segment %(value)s")),
    },
}


@dataclass(frozen=True)
class _Phrasing:
    text: str
    is_clause: bool = False

    @property
    def standing(self) -> str:
        """With its own "who", to stand beside phrases of the other sort."""
        return _("who %(clause)s") % {"clause": self.text} if self.is_clause else self.text


def rules_sentence(root: Group, context: RuleContext) -> str:
    """One sentence without its full stop, beginning with a capital."""
    subject: str | Promise = _("contacts")
    members = list(root.of)
    if not members:
        return capfirst(_("all contacts"))
    if root.mode == "all":
        for node in members:
            if isinstance(node, Condition) and (phrase := _phrase(node)[0]).is_subject:
                subject = phrase.text
                members.remove(node)
                break
    if not members:
        return capfirst(str(subject))
    if root.mode == "none":
        return capfirst(
            _("all contacts except those %(exceptions)s")
            % {"exceptions": _list([said.standing for said in _phrasings(members, context)], _("or"))}
        )
    if root.mode == "any":
        return capfirst(f"{subject} {_list([said.standing for said in _phrasings(members, context)], _('or'))}")
    return capfirst(_all(str(subject), members, context))


def _all(subject: str, members: Sequence[Node], context: RuleContext) -> str:
    """Subject, then what stands by itself, then the "who" clauses, then the exceptions."""
    exceptions = [node for node in members if isinstance(node, Group) and node.mode == "none"]
    said = _phrasings([node for node in members if node not in exceptions], context)
    parts = [subject]
    if standing := [it.text for it in said if not it.is_clause]:
        parts.append(_list(standing, _("and")))
    if clauses := [it.text for it in said if it.is_clause]:
        parts.append(_("who %(clause)s") % {"clause": _list(clauses, _("and"))})
    sentence = " ".join(parts)
    for group in exceptions:
        excepted = _list([it.standing for it in _phrasings(group.of, context)], _("or"))
        sentence += _(", except those %(exceptions)s") % {"exceptions": excepted}
    return sentence


def _phrasings(nodes: Sequence[Node], context: RuleContext) -> list[_Phrasing]:
    return [_condition(node, context) if isinstance(node, Condition) else _group(node, context) for node in nodes]


def _group(group: Group, context: RuleContext) -> _Phrasing:
    said = _phrasings(group.of, context)
    if group.mode == "none":
        return _Phrasing(_("(not %(exceptions)s)") % {"exceptions": _list([it.standing for it in said], _("or"))})
    if len(said) == 1:
        return said[0]
    word = _("and") if group.mode == "all" else _("or")
    if all(it.is_clause for it in said):
        return _Phrasing(f"({_list([it.text for it in said], word)})", is_clause=True)
    return _Phrasing(f"({_list([it.standing for it in said], word)})")


def _phrase(condition: Condition) -> tuple[Phrase, str]:
    """The phrase of a condition, and its key."""
    field, key = condition.field, condition.operator.code
    if field.kind in {Kind.COUNT, Kind.SUM}:
        number = cast("Decimal", condition.value)
        is_zero = number == 0 and key in {"at_most", "equals"}
        is_any = field.kind is Kind.COUNT and number == 1 and key == "at_least"
        key = "never" if is_zero else "some" if is_any else "measured"
    phrase = field.phrases.get(key) or _ON_RECORD.get(key) or _DEFAULT[field.kind][key]
    return phrase, key


def _condition(condition: Condition, context: RuleContext) -> _Phrasing:
    phrase, _key = _phrase(condition)
    values = {
        "label": str(condition.field.label),
        "window": window_phrase(condition.window),
        "value": "",
        "first": "",
        "last": "",
        "days": "",
        "amount": "",
        "times": "",
    }
    shape, value = condition.operator.shape, condition.value
    if shape in {Shape.NUMBERS, Shape.DAYS}:
        pair = cast("tuple[Decimal | date, Decimal | date]", value)
        values["first"], values["last"] = (_amount(item, condition.field, context) for item in pair)
    elif shape in {Shape.NUMBER, Shape.DAY}:
        values["value"] = _amount(cast("Decimal | date", value), condition.field, context)
        values["amount"] = _compared(condition.operator.code, values["value"])
        if condition.field.kind is Kind.COUNT:
            values["times"] = _compared(condition.operator.code, _times(int(cast("Decimal", value))))
    elif shape is Shape.SPAN:
        values["days"] = _days(cast("int", value))
    elif shape is not Shape.NOTHING:
        values["value"] = _names(condition, context)
    text = str(phrase.text) % values
    return (
        _Phrasing(_("are %(subject)s") % {"subject": text}, True)
        if phrase.is_subject
        else _Phrasing(text, phrase.is_clause)
    )


def _names(condition: Condition, context: RuleContext) -> str:
    codes = (condition.value,) if isinstance(condition.value, str) else cast("tuple[str, ...]", condition.value)
    if condition.field.kind is Kind.SEGMENT:
        found = {code: rule.name for code in codes if (rule := context.included(code))}
        names = [_("“%(text)s”") % {"text": found.get(code, code)} for code in codes]
    elif condition.field.choices is not None and condition.field.kind is not Kind.TEXT:
        labels = {choice.code: str(choice.label) for choice in condition.field.choices(codes, "")}
        names = [labels.get(code, code) for code in codes]
    elif condition.field.kind is Kind.TEXT and condition.operator.code in {"contains", "not_contains", "starts_with"}:
        names = [_("“%(text)s”") % {"text": code} for code in codes]
    else:
        names = list(codes)
    if len(names) > MAX_NAMED + 1:
        rest = len(names) - MAX_NAMED
        names = [*names[:MAX_NAMED], ngettext("%(count)s more", "%(count)s more", rest) % {"count": rest}]
    return _list(names, _("and") if condition.operator.code == "has_all_of" else _("or"))


def _amount(value: Decimal | date, field: Field, context: RuleContext) -> str:
    if isinstance(value, date):
        return date_format(value, "DATE_FORMAT")
    locale = (get_language() or "en").replace("-", "_")
    if field.kind in {Kind.MONEY, Kind.SUM}:
        written = str(format_currency(value, context.currency, locale=locale))
        return re.sub(r"[.,]00(?!\d)", "", written) if value == value.to_integral_value() else written
    return str(format_decimal(value, locale=locale))


def _compared(operator: str, amount: str) -> str:
    text = {"at_least": _("at least %(amount)s"), "at_most": _("at most %(amount)s")}.get(operator, "%(amount)s")
    return text % {"amount": amount}


def _times(number: int) -> str:
    words = {1: _("once"), 2: _("twice")}
    return words.get(number) or ngettext("%(count)s time", "%(count)s times", number) % {"count": number}


def _days(days: int) -> str:
    return ngettext("%(count)s day", "%(count)s days", days) % {"count": days}


def window_phrase(window: Window) -> str:
    """ " in the last 30 days", " since March 1, 2026"; empty for an open window. Begins with a space."""
    if window.days is not None:
        return " " + _("in the last %(days)s") % {"days": _days(window.days)}
    first = date_format(window.since, "DATE_FORMAT") if window.since else ""
    last = date_format(window.until, "DATE_FORMAT") if window.until else ""
    if first and last:
        return " " + _("between %(first)s and %(last)s") % {"first": first, "last": last}
    if first:
        return " " + _("since %(day)s") % {"day": first}
    if last:
        return " " + _("until %(day)s") % {"day": last}
    return ""


def _list(items: Sequence[str], word: str) -> str:
    """ "a", "a and b", "a, b and c"."""
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} {word} {items[-1]}"
