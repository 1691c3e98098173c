"""Addresses of databases as a study file writes them: the password is taken out where the file is read, and shown nowhere."""

from __future__ import annotations

import re
from typing import Any

_ADDRESS = re.compile(r"^(postgres(?:ql)?)(?:\+\w+)?://", re.IGNORECASE)


class DatabaseAddress(str):
    """The address of a database as it may be shown, without its password; `secret` is the whole of it, for the server.

    >>> address = DatabaseAddress("postgresql://planner:a/b@db.example:5432/gis?sslmode=require")
    >>> address, address.secret
    ('postgresql://planner@db.example:5432/gis', 'postgresql://planner:a/b@db.example:5432/gis?sslmode=require')
    """

    __slots__ = ("secret",)
    secret: str

    def __new__(cls, written: str) -> DatabaseAddress:
        """Take the password out of an address; of one that cannot be told apart everything is."""
        rest = _ADDRESS.sub("", written)
        head, _, options = rest.partition("?")
        before, at, place = head.rpartition("@")
        user = f"{before.partition(':')[0]}@" if at else ""
        address = super().__new__(cls, "postgresql://" + ("…" if "@" in options else f"{user}{place}"))
        address.secret = f"postgresql://{rest}"
        return address


def without_passwords(content: Any) -> Any:
    """Return what a study file holds with every address of a database as a `DatabaseAddress`.

    >>> without_passwords({"layers": {"parks": {"path": "postgresql://a:b@c/d"}}})
    {'layers': {'parks': {'path': 'postgresql://a@c/d'}}}
    """
    if isinstance(content, dict):
        return {key: without_passwords(value) for key, value in content.items()}
    if isinstance(content, list):
        return [without_passwords(value) for value in content]
    return DatabaseAddress(content) if isinstance(content, str) and _ADDRESS.match(content) else content
