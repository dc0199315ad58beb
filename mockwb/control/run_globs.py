"""The query parameters that choose runs; every resource that tells of runs takes the same."""

from mockwb.control.resource import Parameter

RUN_GLOBS = (
    Parameter("project", "entity/project, as a glob", repeated=True, pattern="[^/]+/[^/]+"),
    Parameter("run", "a run name, as a glob", repeated=True, pattern=".+"),
)
