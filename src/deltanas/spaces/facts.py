"""What a space tells beside what every space has, handed on by spaces that wrap another."""

from deltanas.spaces.base import SearchSpace


def share_facts(outer: SearchSpace, inner: SearchSpace) -> None:
    """Give a space the public attributes of the one that it wraps, where it has none itself.

    Encodings, graph networks and drawings look for them: vertices, operations, roles, graphs.

    Args:
        outer: The space around.
        inner: The space that is wrapped; its methods answer for its own architectures.
    """
    for name in set(dir(inner)) - set(dir(outer)):
        if not name.startswith("_"):
            setattr(outer, name, getattr(inner, name))
