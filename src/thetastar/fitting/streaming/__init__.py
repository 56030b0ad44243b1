"""θ goes on over the rows of a file that memory can't hold, after the ladder was climbed on a sample of them."""
