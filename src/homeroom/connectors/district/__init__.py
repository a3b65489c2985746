"""The district's own facts: its calendar, where its accounts sign in, and who decides who belongs to it."""
