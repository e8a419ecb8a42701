from __future__ import annotations

from pathlib import Path

import pytest

from secateur import yaml_file
from secateur.errors import SpecError

# Nine levels of nine values each, 400 million in 300 bytes: 10 with the list itself, then
# 1 + 9 · 10 = 91, 820, 7,381, 66,430 and so on.
BOMB = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * 9)}]\n" for level in range(1, 9)
)
# The same with merged mappings, which PyYAML would write out in memory.
MERGES = "m0: &m0 {k: 1}\n" + "".join(
    f"m{level}: &m{level} {{<<: [{', '.join([f'*m{level - 1}'] * 9)}]}}\n" for level in range(1, 9)
)
CHAIN = "c0: &c0 [x]\n" + "".join(f"c{n}: &c{n} [*c{n - 1}]\n" for n in range(1, 100))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name: a\nseed: 1\nname: b\n", "the key 'name' is there twice, line 3"),
        ("search:\n  trials: 4\n  'trials': 5\n", "the key 'trials' is there twice, line 3"),
        (BOMB, "more than 20,000 values with all aliases, line 5"),  # 1 + 9 · 7,381 of a4
        (MERGES, "more than 20,000 values"),
        (CHAIN, "more than 50 levels with all aliases"),
        ("a: &a [*a]", "an alias of what holds it, line 1"),
        ("a: *b", "found undefined alias 'b', line 1"),
        ("a: " + "[" * 20_000, "more than 50 levels, line 1"),
        ("".join(f"{' ' * n}a:\n" for n in range(200)), "more than 50 levels, line 50"),
        ("a: 1\n---\nb: 2\n", "but found another document, line 2"),
        ("a: !!python/object/apply:os.system [ls]", "could not determine a constructor"),
        ("a: !!python/name:os.system", "could not determine a constructor"),
        ("a: !secret x", "could not determine a constructor"),
        ("a: [1, 2", "expected ',' or ']'"),
        ("a: b: c", "mapping values are not allowed here, line 1"),
        ("a: 2026-13-45", "month must be in 1..12"),
        ("a: " + "9" * 5000, "Exceeds the limit"),  # of digits, Python's own
        ("? [a]\n: b", "found unhashable key, line 1"),
        ("a: \0", "special characters are not allowed"),
        ("a: 0x" + "f" * 17, "a whole number of 68 bits, line 1"),
        ("a: !!bool maybe", "'maybe' is no bool, line 1"),
        ("a: 1\nb: !!int ''", "'' is no int, line 2"),
        ("a: !!timestamp soon", "'soon' is no timestamp, line 1"),
        ('a: 1\nb: "\\ud800"', "half of a surrogate pair, which is no character, line 2"),
        ('"\\udfff": 1', "half of a surrogate pair, which is no character, line 1"),
    ],
)
def test_what_is_wrong_is_said_in_a_line(text: str, said: str) -> None:
    with pytest.raises(SpecError) as error:
        yaml_file.parse(text, "job.yaml", "with a name")
    assert said in str(error.value.value)
    assert str(error.value).startswith("job.yaml: ")
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("text", ["", "# nothing\n", "- a\n- b\n", "text", "3", "---\n...\n"])
def test_what_is_no_mapping_is_refused(text: str) -> None:
    with pytest.raises(SpecError, match="expected a mapping with a name"):
        yaml_file.parse(text, "job.yaml", "with a name")


def test_too_much_is_not_even_read(tmp_path: Path) -> None:
    file = tmp_path / "job.yaml"
    file.write_text("name: " + "x" * yaml_file.MOST_BYTES, encoding="utf-8")
    with pytest.raises(SpecError, match="at most 100,000 bytes"):
        yaml_file.read(file, "with a name")


def test_bytes_count_rather_than_characters(tmp_path: Path) -> None:
    """Else what is beyond them would be left out without a word."""
    file = tmp_path / "job.yaml"
    # "seed: 1\n# " are 10 bytes, and each é is two: 100,010 with 50,010 characters.
    file.write_text("seed: 1\n# " + "é" * 50_000 + "\nseed: 2\n", encoding="utf-8")
    with pytest.raises(SpecError, match="at most 100,000 bytes"):
        yaml_file.read(file, "with a name")
    with pytest.raises(SpecError, match="at most 100,000 bytes"):
        yaml_file.parse(file.read_text(encoding="utf-8"), "job.yaml", "with a name")


def test_other_encodings_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "job.yaml"
    for content in ("name: é".encode("latin-1"), "name: a".encode("utf-16")):
        file.write_bytes(content)
        with pytest.raises(SpecError, match="expected YAML in UTF-8"):
            yaml_file.read(file, "with a name")


def test_aliases_and_merges_in_bounds_mean_what_they_always_did() -> None:
    text = "a: &a {x: 1, y: 2}\nb: *a\nc: {<<: *a, y: 3}\n"
    assert yaml_file.parse(text, "job.yaml", "") == {
        "a": {"x": 1, "y": 2},
        "b": {"x": 1, "y": 2},
        "c": {"x": 1, "y": 3},
    }


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    for path in (tmp_path / "absent.yaml", tmp_path):
        with pytest.raises(SpecError, match="expected a readable YAML file") as error:
            yaml_file.read(path, "")
        assert error.value.field == str(path)
