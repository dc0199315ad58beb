"""Ready-made limits, one YAML file each, in the words of the server's configuration."""

from importlib.resources import files


def plan_names() -> list[str]:
    """The plans that come with mockwb, in alphabetical order."""
    here = files(__package__)
    return sorted(f.name.removesuffix(".yaml") for f in here.iterdir() if f.name.endswith(".yaml"))


def plan_text(name: str) -> str:
    """The YAML of a plan; KeyError if there is none of that name."""
    if name not in plan_names():
        raise KeyError(name)
    return files(__package__).joinpath(f"{name}.yaml").read_text(encoding="utf-8")
