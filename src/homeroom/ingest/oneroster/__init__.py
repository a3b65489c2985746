"""OneRoster CSV as its specification has it: members, columns, words and rules, and what in a bundle does not fit."""
