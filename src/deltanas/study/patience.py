"""Waiting for a database that does not answer, so that its restart costs no training."""

import logging
import time
from collections.abc import Callable, Iterator
from typing import Final, TypeVar, final

import sqlalchemy

from deltanas.study.place import Place
from deltanas.study.storage_errors import cause_of

PATIENCE_S: Final = 3600.0
"""Seconds after which a search stops waiting for its database."""
FIRST_S: Final = 0.5
LONGEST_S: Final = 15.0
"""Seconds between the first two attempts, and between later ones."""
LOG: Final = logging.getLogger("deltanas")

Result = TypeVar("Result")


@final
class Patience:
    """Repeats a step while the connection to a database is lost; a file has none to lose."""

    def __init__(self, place: Place) -> None:
        """Keep which database is waited for."""
        self._place = place

    def __call__(self, step: Callable[[bool], Result]) -> Result:
        """What the step returns.

        Args:
            step: Is told whether it is a repetition: then an earlier attempt may have been
                stored although its answer was lost.

        Raises:
            Exception: Whatever the step raises, connections lost for an hour included.
        """
        is_repeat = False
        if self._place.url is None:
            return step(is_repeat)
        began, pause = time.monotonic(), FIRST_S
        while True:
            try:
                result = step(is_repeat)
            except Exception as error:
                if not is_lost(error) or time.monotonic() - began > PATIENCE_S:
                    raise
                if not is_repeat:
                    self._announce(error)
                is_repeat = True
                time.sleep(pause)
                pause = min(2 * pause, LONGEST_S)
            else:
                if is_repeat:
                    seconds = time.monotonic() - began
                    LOG.warning("The database answers again, after %.0f s.", seconds)
                return result

    def _announce(self, error: BaseException) -> None:
        LOG.warning(
            "The database %s does not answer (%s). Trying again for %.0f minutes; what runs goes "
            "on, nothing that was stored is lost.",
            *(self._place.shown, cause_of(error), PATIENCE_S / 60),
        )


def is_lost(error: BaseException) -> bool:
    """Whether an error says that the connection is gone, or that none can be made."""
    return any(
        isinstance(each, sqlalchemy.exc.OperationalError | sqlalchemy.exc.InterfaceError)
        or (isinstance(each, sqlalchemy.exc.DBAPIError) and each.connection_invalidated)
        for each in _chain(error)
    )


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__
