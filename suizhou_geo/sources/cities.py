"""A list of cities to be measured in one go: where the study file of each lies."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from glob import glob, has_magic
from pathlib import Path
from typing import Any, get_args

from suizhou_geo.errors import InputError, did_you_mean, reason
from suizhou_geo.errors.text import Lang, Text, alike
from suizhou_geo.sources.files import existing, shown, toml_content

_TEXTS, _STUDY = ("name", "name_en", "lang"), "study.toml"
_KEYS = (*_TEXTS, "studies")


@dataclass(frozen=True)
class Cities:
    """Cities to be measured in one go: what they are together, and the study file of each by the name of its folder."""

    name: Text
    lang: Lang | None
    studies: Mapping[str, Path]


def read_cities(path: Path) -> Cities:
    """Read a list of cities (TOML): `name`, `name_en`, `lang`, and `studies`, paths or patterns as `*/study.toml`.

    Paths are taken from the folder of the list. A city is called as the folder of its study file, or as the file where that
    is not called study.toml. Whether the study files are right is not asked here.

    Raises: InputError where the list cannot be read, says anything else, names no study, or calls two cities the same.
    """
    try:
        data = existing(path, what=alike(path.name)).read_bytes()
    except OSError as error:
        why = reason(error)
        raise InputError(
            f"城市清单 {shown(path)} 无法读取（{why.zh}）；请检查路径和读取权限",
            f"the list of cities {shown(path)} cannot be read ({why.en}); check the path, and that you may read it",
        ) from None
    content = toml_content(data, what=alike(path.name), refusal=InputError)
    _check(content, path.name)
    studies = by_name((study for written in content["studies"] for study in _found(written, path)), path.name)
    name = content.get("name", path.stem)
    return Cities(Text(name, content.get("name_en", name)), content.get("lang"), studies)


def by_name(paths: Iterable[Path], where: str) -> Mapping[str, Path]:
    """Return study files by what their cities are called. Raises: InputError, naming `where`, where two are called the same."""
    studies: dict[str, Path] = {}
    for study in paths:
        name = study.parent.name if study.name == _STUDY else study.stem
        double = next((other for other in studies if other.casefold() == name.casefold()), None)
        if double is not None and studies[double] != study:
            raise InputError(
                f"{where}：{shown(studies[double])} 和 {shown(study)} 都叫“{name}”；请给其中一个的文件夹换个名字",
                f"{where}: {shown(studies[double])} and {shown(study)} are both called {name!r}; rename a folder",
            )
        studies[name] = study
    return studies


def _found(written: str, path: Path) -> Iterator[Path]:
    """The study files an entry stands for, in the order of their names."""
    folder = path.resolve().parent
    if not has_magic(written):
        yield (folder / written).resolve()
        return
    found = sorted(glob(written, root_dir=folder, recursive=True))
    if not found:
        raise InputError(
            f"{path.name}：studies 中的“{written}”找不到任何研究文件；请检查写法，路径从清单所在文件夹算起",
            f"{path.name}: {written!r} of studies finds no study file; check it, paths start at the folder of the list",
        )
    yield from ((folder / one).resolve() for one in found)


def _check(content: Mapping[str, Any], file: str) -> None:
    for key, value in content.items():
        if key not in _KEYS:
            near = did_you_mean(key, _KEYS)
            raise InputError(
                f"{file}：没有“{key}”这一项{near.zh}；可用的有 {'、'.join(_KEYS)}",
                f"{file}: there is no key {key!r}{near.en}; there are {', '.join(_KEYS)}",
            )
        if key in _TEXTS and not isinstance(value, str):
            raise InputError(f"{file}：{key} 应为加引号的文字", f"{file}: {key} is not a text in quotes")
    if content.get("lang", "zh") not in get_args(Lang):
        raise InputError(f"{file}：lang 应为 zh 或 en", f"{file}: lang is neither zh nor en")
    studies = content.get("studies")
    if not (isinstance(studies, list) and studies and all(isinstance(one, str) and one for one in studies)):
        raise InputError(
            f'{file}：请写明研究文件，如 studies = ["suizhou/study.toml"] 或 studies = ["*/study.toml"]',
            f'{file}: name the study files, e.g. studies = ["suizhou/study.toml"] or studies = ["*/study.toml"]',
        )
