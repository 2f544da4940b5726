"""Awards looked at again with what is known today: who was paid too much or too little."""
