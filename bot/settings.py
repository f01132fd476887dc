"""Settings: from the environment and `.env`, all with the prefix `PAPERBOY_`.

The model's key and address keep their conventional names, OPENAI_API_KEY and OPENAI_BASE_URL.
pydantic-settings lets a misspelt prefixed name from the environment pass in silence, and with
`extra="forbid"` refuses foreign names in `.env`; so unknown `PAPERBOY_` names are looked for here.
"""

from __future__ import annotations

import difflib
import os
import re
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal
from urllib.parse import unquote
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from dotenv import dotenv_values
from platformdirs import user_data_path
from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from bot.pace import PAID_RATE, RATE
from digest import fields, locale
from digest.errors import SettingsError
from digest.summarize import called, prices

if TYPE_CHECKING:
    from collections.abc import Mapping

PREFIX = "PAPERBOY_"
ENCODING = "utf-8-sig"
"""Some editors put a byte order mark before the first name."""

MOST_SHOWN = 50
"""A digest of more papers than this is a list, not a digest."""


FEWEST_DAYS = 31
"""What is kept: a month of editions is what /field and late papers look back on."""


def _url(value: str) -> str:
    if not re.fullmatch(r"https?://[^\s/]+(/\S*)?", value):
        raise ValueError("url")
    return value.rstrip("/")


def _proxy(value: str) -> str:
    if value and not re.fullmatch(r"(https?|socks5h?)://\S+", value):
        raise ValueError("proxy")
    return value


def _database(value: str) -> str:
    if not re.fullmatch(r"sqlite(\+aiosqlite)?://(/.+)?|postgresql(\+asyncpg)?://.+", value):
        raise ValueError("database")
    return value


