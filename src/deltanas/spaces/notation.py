"""Architectures as text that people type: the field's notation, or plain assignments."""

import re
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import final

from deltanas.errors import ArchitectureError
from deltanas.spaces.architecture import Architecture, Decision


class Notation(ABC):
    """How the field writes an architecture of a space, when it has a way of its own."""

    @abstractmethod
    def write(self, architecture: Architecture) -> str:
        """The architecture as text."""

    @abstractmethod
    def read(self, text: str) -> Mapping[str, object]:
        """Label per decision name.

        Raises:
            ArchitectureError: The text cannot be read.
        """


@final
class Assignments(Notation):
    """`name=option, name=option, ...`, or JSON where such text would not read back."""

    def __init__(self, decisions: Sequence[Decision]) -> None:
        """Keep the names and options that may occur."""
        self._decisions = {decision.name: decision for decision in decisions}

    def write(self, architecture: Architecture) -> str:
        """The architecture as assignments.

        An option such as `"1"` beside `1`, or `"a, depth=2"`, cannot be told apart in plain
        text; then the architecture is written as JSON.
        """
        labels = {
            decision.name: decision.labels[position]
            for decision, position in zip(architecture.decisions, architecture.code, strict=True)
            if decision.name in architecture
        }
        text = ", ".join(f"{name}={label}" for name, label in labels.items())
        try:
            same = self.read(text) == labels
        except ArchitectureError:
            same = False
        return text if same and not text.lstrip().startswith("{") else architecture.to_json()

    def read(self, text: str) -> Mapping[str, object]:
        """Label per decision name; what is no option stays text.

        Raises:
            ArchitectureError: A part is not an assignment to a decision, or one comes twice.
        """
        choices: dict[str, object] = {}
        names = "|".join(map(re.escape, self._decisions))
        # Only where another name follows, because an option may hold commas: kernel=(3, 3).
        for part in re.split(rf",(?=\s*(?:{names})\s*=)", text):
            name, equals, value = (piece.strip() for piece in part.partition("="))
            if not equals or name not in self._decisions or name in choices:
                raise ArchitectureError(
                    f"expected 'name=option, ...', once for each of the decisions "
                    f"{', '.join(self._decisions)}, got {part.strip()!r} in {text[:80]!r}"
                )
            matching = [label for label in self._decisions[name].labels if str(label) == value]
            choices[name] = matching[0] if matching else value
        return choices
