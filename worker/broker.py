"""Redis as the worker reads it: an unreadable message is refused alone, and no message is written to a file."""

from collections.abc import Callable
from queue import Empty
from typing import Any

from kombu.transport import redis, virtual
from typing_extensions import override

from worker.kit.logging import get_logger

log = get_logger(__name__)


def is_lost(error: BaseException, client: Any) -> bool:
    """Whether the broker was lost, as `client` (a transport, a consumer) tells by its classes of errors.

    kombu counts KeyError among them, which is what a message without a member raises.
    """
    return isinstance(error, (*client.connection_errors, *client.channel_errors)) and not isinstance(error, KeyError)


class ForgetfulQoS(virtual.QoS):
    """Messages that a lost broker cannot take back: kombu would write them to a file, with all that they hold.

    A run message comes again by itself.
    """

    @override
    def restore_unacked(self) -> list[Any]:
        if lost := super().restore_unacked():
            log.warning("message.unrestored", count=len(lost))
        return []


class PlatformChannel(redis.Channel):
    """What is no JSON would end the worker: it has left the queue when the decoder fails."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.QoS = ForgetfulQoS  # type: ignore[assignment]  # as kombu itself does without ack emulation

    @override
    def _brpop_read(self, **options: Any) -> Any:
        return self._read(super()._brpop_read, **options)

    @override
    def _receive(self) -> Any:
        return self._read(super()._receive)

    def _read(self, read: Callable[..., Any], **options: Any) -> Any:
        transport = self.connection
        try:
            return read(**options)
        except Empty:
            raise
        except Exception as error:
            if is_lost(error, transport):
                raise
            transport.refuse("", error)
            return True


class PlatformTransport(redis.Transport):
    """Tells `on_refused` the queue ("" when it is not known) and a sentence about each message that is no envelope."""

    Channel = PlatformChannel
    on_refused: Callable[[str, str], None] | None = None

    def refuse(self, queue: str, error: BaseException) -> None:
        if self.on_refused:
            self.on_refused(queue, f"The message is no envelope of Celery's ({type(error).__name__}).")

    @override
    def _deliver(self, message: Any, queue: str) -> None:
        try:
            super()._deliver(message, queue)
        except Exception as error:
            if is_lost(error, self):
                raise
            self.refuse(queue, error)
