"""Charts as plain numbers for SVG templates: positions in hundredths of the plot, without text and without color."""
