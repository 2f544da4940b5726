"""Rules and judgements in words: sentences, reasons, distances, what is missing, the amount line by line."""
