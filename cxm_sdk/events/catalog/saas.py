"""B2B SaaS: accounts, sign-up and sign-in, invitations and trials (Segment).

The account stands in ``context.groupId``.
"""

from __future__ import annotations

from pydantic import Field

from cxm_sdk.events.typed import TypedEvent
from cxm_sdk.events.values import Contact, Identifier, Text

__all__ = [
    "AccountAddedUser",
    "AccountCreated",
    "AccountDeleted",
    "AccountRemovedUser",
    "InviteSent",
    "SignedIn",
    "SignedOut",
    "SignedUp",
    "TrialEnded",
    "TrialStarted",
]


class AccountCreated(TypedEvent):
    """An account was made."""

    event_name = "Account Created"

    account_name: Text = Field(default=None, description="Name of the account.")


class AccountDeleted(AccountCreated):
    """An account was deleted."""

    event_name = "Account Deleted"


class SignedUp(TypedEvent):
    """A user signed up."""

    event_name = "Signed Up"

    type: Text = Field(default=None, description="How: invited, organic and the like.")
    first_name: Contact = Field(default=None, description="First name.")
    last_name: Contact = Field(default=None, description="Last name.")
    email: Contact = Field(default=None, description="E-mail address.")
    phone: Contact = Field(default=None, description="Phone number.")
    username: Identifier = Field(default=None, description="User name.")
    title: Text = Field(default=None, description="Title or position in a company.")


class SignedIn(TypedEvent):
    """A user signed in."""

    event_name = "Signed In"

    username: Identifier = Field(default=None, description="User name.")


class SignedOut(SignedIn):
    """A user signed out."""

    event_name = "Signed Out"


class InviteSent(TypedEvent):
    """A user invited somebody."""

    event_name = "Invite Sent"

    invitee_email: Contact = Field(default=None, description="E-mail address of who was invited.")
    invitee_first_name: Contact = Field(default=None, description="First name of who was invited.")
    invitee_last_name: Contact = Field(default=None, description="Last name of who was invited.")
    invitee_role: Text = Field(default=None, description="Role that was offered.")


class AccountAddedUser(TypedEvent):
    """A user became part of an account."""

    event_name = "Account Added User"

    role: Text = Field(default=None, description="Role in the account.")


class AccountRemovedUser(TypedEvent):
    """A user was taken out of an account."""

    event_name = "Account Removed User"


class TrialStarted(TypedEvent):
    """A trial began."""

    event_name = "Trial Started"

    trial_start_date: Text = Field(default=None, description="First day of the trial, as it was sent.")
    trial_end_date: Text = Field(default=None, description="Last day of the trial, as it was sent.")
    trial_plan_name: Text = Field(default=None, description="The plan that is tried.")


class TrialEnded(TrialStarted):
    """A trial was over."""

    event_name = "Trial Ended"
