"""Who can take part in a comparison, by name; and who cannot, with the reason.

Peers are imported when they run and not before: some bring torch, some other packages.
"""

import difflib
import importlib
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from deltanas.compare.ablations.entries import ABLATIONS
from deltanas.compare.contestant import Contestant, SearcherContestant
from deltanas.compare.entry import Cost, Entry
from deltanas.compare.identity import RawSpace
from deltanas.compare.own_method import is_own_method, made_by, split
from deltanas.compare.problem import Problem
from deltanas.compare.protocol import ComparisonError
from deltanas.compare.settings import check_settings, settings_of
from deltanas.errors import UnknownNameError
from deltanas.search import METHODS, Searcher

PEERS = "deltanas.compare.peers."


ROSTER: Final[Mapping[str, Entry]] = MappingProxyType(
    {
        "delta": Entry(
            "Delta-NAS: evolution on predicted differences",
            "this project's default method",
            Cost.TENTHS,
            "search:delta-evolution",
        ),
        "delta-classes": Entry(
            "the same, never training two functionally equal cells",
            "this project's default method",
            Cost.TENTHS,
            "search:delta-evolution",
            canonical=True,
        ),
        "random": Entry(
            "random search without repetition",
            "Li & Talwalkar, UAI 2019",
            Cost.MILLISECONDS,
            "search:random",
        ),
        "regularized-evolution": Entry(
            "ageing evolution, population 30, tournament 10",
            "Real et al., AAAI 2019",
            Cost.MILLISECONDS,
            "search:regularized-evolution",
        ),
        "local-search": Entry(
            "first improvement, restarts",
            "White, Nolen & Savani, UAI 2021",
            Cost.MILLISECONDS,
            "search:local-search",
        ),
        "tpe": Entry(
            "Optuna's tree-structured Parzen estimator, defaults",
            "Bergstra et al., NeurIPS 2011; Akiba et al., KDD 2019",
            Cost.MILLISECONDS,
            PEERS + "optuna_tpe:OptunaTpe",
        ),
        "optuna-gp": Entry(
            "Optuna's GPSampler, defaults",
            "Akiba et al., KDD 2019",
            Cost.TENTHS,
            PEERS + "optuna_gp:OptunaGp",
        ),
        "smac": Entry(
            "SMAC3's random-forest facade, defaults",
            "Lindauer et al., JMLR 2022",
            Cost.TENTHS,
            PEERS + "smac:Smac",
            needs=("smac", "ConfigSpace"),
        ),
        "gp": Entry(
            "Gaussian process, exponential Hamming kernel, expected improvement",
            "Hutter et al., LION 2011; Rasmussen & Williams 2006",
            Cost.MILLISECONDS,
            PEERS + "gp_hamming:GpHamming",
        ),
        "nasbowl": Entry(
            "Gaussian process, Weisfeiler-Lehman kernel, expected improvement",
            "Ru et al., ICLR 2021",
            Cost.TENTHS,
            PEERS + "nasbowl:Nasbowl",
        ),
        "bananas": Entry(
            "5 networks on paths, independent Thompson sampling, batches of 10",
            "White, Neiswanger & Savani, AAAI 2021",
            Cost.TENTHS,
            PEERS + "bananas:Bananas",
            batch=10,
        ),
        "bananas-1": Entry(
            "the same, updated after every training",
            "White, Neiswanger & Savani, AAAI 2021",
            Cost.SECONDS,
            PEERS + "bananas:Bananas",
        ),
        "npenas": Entry(
            "graph network guides the mutations of an evolution, batches of 10",
            "Wei et al., TNNLS 2022 (NPENAS-NP)",
            Cost.TENTHS,
            PEERS + "npenas:Npenas",
            batch=10,
        ),
        "weaknas": Entry(
            "weak predictors, each trained on the best of the one before, batches of 10",
            "Wu et al., NeurIPS 2021",
            Cost.SECONDS,
            PEERS + "weaknas:WeakNas",
            needs=("sklearn",),
            batch=10,
        ),
        "brp-nas": Entry(
            "graph network compares pairs, the most often preferred are trained, batches of 10",
            "Dudziak et al., NeurIPS 2020",
            Cost.SECONDS,
            PEERS + "brpnas:BrpNas",
            batch=10,
        ),
        **ABLATIONS,
    }
)
"""All methods, ours first, then peers, then ablations of ours.

Every searcher of the `search` room takes part under its own name.
"""

ABSENT: Final[Mapping[str, str]] = MappingProxyType(
    {
        "neps": "its package requires torchvision, which replaces a CPU torch by a CUDA one",
        "syne-tune": "its package brings 1.2 GB with XGBoost's NVIDIA libraries",
        "hebo": "its package needs numpy below 2",
    }
)
"""Methods that one might look for and that cannot take part, with the reason."""


def names() -> tuple[str, ...]:
    """Names of all methods that can take part if what they need is installed."""
    shown = {each.place for each in ROSTER.values()}
    return (*ROSTER, *(name for name in METHODS if f"search:{name}" not in shown))


def entry(method: str) -> Entry:
    """The method by name; settings after a colon are left aside.

    Raises:
        UnknownNameError: There is none of that name, or it is known to be absent.
    """
    name, _ = split(method)
    if name in ROSTER:
        return ROSTER[name]
    if is_own_method(name):
        return Entry("a method of your own", "yours", Cost.TENTHS, name)
    if name in METHODS:
        return Entry(METHODS[name].description, "deltanas", Cost.TENTHS, f"search:{name}")
    if name in ABSENT:
        raise UnknownNameError(
            f"method {name!r} is absent from the comparison: {ABSENT[name]}; leave it out"
        )
    near = difflib.get_close_matches(name, names(), n=2, cutoff=0.4)
    hint = f"did you mean {' or '.join(near)}? " if near else ""
    raise UnknownNameError(
        f"there is no method {name!r} to compare; {hint}methods are {', '.join(names())}"
    )


def contestant(method: str, problem: Problem, seed: int) -> Contestant:
    """A fresh contestant.

    Args:
        method: A name, or `name:setting=value:setting=value`.
        problem: What it will run on.
        seed: Seed of its random choices.

    Raises:
        UnknownNameError: There is no method or setting of that name.
        ComparisonError: A package is missing, a setting has a value that it cannot take, or what
            a file of the user's makes is no method.
    """
    found = entry(method)
    if found.missing:
        raise ComparisonError(
            f"method {method!r} needs {', '.join(found.missing)}; "
            f"install with: pip install 'deltanas[peers]'"
        )
    make = maker(found)
    check_settings(method, make)
    space = problem.space
    if found.canonical and isinstance(space, RawSpace):
        space = space.inner
    one = make(space, seed=seed, starts=problem.protocol.starts, **settings_of(method))
    if isinstance(one, Searcher):
        return SearcherContestant(one, batch=found.batch)
    if isinstance(one, Contestant):
        return one
    raise ComparisonError(
        f"expected a deltanas.search.Searcher or a deltanas.compare.Contestant from {method}, got "
        f"{type(one).__name__}; make it one of the two"
    )


def maker(found: Entry) -> Callable[..., object]:
    """What makes the method: takes the space, and by keyword seed, starts and settings.

    Raises:
        ProjectError: A file of the user's or the name in it is not there, or the file raises.
    """
    if is_own_method(found.place):
        return made_by(found.place)
    module, _, name = found.place.partition(":")
    if module == "search":
        return METHODS[name].searcher
    made: Callable[..., object] = getattr(importlib.import_module(module), name)
    return made
