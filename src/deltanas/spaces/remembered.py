"""Answers that are dear to work out and asked for again and again, remembered up to a bound."""

from collections.abc import Callable, Hashable, Sequence
from itertools import islice
from typing import Generic, TypeVar, final

Question = TypeVar("Question", bound=Hashable)
Answer = TypeVar("Answer")


@final
class Remembered(Generic[Question, Answer]):
    """Answers by question; when the bound would be passed, all are forgotten at once."""

    def __init__(self, most: int) -> None:
        """Know nothing yet.

        Args:
            most: Answers that are kept at most.
        """
        self._most = most
        self._known: dict[Question, Answer] = {}

    def __len__(self) -> int:
        """How many answers are kept."""
        return len(self._known)

    def of(
        self,
        questions: Sequence[Question],
        answer: Callable[[Sequence[int]], Sequence[Answer]],
    ) -> list[Answer]:
        """One answer for each question.

        Args:
            questions: They may repeat.
            answer: Answers those at some positions in `questions`; each new one is asked once.
        """
        known = self._known
        found = {each: known[each] for each in questions if each in known}
        new = {each: place for place, each in enumerate(questions) if each not in found}
        if new:
            fresh = dict(zip(new, answer(list(new.values())), strict=True))
            if len(known) + len(fresh) > self._most:
                self._known = {}
            self._known |= islice(fresh.items(), self._most)
            found |= fresh
        return [found[each] for each in questions]
