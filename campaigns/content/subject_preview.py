"""A subject as a list shows it: no merge tags, what is certain to be read."""

import re

CONDITIONAL = re.compile(r"\{%-?\s*if\b.*?\{%-?\s*endif\s*-?%\}", re.DOTALL)
MERGE = re.compile(r"{%.*?%}|{{\s*(?:contact\.first_name)\|default\(\"([^\"]*)\"\)\s*}}|{{.*?}}", re.DOTALL)


def subject_preview(text: str) -> str:
    """A template's words as somebody would read them out: conditional parts left out, merge fields as their default."""
    certain = CONDITIONAL.sub("", text or "")
    return " ".join(MERGE.sub(lambda match: match[1] or "…", certain).split())
