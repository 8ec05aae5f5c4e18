"""Tokens: what the engine makes for a whole mail is what each token is by itself, and none serves another purpose."""

from base64 import urlsafe_b64encode

import pytest

from delivery.engine.tokens import Purpose, Recipient, RecipientTokens, message_id, token_make, token_read

SEND = 77
PURPOSES: tuple[Purpose, ...] = ("open", "click", "unsub")


@pytest.mark.parametrize("links", [[], [1], [6, 7, 8, 9, 10], [65_000], list(range(1, 40))])
@pytest.mark.parametrize("contact", [1, 255, 256, 2**40 + 5])
def test_all_tokens_of_a_mail_are_those_made_one_by_one(links: list[int], contact: int) -> None:
    tokens = RecipientTokens(SEND, links=links).of(contact)
    clicks = [token.decode() for token in tokens.clicks]
    assert tokens.leave.decode() == token_make("unsub", SEND, contact)
    assert tokens.opening.decode() == token_make("open", SEND, contact)
    assert f"{tokens.id_start.decode()}shop.example>" == message_id(SEND, contact, "shop.example")
    assert clicks == [token_make("click", SEND, contact, link) for link in links]
    assert [token_read("click", token) for token in clicks] == [Recipient(SEND, contact, link) for link in links]


@pytest.mark.parametrize("made", PURPOSES)
@pytest.mark.parametrize("read", PURPOSES)
def test_a_token_serves_the_purpose_it_was_made_for_alone(made: Purpose, read: Purpose) -> None:
    token = token_make(made, SEND, 5, 1 if made == "click" else 0)
    assert (token_read(read, token) is not None) == (made == read)


@pytest.mark.parametrize("read", PURPOSES)
def test_the_message_id_which_everybody_can_read_is_no_token(read: Purpose) -> None:
    signature = bytes.fromhex(message_id(SEND, 5, "d").partition(".")[2].partition("@")[0])
    for link in range(4):
        body = SEND.to_bytes(4, "big") + (5).to_bytes(6, "big") + link.to_bytes(2, "big")
        assert token_read(read, urlsafe_b64encode(body + signature).decode()) is None


def test_a_link_of_one_mail_is_none_of_another() -> None:
    token = token_make("click", SEND, 5, 3)
    raw = bytearray(token.encode())
    raw[5:6] = b"B" if raw[5:6] != b"B" else b"C"
    assert token_read("click", raw.decode()) is None
