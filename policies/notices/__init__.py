"""Public notices (公示): what is about to be approved, for everybody to read and to object to."""
