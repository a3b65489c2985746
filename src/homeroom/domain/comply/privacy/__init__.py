"""Privacy: rights over records, disclosures of them, kinds of student data and their flows to vendors."""
