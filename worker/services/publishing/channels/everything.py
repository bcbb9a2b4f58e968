"""Every channel there is, one line each."""

from collections.abc import Mapping

from models.enums import PostingChannel
from worker.contracts.providers import CREDENTIALS
from worker.kit.localisation import message
from worker.services.publishing.channels import facebook, linkedin, twitter
from worker.services.publishing.channels.channel import Channel

CHANNELS: Mapping[PostingChannel, Channel] = {
    channel.kind: channel
    for channel in (
        Channel(PostingChannel.INTOWORK, message("la page carrières"), "page", needs_account=False),
        linkedin.CHANNEL,
        facebook.CHANNEL,
        twitter.CHANNEL,
        Channel(PostingChannel.JOBBERMAN, "Jobberman", "feed"),
        Channel(PostingChannel.BRIGHTERMONDAY, "BrighterMonday", "feed"),
        Channel(PostingChannel.CUSTOM, "Webhook", "webhook"),
    )
}


def is_shared(kind: PostingChannel) -> bool:
    """Whether a channel's accounts are in the main web app's table (`job_postings.credential_id`), not in ours."""
    network = CHANNELS[kind].network
    return network is not None and network.accounts is CREDENTIALS
