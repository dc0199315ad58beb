"""What can go wrong in the backend; `wire` turns each into the HTTP status SDKs understand."""


class BackendError(Exception):
    """A request that W&B's world refuses; `str(error)` is the message for the user."""


class NotFoundError(BackendError):
    """Something that must exist does not."""


class InvalidError(BackendError):
    """A value that cannot be stored as it is."""


class ConflictError(BackendError):
    """The name is taken, or somebody else changed the thing."""


class ForbiddenError(BackendError):
    """The caller may not do this."""


class TooLargeError(BackendError):
    """More bytes than the server is configured to keep."""
