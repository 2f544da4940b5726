"""Ranking of banks (赛马): indicators with weights as data, a frozen table a month."""
