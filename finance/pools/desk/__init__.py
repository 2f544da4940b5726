"""Pages of the department that runs pools."""
