"""Files that memory can't hold twice, or at all: a sample of their rows, and all of them in blocks."""
