"""Tests of the emulator package: python -m unittest discover -s emulator/tests -t ."""
