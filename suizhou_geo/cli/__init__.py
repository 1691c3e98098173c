"""The command line, verbs only: `suizhou-geo new`, `run`, `check`, `sample`, `form`, `compare`, `site`, `scenario`,
`whole-plan`, `batch`, `fetch`, `targets`.

Asking for help must not wait for what measures: a verb imports what it calls when it is called.

Exit codes: 0 a result was written (a missed target is a result); 2 bad input or an unwritable folder, told in one line.
"""

from suizhou_geo.cli import batching, measuring, preparing, siting, whatif, whole_plan
from suizhou_geo.cli.app import app

__all__ = ["app", "batching", "measuring", "preparing", "siting", "whatif", "whole_plan"]
