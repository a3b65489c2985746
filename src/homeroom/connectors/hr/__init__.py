"""A staff list from a payroll or human-resources system, under the headings that such systems use."""
