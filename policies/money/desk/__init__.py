"""The payment desk: batches from waiting awards to the treasury, its answers, the books."""
