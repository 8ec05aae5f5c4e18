"""Collecting and checking the words of the product."""

import re
from pathlib import Path

import polib
import pytest

from tools import catalogues

TEMPLATE = """{% load i18n %}
<h1>{% translate "Title" %}</h1> {% trans "it's 100%" context "menu" %}
  {% blocktranslate count counter=n trimmed %}
      {{ n }} contact
    {% plural %}
      {{ n }} contacts
  {% endblocktranslate %}
<p title="{{ x|default:_("none") }}">'unbalanced</p>
"""
SOURCE = '''
from django.utils.translation import gettext as _, ngettext, pgettext
def f(n):
    """Not _("this")."""
    return _("One " "line"), ngettext("%(n)s day", "%(n)s days", n), pgettext("menu", "Open")
'''


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(catalogues, "ROOT", tmp_path)
    (tmp_path / "crm/tests").mkdir(parents=True)
    (tmp_path / "core").mkdir()
    (tmp_path / "templates/crm").mkdir(parents=True)
    (tmp_path / "crm/views.py").write_text(SOURCE)
    (tmp_path / "crm/tests/test_views.py").write_text('_("never")')
    (tmp_path / "templates/crm/page.html").write_text(TEMPLATE)
    (tmp_path / "templates/base.html").write_text('{% load i18n %}{% translate "Menu" %}')
    return tmp_path


def entry(catalogue: polib.POFile, text: str) -> polib.POEntry:
    found = catalogue.find(text)
    assert found is not None
    return found


def translate(app: str) -> polib.POFile:
    catalogue = polib.pofile(str(catalogues.catalogue_path(app)))
    for entry in catalogue:
        if entry.msgid_plural:
            entry.msgstr_plural = {0: entry.msgid, 1: entry.msgid_plural}
        else:
            entry.msgstr = entry.msgid
    catalogue.save()
    return catalogue


def test_sources_and_templates_belong_to_their_app(project: Path) -> None:
    assert catalogues.messages_of("core") == {catalogues.Message("Menu")}
    assert catalogues.messages_of("crm") == {
        catalogues.Message("Title"),
        catalogues.Message("it's 100%%", context="menu"),
        catalogues.Message("%(n)s contact", "%(n)s contacts"),
        catalogues.Message("none"),
        catalogues.Message("One line"),
        catalogues.Message("%(n)s day", "%(n)s days"),
        catalogues.Message("Open", context="menu"),
    }


def test_update_keeps_translations_and_drops_what_is_gone(project: Path) -> None:
    assert catalogues.update_catalogue("crm") == (7, 7)
    translate("crm")
    (project / "crm/views.py").write_text('_("New")')
    assert catalogues.update_catalogue("crm") == (5, 1)
    assert catalogues.faults_of("crm") == ["crm: not translated: 'New'"]


def test_check_names_every_kind_of_fault(project: Path) -> None:
    catalogues.update_catalogue("crm")
    catalogue = translate("crm")
    assert catalogues.faults_of("crm") == []
    entry(catalogue, "Title").flags = ["fuzzy"]
    entry(catalogue, "none").msgstr = "{nada}"
    entry(catalogue, "%(n)s day").msgstr_plural[1] = "días"
    catalogue.append(polib.POEntry(msgid="Gone", msgstr="Ido"))
    catalogue.save()
    assert catalogues.faults_of("crm") == [
        "crm: other placeholders: '%(n)s day'",
        "crm: fuzzy: 'Title'",
        "crm: other placeholders: 'none'",
        "crm: obsolete: 'Gone'",
    ]


def test_a_singular_may_leave_its_number_out(project: Path) -> None:
    catalogues.update_catalogue("crm")
    catalogue = translate("crm")
    entry(catalogue, "%(n)s day").msgstr_plural[0] = "un día"
    catalogue.save()
    assert catalogues.faults_of("crm") == []


def test_compiles_only_what_changed(project: Path) -> None:
    catalogues.update_catalogue("crm")
    translate("crm")
    catalogues.compile_catalogues()
    compiled = catalogues.catalogue_path("crm").with_suffix(".mo")
    first = compiled.stat().st_mtime_ns
    catalogues.compile_catalogues()
    assert compiled.stat().st_mtime_ns == first
    assert len(polib.mofile(str(compiled))) == 7


def test_no_source_calls_a_translator_by_a_name_that_is_not_collected() -> None:
    alias = re.compile(r"\b\w*gettext\w* as (\w+)")
    names = {
        name
        for app in catalogues.APPS
        for path in catalogues._python_files(app)
        for name in alias.findall(path.read_text())
    }
    assert names - set(catalogues.KEYWORDS) == set()
