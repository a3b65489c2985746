"""What strangers may do: slow connections, guesses, and messages that no agent sends."""
