"""The enterprise's pages of applying: its list, the form of an application, and what became of one sent."""
