"""What lies on disk: a found function, a fit that is not finished, and files that are whole or not there."""
