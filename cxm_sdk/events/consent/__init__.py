"""Which events may be kept and sent, by what their subject has agreed to.

A *category* is a name under which people agree or refuse (``analytics``, ``C0002``), as in
``context.consent.categoryPreferences``. A *purpose* is your own name for what you do with events; it needs one or more
categories. :class:`ConsentRules` says which event needs what; :class:`ConsentGate` remembers what each subject has
said, holds events until it is known, and lets them go or drops them.
"""

from cxm_sdk.events.consent.gate import ConsentGate, Outcome
from cxm_sdk.events.consent.rules import CONSENT_EVENTS, ConsentDecision, ConsentRules

__all__ = ["CONSENT_EVENTS", "ConsentDecision", "ConsentGate", "ConsentRules", "Outcome"]
