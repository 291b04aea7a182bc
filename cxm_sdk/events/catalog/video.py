"""Video: playback, content and ads (Segment)."""

from __future__ import annotations

from pydantic import Field

from cxm_sdk.events.catalog.base import Amount, Count, Seconds
from cxm_sdk.events.typed import TypedEvent
from cxm_sdk.events.values import Many, Text

__all__ = [
    "VideoAdCompleted",
    "VideoAdPlaying",
    "VideoAdStarted",
    "VideoContentCompleted",
    "VideoContentPlaying",
    "VideoContentStarted",
    "VideoPlaybackBufferCompleted",
    "VideoPlaybackBufferStarted",
    "VideoPlaybackCompleted",
    "VideoPlaybackExited",
    "VideoPlaybackInterrupted",
    "VideoPlaybackPaused",
    "VideoPlaybackResumed",
    "VideoPlaybackSeekCompleted",
    "VideoPlaybackSeekStarted",
    "VideoPlaybackStarted",
]


class _VideoPlaybackEvent(TypedEvent):
    """What all playback events may say."""

    session_id: Text = Field(default=None, description="The playback session.")
    content_asset_ids: Many[str] | None = Field(default=None, description="The contents that are played.")
    content_pod_ids: Many[str] | None = Field(default=None, description="Groups of the contents.")
    ad_asset_ids: Many[str] | None = Field(default=None, description="The ads that are played.")
    ad_pod_ids: Many[str] | None = Field(default=None, description="Groups of the ads.")
    ad_types: Many[str] | None = Field(
        default=None, description="Kinds of the ads: pre-roll, mid-roll, post-roll."
    )
    position: Amount = Field(default=None, description="Where in the video, in seconds.")
    seek_position: Amount = Field(default=None, description="Where playback goes to, in seconds.")
    total_length: Seconds = Field(default=None, description="Length of the video, in seconds.")
    bitrate: Amount = Field(default=None, description="Bit rate, in kilobits a second.")
    framerate: Amount = Field(default=None, description="Frames a second.")
    video_player: Text = Field(default=None, description="The player.")
    sound: Amount = Field(default=None, description="Loudness, from 0 to 100.")
    full_screen: bool | None = Field(default=None, description="Whether it fills the screen.")
    ad_enabled: bool | None = Field(default=None, description="Whether ads are shown.")
    quality: Text = Field(default=None, description="Quality, such as hd1080.")
    method: Text = Field(default=None, description="What interrupted playback, such as a call.")
    livestream: bool | None = Field(default=None, description="Whether it is live.")


class VideoPlaybackStarted(_VideoPlaybackEvent):
    """Playback was asked for."""

    event_name = "Video Playback Started"


class VideoPlaybackPaused(_VideoPlaybackEvent):
    """Playback was paused."""

    event_name = "Video Playback Paused"


class VideoPlaybackInterrupted(_VideoPlaybackEvent):
    """Playback was interrupted."""

    event_name = "Video Playback Interrupted"


class VideoPlaybackBufferStarted(_VideoPlaybackEvent):
    """Playback waits for data."""

    event_name = "Video Playback Buffer Started"


class VideoPlaybackBufferCompleted(_VideoPlaybackEvent):
    """Playback has its data."""

    event_name = "Video Playback Buffer Completed"


class VideoPlaybackSeekStarted(_VideoPlaybackEvent):
    """The viewer looks for another place."""

    event_name = "Video Playback Seek Started"


class VideoPlaybackSeekCompleted(_VideoPlaybackEvent):
    """The viewer found another place."""

    event_name = "Video Playback Seek Completed"


class VideoPlaybackResumed(_VideoPlaybackEvent):
    """Playback goes on."""

    event_name = "Video Playback Resumed"


class VideoPlaybackCompleted(_VideoPlaybackEvent):
    """Playback came to its end."""

    event_name = "Video Playback Completed"


class VideoPlaybackExited(_VideoPlaybackEvent):
    """The viewer left."""

    event_name = "Video Playback Exited"


class _VideoContentEvent(TypedEvent):
    """What all content events may say."""

    session_id: Text = Field(default=None, description="The playback session.")
    asset_id: Text = Field(default=None, description="The content.")
    pod_id: Text = Field(default=None, description="Group of the content.")
    title: Text = Field(default=None, description="Title.")
    description: Text = Field(default=None, description="Description.")
    keywords: Many[str] | None = Field(default=None, description="Key words.")
    season: Text = Field(default=None, description="Season of a series.")
    episode: Text = Field(default=None, description="Episode of a series.")
    genre: Text = Field(default=None, description="Genre.")
    program: Text = Field(default=None, description="Programme that it belongs to.")
    publisher: Text = Field(default=None, description="Publisher.")
    position: Amount = Field(default=None, description="Where in the content, in seconds.")
    total_length: Seconds = Field(default=None, description="Length of the content, in seconds.")
    channel: Text = Field(default=None, description="Channel that it runs in.")
    full_episode: bool | None = Field(default=None, description="Whether it is a whole episode.")
    livestream: bool | None = Field(default=None, description="Whether it is live.")
    airdate: Text = Field(default=None, description="When it was first shown, as it was sent.")


class VideoContentStarted(_VideoContentEvent):
    """A piece of content began."""

    event_name = "Video Content Started"


class VideoContentPlaying(_VideoContentEvent):
    """A piece of content is being watched."""

    event_name = "Video Content Playing"


class VideoContentCompleted(_VideoContentEvent):
    """A piece of content came to its end."""

    event_name = "Video Content Completed"


class _VideoAdEvent(TypedEvent):
    """What all ad events may say."""

    session_id: Text = Field(default=None, description="The playback session.")
    asset_id: Text = Field(default=None, description="The ad.")
    pod_id: Text = Field(default=None, description="Group of the ad.")
    pod_position: Count = Field(default=None, description="Place in the group.")
    pod_length: Count = Field(default=None, description="Ads in the group.")
    type: Text = Field(default=None, description="Kind: pre-roll, mid-roll, post-roll.")
    publisher: Text = Field(default=None, description="Publisher.")
    title: Text = Field(default=None, description="Title.")
    position: Amount = Field(default=None, description="Where in the ad, in seconds.")
    total_length: Seconds = Field(default=None, description="Length of the ad, in seconds.")
    load_type: Text = Field(default=None, description="Dynamic or linear.")


class VideoAdStarted(_VideoAdEvent):
    """An ad began."""

    event_name = "Video Ad Started"


class VideoAdPlaying(_VideoAdEvent):
    """An ad is being watched."""

    event_name = "Video Ad Playing"


class VideoAdCompleted(_VideoAdEvent):
    """An ad came to its end."""

    event_name = "Video Ad Completed"
