"""Reading laws, their holidays and the facts that they ask for, from a content folder."""
