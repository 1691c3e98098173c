"""Draw every figure of the definitions, in Chinese for docs/zh and in English for docs/en: `python docs/figures`."""

from __future__ import annotations

from pathlib import Path

from gallery import FIGURES, in_both_languages


def main() -> None:
    """Write the drawings of every page."""
    for figure in FIGURES.values():
        for name, drawing in in_both_languages(figure()).items():
            (Path(__file__).parents[1] / name).write_text(drawing, encoding="utf-8")


if __name__ == "__main__":
    main()
