"""The style sheets that are served are what their sources say."""

from sandbox import assets
from tests.means import NODE


def test_what_is_served_was_compiled_from_these_sources() -> None:
    assert assets.FINGERPRINT.read_text("utf-8").strip() == assets.fingerprint(), "run `make assets`"


@NODE.mark
def test_compiling_gives_what_is_served() -> None:
    for name, content in assets.compiled().items():
        assert (assets.COMPILED / name).read_bytes() == content, f"{name}: run `make assets`"
