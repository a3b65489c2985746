"""Assessments: control results, findings and their members."""
