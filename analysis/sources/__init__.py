"""Files of other tools, read as they are and turned into a study, with a report of what became of it all."""
