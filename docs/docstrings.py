"""The examples of a docstring as code: griffe reads this when the API reference is built."""

from __future__ import annotations

import re
from typing import Any

from griffe import Extension, Object

_EXAMPLE = re.compile(r"^>>> .*?(?=\n\s*\n|\Z)", re.MULTILINE | re.DOTALL)


class FencedExamples(Extension):
    """Set every doctest of a docstring between fences, so that it is shown as code and not as a quotation."""

    def on_object(self, *, obj: Object, **_: Any) -> None:
        """Mend the docstring of one module, class, function or attribute."""
        if obj.docstring is not None:
            obj.docstring.value = _EXAMPLE.sub(lambda found: f"```pycon\n{found[0]}\n```", obj.docstring.value)
