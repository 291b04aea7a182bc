"""The file that ``cxm serve --config`` reads: keys and webhooks."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from cxm_sdk.errors import InputError, SourceError

if TYPE_CHECKING:
    from cxm_sdk.capture.collector import ReadKey, WriteKey
    from cxm_sdk.events.consent import ConsentRules
    from cxm_sdk.serving import SystemWebhook

__all__ = ["ServeConfig"]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class _WriteKey(_Part):
    key: str
    source: str = "default"
    origins: list[str] | None = None
    rate: float | None = None
    plan: str | None = None


class _ReadKey(_Part):
    key: str


class _Webhook(_Part):
    adapter: str | None = None
    secret: str | None = None
    secret_env: str | None = None
    unsigned: bool = False
    tenant: str | int | None = None
    timezone: str | None = None


class _Consent(_Part):
    categories: dict[str, Literal["pass", "hold", "drop"]]
    default: str | list[str]
    events: dict[str, str | list[str]] = {}
    purposes: dict[str, str | list[str]] = {}
    max_events: int = 10_000
    max_bytes: int = 16_000_000
    max_seconds: float = 1800.0


class ServeConfig(_Part):
    r"""Keys and webhooks of a collector.

    Attributes:
        write_key: Keys that may send events.
        read_key: Secrets that open profiles.
        webhooks: Webhooks by name.
        consent: Which events need consent to what; None takes everything.

    Example:
        >>> ServeConfig.read('[[write_key]]\nkey = "wk-1"\nsource = "shop"').write_keys(Path())[0].source
        'shop'
    """

    write_key: list[_WriteKey] = []
    read_key: list[_ReadKey] = []
    webhooks: dict[str, _Webhook] = {}
    consent: _Consent | None = None

    @classmethod
    def load(cls, path: Path) -> ServeConfig:
        """Reads a file.

        Args:
            path: A TOML file.

        Returns:
            What it says.

        Raises:
            SourceError: It cannot be read.
            InputError: Something in it is not as it must be.
        """
        try:
            return cls.read(path.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError) as error:
            raise SourceError(f"{path.name} cannot be read: {type(error).__name__}.") from None

    @classmethod
    def read(cls, text: str) -> ServeConfig:
        """Reads the text of a file.

        Args:
            text: TOML.

        Returns:
            What it says.

        Raises:
            InputError: It is no TOML, or something in it is not as it must be.
        """
        try:
            return cls.model_validate(tomllib.loads(text))
        except tomllib.TOMLDecodeError:
            raise InputError("The configuration is no TOML.") from None
        except ValidationError as error:
            first = error.errors(include_input=False, include_url=False)[0]
            where = ".".join(map(str, first["loc"]))
            raise InputError(f"The configuration: at {where}: {first['msg']}.") from None

    def write_keys(self, folder: Path) -> list[WriteKey]:
        """Makes the keys that may send events.

        Args:
            folder: What paths of tracking plans are relative to.

        Returns:
            The keys.
        """
        from cxm_sdk.capture.collector import WriteKey
        from cxm_sdk.events.plan import TrackingPlan

        return [
            WriteKey(
                one.key,
                one.source,
                one.origins,
                one.rate,
                None if one.plan is None else TrackingPlan.load(folder / one.plan),
            )
            for one in self.write_key
        ]

    def read_keys(self) -> list[ReadKey]:
        """Makes the secrets that open profiles.

        Returns:
            The secrets.
        """
        from cxm_sdk.capture.collector import ReadKey

        return [ReadKey(one.key) for one in self.read_key]

    def consent_rules(self) -> ConsentRules | None:
        """Makes the rules of consent.

        Returns:
            The rules; None when there are none.

        Raises:
            InputError: They name a category that they do not list, or a limit is below zero.
        """
        from cxm_sdk.events.consent import ConsentRules

        return None if self.consent is None else ConsentRules(**self.consent.model_dump())

    def system_webhooks(self) -> dict[str, SystemWebhook]:
        """Makes the webhooks.

        Returns:
            The webhooks by name.

        Raises:
            InputError: A secret is to be read from an environment variable that is not set.
            AdapterError: There is no such adapter, or deliveries are not signed and need to be.
        """
        from cxm_sdk import adapters
        from cxm_sdk.serving import SystemWebhook

        made = {}
        for name, one in self.webhooks.items():
            secret = one.secret
            if one.secret_env is not None:
                secret = os.environ.get(one.secret_env)
                if not secret:
                    raise InputError(
                        f"webhooks.{name}: the environment variable {one.secret_env} is not set."
                    )
            options: dict[str, Any] = {"tenant": one.tenant, "timezone": one.timezone}
            adapter = adapters.get(
                one.adapter or name, **{key: value for key, value in options.items() if value is not None}
            )
            made[name] = SystemWebhook(adapter, secret, unsigned=one.unsigned)
        return made
