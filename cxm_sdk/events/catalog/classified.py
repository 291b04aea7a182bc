"""Which fields of the catalogue hold personal data. Written by ``docs/events.py``."""

from __future__ import annotations

__all__ = ["CLASSIFIED"]

CLASSIFIED: dict[tuple[str, str], dict[str, str]] = {
    ("track", "Call Started"): {
        "agent_id": "identifier",
        "phone": "contact",
    },
    ("track", "Call Answered"): {
        "agent_id": "identifier",
        "phone": "contact",
    },
    ("track", "Call Missed"): {
        "agent_id": "identifier",
        "phone": "contact",
    },
    ("track", "Call Abandoned"): {
        "agent_id": "identifier",
        "phone": "contact",
    },
    ("track", "Call Transferred"): {
        "agent_id": "identifier",
        "phone": "contact",
    },
    ("track", "Call Ended"): {
        "agent_id": "identifier",
        "phone": "contact",
    },
    ("track", "Voicemail Left"): {
        "agent_id": "identifier",
        "phone": "contact",
    },
    ("track", "SMS Replied"): {
        "reply": "free_text",
    },
    ("track", "Live Chat Conversation Started"): {
        "agent_id": "identifier",
        "agent_name": "contact",
        "agent_username": "identifier",
    },
    ("track", "Live Chat Conversation Ended"): {
        "agent_id": "identifier",
        "agent_name": "contact",
        "agent_username": "identifier",
    },
    ("track", "Live Chat Message Sent"): {
        "agent_id": "identifier",
        "agent_name": "contact",
        "agent_username": "identifier",
    },
    ("track", "Live Chat Message Received"): {
        "agent_id": "identifier",
        "agent_name": "contact",
        "agent_username": "identifier",
    },
    ("track", "Live Chat Transferred"): {
        "agent_id": "identifier",
        "agent_name": "contact",
        "agent_username": "identifier",
    },
    ("track", "Live Chat Abandoned"): {
        "agent_id": "identifier",
        "agent_name": "contact",
        "agent_username": "identifier",
    },
    ("track", "Live Chat Rated"): {
        "comment": "free_text",
        "agent_id": "identifier",
        "agent_name": "contact",
        "agent_username": "identifier",
    },
    ("track", "Products Searched"): {
        "query": "free_text",
    },
    ("track", "Order Completed"): {
        "loyalty_id": "identifier",
    },
    ("track", "Product Added to Wishlist"): {
        "wishlist_name": "free_text",
    },
    ("track", "Product Removed from Wishlist"): {
        "wishlist_name": "free_text",
    },
    ("track", "Wishlist Product Added to Cart"): {
        "wishlist_name": "free_text",
    },
    ("track", "Product Shared"): {
        "share_message": "free_text",
        "recipient": "contact",
    },
    ("track", "Cart Shared"): {
        "share_message": "free_text",
        "recipient": "contact",
    },
    ("track", "Product Reviewed"): {
        "review_body": "free_text",
    },
    ("track", "Feedback Submitted"): {
        "text": "free_text",
    },
    ("track", "Complaint Filed"): {
        "text": "free_text",
    },
    ("track", "Complaint Resolved"): {
        "text": "free_text",
    },
    ("track", "Device Linked"): {
        "identifier": "identifier",
    },
    ("track", "Device Unlinked"): {
        "identifier": "identifier",
    },
    ("track", "Login Failed"): {
        "identifier": "identifier",
    },
    ("track", "Profile Updated"): {
        "identifier": "identifier",
    },
    ("track", "Immersive Session Started"): {
        "avatar_id": "identifier",
    },
    ("track", "Scene Entered"): {
        "position": "special",
    },
    ("track", "Scene Exited"): {
        "position": "special",
    },
    ("track", "Object Inspected"): {
        "gaze_seconds": "special",
    },
    ("track", "Object Manipulated"): {
        "gaze_seconds": "special",
    },
    ("track", "Product Tried On"): {
        "gaze_seconds": "special",
    },
    ("track", "Avatar Customized"): {
        "avatar_id": "identifier",
    },
    ("track", "Space Joined"): {
        "avatar_id": "identifier",
    },
    ("track", "Space Left"): {
        "avatar_id": "identifier",
    },
    ("track", "Participant Met"): {
        "avatar_id": "identifier",
    },
    ("track", "Loyalty Enrolled"): {
        "loyalty_id": "identifier",
    },
    ("track", "Loyalty Card Scanned"): {
        "loyalty_id": "identifier",
    },
    ("track", "Loyalty Card Linked"): {
        "loyalty_id": "identifier",
    },
    ("track", "Loyalty Points Earned"): {
        "loyalty_id": "identifier",
    },
    ("track", "Loyalty Points Redeemed"): {
        "loyalty_id": "identifier",
    },
    ("track", "Loyalty Points Expired"): {
        "loyalty_id": "identifier",
    },
    ("track", "Loyalty Points Adjusted"): {
        "loyalty_id": "identifier",
    },
    ("track", "Loyalty Tier Changed"): {
        "loyalty_id": "identifier",
    },
    ("track", "Signed Up"): {
        "first_name": "contact",
        "last_name": "contact",
        "email": "contact",
        "phone": "contact",
        "username": "identifier",
    },
    ("track", "Signed In"): {
        "username": "identifier",
    },
    ("track", "Signed Out"): {
        "username": "identifier",
    },
    ("track", "Invite Sent"): {
        "invitee_email": "contact",
        "invitee_first_name": "contact",
        "invitee_last_name": "contact",
    },
    ("track", "Appointment Booked"): {
        "staff_id": "identifier",
    },
    ("track", "Appointment Kept"): {
        "staff_id": "identifier",
    },
    ("track", "Appointment Missed"): {
        "staff_id": "identifier",
    },
    ("track", "Staff Assisted"): {
        "staff_id": "identifier",
    },
    ("track", "Survey Responded"): {
        "comment": "free_text",
        "answers[].value": "free_text",
    },
    ("track", "Survey Response Updated"): {
        "comment": "free_text",
    },
    ("track", "Ticket Opened"): {
        "subject": "free_text",
        "requester_id": "identifier",
    },
    ("track", "Ticket Assigned"): {
        "assignee_id": "identifier",
    },
    ("track", "Ticket Escalated"): {
        "assignee_id": "identifier",
    },
    ("track", "Ticket Rated"): {
        "comment": "free_text",
    },
    ("identify", ""): {
        "address": "contact",
        "avatar": "contact",
        "birthday": "special",
        "company.id": "identifier",
        "description": "free_text",
        "email": "contact",
        "firstName": "contact",
        "gender": "special",
        "id": "identifier",
        "lastName": "contact",
        "name": "contact",
        "phone": "contact",
        "username": "identifier",
        "website": "contact",
    },
    ("group", ""): {
        "address": "contact",
        "description": "free_text",
        "email": "contact",
        "id": "identifier",
        "phone": "contact",
    },
}
"""Privacy class by path, by type and name of the event."""
