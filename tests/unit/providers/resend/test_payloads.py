import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from worker.contracts.email import OutgoingMail
from worker.providers.resend.payloads import count, freeze


def mail(headers: dict[str, str], tags: dict[str, str]) -> OutgoingMail:
    return OutgoingMail("a@example.org", "Éloïse <b@example.org>", "Été", "<p>é</p>", "é", None, headers, tags)


def test_equal_mails_freeze_to_equal_bytes_whatever_their_order() -> None:
    one = mail({"X-A": "1", "X-B": "2"}, {"message": "7", "generation": "1"})
    other = mail({"X-B": "2", "X-A": "1"}, {"generation": "1", "message": "7"})
    assert freeze([one]) == freeze([other])


def test_the_bytes_are_stable_over_releases() -> None:
    """Bytes stored by an older release must stay what this one would send."""
    assert freeze([mail({"X-A": "1"}, {"message": "7"})]).decode() == (
        '[{"from":"a@example.org","headers":{"X-A":"1"},"html":"<p>é</p>","subject":"Été",'
        '"tags":[{"name":"message","value":"7"}],"text":"é","to":["Éloïse <b@example.org>"]}]'
    )


def test_absent_members_are_left_out() -> None:
    (members,) = json.loads(freeze([mail({}, {})]))
    assert set(members) == {"from", "to", "subject", "html", "text"}


def test_text_that_is_no_unicode_is_refused() -> None:
    with pytest.raises(ValueError, match="surrogates"):
        freeze([OutgoingMail("a@example.org", "b@example.org", "\ud800", "h", "t")])


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=30) | st.sampled_from(
    ['"to":[', '\\"to":[', '{"to":["a@b.c"]}']
)


@given(st.lists(st.tuples(TEXTS, TEXTS), min_size=1, max_size=5))
@example([('"to":[', '\\"to":[')])
def test_mails_are_counted_whatever_they_say(texts: list[tuple[str, str]]) -> None:
    mails = [OutgoingMail("a@b.org", "c@d.org", "s", html, text, None, {"to": "[x"}) for html, text in texts]
    assert count(freeze(mails)) == len(mails)


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=60))
@example('\u2028\u2029\x00\x1f\x7f"\\/ é’\U0001f600')
def test_every_character_arrives_as_it_was_written(text: str) -> None:
    frozen = freeze([OutgoingMail("a@example.org", "b@example.org", "s", text, text)])
    assert json.loads(frozen) == [
        {"from": "a@example.org", "html": text, "subject": "s", "text": text, "to": ["b@example.org"]}
    ]
    assert frozen == json.dumps(json.loads(frozen), ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()
