"""What the text of a setting has to look like."""

from __future__ import annotations

from typing import Final

DNS_NAME: Final = r"(?=.{4,200}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}"
PROJECT: Final = r"[a-z][a-z0-9-]{4,28}[a-z0-9]"
RESOURCE_NAME: Final = r"[a-z]([a-z0-9-]{0,61}[a-z0-9])?"
IMAGE: Final = r"[a-z0-9][a-z0-9._/-]*([:@][A-Za-z0-9][A-Za-z0-9._:-]*)"
BOOT_IMAGE: Final = r"projects/[^/]+/global/images/(family/)?[^/]+"
MACHINE_TYPE: Final = r"[a-z0-9]+(-[a-z0-9]+)+"
OBJECT_NAME: Final = r"[A-Za-z0-9][A-Za-z0-9._-]*(/[A-Za-z0-9][A-Za-z0-9._-]*)*"
EMAIL: Final = r"[^@\s]+@[^@\s]+\.[^@\s]+"
PRINCIPAL: Final = r"(user|group|serviceAccount|domain):[^\s]+|principal(Set)?://\S+"
CHANNEL: Final = r"projects/[^/]+/notificationChannels/\d+"
BILLING_ACCOUNT: Final = r"([0-9A-F]{6}-){2}[0-9A-F]{6}"
CURRENCY_AMOUNT: Final = r"[1-9]\d{0,11}"
