"""Templates in short lines: `python -m tools.template_format [--check]`.

A line over 120 characters is broken where a browser sees no difference: between the attributes of a tag, beside block
elements, where there is white space already, and within translated sentences that are trimmed. What a sentence is
called in the catalogues stays the same. `--check` changes nothing and fails on lines over 200 characters and on
templates that formatting would change.
"""

import re
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MAX_LINE = 200
WIDTH = 120
BLOCK = frozenset(
    """
    address article aside blockquote body button-group dd details dialog div dl dt fieldset figcaption figure footer
    form h1 h2 h3 h4 h5 h6 head header hr html legend li link main meta nav ol optgroup option p section select summary
    table tbody td template tfoot th thead title tr ul
    """.split()  # noqa: SIM905
)
VERBATIM = re.compile(r"<(pre|textarea|script|style)\b|\{%\s*(comment|verbatim)\b")
VERBATIM_END = re.compile(r"</(pre|textarea|script|style)>|\{%\s*end(comment|verbatim)\b")
SENTENCE = re.compile(r"\{%\s*blocktranslate\b[^%]*%\}.*?\{%\s*endblocktranslate\s*%\}", re.S)
LONG_TRANSLATE = re.compile(
    r"""\{%\s*translate\s+"(?P<text>[^"{}%]+)"(?P<context>\s+context\s+"[^"]*")?"""
    r"""(?:\s+as\s+(?P<name>\w+))?\s*%\}"""
)
# Parts that are block elements themselves.
COMPONENT = re.compile(
    r"""\{%\s*include\s+"components/(empty|notice|copy|table|chart|kv|steps|timeline|tabs|progress)"""
)
WORD = re.compile(r"(?:\{\{.*?\}\}|\{%.*?%\}|[^\s{]|\{(?![{%]))+")
COMMENT = re.compile(r"^(\s*)\{# (.*) #\}\s*$")
# Django tags that put nothing on the page themselves.
SILENT = re.compile(
    r"\{%\s*(if|elif|else|endif|for|empty|endfor|with|endwith|load|block|endblock|extends|spaceless|"
    r"endspaceless|csrf_token|translate\b.*\bas\b|blocktranslate\b.*\basvar\b|url\b.*\bas\b)"
)


def atoms(text: str) -> Iterator[str]:
    """`text` as Django tags, HTML tags (with the Django tags inside them), white space and words."""
    position, end = 0, len(text)
    while position < end:
        start = position
        if text.startswith(("{%", "{{", "{#"), position):
            position = _after_django(text, position)
        elif text[position] == "<" and re.match(r"</?[a-zA-Z]|<!", text[position:]):
            position = _after_html(text, position)
        elif text[position].isspace():
            while position < end and text[position].isspace():
                position += 1
        else:
            while position < end and not text[position].isspace() and not (position > start and text[position] == "<"):
                if text.startswith(("{%", "{{", "{#"), position):
                    break
                position += 1
        yield text[start:position]


def _after_django(text: str, position: int) -> int:
    close = {"{%": "%}", "{{": "}}", "{#": "#}"}[text[position : position + 2]]
    found = text.find(close, position)
    return len(text) if found < 0 else found + 2


def _after_html(text: str, position: int) -> int:
    quote = ""
    while position < len(text):
        if text.startswith(("{%", "{{", "{#"), position):
            position = _after_django(text, position)
            continue
        character = text[position]
        if quote:
            quote = "" if character == quote else quote
        elif character in "\"'":
            quote = character
        elif character == ">":
            return position + 1
        position += 1
    return position


def _is_block(atom: str) -> bool:
    found = re.match(r"</?([a-zA-Z][\w-]*)", atom)
    return found[1].lower() in BLOCK if found else bool(COMPONENT.match(atom))


def _is_silent(atom: str) -> bool:
    return bool(SILENT.match(atom))


def _attributes(tag: str) -> list[str]:
    """A tag's name and attributes, each with what belongs to it; conditions between attributes stay whole."""
    parts, current, depth, quote, position = [], "", 0, "", 0
    while position < len(tag):
        if tag.startswith(("{%", "{{", "{#"), position):
            after = _after_django(tag, position)
            piece = tag[position:after]
            if not quote:
                depth += bool(re.match(r"\{%\s*(if|for|with)\b", piece)) - bool(re.match(r"\{%\s*end", piece))
            current += piece
            position = after
            continue
        character = tag[position]
        if quote:
            quote = "" if character == quote else quote
        elif character in "\"'":
            quote = character
        if character.isspace() and not quote and not depth:
            if current:
                parts.append(current)
            current = ""
        else:
            current += character
        position += 1
    return [*parts, current] if current else parts


class Branches:
    """Whether white space is free behind a condition or a loop: only where it is so whichever way was taken."""

    def __init__(self) -> None:
        self.stack: list[tuple[bool, bool]] = []

    def after(self, atom: str, free: bool) -> bool:
        """Whether white space behind `atom` changes nothing; `free`: whether it changed nothing before."""
        tag = re.match(r"\{%\s*(\w+)", atom)
        word = tag[1] if tag else ""
        if word in {"if", "for"}:
            self.stack.append((free, True))
        elif word in {"elif", "else", "empty"}:
            before, every = self.stack.pop() if self.stack else (False, False)
            self.stack.append((before, every and free))
            return before
        elif word in {"endif", "endfor"}:
            before, every = self.stack.pop() if self.stack else (False, False)
            return before and every and free
        return _is_block(atom) or (free and _is_silent(atom))


