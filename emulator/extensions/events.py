"""Amazon EventBridge: rules send to SNS topics and Lambda functions too, and only where these admit it.

Corrects the targets: an SNS topic gets the event, or what an input transformer, Input or InputPath makes of it, where
its policy and its key admit events.amazonaws.com; a queue gets it where its policy does; a rule that is disabled sends
nothing. Targets that neither moto nor this module knows get nothing, and are recorded as not delivered. A pattern looks
into lists of objects: one object of the list has to meet all that it says of them.

Reference: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html,
eb-transform-target-input.html, eb-targets.html; https://github.com/aws/event-ruler, "Array consistency"
"""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterator
from datetime import datetime, timezone
from typing import Any

from jsonpath_ng.ext.parser import parse as parse_path
from moto.awslambda.exceptions import UnknownFunctionException
from moto.events.models import EventPattern, Rule

from .. import deliveries
from ..deliveries import Sender
from ..hooks import Found, lists, moto_backends
from ..resource_policy import Access, admits
from .lambda_ import invoke_later

_send_to_targets = Rule.send_to_targets
_matches_event = EventPattern.matches_event
_PRINCIPAL = "events.amazonaws.com"
#: Services that moto sends to.
_KNOWN_TO_MOTO = ("logs", "events", "sqs")


def _with_one_object_each(node: Any) -> Iterator[Any]:
    """The event, with one of its objects in the place of each list of objects."""
    if isinstance(node, list) and node and all(isinstance(item, dict) for item in node):
        for item in node:
            yield from _with_one_object_each(item)
    elif isinstance(node, dict):
        for values in itertools.product(*(list(_with_one_object_each(value)) for value in node.values())):
            yield dict(zip(node, values, strict=True))
    else:
        yield node


def _matches_in_lists(self: EventPattern, event: Any) -> bool:
    return any(_matches_event(self, variant) for variant in _with_one_object_each(event))


EventPattern.matches_event = _matches_in_lists  # type: ignore[method-assign]


def _send_where_admitted(self: Rule, original_event: Any, transform_input: bool = True) -> None:
    if self.state != "ENABLED" or not self.event_pattern.matches_event(original_event):
        return
    targets, rest = self.targets, []
    for target in targets:
        service = target["Arn"].split(":")[2]
        if service in _KNOWN_TO_MOTO and not (service == "sqs" and _queue_problem(self, target, original_event)):
            rest.append(target)
        elif service != "sqs":
            _send(self, target, service, input_of(target, original_event))
    self.targets = rest
    try:
        _send_to_targets(self, original_event, transform_input)
    finally:
        self.targets = targets


Rule.send_to_targets = _send_where_admitted  # type: ignore[method-assign]


def _sender(rule: Rule) -> Sender:
    """EventBridge's requests to topics and keys have no condition keys of the rule."""
    return Sender(_PRINCIPAL, rule.arn, rule.account_id)


def _queue_problem(rule: Rule, target: dict[str, Any], event: Any) -> bool:
    _, _, _, region, account_id, name = target["Arn"].split(":")
    queue = moto_backends("sqs")[account_id][region].queues.get(name)
    context = {"aws:SourceArn": rule.arn, "aws:SourceAccount": rule.account_id}
    if queue is None:
        reason = "the queue does not exist"
    elif not admits(queue.policy, Access(_PRINCIPAL, "sqs:SendMessage", target["Arn"], context)):
        reason = f"the queue's policy does not let {_PRINCIPAL} send messages of the rule"
    elif queue.kms_master_key_id:
        key = deliveries.key_problem(queue.kms_master_key_id, account_id, region, _sender(rule))
        if key is None:
            return False
        reason = key
    else:
        return False
    deliveries.record(_sender(rule), target["Arn"], None, input_of(target, event), reason)
    return True


def _send(rule: Rule, target: dict[str, Any], service: str, text: str) -> None:
    arn = target["Arn"]
    if service == "sns":
        deliveries.publish(_sender(rule), arn, None, text)
    elif service == "lambda":
        _invoke(rule, arn, text)
    else:
        deliveries.record(_sender(rule), arn, None, text, f"the emulator has no targets of {service}")


def _invoke(rule: Rule, arn: str, text: str) -> None:
    _, _, _, region, account_id = arn.split(":")[:5]
    try:
        function = moto_backends("lambda")[account_id][region].get_function(arn)
    except UnknownFunctionException:
        deliveries.record(_sender(rule), arn, None, text, "the function does not exist")
        return
    context = {"aws:SourceArn": rule.arn, "aws:SourceAccount": rule.account_id}
    policy = json.dumps({"Statement": function.policy.statements})
    if admits(policy, Access(_PRINCIPAL, "lambda:InvokeFunction", function.function_arn, context)):
        invoke_later(function, json.loads(text))
    else:
        deliveries.record(_sender(rule), arn, None, text, f"the function's policy does not let {_PRINCIPAL} invoke it")


def input_of(target: dict[str, Any], event: Any) -> str:
    """What a target gets: the whole event, or what its input says."""
    document = _event(event)
    if "Input" in target:
        return str(target["Input"])
    if "InputPath" in target:
        return _text(_find(document, target["InputPath"]))
    if "InputTransformer" in target:
        return _transformed(target["InputTransformer"], document)
    return json.dumps(document)


def _event(event: Any) -> dict[str, Any]:
    document = {name: value for name, value in event.items() if name != "ingestion-time"}
    if isinstance(document.get("time"), (int, float)):
        when = datetime.fromtimestamp(document["time"], timezone.utc)
        document["time"] = when.strftime("%Y-%m-%dT%H:%M:%SZ")
    return document


def _find(document: Any, path: str) -> Any:
    """None where a path points at nothing."""
    # A hyphen in a name is a minus to the parser.
    quoted = re.sub(r"\.([A-Za-z_][\w]*-[\w-]*)", r"['\1']", path)
    found = parse_path(quoted).find(document)
    return found[0].value if found else None


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _transformed(transformer: dict[str, Any], document: dict[str, Any]) -> str:
    """Text inside quotation marks stands as it is, outside of them as JSON; what points at nothing is empty. A template
    that is one string keeps its quotation marks, as AWS sends it."""
    values = {name: _find(document, path) for name, path in transformer.get("InputPathsMap", {}).items()}
    values["aws.events.event"] = values["aws.events.event.json"] = document
    template: str = transformer["InputTemplate"]

    def replace(match: re.Match[str]) -> str:
        value = values.get(match[1])
        if match[1] not in values:
            return match[0]
        if _is_in_quotes(template, match.start()):
            return "" if value is None else json.dumps(_text(value))[1:-1]
        return '""' if value is None else json.dumps(value)

    return re.sub(r"<([\w.-]+)>", replace, template)


def _is_in_quotes(template: str, position: int) -> bool:
    return len(re.findall(r'(?<!\\)"', template[:position])) % 2 == 1


@lists("events")
def list_resources(backend: Any) -> Iterator[Found]:
    for bus in backend.event_buses.values():
        if bus.name != "default":
            yield "aws_cloudwatch_event_bus", bus.name, bus.name
        for rule in bus.rules.values():
            if rule.managed_by is None:
                yield "aws_cloudwatch_event_rule", f"{bus.name}/{rule.name}", rule.name
                for target in rule.targets:
                    yield "aws_cloudwatch_event_target", f"{bus.name}/{rule.name}/{target['Id']}", target["Id"]
    for name in backend.archives:
        yield "aws_cloudwatch_event_archive", name, name
