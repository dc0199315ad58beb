"""Display names that the server makes up for runs: `adjective-noun-7`, the same in each rerun."""

import zlib

ADJECTIVES = (
    "amber", "ancient", "autumn", "bright", "calm", "clear", "cosmic", "crimson", "daily",
    "dandy", "devout", "drawn", "dry", "earnest", "easy", "electric", "faithful", "fallen",
    "fancy", "fresh", "gentle", "golden", "good", "happy", "hearty", "icy", "jolly", "kind",
    "lively", "lucky", "misty", "morning", "noble", "olive", "polar", "quiet", "rich", "scarlet",
    "silver", "smooth", "solar", "stellar", "sunny", "swift", "vivid", "warm", "wise", "young",
)  # fmt: skip
NOUNS = (
    "aardvark", "bird", "blaze", "breeze", "brook", "bush", "cloud", "cosmos", "darkness", "dawn",
    "deluge", "dew", "disco", "dragon", "dream", "dust", "eon", "feather", "field", "fire",
    "firefly", "flower", "fog", "forest", "frog", "frost", "galaxy", "glade", "glitter", "grass",
    "haze", "hill", "lake", "leaf", "meadow", "moon", "mountain", "night", "paper", "pine",
    "plasma", "pond", "rain", "river", "sea", "shadow", "sky", "snow", "sound", "spaceship",
    "star", "sun", "sunset", "surf", "thunder", "tree", "valley", "water", "wave", "wind", "wood",
)  # fmt: skip


def display_name(run_name: str, number: int) -> str:
    """A name for the project's run number `number`, which it ends in."""
    chosen = zlib.crc32(run_name.encode())
    adjective = ADJECTIVES[chosen % len(ADJECTIVES)]
    noun = NOUNS[chosen // len(ADJECTIVES) % len(NOUNS)]
    return f"{adjective}-{noun}-{number}"
