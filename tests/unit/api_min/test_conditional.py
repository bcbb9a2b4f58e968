"""What is remembered of public answers stays within bounds."""

from flask import Flask

from api_min import conditional
from api_min.conditional import LARGEST_KEPT, MOST_KEPT, MOST_KNOWN, KnownAnswers


def test_the_oldest_make_room() -> None:
    known = KnownAnswers()
    for number in range(MOST_KNOWN + 5):
        known.remember(str(number).encode(), "tag")
    assert (known.tag(b"4"), known.tag(b"5")) == (None, "tag")

    body = bytes(LARGEST_KEPT)
    fitting = MOST_KEPT // LARGEST_KEPT
    for number in range(fitting + 1):
        known.keep(str(number).encode(), body)
        known.keep(str(number).encode(), body)
    assert (known.body(b"0"), known.body(b"1")) == (None, body)
    known.keep(b"large", body + b"x")
    assert known.body(b"large") is None


def test_what_has_not_changed_is_neither_made_nor_sent_again() -> None:
    app = Flask(__name__)
    conditional.register(app)
    made: list[int] = []

    def make() -> str:
        made.append(1)
        return f"page {len(made)}"

    def ask(source: object, tag: str = "", *, keep: bool = False) -> tuple[int, str, int]:
        with app.test_request_context(headers={"If-None-Match": tag} if tag else {}):
            answer = conditional.conditional(source, make, "text/html", keep=keep)
            return answer.status_code, answer.headers["ETag"], len(made)

    status, tag, _ = ask(("a", 1))
    assert status == 200
    assert ask(("a", 1), f"W/{tag}") == (304, tag, 1)
    assert ask(("a", 1), '"other"')[2] == 2
    status, other, _ = ask(("a", 2), tag)
    assert (status, other == tag) == (200, False)
    kept = ask(("b", 1), keep=True)
    assert ask(("b", 1), keep=True) == kept
    assert ask(("b", 1), "*")[0] == 304
