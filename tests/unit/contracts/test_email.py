import pytest

from worker.contracts.email import OutgoingMail


def mail(**changes: object) -> OutgoingMail:
    members = {"sender": "a@example.org", "recipient": "b@example.org", "subject": "s", "html": "<p>h</p>", "text": "t"}
    return OutgoingMail(**{**members, **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "changes",
    [
        {"subject": "Bonjour\r\nBcc: x@example.org"},
        {"subject": "Bonjour\n"},
        {"sender": "A\n<a@example.org>"},
        {"recipient": "b@example.org\x00"},
        {"reply_to": "c@example.org\r"},
        {"headers": {"List-Unsubscribe": "<https://x>\nX: y"}},
        {"headers": {"X\n": "y"}},
    ],
)
def test_no_value_can_add_a_header(changes: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="line break"):
        mail(**changes)


@pytest.mark.parametrize("tags", [{"é": "1"}, {"a": "b c"}, {"a": ""}, {"a": "x" * 257}, {"a": "b\n"}])
def test_tags_are_plain(tags: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="tags"):
        mail(tags=tags)


def test_bodies_may_hold_lines() -> None:
    assert mail(html="<p>\r\n</p>", text="a\nb", tags={"message": "0192-ab_C"}).text == "a\nb"
