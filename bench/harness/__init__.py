"""What bench/run is made of: servers, measuring, sections, tables."""
