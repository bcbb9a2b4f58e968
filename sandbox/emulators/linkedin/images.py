"""/rest/images and the uploads. Source: LinkedIn, "Images API"."""

import secrets
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.emulators.linkedin.errors import TRACE, Refused, content_error, envelope
from sandbox.emulators.linkedin.image_files import pixels_of, type_of
from sandbox.emulators.linkedin.post_rules import check_author
from sandbox.emulators.linkedin.posts import milliseconds
from sandbox.emulators.linkedin.restli import illegal, json_body, key_of
from sandbox.emulators.linkedin.rights import Holder
from sandbox.emulators.spool import Place, Spool
from sandbox.emulators.switches import Switches
from sandbox.emulators.web import Request, Response, json_response

UPLOADS = "/linkedin/dms-uploads"
UPLOAD_SECONDS = 3600.0
IMAGE_SWITCHES: Mapping[str, Any] = {
    "largest_image": 5 * 1024 * 1024,  # bytes
    "most_pixels": 36_152_320,
    "processing_seconds": 0.0,  # how long an image is PROCESSING after its upload; posts may name it already
}


@dataclass(slots=True)
class Image:
    """owner: the author who may use it. place: None until it was uploaded. Times are epoch seconds."""

    urn: str
    owner: str
    secret: str
    until: float
    content_type: str = ""
    place: Place | None = None
    uploaded_at: float = 0.0


class ImageStore:
    """Safe for any number of threads."""

    def __init__(self, spool: Spool) -> None:
        self._spool = spool
        self._guard = threading.Lock()
        self._images: dict[str, Image] = {}

    def begin(self, owner: str) -> Image:
        image = Image(
            f"urn:li:image:C4D{secrets.token_hex(8)}", owner, secrets.token_urlsafe(24), time.time() + UPLOAD_SECONDS
        )
        with self._guard:
            self._images[image.urn] = image
        return image

    def get(self, urn: str) -> Image | None:
        return self._images.get(urn)

    def all(self) -> list[Image]:
        with self._guard:
            return list(self._images.values())

    def fill(self, image: Image, content_type: str, content: bytes) -> None:
        place = self._spool.append(content)
        with self._guard:
            image.content_type, image.place, image.uploaded_at = content_type, place, time.time()

    def content(self, urn: str) -> tuple[str, bytes] | None:
        """Its type and its bytes, as long as they are kept."""
        image = self._images.get(urn)
        content = self._spool.read(image.place) if image is not None and image.place is not None else None
        return None if image is None or content is None else (image.content_type, content)

    def check_usable(self, urn: str, author: str, field: str) -> None:
        """Raises Refused for an image that no post of this author can show."""
        image = self._images.get(urn)
        if image is None or image.owner != author or image.place is None:
            message = f"{urn} is not an uploaded image of {author}"
            raise Refused(content_error(400, "INVALID_VALUE_FOR_FIELD", message, "Invalid value for field", field))


class Images:
    def __init__(self, images: ImageStore, switches: Switches) -> None:
        self._images = images
        self._switches = switches

    def initialize(self, holder: Holder, request: Request) -> Response:
        """POST ?action=initializeUpload {initializeUploadRequest: {owner}}."""
        if request.query.get("action") != "initializeUpload":
            raise illegal(f"Unknown action: {request.query.get('action')}")
        wishes = json_body(request).get("initializeUploadRequest")
        owner = wishes.get("owner") if isinstance(wishes, dict) else None
        check_author(owner)
        holder.writes_as(str(owner), "images.ACTION-initializeUpload")
        image = self._images.begin(str(owner))
        address = f"http://{request.headers.get('host', '127.0.0.1')}{UPLOADS}/{image.urn}/{image.secret}"
        value = {"uploadUrlExpiresAt": milliseconds(image.until), "uploadUrl": address, "image": image.urn}
        return json_response({"value": value}, headers=TRACE)

    def upload(self, request: Request) -> Response:
        """PUT of the bytes; who knows the address needs no token."""
        image = self._images.get(request.parameters["image"])
        if image is None or not secrets.compare_digest(image.secret, request.parameters["secret"]):
            return envelope(404, "No such upload", code="NOT_FOUND")
        if time.time() > image.until:
            return envelope(403, "The upload URL has expired", code="UPLOAD_EXPIRED")
        if len(request.body) > int(self._switches["largest_image"]):
            return envelope(413, "The image is too large", code="REQUEST_ENTITY_TOO_LARGE")
        kind, pixels = type_of(request.body), pixels_of(request.body)
        if kind is None or pixels is None:
            return envelope(415, "Only JPG, PNG and GIF are supported", code="UNSUPPORTED_MEDIA_TYPE")
        if pixels >= int(self._switches["most_pixels"]):
            return envelope(400, f"The image has {pixels} pixels, which are too many", code="MEDIA_ASSET_INVALID")
        self._images.fill(image, kind, request.body)
        return Response(201, b"", dict(TRACE))

    def get(self, holder: Holder, request: Request) -> Response:
        urn = key_of(request)
        image = self._images.get(urn)
        if image is None:
            raise Refused(envelope(404, f"Could not find entity {urn}", code="NOT_FOUND"))
        holder.writes_as(image.owner, "images.GET")
        return json_response({"id": image.urn, "owner": image.owner, "status": self._status(image)}, headers=TRACE)

    def _status(self, image: Image) -> str:
        if image.place is None:
            return "WAITING_UPLOAD"
        ready = image.uploaded_at + float(self._switches["processing_seconds"])
        return "AVAILABLE" if time.time() >= ready else "PROCESSING"
