SPACE = """
name = "tiny"
rules = ["heads divides width"]

[decisions]
width = [12, 16]
deep = [false, true]

[decisions.heads]
options = [3, 4]
when = "deep"
"""


def test_a_space_file_is_checked_and_shown(run, tmp_path):
    (tmp_path / "tiny.toml").write_text(SPACE, "utf-8")
    result = run("space", "tiny.toml")
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert any(line.split() == ["heads", "3,", "4", "deep"] for line in lines)
    # Two widths without heads, 12 with either, 16 with 4 heads only.
    assert "architectures  5" in lines
    assert any(line.startswith("for example    width=") for line in lines)
    assert any("deep: " in line for line in lines)


def test_what_is_wrong_in_it_is_told_with_its_line(run, tmp_path):
    (tmp_path / "tiny.toml").write_text(SPACE.replace("divides width", "divides widht"), "utf-8")
    result = run("space", "tiny.toml")
    assert result.exit_code == 2
    assert "tiny.toml, line 3, key 'rules.heads divides widht'" in result.stderr
    assert "did you mean 'width'" in result.stderr
