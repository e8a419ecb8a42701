"""YAML that users write or send; reading it runs no code and takes little, whatever it says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from secateur.errors import SpecError, UnreadableSpecError

MOST_BYTES = 100_000
"""Of a text; a job that says everything takes some 5,000."""

_DEEPEST = 50
_MOST_NODES = 20_000
_MOST_BITS = 64


def read(path: Path, needs: str) -> dict[str, Any]:
    """The mapping in a YAML file.

    Args:
        path: of the file.
        needs: what the mapping holds, for the error where there is none.

    Raises:
        SpecError: the file is absent or no UTF-8, or as ``parse``.
    """
    try:
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise UnreadableSpecError(str(path), str(error.strerror), "a readable YAML file") from None
    _check_length(content, str(path))  # before it is decoded: the last character may be cut
    try:
        text = content.decode()
    except UnicodeDecodeError as error:
        raise UnreadableSpecError(str(path), str(error), "YAML in UTF-8") from None
    return parse(text, str(path), needs)


def parse(text: str, source: str, needs: str) -> dict[str, Any]:
    """The mapping that a text of YAML describes.

    Args:
        text: YAML.
        source: what errors call it, e.g. the path of its file.
        needs: as for ``read``.

    Raises:
        SpecError: it is too long, no YAML, several documents or no mapping; has a key twice,
            a tag that would run code or that its value does not fit, or a whole number beyond
            64 bits; is nested more than 50 levels deep, or stands for more than 20,000 values
            with its aliases written out; or holds what is no character.
    """
    _check_length(text.encode(errors="replace"), source)
    try:
        content = yaml.load(text, _Loader)  # a SafeLoader
    # ValueError: dates that are none, numbers of thousands of digits.
    except (yaml.YAMLError, ValueError) as error:
        raise UnreadableSpecError(source, _said(error), "valid YAML") from None
    if content is None:
        raise UnreadableSpecError(source, "holds nothing", f"a mapping {needs}")
    if not isinstance(content, dict):
        raise SpecError(source, content, f"a mapping {needs}")
    return content


def _check_length(content: bytes, source: str) -> None:
    if len(content) > MOST_BYTES:
        begin = content[:20].decode(errors="replace")
        raise SpecError(source, f"{begin}…", f"at most {MOST_BYTES:,} bytes of YAML")


class _Loader(yaml.SafeLoader):
    """Refuses what PyYAML would take silently, or could not take.

    Every node has a size and a height as if each alias were written out, so that a short text
    cannot stand for a huge one.
    """

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self._depth = 0
        self._sizes: dict[yaml.Node, tuple[int, int]] = {}

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        """See PyYAML; the parts of a node are composed by this before the node is."""
        if self.check_event(yaml.AliasEvent):
            alias = super().compose_node(parent, index)
            if alias not in self._sizes:
                raise _refusal("an alias of what holds it", parent)
            return alias
        self._depth += 1
        if self._depth > _DEEPEST:
            raise _refusal(f"more than {_DEEPEST} levels", parent)
        node = super().compose_node(parent, index)
        self._depth -= 1
        if node is not None:
            self._measure(node)
        return node

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:
        """See PyYAML, which looks for a true or false, a digit or a date without a check."""
        try:
            return super().construct_object(node, deep)
        except (LookupError, AttributeError):
            raise _refusal(f"'{node.value}' is no {node.tag.rpartition(':')[2]}", node) from None

    def construct_yaml_int(self, node: yaml.ScalarNode) -> int:
        """See PyYAML; nothing here is as great as what this refuses."""
        value = super().construct_yaml_int(node)
        if value.bit_length() > _MOST_BITS:
            raise _refusal(f"a whole number of {value.bit_length():,} bits", node)
        return value

    def _measure(self, node: yaml.Node) -> None:
        parts: list[yaml.Node] = []
        if isinstance(node, yaml.SequenceNode):
            parts = node.value
        elif isinstance(node, yaml.MappingNode):
            _check_keys(node)
            parts = [part for pair in node.value for part in pair]
        elif not _is_text(node.value):
            raise _refusal("half of a surrogate pair, which is no character", node)
        sizes = [self._sizes[part] for part in parts]
        size = 1 + sum(size for size, _ in sizes)
        height = 1 + max((height for _, height in sizes), default=0)
        if size > _MOST_NODES:
            raise _refusal(f"more than {_MOST_NODES:,} values with all aliases", node)
        if height > _DEEPEST:
            raise _refusal(f"more than {_DEEPEST} levels with all aliases", node)
        self._sizes[node] = size, height


_Loader.add_constructor("tag:yaml.org,2002:int", _Loader.construct_yaml_int)


def _is_text(value: str) -> bool:
    """Whether it can be written down; an escape such as backslash u d800 makes what cannot."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _check_keys(node: yaml.MappingNode) -> None:
    """Refuse a key that is there twice; PyYAML would let the last one win."""
    seen: set[str] = set()
    for key, _ in node.value:
        if isinstance(key, yaml.ScalarNode):
            if key.value in seen:
                raise _refusal(f"the key '{key.value}' is there twice", key)
            seen.add(key.value)


def _refusal(problem: str, where: yaml.Node | None) -> yaml.MarkedYAMLError:
    mark = None if where is None else where.start_mark
    return yaml.MarkedYAMLError(problem=problem, problem_mark=mark)


def _said(error: Exception) -> str:
    """What is wrong and where, in one line."""
    if isinstance(error, yaml.MarkedYAMLError) and error.problem and error.problem_mark:
        return f"{error.problem}, line {error.problem_mark.line + 1}"
    return str(error).splitlines()[0]
