"""An offer's picture on its way to a network: fetched and uploaded once per posting, left out where that fails."""

from dataclasses import dataclass

from sqlalchemy import Connection

from worker.contracts.channels import Network
from worker.contracts.pictures import PictureSource
from worker.kit.database import execute
from worker.kit.errors import Permanent, Retryable, RunError
from worker.ledger.handlers import RunContext
from worker.services.integrations.tokens import AccessToken
from worker.services.publishing import offers
from worker.services.publishing.rows import Posting

KEEP = "update job_postings set picture = %s, picture_error = left(%s, 500) where id = %s"


@dataclass(frozen=True, slots=True)
class PictureUpload:
    context: RunContext
    source: PictureSource
    network: Network

    def of(self, posting: Posting, token: AccessToken) -> str:
        """What the network calls it; empty where there is none, or it cannot be had: the posting then says why.

        A post without its picture is better than none, so nothing that is wrong with a picture is raised.
        """
        if posting.picture is not None:
            return posting.picture
        address = self.context.transaction(lambda connection: _address(connection, posting.job_id))
        if not address:
            return ""
        name, why = self._upload(address, posting, token)
        self.context.transaction(lambda connection: execute(connection, KEEP, (name, why, posting.id)))
        return name

    def _upload(self, address: str, posting: Posting, token: AccessToken) -> tuple[str, str | None]:
        try:
            picture = self.source.fetch(address)
            return self.network.upload_picture(token.value, posting.target, picture), None
        except (Permanent, Retryable) as error:
            return "", str(error)
        except RunError:
            return "", "The offer's picture was left out: the network did not take it in time."


def _address(connection: Connection, job_id: int) -> str:
    offer = offers.find(connection, job_id)
    return offer.image_url if offer else ""
