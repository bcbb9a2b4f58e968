"""What a file is by its own bytes, whatever it is called."""

from enum import Enum


class Format(Enum):
    PDF = "pdf"
    WORD = "word"


# Adobe's own reader looks this far (ISO 32000-1, annex H, note 13).
PDF_HEADER_WITHIN = 1024
ZIP = b"PK\x03\x04"
# Word's files with a password are boxes of another kind, with a stream of this name.
ENCRYPTED_OFFICE = "EncryptedPackage".encode("utf-16-le")


def format_of(content: bytes) -> Format | None:
    """WORD: some archive, whether of Word is seen when it is opened."""
    if b"%PDF-" in content[:PDF_HEADER_WITHIN]:
        return Format.PDF
    return Format.WORD if content.startswith(ZIP) else None
