"""Questions about the covenant: figures on a day, the rows behind them, and the statements behind those."""

from sectors.covenant.queries.behind import Behind, Sentence, get_behind
from sectors.covenant.queries.figures import (
    CommitmentFigure,
    PartFigure,
    PeriodFigure,
    Status,
    Targets,
    compute_commitment,
    compute_targets,
)
from sectors.covenant.queries.other_rows import list_rows
from sectors.covenant.queries.rows import Row, RowFilter, RowPage, Wanted, wanted_rows

__all__ = [
    "Behind",
    "CommitmentFigure",
    "PartFigure",
    "PeriodFigure",
    "Row",
    "RowFilter",
    "RowPage",
    "Sentence",
    "Status",
    "Targets",
    "Wanted",
    "compute_commitment",
    "compute_targets",
    "get_behind",
    "list_rows",
    "wanted_rows",
]
