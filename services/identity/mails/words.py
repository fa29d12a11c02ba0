"""What identity's mails say, in Chinese and English."""

from kith.v1.mail_pb2 import MailText

LANGUAGES = ("zh", "en")

_GREETING = {"zh": "{name}，您好：\n\n", "en": "Hello {name},\n\n"}
_CLOSING = {"zh": "\n\n——\n{tenant} · Kith\n", "en": "\n\n--\n{tenant} · Kith\n"}
_STRANGER = {
    "zh": "如果这不是您本人的操作，请忽略本邮件，您的账号不会有任何变化。",
    "en": "If you did not ask for this, ignore this mail: nothing about your account changes.",
}
_ALARM = {
    "zh": "如果这不是您本人的操作，请立即联系管理员。",
    "en": "If this was not you, tell your administrator at once.",
}
# Kind of mail → language → subject and text.
WORDS: dict[str, dict[str, tuple[str, str]]] = {
    "invitation": {
        "zh": (
            "{tenant}邀请您使用 Kith",
            "{inviter}邀请您加入“{tenant}”。请打开以下链接设置密码，链接 7 天内有效，仅可使用一次：\n\n{link}",
        ),
        "en": (
            "{tenant} invites you to Kith",
            "{inviter} invites you to join {tenant}. Choose a password by this link, which is good for 7 days and once:"
            "\n\n{link}",
        ),
    },
    "reset": {
        "zh": (
            "重设您的 Kith 密码",
            "有人申请重设您在“{tenant}”的密码。请打开以下链接设置新密码，链接 30 分钟内有效，仅可使用一次："
            "\n\n{link}\n\n" + _STRANGER["zh"],
        ),
        "en": (
            "Set a new Kith password",
            "Somebody asked to reset your password at {tenant}. Set a new one by this link, which is good for 30 "
            "minutes and once:\n\n{link}\n\n" + _STRANGER["en"],
        ),
    },
    "confirm_email": {
        "zh": (
            "确认您的新邮箱",
            "请打开以下链接，将此邮箱设为您在“{tenant}”的登录邮箱，链接 30 分钟内有效，仅可使用一次：\n\n{link}\n\n"
            + _STRANGER["zh"],
        ),
        "en": (
            "Confirm your new e-mail",
            "Make this the address you sign in to {tenant} with by this link, which is good for 30 minutes and once:"
            "\n\n{link}\n\n" + _STRANGER["en"],
        ),
    },
    "password_changed": {
        "zh": (
            "您的 Kith 密码已更改",
            "您在“{tenant}”的密码刚刚被更改，其他设备上的登录均已退出。" + _ALARM["zh"],
        ),
        "en": (
            "Your Kith password was changed",
            "Your password at {tenant} was just changed, and other devices were signed out. " + _ALARM["en"],
        ),
    },
    "mfa_enrolled": {
        "zh": ("您已启用两步验证", "您在“{tenant}”的账号刚刚启用了两步验证。" + _ALARM["zh"]),
        "en": (
            "A second factor was added",
            "A second factor was just added to your account at {tenant}. " + _ALARM["en"],
        ),
    },
    "mfa_removed": {
        "zh": ("您的一种两步验证方式已移除", "您在“{tenant}”的账号刚刚移除了一种两步验证方式。" + _ALARM["zh"]),
        "en": (
            "A second factor was removed",
            "A second factor was just removed from your account at {tenant}. " + _ALARM["en"],
        ),
    },
    "mfa_reset": {
        "zh": (
            "您的两步验证已重置",
            "管理员重置了您在“{tenant}”的两步验证，您的登录均已退出。" + _ALARM["zh"],
        ),
        "en": (
            "Your second factor was reset",
            "An administrator took away the second factor of your account at {tenant}, and you were signed out. "
            + _ALARM["en"],
        ),
    },
    "email_changed": {
        "zh": (
            "您的 Kith 登录邮箱已更改",
            "您在“{tenant}”的登录邮箱已更改为 {email}，此邮箱不能再用于登录。" + _ALARM["zh"],
        ),
        "en": (
            "Your Kith e-mail was changed",
            "You now sign in to {tenant} with {email}, and no longer with this address. " + _ALARM["en"],
        ),
    },
}


def written(kind: str, locale: str, name: str, tenant: str, **more: str) -> MailText:
    """The mail `kind` in the reader's language: Chinese for a Chinese locale, else English."""
    language = "zh" if locale.lower().startswith("zh") else "en"
    subject, text = WORDS[kind][language]
    facts = {"name": _plain(name), "tenant": _plain(tenant), **{key: _plain(value) for key, value in more.items()}}
    whole = _GREETING[language] + text + _CLOSING[language]
    return MailText(subject=subject.format(**facts), text=whole.format(**facts))


def _plain(text: str) -> str:
    """On one line: a name must not write lines of its own."""
    return " ".join(text.split())
