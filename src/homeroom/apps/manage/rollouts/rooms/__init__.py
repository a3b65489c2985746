"""Rooms of rollouts: lists of them, those of classes, and the bells of their schools."""
