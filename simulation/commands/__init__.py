"""The commands of `crossings`, one module each, imported only when they are used."""
