"""What programs call of the sources: uploads, loads and decisions about them."""
