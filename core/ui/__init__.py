"""The parts every page is built from: navigation, tables, charts, key figures, panels."""
