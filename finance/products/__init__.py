"""Credit products: written and published, browsed and compared, matched with an enterprise."""
