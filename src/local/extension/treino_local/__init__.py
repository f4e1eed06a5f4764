"""What treino's labs need of AWS and MiniStack lacks: one file per addition, installed by main.py."""

# The only MiniStack these additions were made for: they replace parts of its inside, and
# another version may have moved the ground under them.
MINISTACK = "1.5.33"
VERSION = "1"
