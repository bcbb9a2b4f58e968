"""Settings of what candidates hand in."""

import re

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings

HOST = re.compile(r"[a-z0-9-]+(?:\.[a-z0-9-]+)+")


def listed_hosts(text: str) -> frozenset[str]:
    """Of a list separated by commas, in lower case. Raises ValueError."""
    hosts = frozenset(filter(None, (each.strip().lower() for each in text.split(","))))
    for each in hosts:
        if not HOST.fullmatch(each):
            raise ValueError(f"{each} is no host, for instance res.cloudinary.com")
    return hosts


class CandidateSettings(BaseSettings):
    """Part of `worker.kit.settings.Settings`, which alone is read."""

    uploads_path: str = Field(
        "",
        description="The folder of the main web app's uploads, as workers see it (read only is enough). Without it CVs "
        "that are stored as a path are not read, and recruiters are told so.",
    )
    cv_hosts: str = Field(
        "",
        description="The hosts that CVs are fetched from by https, separated by commas (`res.cloudinary.com`). CVs "
        "at any other address are not read, and recruiters are told so.",
    )

    @field_validator("cv_hosts")
    @classmethod
    def _hosts(cls, value: str) -> str:
        listed_hosts(value)
        return value
