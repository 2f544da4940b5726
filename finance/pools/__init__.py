"""Risk pools: taking loans on, sharing losses, what comes back, and the fuse."""
