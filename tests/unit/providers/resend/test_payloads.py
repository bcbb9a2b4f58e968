import json

import pytest

from worker.contracts.email import OutgoingMail
from worker.providers.resend.payloads import freeze


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
