from reversion.middleware import RevisionMiddleware


class NonAtomicRevisionMiddleware(RevisionMiddleware):
    atomic = False
