"""A small browser without scripts for `--smoke`: pages, their forms, cookies."""

import http.cookiejar
import json
import re
import secrets
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

Value = str | list[str] | tuple[str, bytes]
Fields = dict[str, Value]


class BrowserError(Exception):
    """An answer that is no page, or a page without what was looked for."""


@dataclass
class Form:
    action: str
    method: str
    fields: dict[str, list[str]] = field(default_factory=dict)
    options: dict[str, list[str]] = field(default_factory=dict)

    def option(self, name: str) -> str:
        """The first real choice of a list. Raises BrowsingError when it offers none."""
        for value in self.options.get(name, []):
            if value:
                return value
        raise BrowserError(f"{name} offers nothing to choose")


class _Reader(HTMLParser):
    """The forms of a page with the values a browser would send, and its links."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.links: list[str] = []
        self.pictures: list[str] = []
        self._form: Form | None = None
        self._select = ""
        self._textarea = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        name = values.get("name", "")
        if tag == "a" and "href" in values:
            self.links.append(values["href"])
        elif tag == "img" and "src" in values:
            self.pictures.append(values["src"])
        elif tag == "form":
            self._form = Form(values.get("action", ""), values.get("method", "get").lower())
            self.forms.append(self._form)
        elif self._form is None or "disabled" in values:
            return
        elif tag == "select":
            self._select = name
            self._form.fields[name], self._form.options[name] = [], []
        elif tag == "option" and self._select:
            self._form.options[self._select].append(values.get("value", ""))
            if "selected" in values:
                self._form.fields[self._select].append(values.get("value", ""))
        elif tag == "textarea":
            self._textarea = name
            self._form.fields[name] = [""]
        elif tag == "input" and name and values.get("type") not in {"submit", "button", "reset", "image"}:
            kept = self._form.fields.setdefault(name, [])
            if values.get("type") not in {"checkbox", "radio"} or "checked" in values:
                kept.append(values.get("value", "on" if values.get("type") == "checkbox" else ""))

    def handle_data(self, data: str) -> None:
        if self._textarea and self._form:
            self._form.fields[self._textarea][0] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag == "select":
            if self._form and self._select and not self._form.fields[self._select]:
                self._form.fields[self._select] = self._form.options[self._select][:1]
            self._select = ""
        elif tag == "textarea":
            self._textarea = ""


class Page:
    def __init__(self, url: str, body: str) -> None:
        self.url = url
        self.body = body
        reader = _Reader()
        reader.feed(body)
        self.forms, self.links, self.pictures = reader.forms, reader.links, reader.pictures

    def has_field(self, name: str) -> bool:
        return any(name in form.fields for form in self.forms)

    def form_with(self, *names: str) -> Form:
        """The first form that has all these fields. Raises BrowsingError."""
        for form in self.forms:
            if all(name in form.fields for name in names):
                return form
        raise BrowserError(f"{self.url} has no form with {', '.join(names)}: {self.summary}")

    def form_to(self, end: str) -> Form | None:
        """The first form that is sent to an address ending in `end`."""
        return next((form for form in self.forms if form.action.partition("?")[0].endswith(end)), None)

    @property
    def summary(self) -> str:
        """The beginning of its text, for a message."""
        body = re.sub(r"(?s)<(script|style|svg|nav|aside|head).*?</\1>", " ", self.body)
        return " ".join(re.sub(r"<[^>]+>", " ", body).split())[:400]


class Browser:
    def __init__(self, address: str) -> None:
        self.address = address
        self.cookies = http.cookiejar.CookieJar()
        self._opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPCookieProcessor(self.cookies)
        )

    def _open(self, request: urllib.request.Request, *, any_status: bool = False) -> tuple[str, bytes]:
        try:
            with self._opener.open(request, timeout=60) as answer:
                return answer.url, answer.read()
        except urllib.error.HTTPError as error:
            body = error.read()
            if any_status:
                return request.full_url, body
            text = Page(request.full_url, body.decode("utf-8", "replace")).summary
            raise BrowserError(f"{request.get_method()} {request.full_url} answered {error.code}: {text}") from error
        except OSError as error:
            raise BrowserError(f"{request.get_method()} {request.full_url}: {error}") from error

    def _url(self, path: str) -> str:
        return urllib.parse.urljoin(self.address, path)

    def fetch(self, path: str, headers: dict[str, str] | None = None) -> bytes:
        return self._open(urllib.request.Request(self._url(path), headers=headers or {}))[1]

    def redirect_of(self, path: str) -> str:
        """Where a link leads, without going there. Raises BrowsingError when it leads nowhere."""

        class Stay(urllib.request.HTTPRedirectHandler):
            def redirect_request(self, *_: Any) -> None:
                return None

        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), Stay)
        try:
            opener.open(self._url(path), timeout=60).close()
        except urllib.error.HTTPError as error:
            if error.code in {301, 302, 303, 307, 308}:
                return str(error.headers["Location"])
            raise BrowserError(f"GET {path} answered {error.code}") from error
        except OSError as error:
            raise BrowserError(f"GET {path}: {error}") from error
        raise BrowserError(f"GET {path} does not redirect")

    def get(self, path: str) -> Page:
        url, body = self._open(urllib.request.Request(self._url(path)))
        return Page(url, body.decode("utf-8", "replace"))

    def json(self, path: str, headers: dict[str, str] | None = None, *, any_status: bool = False) -> dict[str, Any]:
        """Raises BrowsingError when the answer is no JSON object."""
        request = urllib.request.Request(self._url(path), headers=headers or {})
        try:
            content = json.loads(self._open(request, any_status=any_status)[1])
        except ValueError as error:
            raise BrowserError(f"GET {path} is not JSON") from error
        if not isinstance(content, dict):
            raise BrowserError(f"GET {path} is not an object")
        return content

    def submit(self, page: Page, values: Mapping[str, Value], *, form: Form | None = None) -> Page:
        """Fill the form that has these fields and send it as a browser would; the page that comes after."""
        form = form or page.form_with(*values)
        fields: Fields = {name: kept for name, kept in form.fields.items() if kept} | dict(values)
        target = urllib.parse.urljoin(page.url, form.action or page.url)
        if form.method == "get":
            pairs = urllib.parse.urlencode(fields, doseq=True)
            return self.get(f"{target.partition('?')[0]}?{pairs}")
        return self.post(target, fields, referer=page.url)

    def post(self, path: str, fields: Fields, *, referer: str = "") -> Page:
        boundary = secrets.token_hex(16)
        headers = {"Content-Type": f"multipart/form-data; boundary={boundary}", "Referer": referer or self.address}
        token = next((cookie.value for cookie in self.cookies if cookie.name == "csrftoken"), None)
        if token:
            headers["X-CSRFToken"] = token
        request = urllib.request.Request(self._url(path), data=_multipart(boundary, fields), headers=headers)
        url, body = self._open(request)
        return Page(url, body.decode("utf-8", "replace"))


def _multipart(boundary: str, fields: Fields) -> bytes:
    parts = []
    for name, value in fields.items():
        head = f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"'
        if isinstance(value, tuple):
            head += f'; filename="{value[0]}"\r\nContent-Type: application/octet-stream'
            parts.append(head.encode() + b"\r\n\r\n" + value[1])
        else:
            parts += [f"{head}\r\n\r\n{one}".encode() for one in (value if isinstance(value, list) else [value])]
    return b"\r\n".join([*parts, f"--{boundary}--\r\n".encode()])
