"""What teachers and the office get of a rollout: links, pages to print, and lists."""
