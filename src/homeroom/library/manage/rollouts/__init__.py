"""Reading of rollout files: the spec that a plan is made from, strictly, with what would fit."""
