"""The crawl finds what it is there to find."""

from django.utils.translation import gettext, ngettext

from tests.translations.pseudo import literal_words, pseudo_language


def test_translated_text_passes_and_literal_text_is_found() -> None:
    with pseudo_language():
        page = f"<p>{gettext('Save changes')}</p><p>Forgotten words</p><p>{ngettext('%d row', '%d rows', 2) % 2}</p>"
    assert literal_words(page, set()) == ["Forgotten words"]


def test_spoken_attributes_and_script_messages_are_read() -> None:
    page = '<a title="Say it">⟦x⟧</a><script type="application/json">{"error": "Try it again"}</script>'
    assert literal_words(page, set()) == ["Say it", "Try it again"]


def test_the_companys_own_data_and_names_pass() -> None:
    assert literal_words("<td>Ada Example</td><td>Europe/Madrid</td><td>CSV</td>", {"Ada Example"}) == []


def test_code_is_not_read() -> None:
    assert literal_words('<code>select all</code><p translate="no">Some words</p>', set()) == []
