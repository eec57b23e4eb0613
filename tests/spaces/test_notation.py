import pytest

from deltanas.errors import ArchitectureError
from deltanas.spaces import BlockSpace

SPACE = BlockSpace({"depth": (2, 4), "kernel size": ((3, 3), (5, 5)), "act": ("relu", None)})


def test_assignments_worked_by_hand():
    architecture = SPACE.architecture({"depth": 4, "kernel size": (3, 3), "act": None})
    assert SPACE.write(architecture) == "depth=4, kernel size=(3, 3), act=None"
    assert SPACE.read("act = None,kernel size=(3, 3) , depth=4") == architecture


@pytest.mark.parametrize(
    "options",
    [
        {"a": (1, "1"), "b": (2, 3)},
        {"a": ("x", "x, b=2"), "b": (2, 3)},
        {"a": (" x", "x"), "b": (2, 3)},
        {"a=b": (1, 2), "a": ("b=1", "c")},
        {"{": (1, 2)},
    ],
)
def test_what_plain_text_cannot_tell_apart_is_written_as_json(options):
    space = BlockSpace(options)
    texts = [space.write(architecture) for architecture in space]
    assert [space.read(text) for text in texts] == list(space)
    assert any(text.startswith('{"space"') for text in texts)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", r"expected 'name=option, \.\.\.', once for each .* depth, kernel size, act, got ''"),
        ("depth", "got 'depth'"),
        ("width=3", "got 'width=3'"),
        ("depth=4, depth=2", "got 'depth=2' in 'depth=4, depth=2'"),
        ("depth=5", "has no option '5'; its options are 2, 4"),
        ("depth=4", "it chooses nothing for kernel size, act"),
    ],
)
def test_text_that_is_no_architecture_is_refused(text, words):
    with pytest.raises(ArchitectureError, match=words):
        SPACE.read(text)
