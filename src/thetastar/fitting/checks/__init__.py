"""What in a table may mislead: rows that are not independent, columns that give the target away, repeated rows."""
