"""Fetches the pictures of offers: what an employer named, and nobody else vouches for."""

import io
import warnings

from PIL import Image, UnidentifiedImageError

from worker.contracts.channels import Picture
from worker.kit.errors import Refused, Retryable, UnknownOutcome
from worker.kit.http import CallLimits, build_session
from worker.kit.public_addresses import BadUrl, NotPublic, Outside, Resolve, listed_ports, resolved

MEGABYTE = 1024 * 1024
LARGEST = 10 * MEGABYTE
LIMITS = CallLimits(connect=5.0, read=10.0, total=15.0, body=LARGEST)
# LinkedIn, "Images API": 36,152,320 pixels at most.
MOST_PIXELS = 36_152_320
MEDIA_TYPES = {"JPEG": "image/jpeg", "PNG": "image/png", "GIF": "image/gif"}
NO_PICTURE = "picture.unusable"


class Pictures:
    """A `PictureSource`. ports: of the outside world's servers, separated by commas. local: they may be on this machine
    and speak http.
    """

    def __init__(
        self, *, ports: str, local: bool = False, limits: CallLimits = LIMITS, resolve: Resolve = resolved
    ) -> None:
        self._outside = Outside(listed_ports(ports), local, resolve)
        self._session = build_session(limits, addresses=self._outside.addresses)

    def close(self) -> None:
        self._session.close()

    def fetch(self, address: str) -> Picture:
        try:
            self._outside.check(address)
            response = self._session.get(address, headers={"Accept": "image/png, image/jpeg, image/gif"})
        except BadUrl as error:
            raise _refused(f"{error}") from None
        except NotPublic:
            raise _refused("its address is not a public one") from None
        except UnknownOutcome as error:
            raise _refused(f"it is larger than {LARGEST // MEGABYTE} MB, or its server does not answer") from error
        if response.status_code >= 500:
            raise Retryable("The server of the offer's picture does not answer for now.", code="picture.unreachable")
        if response.status_code != 200:
            raise _refused(f"its server answers {response.status_code}")
        return Picture(response.content, _media_type(response.content))


def _media_type(content: bytes) -> str:
    """What it is by its own first bytes, whatever its server calls it; only its head is decoded."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(content)) as image:
                kind, (width, height) = image.format, image.size
    except (UnidentifiedImageError, Image.DecompressionBombError, Image.DecompressionBombWarning, ValueError, OSError):
        raise _refused("it is no picture that can be read") from None
    if kind not in MEDIA_TYPES:
        raise _refused(f"it is {kind}; JPEG, PNG and GIF are taken")
    if width * height > MOST_PIXELS:
        raise _refused(f"it has {width} × {height} pixels, more than networks take")
    return MEDIA_TYPES[kind]


def _refused(why: str) -> Refused:
    return Refused(f"The offer's picture was left out: {why.rstrip('.')}.", code=NO_PICTURE)
