"""Settings of the partners to which companies hand their offers themselves."""

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings

from worker.kit.public_addresses import listed_ports


class PartnerSettings(BaseSettings):
    """Part of `worker.kit.settings.Settings`, which alone is read."""

    webhook_ports: str = Field(
        "443,8443",
        description="The ports that companies' webhooks, pictures of offers and CVs may name, separated by commas.",
    )
    webhook_local_receivers: bool = Field(
        default=False,
        description="Companies' webhooks, pictures of offers and CVs may lie at any port of this machine and its "
        "network, also by http. For a laptop's emulators alone: anywhere else a stranger could reach what only servers "
        "may.",
    )
    myjobmag_api_url: str = Field(
        "", description="MyJobMag's API (an emulator on a laptop). Default: the site of the country that a key names."
    )

    @field_validator("webhook_ports")
    @classmethod
    def _ports(cls, value: str) -> str:
        try:
            listed_ports(value)
        except ValueError:
            raise ValueError("has to be numbers from 1 to 65535, separated by commas") from None
        return value
