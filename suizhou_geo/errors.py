"""The errors a planner can meet, each one sentence: what is wrong, where, and what to do.

::

    SuizhouGeoError
    ├── InputError (ValueError)      a file cannot be read, or is not what its name says
    │   ├── StudyError               the study file itself: unknown key, missing key, wrong type
    │   ├── PlanError                a plan file: unknown operator, missing clause, doubled key
    │   └── LayerError               a layer: no CRS, wrong geometry, missing column, overlaps, elsewhere on Earth
    └── OutputError (OSError)        the results cannot be written

The library raises these; the command line catches `SuizhouGeoError` only, prints the sentence and exits with 2.
Anything else that escapes is a defect of ours and shows its traceback.
"""

from collections.abc import Iterable
from difflib import get_close_matches


class SuizhouGeoError(Exception):
    """Anything this package raises on purpose."""


class InputError(SuizhouGeoError, ValueError):
    """A file cannot be read, or is not what its name says."""


class StudyError(InputError):
    """The study file is wrong: an unknown key, a missing key, a value of the wrong type."""


class PlanError(InputError):
    """A plan file is wrong: an unknown operator, a missing clause, a key given twice."""


class LayerError(InputError):
    """A layer is wrong: no CRS, a wrong geometry, a missing column, overlapping zones, a place elsewhere on Earth."""


class OutputError(SuizhouGeoError, OSError):
    """The results cannot be written; what stood there before still stands."""


def did_you_mean(word: str, words: Iterable[str]) -> str:
    """Return a hint at the nearest of some words, to stand behind the one that is wrong; "" where none is near.

    >>> did_you_mean("pahts", ["path", "layer"]), did_you_mean("x", ["path"])
    (' (did you mean path?)', '')
    """
    near = get_close_matches(word, list(words), n=1)
    return f" (did you mean {near[0]}?)" if near else ""
