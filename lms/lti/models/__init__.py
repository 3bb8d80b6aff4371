"""What we keep of other organisations' learning management systems. Platform: always theirs; we are the Tool."""

from lms.lti.models.grades import LineItem, PlatformServices, Score
from lms.lti.models.launches import Login, ResourceLink, Visit
from lms.lti.models.people import LinkRequest, LtiContext, LtiEnrolment, LtiMembership, LtiUser
from lms.lti.models.platforms import Deployment, KeySet, PlatformRegistration, RegistrationInvitation, ToolKey

__all__ = [
    "Deployment",
    "KeySet",
    "LineItem",
    "LinkRequest",
    "Login",
    "LtiContext",
    "LtiEnrolment",
    "LtiMembership",
    "LtiUser",
    "PlatformRegistration",
    "PlatformServices",
    "RegistrationInvitation",
    "ResourceLink",
    "Score",
    "ToolKey",
    "Visit",
]
