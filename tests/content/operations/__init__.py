"""Tests of docs/operations/ and deploy/."""
