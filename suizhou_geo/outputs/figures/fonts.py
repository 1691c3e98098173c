"""The fonts of the sheets: found, measured, and never asked for a character they do not have.

Chinese is drawn with the first family of SYSTEM_FONTS that has a regular and a bold face on this machine, else with Noto
Sans SC, which is installed with this package; DejaVu Sans, which comes with matplotlib, stands in for signs that lacks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from zlib import crc32

from matplotlib import font_manager
from matplotlib.font_manager import FontEntry, FontProperties
from pylopdf_fonts_zh_cn import sans_path

SYSTEM_FONTS = (
    *("Noto Sans SC", "Noto Sans CJK SC", "Source Han Sans SC", "Source Han Sans CN"),
    *("Microsoft YaHei", "PingFang SC", "HarmonyOS Sans SC", "MiSans", "Sarasa Gothic SC", "DengXian"),
)
REGULAR, BOLD = (400,), (700, 600)  # PingFang's boldest is 600
LATIN_FONT = "DejaVu Sans"
MM_PER_PT = 25.4 / 72
ELLIPSIS = "…"
_PROBE = "市区达"
_EM = 100.0
_NO_LINE_START = "，。；：、）〕〉”’」』】》！？%)]},.;:!?…"
_NO_LINE_END = "（〔〈“‘「『【《([{"


@dataclass(frozen=True, eq=False)
class Fonts:
    """The font families texts are drawn with, the first that has a character for it."""

    families: tuple[str, ...]
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

    def fitted(self, text: str, width_mm: float, sizes_pt: Sequence[float], *, bold: bool = False) -> tuple[str, float]:
        """Return a text, and the first of sizes in which it fits into a width; cut in the last where it fits in none."""
        text = self.plain(text)
        size = next((pt for pt in sizes_pt if self.width_mm(text, pt, bold=bold) <= width_mm), sizes_pt[-1])
        return self.clipped(text, width_mm, size, bold=bold), size

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


def find_fonts() -> Fonts:
    """Return what there is to draw with: a Chinese font of this machine or the one installed with us, and DejaVu Sans."""
    for family in SYSTEM_FONTS:
        regular, bold = _face(family, REGULAR), _face(family, BOLD)
        if regular is not None and bold is not None:
            fonts = _named(family, regular, bold)
            if fonts.drawable(_PROBE):
                return fonts
    bundled = font_manager.ttfFontProperty(font_manager.get_font(sans_path()))
    return _named(bundled.name, bundled, bundled)


def _face(family: str, weights: Sequence[int]) -> FontEntry | None:
    """The upright face of a family in the first of the weights there is; fonts removed since they were listed are not."""
    faces = [
        font
        for font in font_manager.fontManager.ttflist
        if font.name == family and (font.style, font.stretch) == ("normal", "normal") and Path(font.fname).is_file()
    ]
    return next((face for weight in weights for face in faces if face.weight == weight), None)


def _named(family: str, regular: FontEntry, bold: FontEntry) -> Fonts:
    """Name two faces to matplotlib as one family of ours: asked for that it neither takes another nor warns of weights."""
    own = f"{family} {crc32(repr((regular, bold)).encode()):08x}"  # it remembers for good which file a name had
    named = (replace(regular, name=own, weight=400), replace(bold, name=own, weight=700))
    known = font_manager.fontManager.ttflist
    known += [face for face in named if face not in known]
    return Fonts((own, LATIN_FONT))


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
