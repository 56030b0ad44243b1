"""New rows: what in them is unlike those of the fit, what is predicted for them, and how good that is."""
