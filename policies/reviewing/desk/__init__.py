"""The review desk: the queue of a department's applications, the page of one, many at once, figures."""
