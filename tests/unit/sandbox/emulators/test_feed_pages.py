"""The feeds of networks as people see them."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.emulators.feed_pages import Card, FeedPages, FeedPost, Look, Picture, Piece, fold, marked
from sandbox.emulators.pages import Pages
from sandbox.emulators.web import BadRequest, Request, Response, Router

LOOK = Look("#0a66c2", 210, 3)
LONG = "Nous recrutons un comptable à Douala. " * 10


class Wall:
    """A network that holds what it was given."""

    title = "Réseau d’essai"
    look = LOOK

    def __init__(self, name: str, *posts: FeedPost) -> None:
        self.name = name
        self._posts = list(posts)

    def posts(self) -> Sequence[FeedPost]:
        return self._posts

    def picture(self, name: str) -> Picture | None:
        return Picture("image/png", b"\x89PNG") if name == "urn:image:1" else None

    def remove(self, identifier: str) -> None:
        if identifier not in [post.id for post in self._posts]:
            raise BadRequest("no such post")
        self._posts = [post for post in self._posts if post.id != identifier]


def post(identifier: str = "urn:post:1", **members: object) -> FeedPost:
    usual = {
        "author": "Exemple <SA>",
        "author_id": "urn:org:1",
        "at": datetime.now(UTC) - timedelta(hours=2),
        "text": marked("Bonjour #Emploi"),
    }
    return FeedPost(id=identifier, **{**usual, **members})  # type: ignore[arg-type] # any of its members


def answer(wall: Wall, request: Request) -> Response:
    router = Router()
    FeedPages(Pages(), (Wall("empty"), wall)).add_routes(router)
    handler, _ = router.find(request)
    assert handler is not None
    return handler(request)


def get(wall: Wall, path: str, **query: str) -> Response:
    return answer(wall, Request("GET", path, query))


def submit(wall: Wall, path: str, body: bytes) -> Response:
    return answer(wall, Request("POST", path, body=body))


def page(wall: Wall, **query: str) -> str:
    shown = get(wall, f"/feed/{wall.name}", **query)
    assert shown.status == 200
    return shown.body.decode()


def test_a_post_is_shown_with_its_card() -> None:
    card = Card(
        "https://www.intowork.example/o/1?ref=p-7&x=1", "Comptable (H/F) [CDI]", "Tenue <des> comptes", "urn:image:1"
    )
    shown = page(Wall("wall", post(card=card, likes=1200, edited=True)))
    assert "Exemple &lt;SA&gt;</h2>" in shown
    assert "il y a 2 heures</time> · Modifié" in shown
    assert 'Bonjour <b class="hashtag">#Emploi</b>' in shown
    assert 'href="https://www.intowork.example/o/1?ref=p-7&amp;x=1"' in shown
    assert '<strong dir="auto">Comptable (H/F) [CDI]</strong>' in shown
    assert "Tenue &lt;des&gt; comptes" in shown
    assert "<small>intowork.example</small>" in shown
    assert 'src="/feed/wall/pictures/urn%3Aimage%3A1"' in shown
    assert "<dd>1\u202f200</dd>" in shown
    assert "…voir plus" not in shown
    assert "<script" not in shown


def test_the_page_speaks_english() -> None:
    shown = page(Wall("wall", post(text=marked(LONG))), lang="en")
    assert "2 hours ago" in shown
    assert '<span class="more">…see more</span>' in shown


def test_a_long_text_is_folded() -> None:
    shown = page(Wall("wall", post(text=marked(LONG))))
    short = re.search(r'<span class="short">(.*?) <span class="more">…voir plus</span>', shown)
    assert short is not None
    assert LONG.startswith(short[1])
    assert 150 < len(short[1]) <= 210
    assert LONG in shown


@pytest.mark.parametrize(
    ("text", "short"),
    [
        ("a" * 210, None),
        ("a" * 211, "a" * 210),
        ("a\nb\nc", None),
        ("a\nb\nc\nd", "a\nb\nc"),
        (f"{'a' * 150} #{'b' * 100}", "a" * 150),
    ],
)
def test_where_a_text_is_folded(text: str, short: str | None) -> None:
    pieces = fold(marked(text), LOOK)
    assert (None if pieces is None else "".join(piece.text for piece in pieces)) == short


@given(st.text(alphabet=st.sampled_from("ab# \nhttps://é.,()_1"), max_size=60))
def test_marking_loses_nothing(text: str) -> None:
    assert "".join(piece.text for piece in marked(text)) == text


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("a#b c#", [Piece("a#b c#")]),
        ("#1 #C3", [Piece("#1 "), Piece("#C3", "hashtag")]),
        ("#Énergie, #emploi.", [Piece("#Énergie", "hashtag"), Piece(", "), Piece("#emploi", "hashtag"), Piece(".")]),
        (
            "(voir https://x.cm/a?b=1#c).",
            [Piece("(voir "), Piece("https://x.cm/a?b=1#c", "link", "https://x.cm/a?b=1#c"), Piece(").")],
        ),
    ],
)
def test_what_is_marked(text: str, pieces: list[Piece]) -> None:
    assert marked(text) == pieces


def test_one_author_can_be_chosen() -> None:
    wall = Wall("wall", post(), post("urn:post:2", author="Jeanne Moussa", author_id="urn:person:2", person=True))
    assert page(wall).count("<article") == 2
    shown = page(wall, author="urn:person:2")
    assert shown.count("<article") == 1
    assert '<option value="urn:person:2" selected>Jeanne Moussa</option>' in shown
    assert '<span class="face person" aria-hidden="true">JM</span>' in shown
    assert "Aucune publication" in page(wall, author="urn:person:3")


def test_a_person_deletes_a_post_in_the_network() -> None:
    wall = Wall("wall", post())
    assert '<form method="post" action="/feed/wall/urn%3Apost%3A1?lang=fr">' in page(wall)
    removed = submit(wall, "/feed/wall/urn:post:1", b"remove=1")
    assert (removed.status, removed.headers["Location"]) == (303, "/feed/wall?lang=fr")
    assert "Aucune publication" in page(wall)
    for body in (b"remove=1", b"like=1"):
        with pytest.raises(BadRequest):
            submit(wall, "/feed/wall/urn:post:1", body)


def test_pictures_are_what_they_say() -> None:
    wall = Wall("wall", post(picture="urn:image:1"), post("urn:post:2", picture="https://x.cm/p.png"))
    served = get(wall, "/feed/wall/pictures/urn:image:1")
    assert (served.headers["Content-Type"], served.headers["X-Content-Type-Options"]) == ("image/png", "nosniff")
    assert get(wall, "/feed/wall/pictures/none").status == 404
    assert 'src="https://x.cm/p.png"' in page(wall)


def test_the_first_network_that_has_posts_is_shown_first() -> None:
    assert get(Wall("wall", post()), "/feed").headers["Location"] == "/feed/wall?lang=fr"
    assert get(Wall("wall"), "/feed", lang="en").headers["Location"] == "/feed/empty?lang=en"


@pytest.mark.parametrize(("path", "method"), [("/feed/x", "GET"), ("/feed/x/pictures/y", "GET"), ("/feed/x/y", "POST")])
def test_networks_that_are_not_there(path: str, method: str) -> None:
    assert answer(Wall("wall"), Request(method, path, body=b"remove=1")).status == 404
