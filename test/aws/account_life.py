"""What the years of a stage need of an account and moto lacks.

CloudFormation: creations and updates that fail and are rolled back, names that are taken, DeletionPolicy (Retain and
RetainExceptOnCreate), adoption by ImportExistingResources, versions of functions that are not published twice. SNS:
subscriptions that nobody confirms, and those that somebody leaves. Lambda: provisioned concurrency, which stays on an
alias. A Function URL that answers whoever knows the token. A test says what happens next by a POST to /moto-api/life.
"""

import copy
import hashlib
import json
import re
from datetime import timedelta

from moto.awslambda import urls as lambda_urls
from moto.awslambda.models import LambdaBackend, LambdaVersion, lambda_backends
from moto.cloudformation import parsing
from moto.cloudformation.models import CloudFormationBackend, Event
from moto.cloudformation.responses import CloudFormationResponse
from moto.cloudwatch.models import CloudWatchBackend, cloudwatch_backends
from moto.cloudwatch.responses import CloudWatchResponse
from moto.core.common_models import CloudFormationModel
from moto.core.responses import ActionResult
from moto.core.utils import utcnow
from moto.logs.models import LogGroup, logs_backends
from moto.moto_api._internal import urls as api_urls
from moto.moto_server.werkzeug_app import DomainDispatcherApplication
from moto.sns.models import SNSBackend, sns_backends
from moto.ssm.models import ssm_backends

KEPT_POLICIES = ("Retain", "RetainExceptOnCreate")

# https://docs.aws.amazon.com/sns/latest/dg/sns-create-subscribe-endpoint-to-topic.html
UNCONFIRMED_HOURS = 48


class Life:
    """What a test has ordered, and what moto has no place for."""

    def __init__(self):
        self.fail = []  # One resource each: {"resource": start of its logical id, "reason": ...}.
        self.dark_regions = []  # Regions of which every answer is an error.
        self.answers = 200  # Status of every Function URL.
        self.hour = 0
        self.confirmed = set()  # ARNs of subscriptions.
        self.made_at = {}  # Hours by ARN of subscription.
        self.provisioned = {}  # Environments by (region, function, alias).
        self.token_parameters = {}  # Names by region.
        self.importing = set()  # Change sets with ImportExistingResources.
        self.is_importing = False
        self.is_rolling_back = False
        self.adopted = set()  # Log groups that a creation has found.
        self.history = []  # (region, item) of alarms, the newest last.


LIFE = Life()


class ResourceFailed(Exception):
    """A resource that could not be made, in the words of its handler."""


# -- Order ---------------------------------------------------------------------------------------------------------


