"""What is timed, against which peer, on which data. A module with GOALS and measure() is a benchmark by being here."""
