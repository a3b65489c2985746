"""Specs of rollouts as files, and plans made from them as documents."""
