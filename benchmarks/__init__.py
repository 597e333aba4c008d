"""Measurements: figures beside what they must reach, never timed tests."""
