"""Pages of the desk: the inbox, a department's orders, telephone entry, the slip, the duty roster."""
