"""A text file's lines and cells: what separates them, what they could be, and what the whole file means by them."""
