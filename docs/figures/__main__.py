"""Draw every figure of the definitions beside this file: `python docs/figures`."""

from __future__ import annotations

from pathlib import Path

from gallery import FIGURES


def main() -> None:
    """Write the drawings of every page."""
    for figure in FIGURES.values():
        for name, drawing in figure().drawings.items():
            (Path(__file__).parent / f"{name}.svg").write_text(drawing, encoding="utf-8")


if __name__ == "__main__":
    main()