def references(value, known):
    """Logical ids that a part of a template speaks of."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if key == "Ref" and inner in known:
                yield inner
            elif key == "Fn::GetAtt":
                name = inner.split(".")[0] if isinstance(inner, str) else inner[0]
                if name in known:
                    yield name
            elif key == "DependsOn":
                yield from (name for name in ([inner] if isinstance(inner, str) else inner) if name in known)
            elif key == "Fn::Sub":
                text = inner if isinstance(inner, str) else inner[0]
                yield from (name for name in re.findall(r"\$\{(\w+)", text) if name in known)
            else:
                yield from references(inner, known)
    elif isinstance(value, list):
        for inner in value:
            yield from references(inner, known)


def in_order(resources):
    """Logical ids, each after those that it speaks of."""
    order, seen = [], set()

    def place(name):
        if name in seen:
            return
        seen.add(name)
        for other in references(resources[name], resources):
            place(other)
        order.append(name)

    for name in resources:
        place(name)
    return order


# -- CloudFormation ------------------------------------------------------------------------------------------------


def failing(make):
    """One resource made or changed; the order of a test lets it fail, and a failure knows whose it is."""

    def wrapped(logical_id, resource_json, *args, **kwargs):
        for order in LIFE.fail:
            if logical_id.startswith(order["resource"]) and not LIFE.is_rolling_back:
                LIFE.fail.remove(order)
                raise named_failure(logical_id, ResourceFailed(order["reason"]))
        try:
            return make(logical_id, resource_json, *args, **kwargs)
        except Exception as error:
            raise named_failure(logical_id, error)

    return wrapped


def named_failure(logical_id, error):
    if not hasattr(error, "logical_id"):
        error.logical_id = logical_id
    return error


def delete_resource(resource_map, parsed_resource, resource_json):
    """Nothing that its policy keeps; what a failed creation has made goes, unless it is kept whatever happens."""
    policy = resource_json.get("DeletionPolicy")
    if policy == "Retain" or (policy == "RetainExceptOnCreate" and not LIFE.is_rolling_back):
        return
    if isinstance(parsed_resource, LogGroup) and parsed_resource.name in LIFE.adopted:
        return
    moto_delete_resource(resource_map, parsed_resource, resource_json)


def update(resource_map, template, parameters=None):
    """As CloudFormation does it: what is new and what changes by its dependencies, and what goes comes last."""
    changes = resource_map.build_resource_diff(template, parameters)
    old = resource_map._resource_json_map
    resource_map._template = template
    if parameters:
        resource_map.input_parameters = parameters
    resource_map.load_mapping()
    resource_map.load_parameters()
    resource_map.load_conditions()
    resource_map._resource_json_map = template["Resources"]
    for name in in_order(template["Resources"]):
        if name in changes["Add"]:
            resource_map[name]
        elif name in changes["Modify"]:
            changed = parsing.parse_and_update_resource(
                name,
                template["Resources"][name],
                resource_map,
                account_id=resource_map._account_id,
                region_name=resource_map._region_name,
            )
            if changed is not None:
                resource_map._parsed_resources[name] = changed
    for name in reversed(in_order(old)):
        if name in changes["Remove"] and name in resource_map._parsed_resources:
            delete_resource(resource_map, resource_map._parsed_resources.pop(name), old[name])


def execute_change_set(backend, change_set_name, stack_name=None):
    change_set = backend.describe_change_set(change_set_name)
    stack = backend.stacks[change_set.stack_id]
    is_creation = change_set.change_set_type == "CREATE"
    before = None if is_creation else (stack.template, stack.template_dict, dict(stack.resource_map._parsed_resources))
    LIFE.is_importing = change_set.change_set_id in LIFE.importing
    try:
        inner_execute_change_set(backend, change_set_name, stack_name)
    except Exception as error:
        roll_back(backend, stack, before, error)
    finally:
        LIFE.is_importing = False


def roll_back(backend, stack, before, error):
    logical_id = getattr(error, "logical_id", stack.name)
    verb = "CREATE" if before is None else "UPDATE"
    stack.events.append(
        Event(
            stack_id=stack.stack_id,
            stack_name=stack.name,
            logical_resource_id=logical_id,
            physical_resource_id="",
            resource_type=stack.resource_map._resource_json_map.get(logical_id, {}).get("Type", ""),
            resource_status=f"{verb}_FAILED",
            resource_status_reason=str(error),
            resource_properties=None,
        )
    )
    LIFE.is_rolling_back = True
    try:
        if before is None:
            undo(stack.resource_map, {})
            stack.resource_map._resource_json_map = {}
            # Such a stack holds nothing and tells nothing.
            stack.template_dict = {**stack.template_dict, "Resources": {}, "Outputs": {}}
            stack.output_map = stack._create_output_map()
            status = "ROLLBACK_COMPLETE"
        else:
            stack.template, stack.template_dict, had = before
            undo(stack.resource_map, had)
            update(stack.resource_map, stack.template_dict)
            stack.output_map = stack._create_output_map()
            status = "UPDATE_ROLLBACK_COMPLETE"
    finally:
        LIFE.is_rolling_back = False
    stack._add_stack_event(status)
    stack.status = status
    kept = {key: one for key, one in backend.change_sets.items() if one.stack_id != stack.stack_id}
    backend.change_sets = kept


def undo(resource_map, had):
    """Deletes what was made since; what depends on something goes before it."""
    resources = resource_map._resource_json_map
    for name in reversed(in_order(resources)):
        if name in resource_map._parsed_resources and name not in had:
            delete_resource(resource_map, resource_map._parsed_resources.pop(name), resources[name])


def create_change_set(response):
    result = inner_create_change_set(response)
    if response._get_bool_param("ImportExistingResources", False):
        LIFE.importing.add(result.result["Id"] if hasattr(result, "result") else result["Id"])
    return result


def create_log_group(cls, resource_name, cloudformation_json, account_id, region_name, **kwargs):
    """A name that is taken is taken over where that was asked for and the template keeps it, and refused otherwise."""
    there = logs_backends[account_id][region_name].groups.get(resource_name)
    if there is None:
        return moto_create_log_group(resource_name, cloudformation_json, account_id, region_name, **kwargs)
    if LIFE.is_importing and cloudformation_json.get("DeletionPolicy") in KEPT_POLICIES:
        LIFE.adopted.add(resource_name)
        return there
    identifier = json.dumps({"/properties/LogGroupName": resource_name})
    raise ResourceFailed(
        f"Resource of type 'AWS::Logs::LogGroup' with identifier '{identifier}' already exists."
    )


def create_version(cls, resource_name, cloudformation_json, account_id, region_name, **kwargs):
    """Lambda publishes no second version of the same code and configuration."""
    name = cloudformation_json["Properties"]["FunctionName"].split(":")[-1]
    functions = lambda_backends[account_id][region_name]._lambdas._functions
    versions = functions[name]["versions"]
    if versions and not functions[name]["latest"].code_or_config_updated:
        raise ResourceFailed(
            f"A version for this Lambda function exists ( {versions[-1].version} ). "
            "Modify the function to create a new version."
        )
    made = moto_create_version(resource_name, cloudformation_json, account_id, region_name, **kwargs)
    made.function_name = name
    return made


def delete_version(version, account_id, region_name):
    functions = lambda_backends[account_id][region_name]._lambdas._functions
    versions = functions.get(version.function_name, {"versions": []})["versions"]
    versions[:] = [each for each in versions if str(each.version) != str(version.version)]


# -- Resources that moto's CloudFormation lacks --------------------------------------------------------------------


# moto names the service of a model by the second word of its module.
MODULE = "moto.kept"


class Made:
    """A resource with an identity, which is kept elsewhere in moto."""

    def __init__(self, identity, attributes=None):
        self.identity = identity
        self.attributes = attributes or {}

    def is_created(self):
        return True

    @property
    def physical_resource_id(self):
        return self.identity

    @staticmethod
    def cloudformation_name_type():
        return ""

    @classmethod
    def has_cfn_attr(cls, attr):
        return True

    def get_cfn_attribute(self, attribute_name):
        return self.attributes[attribute_name]

    @classmethod
    def update_from_cloudformation_json(
        cls, original_resource, new_resource_name, cloudformation_json, account_id, region_name
    ):
        return cls.create_from_cloudformation_json(
            new_resource_name, cloudformation_json, account_id, region_name
        )

    def delete(self, account_id, region_name):
        return None


class EmailSubscription(Made, CloudFormationModel):
    __module__ = MODULE

    @staticmethod
    def cloudformation_type():
        return "AWS::SNS::Subscription"

    @classmethod
    def create_from_cloudformation_json(
        cls, resource_name, cloudformation_json, account_id, region_name, **kwargs
    ):
        properties = cloudformation_json["Properties"]
        made = sns_backends[account_id][region_name].subscribe(
            properties["TopicArn"], properties["Endpoint"], properties["Protocol"]
        )
        return cls(made.arn)

    def delete(self, account_id, region_name):
        """One that is gone already is deleted, as CloudFormation takes it."""
        sns_backends[account_id][region_name].subscriptions.pop(self.identity, None)


class MetricAlarm(Made, CloudFormationModel):
    __module__ = MODULE

    @staticmethod
    def cloudformation_type():
        return "AWS::CloudWatch::Alarm"

    @classmethod
    def create_from_cloudformation_json(
        cls, resource_name, cloudformation_json, account_id, region_name, **kwargs
    ):
        properties = cloudformation_json["Properties"]
        name = properties["AlarmName"]
        cloudwatch_backends[account_id][region_name].put_metric_alarm(
            name=name,
            namespace=properties.get("Namespace"),
            metric_name=properties.get("MetricName"),
            comparison_operator=properties.get("ComparisonOperator"),
            evaluation_periods=properties.get("EvaluationPeriods"),
            period=properties.get("Period"),
            threshold=properties.get("Threshold"),
            statistic=properties.get("Statistic"),
            description=properties.get("AlarmDescription"),
            dimensions=[],
            alarm_actions=properties.get("AlarmActions", []),
            ok_actions=properties.get("OKActions", []),
        )
        arn = f"arn:aws:cloudwatch:{region_name}:{account_id}:alarm:{name}"
        return cls(name, {"Arn": arn})

    def delete(self, account_id, region_name):
        cloudwatch_backends[account_id][region_name].alarms.pop(self.identity, None)


class ScalableTarget(Made, CloudFormationModel):
    """Application Auto Scaling initialises environments on the alias; when it goes, they stay, and cost."""

    __module__ = MODULE

    @staticmethod
    def cloudformation_type():
        return "AWS::ApplicationAutoScaling::ScalableTarget"

    @classmethod
    def create_from_cloudformation_json(
        cls, resource_name, cloudformation_json, account_id, region_name, **kwargs
    ):
        properties = cloudformation_json["Properties"]
        _, name, alias = properties["ResourceId"].split(":")
        LIFE.provisioned[(region_name, name, alias)] = int(properties["MinCapacity"])
        return cls(properties["ResourceId"])


class ClientToken(Made, CloudFormationModel):
    """The custom resource that makes the token: one that is there stays, and a String cannot become one."""

    __module__ = MODULE

    @staticmethod
    def cloudformation_type():
        return "Custom::WristAgentToken"

    @classmethod
    def create_from_cloudformation_json(
        cls, resource_name, cloudformation_json, account_id, region_name, **kwargs
    ):
        name = cloudformation_json["Properties"]["ParameterName"]
        backend = ssm_backends[account_id][region_name]
        there = backend.get_parameter(name)
        if there is not None and there.parameter_type != "SecureString":
            raise ResourceFailed(
                f"Received response status [FAILED] from custom resource. Message returned: {name} is a String"
            )
        if there is None:
            token = hashlib.sha256(f"{region_name}{name}{LIFE.hour}".encode()).hexdigest()
            put_token(backend, name, {"current": token, "createdAt": "2026-11-23T17:00:00.000Z"})
        LIFE.token_parameters[region_name] = name
        return cls(name)


# -- Lambda and SNS ------------------------------------------------------------------------------------------------


def provisioned_concurrency(request, full_url, headers):
    """Get, Put and DeleteProvisionedConcurrencyConfig, which moto lacks."""
    path, query = full_url.split("?", 1) if "?" in full_url else (full_url, "")
    name = path.split("/functions/")[1].split("/")[0].split(":")[-1]
    alias = re.search(r"Qualifier=([^&]+)", query).group(1)
    key = (region_of(request), name, alias)
    if request.method == "DELETE":
        LIFE.provisioned.pop(key, None)
        return 204, {}, ""
    if key not in LIFE.provisioned:
        message = "No Provisioned Concurrency Config found for this function"
        kind = {"x-amzn-errortype": "ProvisionedConcurrencyConfigNotFoundException"}
        return 404, kind, json.dumps({"Type": "User", "message": message})
    count = LIFE.provisioned[key]
    body = {"RequestedProvisionedConcurrentExecutions": count, "Status": "READY"}
    return 200, {}, json.dumps(body)


def region_of(request):
    return region_in(request.headers.get("Authorization", "")) or "us-west-2"


def region_in(authorization):
    scope = re.search(r"Credential=[^/]+/\d{8}/([^/]+)/", authorization)
    return scope.group(1) if scope else None


def subscribe(backend, topic_arn, endpoint, protocol):
    made = moto_subscribe(backend, topic_arn, endpoint, protocol)
    LIFE.made_at.setdefault(made.arn, LIFE.hour)
    return made


def list_subscriptions_by_topic(backend, topic_arn, next_token=None):
    """One that nobody has confirmed has no ARN yet."""
    found, token = moto_list_by_topic(backend, topic_arn, next_token=next_token)
    return [shown(each) for each in found], token


def shown(subscription):
    if subscription.protocol != "email" or subscription.arn in LIFE.confirmed:
        return subscription
    pending = copy.copy(subscription)
    pending.arn = "PendingConfirmation"
    return pending


def set_alarm_state(backend, alarm_name, reason, reason_data, state_value):
    """The history remembers each change, and what each action of it came to."""
    alarm = backend.alarms.get(alarm_name)
    before = alarm.state_value if alarm else None
    moto_set_alarm_state(backend, alarm_name, reason, reason_data, state_value)
    if before == state_value:
        return
    remember(backend.region_name, alarm_name, "StateUpdate", f"Alarm updated from {before} to {state_value}")
    actions = {"ALARM": alarm.alarm_actions, "OK": alarm.ok_actions}.get(state_value) or []
    for action in actions:
        remember(backend.region_name, alarm_name, "Action", f"Successfully executed action {action}")


def remember(region, alarm_name, kind, summary):
    item = {
        "AlarmName": alarm_name,
        "AlarmType": "MetricAlarm",
        "Timestamp": utcnow(),
        "HistoryItemType": kind,
        "HistorySummary": summary,
    }
    LIFE.history.append((region, item))


def describe_alarm_history(response):
    name = response._get_param("AlarmName")
    items = [item for region, item in LIFE.history if region == response.region and item["AlarmName"] == name]
    return ActionResult({"AlarmHistoryItems": items[::-1]})


def invoke(backend, function_name, qualifier, body, headers, response_headers):
    """The rotation is played; moto would run every function in Docker."""
    name = function_name.split(":")[-1]
    if not name.endswith("-rotation"):
        return moto_invoke(backend, function_name, qualifier, body, headers, response_headers)
    parameter = LIFE.token_parameters[backend.region_name]
    store = ssm_backends[backend.account_id][backend.region_name]
    before = json.loads(clear_text(store.get_parameter(parameter)))
    now = utcnow()
    until = (now + timedelta(days=3)).isoformat(timespec="milliseconds") + "Z"
    value = {
        "current": hashlib.sha256(before["current"].encode()).hexdigest(),
        "previous": before["current"],
        "previousValidUntil": until,
        "createdAt": now.isoformat(timespec="milliseconds") + "Z",
    }
    put_token(store, parameter, value, overwrite=True)
    report = {"parameterName": parameter, "region": backend.region_name, "isRotated": True, "previousValidUntil": until}
    return json.dumps(report)


def clear_text(parameter):
    return parameter.decrypt(parameter.value) if parameter.parameter_type == "SecureString" else parameter.value


def put_token(store, name, document, overwrite=False):
    value = json.dumps(document, separators=(",", ":"))
    store.put_parameter(name, "", value, "SecureString", "", "", overwrite, [], "text", None, None)


# -- What a test orders --------------------------------------------------------------------------------------------


def every_subscription():
    for account in sns_backends.values():
        for backend in account.values():
            for arn, subscription in list(backend.subscriptions.items()):
                yield backend, arn, subscription


def order(request, full_url, headers):
    wanted = json.loads(request.get_data() or "{}")
    LIFE.fail.extend(wanted.get("fail", []))
    LIFE.answers = wanted.get("answers", LIFE.answers)
    LIFE.dark_regions = wanted.get("darkRegions", LIFE.dark_regions)
    for backend, arn, subscription in every_subscription():
        if "confirm" in wanted and subscription.endpoint == wanted["confirm"]:
            LIFE.confirmed.add(arn)
        if "unsubscribe" in wanted and subscription.endpoint == wanted["unsubscribe"]:
            del backend.subscriptions[arn]
    LIFE.hour += wanted.get("hours", 0)
    for backend, arn, subscription in every_subscription():
        is_old = LIFE.hour - LIFE.made_at.get(arn, 0) > UNCONFIRMED_HOURS
        if subscription.protocol == "email" and arn not in LIFE.confirmed and is_old:
            del backend.subscriptions[arn]
    provisioned = {":".join(key): count for key, count in LIFE.provisioned.items()}
    return 200, {}, json.dumps({"hour": LIFE.hour, "provisioned": provisioned, "fail": LIFE.fail})


def function_url(request, full_url, headers):
    """The agent behind its URL: it lets in who knows the token of its Region, and each request is in the metrics."""
    region, name = re.search(r"/moto-api/function-url/([^/]+)/([^/]+)/", full_url).groups()
    account = next(iter(ssm_backends))
    known = tokens_of(ssm_backends[account][region].get_parameter(LIFE.token_parameters.get(region, "")))
    is_known = request.headers.get("x-client-token") in known
    status = LIFE.answers if is_known else 401
    publish(cloudwatch_backends[account][region], name, status)
    body = {200: {"markdown": "Yes.", "action": "note"}, 401: {"error": "Unauthorized"}}
    kind = {"content-type": "application/json"}
    return status, kind, json.dumps(body.get(status, {"error": "no model"}))


def tokens_of(parameter):
    if parameter is None:
        return []
    value = clear_text(parameter)
    if not value.startswith("{"):
        return [value]
    document = json.loads(value)
    return [document[key] for key in ("current", "previous") if key in document]


def publish(cloudwatch, name, status):
    """As Lambda and the agent's line would: one invocation, and whether it failed."""
    now = utcnow()
    alias = [{"Name": "FunctionName", "Value": name}, {"Name": "Resource", "Value": f"{name}:live"}]
    lambda_data = {"MetricName": "Invocations", "Value": 1, "Timestamp": now, "Unit": "Count"}
    cloudwatch.put_metric_data("AWS/Lambda", [{**lambda_data, "Dimensions": alias}])


