"""Conditional spaces that several tests look at."""

from deltanas.spaces import BlockSpace


def gpt(layers=3, name="gpt", **more):
    """1 to `layers` layers, each with heads and a ratio; heads must divide the width."""
    options = {"width": (12, 16), "depth": tuple(range(1, layers + 1))}
    conditions = {}
    for layer in range(1, layers + 1):
        options |= {f"heads {layer}": (3, 4, 6), f"ratio {layer}": (2, 4)}
        conditions |= {f"{each} {layer}": f"depth >= {layer}" for each in ("heads", "ratio")}
    rules = [f"heads {layer} divides width" for layer in range(1, layers + 1)]
    return BlockSpace(options, name=name, conditions=conditions, rules=rules, **more)


def cell_tower():
    """Conditions on conditions, a forbidden combination, and a Python function as a rule."""
    return BlockSpace(
        {
            "scale": ("small", "large"),
            "attention": (False, True),
            "kind": ("local", "global", "mixed"),
            "window": (3, 5, 7),
            "act": ("relu", "gelu", None),
        },
        name="tower",
        conditions={"kind": "attention", "window": "kind in ['local', 'mixed']"},
        rules=[(["window", "scale"], lambda window, scale: window < 7 or scale == "large")],
        forbidden=[{"act": None, "kind": ["global", "mixed"]}],
    )
