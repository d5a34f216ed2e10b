"""Files as people wrote them: JSON and YAML as trees that know every line and column."""
