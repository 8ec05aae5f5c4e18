"""Small marks of the design system: states, initials, icons."""

from django.utils.html import format_html
from django.utils.safestring import SafeString

TONES = ("accent", "good", "warn", "bad")


def badge(text: object, tone: str = "", icon: str = "") -> SafeString:
    """A small state label. `tone`: empty, accent, good, warn, bad (judgement only); `icon`: a Tabler icon's name."""
    css = f" c-badge-{tone}" if tone in TONES else ""
    mark = format_html('<i class="ti ti-{}" aria-hidden="true"></i>', icon) if icon else ""
    return format_html('<span class="c-badge{}">{}{}</span>', css, mark, text)


def avatar(name: object, size: str = "") -> SafeString:
    """The initials of a person in a circle; `size` may be "lg". Decoration: the name stands beside it."""
    words = [word for word in str(name or "").split() if word[0].isalnum()]
    initials = (words[0][0] + (words[-1][0] if len(words) > 1 else "")).upper() if words else "·"
    return format_html(
        '<span class="c-avatar{}" aria-hidden="true">{}</span>', " c-avatar-lg" if size else "", initials
    )


def icon(name: str) -> SafeString:
    """A decorative Tabler icon."""
    return format_html('<i class="ti ti-{}" aria-hidden="true"></i>', name)
