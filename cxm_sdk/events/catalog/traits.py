"""Traits of persons and groups: what identify and group carry, in the reserved spelling of Segment."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from cxm_sdk.events.catalog.base import Count
from cxm_sdk.events.privacy import PrivacyClass
from cxm_sdk.events.typed import Part, TypedEvent
from cxm_sdk.events.values import Contact, FreeText, Identifier, Special, Text

__all__ = ["Address", "Company", "GroupTraits", "IdentifyTraits"]


class Address(Part):
    """A postal address."""

    street: Text = Field(default=None, description="Street and house number.")
    city: Text = Field(default=None, description="Town.")
    postal_code: Text = Field(
        default=None,
        validation_alias="postalCode",
        serialization_alias="postalCode",
        description="Postal code.",
    )
    state: Text = Field(default=None, description="State, province or region.")
    country: Text = Field(default=None, description="Country.")


class Company(Part):
    """The company that a person works for."""

    id: Identifier = Field(default=None, description="Id of the company.")
    name: Text = Field(default=None, description="Name of the company.")
    industry: Text = Field(default=None, description="Industry.")
    employee_count: Count = Field(default=None, description="How many people work there.")
    plan: Text = Field(default=None, description="The plan it has taken.")


class IdentifyTraits(TypedEvent):
    """What is known about a person. Fields are read in both spellings, ``firstName`` and ``first_name``."""

    event_type = "identify"

    address: Annotated[Address | str | None, PrivacyClass.CONTACT] = Field(
        default=None, description="Postal address, in parts or as one text."
    )
    age: Count = Field(default=None, description="Age in years.")
    avatar: Contact = Field(default=None, description="Address of a picture of the person.")
    birthday: Special = Field(default=None, description="Date of birth.")
    company: Company | str | None = Field(default=None, description="The company that the person works for.")
    created_at: Text = Field(
        default=None,
        validation_alias="createdAt",
        serialization_alias="createdAt",
        description="When the account was made.",
    )
    description: FreeText = Field(default=None, description="What is said about the person.")
    email: Contact = Field(default=None, description="E-mail address.")
    first_name: Contact = Field(
        default=None, validation_alias="firstName", serialization_alias="firstName", description="First name."
    )
    gender: Special = Field(default=None, description="Gender.")
    id: Identifier = Field(default=None, description="Id of the person in the host's own system.")
    last_name: Contact = Field(
        default=None, validation_alias="lastName", serialization_alias="lastName", description="Last name."
    )
    name: Contact = Field(default=None, description="Whole name.")
    phone: Contact = Field(default=None, description="Phone number.")
    title: Text = Field(default=None, description="Title or position in a company.")
    username: Identifier = Field(default=None, description="User name.")
    website: Contact = Field(default=None, description="Website of the person.")


class GroupTraits(TypedEvent):
    """What is known about a company, account or other group. Fields are read in both spellings."""

    event_type = "group"

    address: Annotated[Address | str | None, PrivacyClass.CONTACT] = Field(
        default=None, description="Postal address, in parts or as one text."
    )
    avatar: Text = Field(default=None, description="Address of a picture or logo.")
    created_at: Text = Field(
        default=None,
        validation_alias="createdAt",
        serialization_alias="createdAt",
        description="When the group's account was made.",
    )
    description: FreeText = Field(default=None, description="What is said about the group.")
    email: Contact = Field(default=None, description="E-mail address of the group.")
    employees: Count = Field(default=None, description="How many people work there.")
    id: Identifier = Field(default=None, description="Id of the group in the host's own system.")
    industry: Text = Field(default=None, description="Industry.")
    name: Text = Field(default=None, description="Name of the group.")
    phone: Contact = Field(default=None, description="Phone number.")
    website: Text = Field(default=None, description="Website of the group.")
    plan: Text = Field(default=None, description="The plan it has taken.")
