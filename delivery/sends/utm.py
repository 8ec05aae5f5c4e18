"""Web-analytics tags (UTM) on the links of a send: which ones, and how they are put on an address.

`Send.utm` is empty for no tags; otherwise it holds source, medium, campaign, term and content, an empty one meaning its
default. An address keeps what it has: its parameters, its fragment, and tags its author set. `utm=off` in an address
leaves that link without tags, and is taken out.
"""

from urllib.parse import quote

from django.utils.text import slugify

from delivery.sends.authors import send_name
from delivery.sends.models import Send, Variant

NAMES = ("source", "medium", "campaign", "term", "content")
OFF = "utm=off"
# All tags, each with its default.
UTM_DEFAULT = dict.fromkeys(NAMES, "")


def utm_defaults(send: Send) -> dict[str, str]:
    """What an empty tag becomes; the content is the variant's letter, the term nothing."""
    name = slugify(send_name(send))[:60]
    return {"source": "cauce", "medium": "email", "campaign": name or send.public_id, "term": "", "content": ""}


def utm_of(send: Send, variant: Variant) -> dict[str, str]:
    """The tags of one arm's links, in their usual order; {} when the send carries none."""
    if not send.utm:
        return {}
    values = utm_defaults(send) | {"content": variant.label}
    values |= {name: value for name in NAMES if (value := str(send.utm.get(name, "")).strip())}
    return {f"utm_{name}": values[name] for name in NAMES if values[name]}


def tagged(address: str, tags: dict[str, str]) -> str:
    """The address with its tags. Merge tags must have been swapped for words: theirs are no parameters."""
    rest, hash_mark, fragment = address.partition("#")
    path, _mark, query = rest.partition("?")
    pieces = [piece for piece in query.split("&") if piece]
    if OFF in pieces:
        pieces.remove(OFF)
    else:
        there = {piece.partition("=")[0].lower() for piece in pieces}
        pieces += [f"{name}={quote(value, safe='')}" for name, value in tags.items() if name not in there]
    return f"{path}{'?' if pieces else ''}{'&'.join(pieces)}{hash_mark}{fragment}"
