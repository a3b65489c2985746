"""Tests of rollouts: specs, class time, plans and what carries them."""
