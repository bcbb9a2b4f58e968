import pytest

from worker.kit.links import holds

LINK = "https://intowork.co/carrieres/1-a/2-b?ref=p-5"


@pytest.mark.parametrize(
    ("text", "held"),
    [
        (LINK, True),
        (f"Postulez : {LINK}", True),
        (f"({LINK}).", True),
        (f"{LINK}\n\n#Douala", True),
        (f"{LINK}6", False),
        (f"{LINK}&x=1", False),
        (f"{LINK}-6", False),
        (f"{LINK}#oben", False),
        (f"{LINK}.html", False),
        (f"{LINK}6 {LINK}", True),
        (LINK.upper(), False),
        ("", False),
    ],
)
def test_a_link_is_held_as_a_whole(text: str, held: bool) -> None:
    assert holds(text, LINK) is held
