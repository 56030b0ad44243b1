"""The rungs of the ladder: each fitted on all folds, compared with those below, and the chosen one made a function."""
