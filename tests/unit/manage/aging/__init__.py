"""Tests of aging by school and cost of ownership."""
