"""Rate limits: what is limited, how windows count, and the decision for one request.

Knows neither HTTP nor W&B's world; reads time from a `Clock` alone, so it runs in simulations too.
"""
