"""The errors a planner can meet, each one sentence: what is wrong, where, and what to do.

::

    SuizhouGeoError
    ├── InputError (ValueError)      a file cannot be read, or is not what its name says
    │   ├── StudyError               the study file itself: unknown key, missing key, wrong type
    │   ├── PlanError                a plan file: unknown operator, missing clause, doubled key
    │   └── LayerError               a layer: no CRS, wrong geometry, missing column, overlaps, elsewhere on Earth
    ├── FetchError (OSError)         a server cannot be reached, or what it answers cannot be used
    └── OutputError (OSError)        the results cannot be written

Each says its sentence in both languages: `error.said` is the Text, `str(error)` speaks the language it was told, by the
rule of `errors.text.language`. The library raises these; the command line catches `SuizhouGeoError` only, prints the
sentence and exits with 2. Anything else that escapes is a defect of ours and shows its traceback.
"""

from __future__ import annotations

import errno
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from difflib import get_close_matches

from suizhou_geo.errors.text import NOTHING, Lang, Text, language

_REASONS: Mapping[int, str] = {
    errno.EACCES: "没有权限",
    errno.EPERM: "没有权限",
    errno.EROFS: "磁盘只读",
    errno.ENOSPC: "磁盘空间不足",
    errno.EDQUOT: "超出磁盘配额",
    errno.ENOENT: "路径不存在",
    errno.EEXIST: "已有同名文件",
    errno.ENOTDIR: "路径中有一级不是文件夹",
    errno.EISDIR: "是文件夹",
    errno.ENOTEMPTY: "文件夹不是空的",
    errno.EBUSY: "正被占用",
    errno.ENAMETOOLONG: "名称过长",
    errno.EIO: "读写出错",
    errno.EINVAL: "不是可以读写的文件",
}


LONGEST = 600  # characters of a sentence


class SuizhouGeoError(Exception):
    """Anything this package raises on purpose, told in Chinese and English."""

    lang: Lang | None = None

    def __init__(self, zh: str, en: str) -> None:
        """Take the sentence in Chinese and in English."""
        super().__init__()
        self.args = (_one_line(zh), _one_line(en))

    @property
    def said(self) -> Text:
        """The sentence in both languages."""
        return Text(*self.args)

    def __str__(self) -> str:
        """Say the sentence in the language it was told to speak."""
        return self.said.speak(language(self.lang))


@contextmanager
def speaking(lang: Lang | None) -> Iterator[None]:
    """Have the errors of ours that leave the block speak a language; with None, the one they would speak anyway."""
    try:
        yield
    except SuizhouGeoError as error:
        error.lang = lang or error.lang
        raise


def _one_line(sentence: str) -> str:
    """A sentence on one line, the middle of an endless one left out: names and values of a file may be of any kind."""
    line = sentence.replace("\r", "\\r").replace("\n", "\\n")
    return line if len(line) <= LONGEST else f"{line[: LONGEST - 221]}…{line[-220:]}"


class InputError(SuizhouGeoError, ValueError):
    """A file cannot be read, or is not what its name says."""


class StudyError(InputError):
    """The study file is wrong: an unknown key, a missing key, a value of the wrong type."""


class PlanError(InputError):
    """A plan file is wrong: an unknown operator, a missing clause, a key given twice."""


class LayerError(InputError):
    """A layer is wrong: no CRS, a wrong geometry, a missing column, overlapping zones, a place elsewhere on Earth."""


class FetchError(SuizhouGeoError, OSError):
    """A server cannot be reached, or what it answers cannot be used; what had arrived is kept."""


class OutputError(SuizhouGeoError, OSError):
    """The results cannot be written; what stood there before still stands."""


def did_you_mean(word: str, words: Iterable[str]) -> Text:
    """Return a hint at the nearest of some words, to stand behind the one that is wrong; empty where none is near.

    >>> did_you_mean("pahts", ["path", "layer"]), did_you_mean("x", ["path"]).en
    (Text(zh='（是否应为 path？）', en=' (did you mean path?)'), '')
    """
    near = get_close_matches(word, list(words), n=1)
    return Text(f"（是否应为 {near[0]}？）", f" (did you mean {near[0]}?)") if near else NOTHING


def reason(error: BaseException) -> Text:
    """Return why the system refused: in Chinese too where that has a word for it, else as the system says it.

    >>> reason(PermissionError(errno.EACCES, "Permission denied")).zh, reason(ValueError("odd")).zh
    ('没有权限', '原文：“odd”')
    """
    code, said = getattr(error, "errno", None), getattr(error, "strerror", None) or str(error)
    return Text(_REASONS.get(code or 0, f"原文：“{said}”"), said)
