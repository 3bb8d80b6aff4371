"""Somebody else's learning management system, as far as LTI 1.3 Advantage goes: real HTTP, real keys, on another site.

Ours stands on `localhost`, this one on `127.0.0.1`: two sites for a browser, and both are found by Python.
"""

from tests.services.lti_platform.server import Client, Link, LtiPlatform, User, lti_platform

__all__ = ["Client", "Link", "LtiPlatform", "User", "lti_platform"]
