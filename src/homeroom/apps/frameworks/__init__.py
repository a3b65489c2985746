"""Frameworks: where a district stands under each, what somebody must attest, and how to hand it over."""
