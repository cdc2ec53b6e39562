"""A request of VTube Studio's API, an answer to it, and the numbers of errors."""

from __future__ import annotations

import time
import uuid
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Final

import msgspec

from mien.messages import printable, quoted

API_NAME: Final = "VTubeStudioPublicAPI"
API_VERSION: Final = "1.0"
_LONGEST_ID: Final = 64
_MOST_NUMBER: Final = 1e6


class ErrorId(IntEnum):
    """As VTube Studio numbers them (Files/ErrorID.cs): those that are answered here."""

    INTERNAL = 0
    JSON_INVALID = 2
    API_NAME_INVALID = 3
    API_VERSION_INVALID = 4
    REQUEST_ID_INVALID = 5
    TYPE_MISSING = 6
    TYPE_UNKNOWN = 7
    NOT_AUTHENTICATED = 8
    TOKEN_DENIED = 50
    TOKEN_ONGOING = 51
    TOKEN_PLUGIN_NAME = 52
    TOKEN_DEVELOPER_NAME = 53
    TOKEN_MISSING = 100
    PLUGIN_NAME_MISSING = 101
    DEVELOPER_MISSING = 102
    MODEL_ID_MISSING = 150
    MODEL_ID_NOT_FOUND = 152
    CANNOT_CHANGE_MODEL = 154
    HOTKEY_NO_MODEL = 201
    HOTKEY_NOT_FOUND = 202
    HOTKEY_FAILED = 206
    HOTKEY_ITEM_NOT_FOUND = 207
    MOVE_NO_MODEL = 300
    MOVE_MISSING_FIELDS = 301
    MOVE_OUT_OF_RANGE = 302
    PARAM_NAME = 350
    PARAM_VALUES = 351
    PARAM_OF_ANOTHER = 352
    PARAM_EXPLANATION = 353
    PARAM_IS_DEFAULT = 354
    PARAM_PLUGIN_LIMIT = 355
    PARAM_TOTAL_LIMIT = 356
    DELETE_NAME = 400
    DELETE_NOT_FOUND = 401
    DELETE_OF_ANOTHER = 402
    DELETE_DEFAULT = 403
    INJECT_NOTHING = 450
    INJECT_VALUE = 451
    INJECT_WEIGHT = 452
    INJECT_NOT_FOUND = 453
    INJECT_OF_ANOTHER = 454
    INJECT_MODE = 455
    VALUE_NOT_FOUND = 500
    EXPRESSION_STATE_FILE = 600
    EXPRESSION_STATE_NOT_FOUND = 601
    EXPRESSION_FILE = 650
    EXPRESSION_NOT_FOUND = 651
    EXPRESSION_NO_MODEL = 652
    EVENT_UNKNOWN = 950
    TEST_MESSAGE_TOO_LONG = 100_000
    MODEL_LOADED_ID = 100_050
    HOTKEY_ACTION = 100_100


class Refused(Exception):
    """A request was not done, and changed nothing. `error_id`, and a sentence for people."""

    def __init__(self, error_id: ErrorId, sentence: str) -> None:
        super().__init__(sentence)
        self.error_id = error_id


@dataclass(frozen=True, slots=True)
class Request:
    """What a plugin sent."""

    kind: str
    """Its messageType."""
    id: str
    """The plugin's own, or a new one where it gave none."""
    data: dict[str, Any]
    """Empty where there was none."""

    def text(self, name: str) -> str:
        """A field that is a text; "" where there is none. Raises Refused for what is no text."""
        value = self.data.get(name)
        if value is None:
            return ""
        if not isinstance(value, str):
            raise Refused(ErrorId.JSON_INVALID, f"{name} is {quoted(value)}; give a text.")
        return value

    def flag(self, name: str) -> bool:
        """A field that is true or false; false where there is none. Raises Refused."""
        value = self.data.get(name)
        if value is not None and not isinstance(value, bool):
            raise Refused(ErrorId.JSON_INVALID, f"{name} is {quoted(value)}; give true or false.")
        return bool(value)

    def number(self, name: str, wrong: ErrorId, most: float = _MOST_NUMBER) -> float | None:
        """A field from -most to most; None where there is none. Raises Refused, with `wrong`."""
        value = self.data.get(name)
        return None if value is None else number_of(name, value, wrong, -most, most)


def number_of(
    name: str, value: object, wrong: ErrorId, low: float = -_MOST_NUMBER, high: float = _MOST_NUMBER
) -> float:
    """A number from `low` to `high`. Raises Refused, with `wrong`."""
    if not isinstance(value, int | float) or isinstance(value, bool) or not low <= value <= high:
        raise Refused(wrong, f"{name} is {quoted(value)}; give a number from {low:g} to {high:g}.")
    return float(value)


def request_of(data: str | bytes) -> Request | tuple[str, Refused]:
    """A message as a request; or what is wrong with it, and the id to answer it with."""
    id = uuid.uuid4().hex
    try:
        told = msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        why = printable(str(error).rstrip("."), 200) or "it is nested too deeply"
        return id, Refused(ErrorId.JSON_INVALID, f"this is not valid JSON ({why}); send one object.")
    if not isinstance(told, dict):
        return id, Refused(ErrorId.JSON_INVALID, "a request is a JSON object; this is something else.")
    given = told.get("requestID")
    if given is not None:
        if not isinstance(given, str) or not 1 <= len(given) <= _LONGEST_ID or not given.isascii():
            return id, Refused(
                ErrorId.REQUEST_ID_INVALID, f"requestID has to be 1 to {_LONGEST_ID} ASCII characters."
            )
        id = given
    try:
        return _request(told, id)
    except Refused as wrong:
        return id, wrong


def _request(told: dict[str, Any], id: str) -> Request:
    if told.get("apiName") != API_NAME:
        raise Refused(ErrorId.API_NAME_INVALID, f"apiName has to be {API_NAME}.")
    if told.get("apiVersion") != API_VERSION:
        raise Refused(ErrorId.API_VERSION_INVALID, f"apiVersion has to be {API_VERSION}, as a text.")
    kind = told.get("messageType")
    if not isinstance(kind, str) or not kind:
        raise Refused(ErrorId.TYPE_MISSING, "messageType is missing; name a request.")
    data = told.get("data")
    if data is not None and not isinstance(data, dict):
        raise Refused(ErrorId.JSON_INVALID, f"data is {quoted(data)}; give an object.")
    return Request(kind, id, data or {})


def answer_text(kind: str, id: str, data: dict[str, Any]) -> str:
    """A message of that messageType."""
    return msgspec.json.encode(
        {
            "apiName": API_NAME,
            "apiVersion": API_VERSION,
            "timestamp": time.time_ns() // 1_000_000,
            "messageType": kind,
            "requestID": id,
            "data": data,
        }
    ).decode()


def error_text(id: str, wrong: Refused) -> str:
    """An APIError."""
    return answer_text("APIError", id, {"errorID": int(wrong.error_id), "message": str(wrong)})
