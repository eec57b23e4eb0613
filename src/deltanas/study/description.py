"""What a study was made with: stored beside its trials, compared when it is continued."""

import hashlib
import importlib.metadata
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, final

from deltanas.errors import StudyError, StudyMismatchError
from deltanas.limits import Limit, LimitedSpace
from deltanas.search import METHODS, ParetoEvolution, Searcher
from deltanas.spaces import Label
from deltanas.spaces.more_features import words_of

FORMAT = 2
"""Version of how studies are stored; a larger one was written by a newer deltanas."""
ONE_VALUE = 1
"""What it was before trials had a value for each objective, and is where there is one."""


@final
@dataclass(frozen=True, slots=True)
class Description:
    """Everything that decides which architectures a study proposes, but their accuracies."""

    space: str
    """Fingerprint of the space, JSON."""
    benchmark: str | None
    """Name of the benchmark that answers; None for a function of the user's."""
    method: str
    """Name of the searcher."""
    settings: Mapping[str, Label]
    """Settings of the searcher by name."""
    seed: int
    """Seed of the study."""
    version: str
    """Version of deltanas that made the study; not compared."""
    limits: tuple[str, ...] = ()
    """What every proposal keeps to, as `Limit.words` has it."""
    halving: str | None = None
    """How poor trainings are stopped early, as `Halving.words` has it."""
    inheritance: str | None = None
    """How weights are handed on, as `Inheritance.words` has it."""
    measured: Mapping[str, Any] | None = None
    """What was measured before the search, as `Measuring.record` gives it; None for nothing."""
    features: str | None = None
    """What features predictors see beside the space's own, as `words_of` has it."""

    @property
    def is_recorded(self) -> bool:
        """Whether a benchmark answers, and nothing is trained."""
        return bool(self.benchmark) and not _is_training(self.benchmark)

    @property
    def shown_method(self) -> str:
        """The method as it is asked for: that for several objectives has no name of its own."""
        return "delta-evolution" if self.method == ParetoEvolution.__qualname__ else self.method

    @classmethod
    def of(
        cls, searcher: Searcher, benchmark: str | None, told: Sequence[Limit] = ()
    ) -> "Description":
        """The description of a study that this searcher makes, under limits on what is told."""
        names = [name for name, each in METHODS.items() if each.searcher is type(searcher)]
        settings = {
            name: _plain(value)
            for name, value in vars(searcher).items()
            if not name.startswith("_") and name not in ("space", "seed")
        }
        space = searcher.space
        limits = space.limits if isinstance(space, LimitedSpace) else ()
        return cls(
            space.fingerprint(),
            benchmark,
            names[0] if names else type(searcher).__qualname__,
            settings,
            searcher.seed,
            _version(),
            tuple(sorted(each.words for each in (*limits, *told))),
            features=words_of(space),
        )

    def to_record(self) -> dict[str, Any]:
        """What JSON carries."""
        record = {
            "format": FORMAT if "objectives" in self.settings else ONE_VALUE,
            "version": self.version,
            "space": self.space,
            "benchmark": self.benchmark,
            "method": self.method,
            "settings": dict(self.settings),
            "seed": self.seed,
        }
        # Studies without limits are stored as before there were any.
        record |= {"limits": list(self.limits)} if self.limits else {}
        further = {
            "measured": dict(self.measured or {}),
            "halving": self.halving,
            "inheritance": self.inheritance,
            "features": self.features,
        }
        return record | {name: words for name, words in further.items() if words}

    @classmethod
    def from_record(cls, record: Mapping[str, Any], place: str) -> "Description":
        """Read what `to_record` wrote.

        Raises:
            StudyError: A newer deltanas wrote it, or something is missing.
        """
        if not isinstance(record.get("format"), int) or record["format"] > FORMAT:
            raise StudyError(
                f"the study {place} is stored in format {record.get('format')!r} by deltanas "
                f"{record.get('version')!r}, this version reads up to {FORMAT}; upgrade deltanas"
            )
        try:
            _check_space(record["space"])
            return cls(
                record["space"],
                _text_or_none(record["benchmark"]),
                str(record["method"]),
                dict(record["settings"]),
                int(record["seed"]),
                str(record["version"]),
                tuple(map(str, record.get("limits", ()))),
                record.get("halving"),
                record.get("inheritance"),
                None if record.get("measured") is None else dict(record["measured"]),
                record.get("features"),
            )
        except (KeyError, TypeError, ValueError, RecursionError, OverflowError) as error:
            raise StudyError(
                f"the study {place} lacks a part of its description ({error!r}); it was altered "
                f"by another program, use a copy from before"
            ) from None

    def check_continues(self, stored: "Description", place: str) -> None:
        """Refuse to go on with a study that was made with something else.

        Raises:
            StudyMismatchError: Space, benchmark, method, a setting or the seed differs.
        """
        for what, before, now in (
            ("space ", _space_name(stored.space), _space_name(self.space)),
            ("space ", *_difference(stored.space, self.space)),
            # `training by ...` says itself what it is.
            (
                "" if _is_training(stored.benchmark) else "benchmark ",
                stored.benchmark,
                self.benchmark,
            ),
            ("limits ", _all(stored.limits), _all(self.limits)),
            ("successive halving of ", stored.halving, self.halving),
            ("inherited weights of ", stored.inheritance, self.inheritance),
            ("features by scores of ", stored.features, self.features),
            ("objectives ", *(each.settings.get("objectives") for each in (stored, self))),
            ("measured costs ", *map(_measured, (stored.measured, self.measured))),
            ("method ", stored.method, self.method),
            *(
                (f"setting {name} ", stored.settings.get(name), self.settings.get(name))
                for name in {**stored.settings, **self.settings}
            ),
            ("seed ", stored.seed, self.seed),
        ):
            if before != now:
                raise StudyMismatchError(
                    f"the study {place} was made with {what}{_shown(before)}, got "
                    f"{_shown(now)}; continue it with what it was made with, or name "
                    f"another file for a new study"
                )


