"""How a window counts. One file per kind; `kinds` names them for configuration."""
