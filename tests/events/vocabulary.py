"""The names that the catalogue must cover, as the standards and this project publish them."""

NAMES = """
Products Searched; Product List Viewed; Product List Filtered; Promotion Viewed; Promotion Clicked; Product Clicked;
Product Viewed; Product Added; Product Removed; Cart Viewed; Checkout Started; Checkout Step Viewed;
Checkout Step Completed; Payment Info Entered; Order Completed; Order Updated; Order Cancelled; Order Refunded;
Coupon Entered; Coupon Applied; Coupon Removed; Coupon Denied; Product Added to Wishlist;
Product Removed from Wishlist; Wishlist Product Added to Cart; Product Shared; Cart Shared; Product Reviewed;

Account Created; Account Deleted; Signed Up; Signed In; Signed Out; Invite Sent; Account Added User;
Account Removed User; Trial Started; Trial Ended;

Application Installed; Application Opened; Application Backgrounded; Application Foregrounded; Application Updated;
Application Uninstalled; Application Crashed; Install Attributed; Push Notification Received;
Push Notification Tapped; Push Notification Bounced; Deep Link Opened; Deep Link Clicked;

Email Delivered; Email Opened; Email Link Clicked; Email Bounced; Email Marked as Spam; Unsubscribed;

Live Chat Conversation Started; Live Chat Conversation Ended; Live Chat Message Sent; Live Chat Message Received;
Live Chat Transferred; Live Chat Abandoned; Live Chat Rated;

Experiment Viewed; Experiment Assigned; Feature Flag Evaluated;

Video Playback Started; Video Playback Paused; Video Playback Interrupted; Video Playback Buffer Started;
Video Playback Buffer Completed; Video Playback Seek Started; Video Playback Seek Completed; Video Playback Resumed;
Video Playback Completed; Video Playback Exited; Video Content Started; Video Content Playing;
Video Content Completed; Video Ad Started; Video Ad Playing; Video Ad Completed;

Survey Sent; Survey Viewed; Survey Dismissed; Survey Responded; Survey Response Updated;

Ticket Opened; Ticket Updated; Ticket Assigned; Ticket Escalated; Ticket Replied; Ticket Solved; Ticket Reopened;
Ticket Closed; Ticket Rated;

Call Started; Call Answered; Call Missed; Call Abandoned; Call Transferred; Call Ended; Voicemail Left;

Store Entered; Store Exited; Store Visited; Appointment Booked; Appointment Kept; Appointment Missed; Staff Assisted;

Loyalty Enrolled; Loyalty Card Scanned; Loyalty Card Linked; Loyalty Points Earned; Loyalty Points Redeemed;
Loyalty Points Expired; Loyalty Points Adjusted; Loyalty Tier Changed;

Email Sent; SMS Sent; SMS Delivered; SMS Link Clicked; SMS Replied; SMS Failed; In-App Message Viewed;
In-App Message Clicked; In-App Message Dismissed; Push Notification Sent; Subscribed; Preference Updated;

Offer Presented; Offer Accepted; Offer Declined; Recommendation Viewed; Recommendation Clicked;

Immersive Session Started; Immersive Session Ended; Scene Entered; Scene Exited; Object Inspected;
Object Manipulated; Product Tried On; Avatar Customized; Space Joined; Space Left; Participant Met;

Consent Updated; Segment Consent Preference Updated; Privacy Request Submitted; Privacy Request Completed;

Feedback Submitted; Complaint Filed; Complaint Resolved;

Shipment Dispatched; Shipment Delayed; Shipment Delivered; Shipment Failed; Return Requested; Return Received;

Subscription Started; Subscription Renewed; Subscription Upgraded; Subscription Downgraded; Subscription Paused;
Subscription Cancelled; Payment Failed;

Journey Entered; Journey Step Completed; Journey Exited;

Device Linked; Device Unlinked; Login Failed; Profile Updated
"""

REQUIRED = {
    "Survey Sent": "survey_id survey_type",
    "Survey Viewed": "survey_id",
    "Survey Dismissed": "survey_id",
    "Survey Responded": "survey_id survey_type response_id",
    "Survey Response Updated": "response_id",
    "Ticket Opened": "ticket_id",
    "Ticket Updated": "ticket_id changed_fields",
    "Ticket Assigned": "ticket_id",
    "Ticket Escalated": "ticket_id",
    "Ticket Replied": "ticket_id direction",
    "Ticket Solved": "ticket_id",
    "Ticket Reopened": "ticket_id",
    "Ticket Closed": "ticket_id",
    "Ticket Rated": "ticket_id score scale_max",
    **dict.fromkeys(
        ["Call Started", "Call Answered", "Call Missed", "Call Abandoned", "Call Transferred", "Call Ended",
         "Voicemail Left"], "call_id direction"),
    **dict.fromkeys(["Store Entered", "Store Exited", "Store Visited"], "visit_id store_id detection_method"),
    **dict.fromkeys(["Loyalty Enrolled", "Loyalty Card Scanned", "Loyalty Card Linked"], "loyalty_id program_id"),
    **dict.fromkeys(
        ["Loyalty Points Earned", "Loyalty Points Redeemed", "Loyalty Points Expired", "Loyalty Points Adjusted"],
        "loyalty_id points"),
    "Loyalty Tier Changed": "loyalty_id tier",
    **dict.fromkeys(
        ["Email Sent", "SMS Sent", "SMS Delivered", "SMS Link Clicked", "SMS Replied", "SMS Failed",
         "In-App Message Viewed", "In-App Message Clicked", "In-App Message Dismissed", "Push Notification Sent"],
        "campaign_id message_id"),
    **dict.fromkeys(
        ["Offer Presented", "Offer Accepted", "Offer Declined", "Recommendation Viewed", "Recommendation Clicked"],
        "offer_id"),
    "Immersive Session Started": "session_id world_id platform",
    "Immersive Session Ended": "session_id duration_seconds",
    **dict.fromkeys(["Scene Entered", "Scene Exited"], "session_id scene_id"),
    **dict.fromkeys(["Object Inspected", "Object Manipulated", "Product Tried On"], "session_id object_id"),
    **dict.fromkeys(["Avatar Customized", "Space Joined", "Space Left", "Participant Met"], "session_id"),
    "Consent Updated": "consent_id category_preferences policy_version method",
    **dict.fromkeys(["Privacy Request Submitted", "Privacy Request Completed"], "request_id request_type"),
    **dict.fromkeys(["Feedback Submitted", "Complaint Filed", "Complaint Resolved"], "feedback_id"),
    **dict.fromkeys(
        ["Shipment Dispatched", "Shipment Delayed", "Shipment Delivered", "Shipment Failed", "Return Requested",
         "Return Received"], "order_id"),
    **dict.fromkeys(
        ["Subscription Started", "Subscription Renewed", "Subscription Upgraded", "Subscription Downgraded",
         "Subscription Paused", "Subscription Cancelled", "Payment Failed"], "subscription_id"),
    **dict.fromkeys(["Journey Entered", "Journey Step Completed", "Journey Exited"], "journey_id"),
    **dict.fromkeys(["Device Linked", "Device Unlinked", "Login Failed", "Profile Updated"], "identifier_type"),
}  # fmt: skip


def names() -> list[str]:
    """The names, in order."""
    return [" ".join(name.split()) for name in NAMES.split(";")]
