"""Pictures that LinkedIn takes."""

import pytest

from worker.contracts.channels import Picture
from worker.kit.errors import Refused
from worker.providers.linkedin import images


@pytest.mark.parametrize("media_type", ["image/jpeg", "image/png", "image/gif"])
def test_pictures_of_three_kinds_pass(media_type: str) -> None:
    images.check(Picture(b"x" * 8 * 1024 * 1024, media_type))


@pytest.mark.parametrize(
    ("content", "media_type", "why"),
    [
        (b"x" * 12 * 1024 * 1024, "image/png", "12.0 MB, at most 8"),
        (b"", "image/png", "0.0 MB"),
        (b"<!doctype html><title>503</title>", "text/html", "neither JPEG nor PNG nor GIF"),
        (b"<svg/>", "image/svg+xml", "neither JPEG nor PNG nor GIF"),
    ],
)
def test_others_are_refused_with_the_reason(content: bytes, media_type: str, why: str) -> None:
    with pytest.raises(Refused, match="LinkedIn does not take this picture") as caught:
        images.check(Picture(content, media_type))
    assert why in str(caught.value)
    assert caught.value.code == "publishing.picture"
