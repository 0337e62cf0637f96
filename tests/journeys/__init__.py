"""Whole journeys by the pages: from the first poll to the last word, one file per branch of the scheme."""
