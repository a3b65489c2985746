"""Tests of the engine that plans a week."""
