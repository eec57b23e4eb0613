"""The methods that `deltanas compare` knows, as a table."""

from deltanas.cli.terminal import table
from deltanas.compare.roster import ABSENT, entry, names


def list_methods() -> None:
    """Print all methods, installed or not, and those that are known to be absent."""
    rows = []
    for name in names():
        found = entry(name)
        state = f"needs {', '.join(found.missing)}" if found.missing else "here"
        rows.append((name, found.description, found.cost.value, state, found.citation))
    rows += [(name, "", "", f"absent: {why}", "") for name, why in ABSENT.items()]
    table(("method", "what it does", "a proposal", "state", "source"), rows)
