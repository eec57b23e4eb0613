"""The same space with another notion of sameness: every code is an architecture of its own."""

from typing import final

from deltanas.spaces import Codes
from deltanas.spaces.facts import WrappingSpace


@final
class RawSpace(WrappingSpace):
    """A space whose canonical keys are its codes.

    Published comparisons on tables count every recorded architecture as one, functionally
    equal ones too. Given this space instead of the real one, any searcher plays by that
    rule: twins are proposed, and neighbours that compute the same are neighbours.
    """

    def keys(self, codes: Codes) -> list[str]:
        """The code itself, as text."""
        return [",".join(map(str, code)) for code in codes.tolist()]
