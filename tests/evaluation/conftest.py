from hypothesis import settings

# On a busy machine one call of scikit-learn can take longer than hypothesis allows an example.
settings.register_profile("no_deadline", deadline=None)
settings.load_profile("no_deadline")
