"""恳谈会: topics collected, enterprises invited, minutes written, topics followed until they are answered."""