def _check_space(stored: object) -> None:
    """Refuse a fingerprint that `SearchSpace.fingerprint` cannot have written.

    Raises:
        TypeError: Its parts are of other kinds.
        KeyError: One is missing.
        ValueError: It is no JSON.
    """
    if not isinstance(stored, str):
        raise TypeError("the space is no text")
    made = json.loads(stored)
    if not isinstance(made, dict) or not isinstance(made["name"], str):
        raise TypeError("the space has no name")
    for entry in made["decisions"]:
        if not isinstance(entry, list) or not entry or not isinstance(entry[0], str):
            raise TypeError(f"{str(entry)[:60]} is no decision")


def _measured(record: Mapping[str, Any] | None) -> str | None:
    """What is compared of measurements: a digest, as they are long."""
    if record is None:
        return None
    text = json.dumps(record, sort_keys=True)
    return f"of digest {hashlib.sha256(text.encode()).hexdigest()[:8]}"


def _text_or_none(value: object) -> str | None:
    if value is not None and not isinstance(value, str):
        raise TypeError(f"{str(value)[:60]} is no name of a benchmark")
    return value


def _is_training(stored: str | None) -> bool:
    """Whether what answered is a training, and no benchmark."""
    return (stored or "").startswith("training ")


def _space_name(fingerprint: str) -> str:
    return str(json.loads(fingerprint)["name"])


def _difference(before: str, now: str) -> tuple[object, object]:
    """The first decisions and options that differ; two equal values if none do."""
    if before == now:
        return None, None
    old, new = (json.loads(each)["decisions"] for each in (before, now))
    for one, other in zip(old, new, strict=False):
        if one != other:
            return _decision(one), _decision(other)
    if len(old) != len(new):
        return f"of {len(old)} decisions", f"of {len(new)} decisions"
    return _constraints(before), _constraints(now)


def _constraints(fingerprint: str) -> str:
    return f"with {json.dumps(json.loads(fingerprint).get('constraints', {}), ensure_ascii=False)}"


def _decision(entry: list[Label]) -> str:
    return f"with {entry[0]}: {', '.join(map(repr, entry[1:]))}"


def _all(limits: Sequence[str]) -> str | None:
    return " and ".join(limits) or None


def _shown(value: object) -> str:
    return "none" if value is None else str(value)


def _plain(value: object) -> Label:
    """The value itself where JSON carries it, otherwise its kind."""
    if value is None or isinstance(value, str | bool | int | float):
        return value
    return type(value).__qualname__


def _version() -> str:
    try:
        return importlib.metadata.version("deltanas")
    except importlib.metadata.PackageNotFoundError:
        return "unknown"
