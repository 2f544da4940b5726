"""Scores: the points table, its versions and bins, and what was reckoned."""

from finance.models.score.bins import ScoreBin, ScoreCharacteristic
from finance.models.score.results import Score, ScoreComparison, ScoreRun, ScoreSheet
from finance.models.score.version import ScoreEditor, ScoreModel, ScoreVersion, ScoreVersionEvent

__all__ = [
    "Score",
    "ScoreBin",
    "ScoreCharacteristic",
    "ScoreComparison",
    "ScoreEditor",
    "ScoreModel",
    "ScoreRun",
    "ScoreSheet",
    "ScoreVersion",
    "ScoreVersionEvent",
]
