"""Header fields as HTTP means them: an ordered list whose names are compared without letter case (RFC 9110 §5.1)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator


class Headers:
    """An ordered, immutable list of (name, value) pairs; names keep the letter case that was on the wire."""

    def __init__(self, pairs: Iterable[tuple[str, str]] = ()) -> None:
        self.pairs: tuple[tuple[str, str], ...] = tuple(pairs)

    def get_all(self, name: str) -> list[str]:
        """Every value of `name`, in the order of the lines."""
        return [value for key, value in self.pairs if key.lower() == name.lower()]

    def get(self, name: str, default: str | None = None) -> str | None:
        """The values of `name` as one list, joined by a comma (RFC 9110 §5.3), or `default` when there is none."""
        values = self.get_all(name)
        return ", ".join(values) if values else default

    def tokens(self, name: str) -> list[str]:
        """The comma-separated elements of `name` over all its lines, in lower case, empty ones left out."""
        elements = (element.strip(" \t").lower() for value in self.get_all(name) for element in value.split(","))
        return [element for element in elements if element]

    def names(self) -> set[str]:
        """The names in lower case, without order."""
        return {key.lower() for key, _ in self.pairs}

    def __contains__(self, name: str) -> bool:
        return name.lower() in self.names()

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self.pairs)

    def __len__(self) -> int:
        return len(self.pairs)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Headers) and self.pairs == other.pairs

    def __hash__(self) -> int:
        return hash(self.pairs)

    def __repr__(self) -> str:
        return f"Headers({list(self.pairs)!r})"


def media_type(value: str | None) -> str:
    """`text/html; charset=utf-8` → `text/html`: lower case, without parameters; '' when there is no such header."""
    return (value or "").split(";", 1)[0].strip().lower()


def parameter(value: str | None, name: str) -> str | None:
    """The parameter `name` of a header value such as `text/html; charset="UTF-8"`, quotes removed; None if absent."""
    for part in (value or "").split(";")[1:]:
        key, separator, content = part.partition("=")
        if separator and key.strip().lower() == name.lower():
            return content.strip().strip('"')
    return None