def _archives(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    names = tuple(name for name in re.split(r"[\s,;，、]+", value.strip()) if name)
    if names in {("all",), ("*",), ()}:
        return fields.ARCHIVES
    if unknown := [name for name in names if name not in fields.ARCHIVES]:
        raise ValueError(unknown[0])
    return names


def _language(value: str) -> str:
    if not value:
        return ""
    if found := called.understand(value):
        return found
    raise ValueError(value)


def _timezone(value: str) -> str:
    try:
        ZoneInfo(value or "UTC")
    except (ZoneInfoNotFoundError, ValueError, OSError) as unknown:
        raise ValueError(value) from unknown
    return value


def data_folder() -> Path:
    """The platform's folder for what a program keeps."""
    return user_data_path("paperboy", appauthor=False)


def _default_database() -> str:
    return f"sqlite+aiosqlite:///{data_folder() / 'paperboy.db'}"


def _token(value: SecretStr) -> SecretStr:
    if not re.fullmatch(r"(\d{1,20}:[\w-]{10,100})?", value.get_secret_value(), re.ASCII):
        raise ValueError("token")
    return value


def _secret(value: SecretStr) -> SecretStr:
    """What Telegram takes as secret_token, and long enough that nobody guesses it."""
    if not re.fullmatch(r"([\w-]{16,256})?", value.get_secret_value(), re.ASCII):
        raise ValueError("secret")
    return value


def _webhook(value: str) -> str:
    if value and not re.fullmatch(r"https://[^\s/]+(/\S*)?", value):
        raise ValueError("webhook")
    return value


def _numbers(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    return tuple(int(number) for number in re.split(r"[\s,;，、]+", value.strip()) if number)


def _cap(value: Any) -> Any:
    """`none` is no limit."""
    unlimited = {"none", "off", "unlimited", "无", "不限"}
    return None if isinstance(value, str) and value.strip().casefold() in unlimited else value


def _days(value: int) -> int:
    if 0 < value < FEWEST_DAYS:
        raise ValueError(value)
    return value


def _price(value: str) -> str:
    if value:
        prices.stated(value)
    return value


Url = Annotated[str, AfterValidator(_url)]
Cap = Annotated[Annotated[int, Field(ge=0, le=10**9)] | None, BeforeValidator(_cap)]
MoneyCap = Annotated[Annotated[Decimal, Field(ge=0, le=10**6)] | None, BeforeValidator(_cap)]


class Settings(BaseSettings):
    """What an operator may choose; `.env.example` explains each of them."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_ignore_empty=True, extra="ignore", populate_by_name=True
    )

    database_url: Annotated[str, AfterValidator(_database)] = Field(
        default_factory=_default_database,
        examples=["sqlite+aiosqlite:////var/lib/paperboy/p.db"],
        repr=False,  # it may have a password
    )
    keep_days: Annotated[int, Field(ge=0, le=36500), AfterValidator(_days)] = Field(
        365, examples=["365"]
    )
    arxiv_feed_url: Url = Field("https://rss.arxiv.org", examples=["https://rss.arxiv.org"])
    arxiv_api_url: Url = Field(
        "https://export.arxiv.org/api/query", examples=["https://export.arxiv.org/api/query"]
    )
    arxiv_site_url: Url = Field("https://arxiv.org", examples=["https://arxiv.org"])
    archives: Annotated[tuple[str, ...], NoDecode, BeforeValidator(_archives)] = Field(
        default=fields.ARCHIVES, examples=["cs,stat,eess"]
    )
    language: Annotated[str, AfterValidator(_language)] = Field("", examples=["zh"])
    timezone: Annotated[str, AfterValidator(_timezone)] = Field("", examples=["Asia/Shanghai"])
    digest_size: int = Field(10, ge=1, le=MOST_SHOWN, examples=["10"])
    model: str = Field("gpt-4.1-mini", examples=["deepseek-flash"])
    model_concurrency: int = Field(8, ge=1, le=64, examples=["16"])
    model_timeout: float = Field(60.0, ge=1, le=600, examples=["60"])
    model_price: Annotated[str, AfterValidator(_price)] = Field("", examples=["0.40/0.10/1.60 USD"])
    model_daily_money: MoneyCap = Field(Decimal(2), examples=["2.50"])
    model_daily_calls: Cap = Field(3000, examples=["3000"])
    reader_daily_summaries: Cap = Field(50, examples=["50"])
    proxy: Annotated[str, AfterValidator(_proxy)] = Field("", examples=["socks5://127.0.0.1:1080"])
    telegram_token: Annotated[SecretStr, AfterValidator(_token)] = Field(
        SecretStr(""), examples=["123456:the-token-that-BotFather-gave-you"]
    )
    telegram_api_url: Url = Field("https://api.telegram.org", examples=["https://api.telegram.org"])
    webhook_url: Annotated[str, AfterValidator(_webhook)] = Field(
        "", examples=["https://paperboy.example.org/telegram"]
    )
    webhook_secret: Annotated[SecretStr, AfterValidator(_secret)] = Field(
        SecretStr(""), examples=["a-long-word-that-nobody-guesses"]
    )
    webhook_port: int = Field(8080, ge=1, le=65535, examples=["8080"])
    rate: int = Field(RATE, ge=1, le=PAID_RATE, examples=["25"])
    paid_broadcast: bool = Field(default=False, examples=["true"])
    http_port: int = Field(0, ge=0, le=65535, examples=["9464"])
    http_host: str = Field("127.0.0.1", pattern=r"^[\w.:-]+$", examples=["127.0.0.1"])
    log: Literal["text", "json"] = Field("text", examples=["json"])
    access: Literal["open", "invite"] = Field("open", examples=["invite"])
    admins: Annotated[tuple[int, ...], NoDecode, BeforeValidator(_numbers)] = Field(
        (), examples=["123456789"]
    )
    openai_api_key: SecretStr = Field(SecretStr(""), validation_alias="OPENAI_API_KEY")
    openai_base_url: Annotated[str, AfterValidator(lambda v: _url(v) if v else v)] = Field(
        "", validation_alias="OPENAI_BASE_URL", examples=["http://localhost:11434/v1"]
    )

    @property
    def has_model(self) -> bool:
        """Whether a model writes the summaries: a key or an address is enough."""
        return bool(self.openai_api_key.get_secret_value() or self.openai_base_url)

    @property
    def secrets(self) -> tuple[str, ...]:
        """What no log may hold: every secret that was set, and the passwords of addresses."""
        chosen = [getattr(self, name) for name in type(self).model_fields]
        hidden = [each.get_secret_value() for each in chosen if isinstance(each, SecretStr)]
        addresses = [each for each in chosen if isinstance(each, str)]
        found = [re.search(r"://[^:/@]*:(.+)@", each) for each in addresses]
        passwords = [each[1] for each in found if each]  # as written, and as they are meant
        return tuple(filter(None, [*hidden, *passwords, *map(unquote, passwords)]))

    @property
    def messages_a_second(self) -> int:
        """What was chosen; who pays for a paid broadcast and chose nothing gets all of it."""
        is_chosen = "rate" in self.model_fields_set
        return PAID_RATE if self.paid_broadcast and not is_chosen else self.rate


def read(env_file: Path | None = Path(".env")) -> Settings:
    """Reads and checks the settings.

    Raises:
        SettingsError: a `PAPERBOY_` name is unknown, or a value is malformed.
    """
    for source in (_from_file(env_file), os.environ):
        _refuse_unknown(source)
    try:
        chosen = Settings(_env_file=env_file, _env_file_encoding=ENCODING)
    except ValidationError as invalid:
        raise _explained(invalid) from None  # pydantic's text repeats the value, keys too
    if chosen.webhook_url and not chosen.webhook_secret.get_secret_value():
        raise needs("webhook_secret")  # without one, anybody could speak for Telegram
    if chosen.rate > RATE and not chosen.paid_broadcast:
        raise needs("rate")  # Telegram would refuse, and then silence us for a while
    return chosen


def spoken(env_file: Path | None = Path(".env")) -> str:
    """The language of whatever has to be said before the settings are known; "" for none."""
    name = f"{PREFIX}LANGUAGE"
    try:
        chosen = os.environ.get(name) or _from_file(env_file).get(name)
    except SettingsError:
        return ""
    return locale.understand_language(chosen or "") or ""


def _from_file(env_file: Path | None) -> Mapping[str, Any]:
    if env_file is None or not env_file.is_file():
        return {}
    try:
        return dotenv_values(env_file, encoding=ENCODING)
    except (OSError, UnicodeDecodeError) as unreadable:
        raise SettingsError("errors.env_file", file=env_file.name) from unreadable


def variables() -> dict[str, str]:
    """Environment name → field name, of every setting."""
    return {
        str(info.validation_alias or f"{PREFIX}{name}").upper(): name
        for name, info in Settings.model_fields.items()
    }


def _refuse_unknown(names: Mapping[str, Any]) -> None:
    known = variables()
    for name in names:
        if name.upper().startswith(PREFIX) and name.upper() not in known:
            near = difflib.get_close_matches(name.upper(), known, n=1, cutoff=0.6)
            if near:
                raise SettingsError("errors.setting_misspelt", name=name, near=near[0])
            raise SettingsError("errors.setting_unknown", name=name)


def _explained(invalid: ValidationError) -> SettingsError:
    where = str(invalid.errors()[0]["loc"][0])
    names = {field: name for name, field in variables().items()}
    field = where if where in names else variables().get(where.upper(), where)
    return needs(field)


def needs(field: str) -> SettingsError:
    """The refusal that names a setting and gives an example."""
    names = {field: name for name, field in variables().items()}
    examples = Settings.model_fields[field].examples or [""]
    return SettingsError(
        f"settings.needs.{field}",
        name=names[field],
        example=f"{names[field]}={examples[0]}",
        languages=", ".join(called.NAMES),
    )