def broken(line: str) -> list[str]:
    """One long line as several."""
    indent = line[: len(line) - len(line.lstrip())]
    inner = indent + "  "
    lines: list[str] = []
    current, last, free = indent, 0, True  # `free`: white space here changes nothing; `last`: where that was so before

    branches = Branches()

    def cut(at: int) -> None:
        nonlocal current, last
        lines.append(current[:at].rstrip())
        current, last = inner + current[at:].lstrip(), 0

    for atom in _joined(line.strip()):
        if atom.isspace():
            free = True
            if current.strip():
                current += " "
            continue
        if (free or _is_block(atom)) and current.strip():
            last = len(current)
        is_tag = atom.startswith("<") and not atom.startswith(("</", "<!"))
        if len(current) + len(atom) > WIDTH and last:
            cut(last)
        if len(current) + len(atom) > WIDTH and is_tag:
            parts = _attributes(atom)
            current += parts[0]
            for part in parts[1:]:
                if len(current) + 1 + len(part) > WIDTH:
                    lines.append(current.rstrip())
                    current, last = inner + "  " + part, 0
                else:
                    current += " " + part
        elif len(current) + len(atom) > WIDTH and SENTENCE.match(atom):
            head, text, tail = _sentence(atom)
            current += head
            is_first = True
            for word in WORD.findall(text):
                if len(current) + 1 + len(word) > WIDTH:
                    lines.append(current.rstrip())
                    current, last = inner + word, 0
                else:
                    current += word if is_first else " " + word
                is_first = False
            current += tail
        else:
            current += atom
        free = branches.after(atom, free)
    lines.append(current.rstrip())
    return [one for one in lines if one.strip()]


def _joined(text: str) -> Iterator[str]:
    """The atoms of `text`; a trimmed sentence is one of them."""
    position = 0
    for found in SENTENCE.finditer(text):
        if "trimmed" in found[0].split("%}")[0]:
            yield from atoms(text[position : found.start()])
            yield found[0]
            position = found.end()
    yield from atoms(text[position:])


def _sentence(atom: str) -> tuple[str, str, str]:
    head, _, rest = atom.partition("%}")
    text, _, _ = rest.rpartition("{%")
    return head + "%}", text, "{% endblocktranslate %}"


def _shorter_tag(found: re.Match[str]) -> str:
    """A long `translate` tag as a trimmed block, which may stand on several lines; the sentence stays the same."""
    if len(found[0]) <= WIDTH:
        return found[0]
    name = f" asvar {found['name']}" if found["name"] else ""
    return f"{{% blocktranslate{found['context'] or ''} trimmed{name} %}}{found['text']}{{% endblocktranslate %}}"


def _within_tags(line: str) -> list[str]:
    """A line that has no better place, broken before the last character of a tag: `</b` and, on the next line, `>`."""
    parts: list[str] = []
    while len(line) > MAX_LINE:
        indent = line[: len(line) - len(line.lstrip())]
        position, place = 0, 0
        for atom in atoms(line):
            position += len(atom)
            if atom.startswith("<") and not atom.startswith("<!") and len(indent) + 4 < position <= MAX_LINE - 4:
                place = position - 1
        if not place:
            break
        parts.append(line[:place].rstrip())
        line = indent + "  " + line[place:]
    return [*parts, line]


def _short_comments(found: re.Match[str]) -> list[str]:
    indent = found[1]
    return [f"{indent}{{# {part} #}}" for part in textwrap.wrap(found[2], WIDTH - len(indent) - 6)]


def formatted(text: str) -> str:
    """`text` with its long lines broken; what is verbatim or a sentence of several lines stays."""
    lines, is_verbatim, in_sentence = [], False, False
    for original in text.split("\n"):
        line = original
        starts_verbatim = bool(VERBATIM.search(line))
        opens = len(re.findall(r"\{%\s*blocktranslate\b", line)) - len(re.findall(r"\{%\s*endblocktranslate\b", line))
        if not (is_verbatim or starts_verbatim or in_sentence or opens) and len(line) > WIDTH:
            line = LONG_TRANSLATE.sub(_shorter_tag, line)
            comment = COMMENT.match(line)
            pieces = _short_comments(comment) if comment else broken(line)
            lines += [part for piece in pieces for part in _within_tags(piece)]
            continue
        lines.append(line)
        in_sentence = in_sentence if not opens else opens > 0
        is_verbatim = (is_verbatim or starts_verbatim) and not VERBATIM_END.search(line)
    return "\n".join(lines)


def fixed_point(text: str) -> str:
    """Formatted until formatting changes nothing more."""
    for _turn in range(6):
        once = formatted(text)
        if once == text:
            return text
        text = once
    return text


def templates() -> Iterator[Path]:
    yield from sorted((ROOT / "templates").rglob("*.html"))


def main(arguments: list[str]) -> int:
    faults = []
    for path in templates():
        text = path.read_text(encoding="utf-8")
        wanted = fixed_point(text)
        name = path.relative_to(ROOT)
        if "--check" in arguments:
            if wanted != text:
                faults.append(f"{name}: not formatted: run python -m tools.template_format")
            long = [number for number, line in enumerate(text.split("\n"), 1) if len(line) > MAX_LINE]
            faults += [f"{name}:{number}: over {MAX_LINE} characters" for number in long]
        elif wanted != text:
            path.write_text(wanted, encoding="utf-8")
    for fault in faults:
        print(fault)  # noqa: T201
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
