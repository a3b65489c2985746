"""Sign-in of everybody who works in the district: at Google or Microsoft, or with a printed code."""