def answer(application, environ, start_response):
    """A Region that is lost answers nothing but errors."""
    region = region_in(environ.get("HTTP_AUTHORIZATION", ""))
    if region not in LIFE.dark_regions:
        return moto_answer(application, environ, start_response)
    start_response("503 Service Unavailable", [("content-type", "application/json")])
    return [b'{"__type": "ServiceUnavailable", "message": "the Region is lost"}']


moto_answer = DomainDispatcherApplication.__call__
moto_set_alarm_state = CloudWatchBackend.set_alarm_state
moto_invoke = LambdaBackend.invoke
moto_delete_resource = parsing.ResourceMap._delete_resource
moto_create_log_group = LogGroup.create_from_cloudformation_json
moto_create_version = LambdaVersion.create_from_cloudformation_json
moto_subscribe = SNSBackend.subscribe
moto_list_by_topic = SNSBackend.list_subscriptions_by_topic
inner_create_change_set = CloudFormationResponse.create_change_set
inner_execute_change_set = None


def install():
    """Puts all of it in its place; after what moto-server.py patches, which goes on below."""
    global inner_execute_change_set
    inner_execute_change_set = CloudFormationBackend.execute_change_set
    CloudFormationBackend.execute_change_set = execute_change_set
    CloudFormationResponse.create_change_set = create_change_set
    parsing.parse_and_create_resource = failing(parsing.parse_and_create_resource)
    parsing.parse_and_update_resource = failing(parsing.parse_and_update_resource)
    parsing.ResourceMap._delete_resource = delete_resource
    parsing.ResourceMap.update = update
    DomainDispatcherApplication.__call__ = answer
    CloudWatchBackend.set_alarm_state = set_alarm_state
    CloudWatchResponse.describe_alarm_history = describe_alarm_history
    LambdaBackend.invoke = invoke
    LogGroup.create_from_cloudformation_json = classmethod(create_log_group)
    LambdaVersion.create_from_cloudformation_json = classmethod(create_version)
    LambdaVersion.delete = delete_version
    SNSBackend.subscribe = subscribe
    SNSBackend.list_subscriptions_by_topic = list_subscriptions_by_topic
    lambda_urls.url_paths[
        r"{0}/2019-09-30/functions/(?P<function_name>[^/]+)/provisioned-concurrency$"
    ] = provisioned_concurrency
    api_urls.url_paths["{0}/moto-api/life$"] = order
    api_urls.url_paths["{0}/moto-api/function-url/(?P<region>[^/]+)/(?P<name>[^/]+)/$"] = function_url
