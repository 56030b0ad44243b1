"""``python -m thetastar.cli`` does what ``thetastar`` does."""

from thetastar.cli import main

if __name__ == "__main__":
    main()
