"""Who is on the corridor: migrants, smugglers, enforcement units and authorities."""
