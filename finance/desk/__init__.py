"""The bank's pages: its inbox, the hall, an application with what may be done, its lists in and out."""
