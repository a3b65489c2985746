"""How a district stands under a framework: what is measured, what is attested, what nobody knows yet."""
