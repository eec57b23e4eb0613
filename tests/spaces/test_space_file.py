import pytest

from deltanas.errors import SpaceError
from deltanas.spaces.space_file import read_space
from tests.spaces.conditional import gpt

GPT = """
name = "gpt"

[decisions]
width = [12, 16]
depth = [1, 2, 3]

[decisions."heads {layer}"]
options = [3, 4, 6]
repeat = { layer = [1, 3] }
when = "depth >= {layer}"

[decisions."ratio {layer}"]
options = [2, 4]
repeat = { layer = [1, 3] }
when = "depth >= {layer}"

[[rules]]
rule = "heads {layer} divides width"
repeat = { layer = [1, 3] }
"""


def read(tmp_path, text):
    file = tmp_path / "space.toml"
    file.write_text(text, "utf-8")
    return read_space(file)


def test_a_file_describes_the_space_that_python_does(tmp_path):
    space, other = read(tmp_path, GPT), gpt()
    assert space.size == other.size == 272
    assert {each.name: each for each in space.decisions} == {
        each.name: each for each in other.decisions
    }


def test_rules_and_forbidden_combinations_are_read(tmp_path):
    text = """name = "x"
    rules = ["a < b"]
    forbidden = [{ a = 1, act = ["relu", "gelu"] }]
    [decisions]
    a = [1, 2]
    b = [2, 3]
    act = ["relu", "gelu", "silu"]
    """
    # a=1: b 2 or 3, silu only; a=2: b 3, any of three.
    assert read(tmp_path, text).size == 2 + 3


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (
            "name =",
            "nam =",
            r"space.toml, line 2, key 'nam': .*not permitted 'nam'|field required 'name'",
        ),
        ("width = [12, 16]", "width = 12", r"line 5, key 'decisions.width': .* got '12'"),
        ('when = "depth >= {layer}"', 'whn = "depth >= {layer}"', r"line 11, .*whn"),
        (
            "depth >= {layer}",
            "dept >= {layer}",
            r"line 11, key 'decisions.heads \{layer\}.when': .*'dept', which is no decision",
        ),
        (
            "divides width",
            "divides",
            r"line 19, key 'rules.heads \{layer\} divides': .*cannot be read",
        ),
        ("[1, 3]", "[3, 1]", r"line 8, .*first and a last number, .* got \{'layer': \[3, 1\]\}"),
        ("[1, 3]", "[1, 9999999]", r"at most 10,000 in all"),
        ("[decisions]", "[decisions", "is no TOML: .*line 4"),
        (
            "options = [2, 4]",
            "options = [2, 2]",
            r"line 13, key 'decisions.ratio \{layer\}': decision 'ratio 1' has the option 2 twice",
        ),
        (
            "heads {layer} divides width",
            "depth + {layer} > 9",
            r"line 19, key 'rules.depth \+ \{layer\} > 9': .*is empty, no architecture keeps to",
        ),
        ("heads {layer} divides width", "width > 'a'", r"line 19, key \"?.*raised TypeError"),
        ('[decisions."ratio {layer}"]', '[decisions."ratio"]', "'ratio' is there twice"),
    ],
)
def test_what_is_wrong_is_told_with_line_and_key(tmp_path, old, new, words):
    assert old in GPT
    with pytest.raises(SpaceError, match=words):
        read(tmp_path, GPT.replace(old, new))


FORBIDDEN = """name = "x"

[decisions]
x = [1, 2]
act = ["relu", "gelu"]

[[forbidden]]
act = "relu"

[[forbidden]]
x = [1, 2]
act = "gelu"
"""


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("", "", r"line 12, key 'forbidden.x.1.2.act.gelu': space 'x' is empty"),
        ('x = [1, 2]\nact = "g', 'x = [1, 3]\nact = "g', "line 12, .*x=3, which is no option"),
        ('act = "gelu"', 'acts = "gelu"', "line 12, .* names 'acts', which is no decision"),
    ],
)
def test_a_forbidden_combination_that_is_wrong_is_told_with_its_line(tmp_path, old, new, words):
    assert old in FORBIDDEN
    with pytest.raises(SpaceError, match=words):
        read(tmp_path, FORBIDDEN.replace(old, new))


def test_a_condition_that_never_holds_is_told_with_its_line(tmp_path):
    text = 'name = "x"\n[decisions]\nd = [1, 2]\n[decisions.h]\noptions = [2, 4]\nwhen = "d > 5"\n'
    words = r"line 4, key 'decisions.h': decision 'h' .*in no architecture: .*'d > 5'"
    with pytest.raises(SpaceError, match=words):
        read(tmp_path, text)


def test_what_is_no_file_of_text_is_refused(tmp_path):
    with pytest.raises(SpaceError, match=r"none.toml cannot be read \(No such file"):
        read_space(tmp_path / "none.toml")
    (tmp_path / "b.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(SpaceError, match="is not text in UTF-8"):
        read_space(tmp_path / "b.toml")
    (tmp_path / "l.toml").write_bytes(b"#" * 1_000_001)
    with pytest.raises(SpaceError, match="1,000,001 bytes, more than"):
        read_space(tmp_path / "l.toml")


YAML = """
name: gpt
decisions:
  width: [12, 16]
  depth: [1, 2, 3]
  "heads {layer}":
    options: [3, 4, 6]
    repeat: {layer: [1, 3]}
    when: "depth >= {layer}"
  "ratio {layer}": {options: [2, 4], repeat: {layer: [1, 3]}, when: "depth >= {layer}"}
rules:
  - {rule: "heads {layer} divides width", repeat: {layer: [1, 3]}}
"""


def read_yaml_file(tmp_path, text):
    file = tmp_path / "space.yaml"
    file.write_text(text, "utf-8")
    return read_space(file)


def test_yaml_describes_the_space_that_toml_does(tmp_path):
    assert read_yaml_file(tmp_path, YAML).fingerprint() == read(tmp_path, GPT).fingerprint()


def test_texts_of_yaml_that_look_like_something_else_stay_texts(tmp_path):
    text = "name: x\ndecisions:\n  a: [on, no, 12:30, 2020-01-01, 01]\n  b: [true, 1e-3, .5, -7]\n"
    labels = [each.labels for each in read_yaml_file(tmp_path, text).decisions]
    assert labels == [("on", "no", "12:30", "2020-01-01", "01"), (True, 0.001, 0.5, -7)]


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("width: [12, 16]", "width: 12", r"line 4, key 'decisions.width': .* got '12'"),
        ("width: [12, 16]", "depth: [12]", r"line 5: the key 'depth' is there twice"),
        ("[1, 2, 3]", "[1, 2, 3", r"is no YAML that is read here: line 6: .*correct that line"),
        ("when: ", "whn: ", r"line 9, .*whn"),
        ("divides width", "divides", r"line 12, key 'rules.heads \{layer\} divides': .*cannot be"),
        ("[12, 16]", "[12, null]", r"line 4, key 'decisions.width': .* number, .*got null; write"),
        ("[12, 16]", "[12, [16]]", r"line 4, .*an option is a word, a number, .*got '\[16\]'"),
        ("[12, 16]", "*x", r"line 4: aliases \(\*\) are not read"),
    ],
)
def test_what_is_wrong_in_yaml_is_told_with_line_and_key(tmp_path, old, new, words):
    assert old in YAML
    with pytest.raises(SpaceError, match=words):
        read_yaml_file(tmp_path, YAML.replace(old, new, 1))
