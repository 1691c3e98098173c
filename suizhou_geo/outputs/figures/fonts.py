"""The fonts of the sheets: found, measured, and never asked for a character they do not have.

Chinese is drawn with the first font of CJK_FONTS that matplotlib's font manager knows; DejaVu Sans, which comes with
matplotlib, stands in for signs that font lacks. Without any of them the sheets are drawn in English.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass, field

from matplotlib import font_manager
from matplotlib.font_manager import FontProperties

CJK_FONTS = (
    *("Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", "Source Han Sans CN", "Noto Sans CJK JP"),
    *("Microsoft YaHei", "PingFang SC", "Hiragino Sans GB", "Heiti SC", "STHeiti", "SimHei", "DengXian"),
    *("WenQuanYi Micro Hei", "WenQuanYi Zen Hei", "Sarasa Gothic SC", "HarmonyOS Sans SC", "MiSans"),
    *("Noto Sans CJK TC", "Noto Sans CJK HK", "Noto Sans CJK KR", "Source Han Sans", "Source Han Sans TC"),
    *("Noto Serif CJK SC", "Noto Serif SC", "Source Han Serif SC", "Source Han Serif CN", "Noto Serif CJK JP"),
    *("Songti SC", "STSong", "SimSun", "NSimSun", "AR PL UMing CN", "AR PL UKai CN", "LXGW WenKai"),
    *("Droid Sans Fallback", "Arial Unicode MS"),
)
LATIN_FONT = "DejaVu Sans"
INSTALL = (
    "no font with Chinese characters is installed, so the labels of the figures are in English / "
    "没有可用的中文字体，图中文字改用英文: install Noto Sans CJK (Debian/Ubuntu: apt install fonts-noto-cjk; "
    "Fedora: dnf install google-noto-sans-cjk-fonts; otherwise 思源黑体 Source Han Sans from its web page)"
)
MM_PER_PT = 25.4 / 72
ELLIPSIS = "…"
_PROBE = "市区达"
_EM = 100.0
_NO_LINE_START = "，。；：、）〕〉”’」』】》！？%)]},.;:!?…"
_NO_LINE_END = "（〔〈“‘「『【《([{"


@dataclass(frozen=True, eq=False)
class Letters:
    """The font families texts are drawn with, the first that has a character for it; `chinese`: one has Chinese."""

    families: tuple[str, ...]
    chinese: bool
    _advances: dict[tuple[str, bool], float | None] = field(default_factory=dict, repr=False)

    def drawable(self, text: str) -> bool:
        """Whether every character of a text can be drawn."""
        return all(self._advance(char, bold=False) is not None for char in text)

    def plain(self, text: str) -> str:
        """Return a text in one line, without the characters that cannot be drawn: each run of them becomes "…"."""
        kept: list[str] = []
        for char in " ".join(text.split()):
            if self._advance(char, bold=False) is not None:
                kept.append(char)
            elif not kept or kept[-1] != ELLIPSIS:
                kept.append(ELLIPSIS)
        return "".join(kept)

    def width_mm(self, text: str, size_pt: float, *, bold: bool = False) -> float:
        """How wide a plain text is on paper."""
        return sum(self._advance(char, bold=bold) or 0.0 for char in text) * size_pt * MM_PER_PT

    def clipped(self, text: str, width_mm: float, size_pt: float, *, bold: bool = False) -> str:
        """Return as much of a text as fits into a width, with "…" where it was cut."""
        text = self.plain(text)
        if self.width_mm(text, size_pt, bold=bold) <= width_mm:
            return text
        while text and self.width_mm(text + ELLIPSIS, size_pt, bold=bold) > width_mm:
            text = text[:-1]
        return text.rstrip() + ELLIPSIS

    def wrapped(
        self, text: str, width_mm: float, size_pt: float, *, bold: bool = False, most: int | None = None
    ) -> list[str]:
        """Break a text into lines of a width, Chinese between any two characters; of more than `most` the rest is cut."""
        lines = [""]
        for word in _words(self.plain(text)):
            if self.width_mm((lines[-1] + word).rstrip(), size_pt, bold=bold) <= width_mm:
                lines[-1] += word
            elif self.width_mm(word.rstrip(), size_pt, bold=bold) <= width_mm:
                lines.append(word)
            else:
                for char in word:
                    if self.width_mm(lines[-1] + char, size_pt, bold=bold) > width_mm and lines[-1]:
                        lines.append("")
                    lines[-1] += char
        lines = [line for line in lines if line.strip()]
        if most is not None and len(lines) > most:
            lines[most - 1 :] = [self.clipped("".join(lines[most - 1 :]), width_mm, size_pt, bold=bold)]
        return [line.strip() for line in lines]

    def _advance(self, char: str, *, bold: bool) -> float | None:
        """The width of a character in em, by the first family that has it; None where none has."""
        if (char, bold) not in self._advances:
            self._advances[char, bold] = _advance_of(char, self.families, "bold" if bold else "normal")
        return self._advances[char, bold]


def find_letters() -> Letters:
    """Return what there is to draw with: the first known Chinese font and DejaVu Sans, or DejaVu Sans alone."""
    known = {font.name for font in font_manager.fontManager.ttflist}
    name = next((name for name in CJK_FONTS if name in known), None) or _newly_installed()
    letters = Letters((LATIN_FONT,) if name is None else (name, LATIN_FONT), chinese=name is not None)
    return letters if letters.drawable(_PROBE) else Letters((LATIN_FONT,), chinese=False)


def warn_of_english(stacklevel: int) -> None:
    """Say once that labels are in English for want of a font, and what to install."""
    warnings.warn(INSTALL, UserWarning, stacklevel=stacklevel + 1)


def _newly_installed() -> str | None:
    """Look for a Chinese font that came after matplotlib wrote its list of fonts, which it never reads anew."""
    listed = {font.fname for font in font_manager.fontManager.ttflist}
    wanted = {name.replace(" ", "").lower(): name for name in CJK_FONTS}
    for path in sorted(set(font_manager.findSystemFonts()) - listed):
        try:
            name = font_manager.get_font(path).family_name
        except (OSError, RuntimeError):  # a broken font file is no reason to draw nothing
            continue
        if name.replace(" ", "").lower() in wanted:
            font_manager.fontManager.addfont(path)
            return name
    return None


def _advance_of(char: str, families: Sequence[str], weight: str) -> float | None:
    for family in families:
        font = font_manager.get_font(font_manager.findfont(FontProperties(family=family, weight=weight)))
        if char.isprintable() and font.get_char_index(ord(char)):
            font.set_size(_EM, 72)
            return float(font.load_char(ord(char)).linearHoriAdvance) / 65536.0 / _EM
    return None


def _words(text: str) -> list[str]:
    """Cut a text where lines may end: after spaces, and round Chinese characters, signs staying where they belong."""
    words: list[str] = []
    for char in text:
        joined = bool(words) and (
            char == " "
            or char in _NO_LINE_START
            or words[-1][-1] in _NO_LINE_END
            or not (_wide(char) or _wide(words[-1][-1]) or words[-1][-1] == " ")
        )
        if joined:
            words[-1] += char
        else:
            words.append(char)
    return words


def _wide(char: str) -> bool:
    return ord(char) >= 0x2E80
