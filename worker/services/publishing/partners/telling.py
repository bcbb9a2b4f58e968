"""What a company is told about its partner."""

from sqlalchemy import Connection

from worker.services.integrations import recruiters
from worker.services.notifications import partners as notices
from worker.services.publishing.partners import accounts
from worker.services.publishing.partners.accounts import Partner


def switch_off(connection: Connection, partner_id: int, reason: str) -> None:
    """Send nothing more to the partner, and tell the company's recruiters once."""
    if accounts.switch_off(connection, partner_id, reason):
        _tell(connection, accounts.find(connection, partner_id), "off")


def lose_key(connection: Connection, partner: Partner, reason: str) -> None:
    """Note that a board refuses this key, and tell the company's recruiters once."""
    if accounts.lose_key(connection, partner, reason):
        _tell(connection, partner, "key")


def _tell(connection: Connection, partner: Partner | None, event: notices.PartnerEvent) -> None:
    if partner is not None:
        notices.tell(connection, recruiters.of_company(connection, partner.company_id), event, partner.label)
