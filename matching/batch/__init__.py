"""One rule before every enterprise at once: NumPy columns, packed Kleene bitmaps, vectorised amounts."""
