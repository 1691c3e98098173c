"""`python -m suizhou_geo` is the command `suizhou-geo`."""

from suizhou_geo.cli import app

if __name__ == "__main__":
    app()
