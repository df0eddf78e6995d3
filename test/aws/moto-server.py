"""moto's server (https://github.com/getmoto/moto, 5.2), with resource types that its CloudFormation lacks.

Without them the application stack exports no URL and the dashboards name no alarm. They are kept as values: enough for
Ref and Fn::GetAtt, and so for the order in which stacks can be deployed, changed and destroyed. Custom resources are
taken as made, because moto runs functions in Docker alone.

    python3 test/aws/moto-server.py -p 5777
"""

import hashlib
import json
from urllib.parse import parse_qs, unquote, urlparse

from moto.awslambda import urls as lambda_urls
from moto.awslambda.models import LambdaVersion, lambda_backends
from moto.cloudformation import parsing
from moto.cloudformation.exceptions import CloudFormationError, ValidationError
from moto.cloudformation.models import ChangeSet, CloudFormationBackend, cloudformation_backends
from moto.cloudformation.responses import CloudFormationResponse
from moto.core.common_models import CloudFormationModel
from moto.core.responses import ActionResult
from moto.logs.models import LogGroup, logs_backends
from moto.server import main
from moto.sns.models import sns_backends
from moto.ssm.models import ssm_backends


class KeptAsValue:
    """A resource that has an identity and attributes and does nothing."""

    def __init__(self, attributes):
        self.attributes = attributes

    def is_created(self):
        return True

    @property
    def physical_resource_id(self):
        return self.attributes["Ref"]

    @staticmethod
    def cloudformation_name_type():
        return ""

    @classmethod
    def has_cfn_attr(cls, attr):
        return True

    def get_cfn_attribute(self, attribute_name):
        return self.attributes[attribute_name]

    @classmethod
    def create_from_cloudformation_json(
        cls, resource_name, cloudformation_json, account_id, region_name, **kwargs
    ):
        properties = cloudformation_json.get("Properties", {})
        return cls(cls.attributes_of(resource_name, properties, (account_id, region_name)))

    @classmethod
    def update_from_cloudformation_json(
        cls, original_resource, new_resource_name, cloudformation_json, account_id, region_name
    ):
        return cls.create_from_cloudformation_json(
            new_resource_name, cloudformation_json, account_id, region_name
        )

    @classmethod
    def delete_from_cloudformation_json(
        cls, resource_name, cloudformation_json, account_id, region_name
    ):
        return None


def named(resource_name, properties, place):
    return {"Ref": resource_name}


def alarm(resource_name, properties, place):
    account_id, region_name = place
    name = properties["AlarmName"]
    return {"Ref": name, "Arn": f"arn:aws:cloudwatch:{region_name}:{account_id}:alarm:{name}"}


def alias(resource_name, properties, place):
    """An alias of moto's Lambda too, because permissions are granted on it."""
    account_id, region_name = place
    function_name = properties["FunctionName"].split(":")[-1]
    backend = lambda_backends[account_id][region_name]
    version = str(properties["FunctionVersion"])
    name = properties["Name"]
    # An alias that is there has been moved to a new version.
    known = name in backend._lambdas._get_function_aliases(function_name)
    put = backend.update_alias if known else backend.create_alias
    made = put(name, function_name, version, "", "")
    return {"Ref": made.arn, "AliasArn": made.arn}


def url(resource_name, properties, place):
    account_id, region_name = place
    target = properties["TargetFunctionArn"]
    made_up = hashlib.sha256(f"{account_id}{region_name}{target}".encode()).hexdigest()[:32]
    address = f"https://{made_up}.lambda-url.{region_name}.on.aws/"
    return {"Ref": target, "FunctionArn": target, "FunctionUrl": address}


def subscription(resource_name, properties, place):
    """Confirmed at once, as moto's are."""
    account_id, region_name = place
    backend = sns_backends[account_id][region_name]
    made = backend.subscribe(properties["TopicArn"], properties["Endpoint"], properties["Protocol"])
    return {"Ref": made.arn}


# What the aliases keep initialised, by Region and function: scaling that is removed leaves it there.
PROVISIONED = {}


def scalable_target(resource_name, properties, place):
    _, function, qualifier = properties["ResourceId"].split(":")
    PROVISIONED[place[1], function, qualifier] = properties["MinCapacity"]
    return {"Ref": properties["ResourceId"]}


def provisioned_concurrency(request, full_url, headers):
    """Lambda's GetProvisionedConcurrencyConfig and DeleteProvisionedConcurrencyConfig."""
    parts = urlparse(full_url)
    function = unquote(parts.path).split("/functions/")[1].split("/")[0].split(":")[-1]
    qualifier = parse_qs(parts.query)["Qualifier"][0]
    region = headers["Authorization"].split("/")[2]
    key = (region, function, qualifier)
    if key not in PROVISIONED:
        error = {"x-amzn-errortype": "ProvisionedConcurrencyConfigNotFoundException"}
        return 404, error, json.dumps({"Message": "No Provisioned Concurrency Config found for this function"})
    if request.method == "DELETE":
        del PROVISIONED[key]
        return 204, {}, ""
    return 200, {}, json.dumps({"AllocatedProvisionedConcurrentExecutions": PROVISIONED[key], "Status": "READY"})


def token(resource_name, properties, place):
    """The rotation function's refusal, as moto runs no function: a String cannot become a SecureString."""
    account_id, region_name = place
    name = properties.get("ParameterName", "")
    there = ssm_backends[account_id][region_name].get_parameter(name) if name else None
    if there is not None and there.parameter_type == "String":
        raise ValidationError(message=f"{name} is a String: remove it and deploy again")
    return {"Ref": resource_name}


def kept(type_name, attributes_of):
    """A model of moto for one resource type; moto finds it among the subclasses of CloudFormationModel."""
    members = {
        # moto names the service of a model by the second word of its module.
        "__module__": "moto.kept",
        "cloudformation_type": staticmethod(lambda: type_name),
        "attributes_of": staticmethod(attributes_of),
    }
    return type(type_name.replace(":", ""), (KeptAsValue, CloudFormationModel), members)


def version_attribute(version, name):
    """What moto's version cannot say: its number."""
    if name == "Version":
        return str(version.version)
    raise KeyError(name)


KEPT_POLICIES = ("Retain", "RetainExceptOnCreate")

# Stacks whose change set may take over resources that are there already: --import-existing-resources.
IMPORTING = set()


def delete_resource(resource_map, parsed_resource, resource_json):
    """A resource that leaves its stack stays where its policy says so; moto knows that of a whole stack alone."""
    if resource_json.get("DeletionPolicy") not in KEPT_POLICIES:
        moto_delete_resource(resource_map, parsed_resource, resource_json)


def create_log_group(cls, resource_name, cloudformation_json, account_id, region_name, **kwargs):
    """A name can be had once, unless the change set imports what is there and the policy would keep it."""
    name = cloudformation_json["Properties"]["LogGroupName"]
    there = logs_backends[account_id][region_name].groups.get(name)
    if there is None:
        return moto_create_log_group(
            resource_name, cloudformation_json, account_id, region_name, **kwargs
        )
    if cloudformation_json.get("DeletionPolicy") in KEPT_POLICIES and IMPORTING:
        return there
    identifier = json.dumps({"/properties/LogGroupName": name})
    raise ValidationError(
        message=f"Resource of type 'AWS::Logs::LogGroup' with identifier '{identifier}' already exists."
    )


def create_change_set(response):
    name = response._get_param("StackName")
    if response._get_bool_param("ImportExistingResources", False):
        IMPORTING.add(name)
    return moto_create_change_set(response)


def create_or_roll_back(stack):
    """What a failed creation made goes again, but what is kept whatever happens."""
    try:
        stack.create_resources()
    except Exception as error:
        made = stack.resource_map._parsed_resources
        for logical_id, parsed in list(made.items()):
            resource = stack.template_dict["Resources"].get(logical_id)
            if resource is None or resource.get("DeletionPolicy") == "Retain":
                continue
            try:
                moto_delete_resource(stack.resource_map, parsed, resource)
            except Exception:
                pass
            made.pop(logical_id, None)
        stack.failed_because = str(getattr(error, "message", error))


def apply_change_set(change_set):
    """What moto forgets of a change set: the template's description, outputs and exports, and the exports of others."""
    stack = change_set.stack
    backend = cloudformation_backends[stack.account_id][stack.region_name]
    stack.template = change_set.template
    stack._parse_template()
    if change_set.change_set_type == "CREATE":
        stack.cross_stack_resources = backend.exports
        stack.resource_map = stack._create_resource_map()
        stack.output_map = stack._create_output_map()
        create_or_roll_back(stack)
        if getattr(stack, "failed_because", None):
            return
    else:
        stack.resource_map.update(stack.template_dict, without_looked_up(stack, change_set))
        stack.output_map = stack._create_output_map()
    for export in stack.exports:
        backend.exports[export.name] = export


def without_looked_up(stack, change_set):
    """An unchanged parameter of Parameter Store comes with its value, which moto would look up as a name again."""
    types = {name: slot["Type"] for name, slot in stack.template_dict.get("Parameters", {}).items()}
    return {
        name: value
        for name, value in change_set.parameters.items()
        if not types.get(name, "").startswith("AWS::SSM::Parameter::")
    }


def execute_change_set(backend, change_set_name, stack_name=None):
    """Afterwards the stack has no change set any more, as in CloudFormation: moto finds them by name in any stack."""
    stack_id = backend.describe_change_set(change_set_name).stack_id
    moto_execute_change_set(backend, change_set_name, stack_name)
    stack = backend.stacks[stack_id]
    IMPORTING.discard(stack.name)
    reason = getattr(stack, "failed_because", None)
    if reason:
        stack.status = "ROLLBACK_COMPLETE"
        stack.events.pop()
        stack._add_stack_event("ROLLBACK_COMPLETE", resource_status_reason=reason)
    kept = {key: one for key, one in backend.change_sets.items() if one.stack_id != stack_id}
    backend.change_sets = kept


def update_termination_protection(response):
    """Which moto lacks: the CDK CLI asks for it with every deploy of a protected stack."""
    stack = response.cloudformation_backend.get_stack(response._get_param("StackName"))
    stack.enable_termination_protection = response._get_bool_param("EnableTerminationProtection", False)
    return ActionResult({"StackId": stack.stack_id})


def delete_stack(backend, name_or_stack_id):
    for stack in backend.stacks.values():
        if name_or_stack_id in (stack.name, stack.stack_id) and stack.enable_termination_protection:
            message = f"Stack [{stack.name}] cannot be deleted while TerminationProtection is enabled"
            raise ValidationError(message=message)
    moto_delete_stack(backend, name_or_stack_id)


class ChangeSetNotFound(CloudFormationError):
    """The code that the CDK CLI waits for."""

    code = "ChangeSetNotFound"


def describe_change_set(backend, change_set_name):
    try:
        return moto_describe_change_set(backend, change_set_name)
    except ValidationError:
        raise ChangeSetNotFound(f"ChangeSet [{change_set_name}] does not exist")


def delete_change_set(backend, change_set_name):
    """One that is not there is no error in CloudFormation."""
    kept = {
        key: one
        for key, one in backend.change_sets.items()
        if change_set_name not in (key, one.change_set_name)
    }
    backend.change_sets = kept


moto_delete_stack = CloudFormationBackend.delete_stack
moto_delete_resource = parsing.ResourceMap._delete_resource
moto_create_log_group = LogGroup.create_from_cloudformation_json
moto_create_change_set = CloudFormationResponse.create_change_set
parsing.ResourceMap._delete_resource = delete_resource
LogGroup.create_from_cloudformation_json = classmethod(create_log_group)
CloudFormationResponse.create_change_set = create_change_set
lambda_urls.url_paths[
    r"{0}/(?P<api_version>[^/]+)/functions/(?P<function_name>[\w_:%-]+)/provisioned-concurrency/?$"
] = provisioned_concurrency
moto_execute_change_set = CloudFormationBackend.execute_change_set
moto_describe_change_set = CloudFormationBackend.describe_change_set
CloudFormationBackend.execute_change_set = execute_change_set
CloudFormationBackend.delete_stack = delete_stack
CloudFormationResponse.update_termination_protection = update_termination_protection
CloudFormationBackend.delete_change_set = delete_change_set
CloudFormationBackend.describe_change_set = describe_change_set
ChangeSet.apply = apply_change_set
LambdaVersion.get_cfn_attribute = version_attribute
LambdaVersion.has_cfn_attr = classmethod(lambda cls, attr: attr == "Version")

# Held here, because moto keeps no reference to the models that it finds.
MODELS = [
    kept("AWS::Lambda::Alias", alias),
    kept("AWS::Lambda::Url", url),
    kept("AWS::CloudWatch::Alarm", alarm),
    kept("AWS::CloudWatch::CompositeAlarm", alarm),
    kept("AWS::CodeDeploy::Application", named),
    kept("AWS::CodeDeploy::DeploymentGroup", named),
    kept("AWS::SNS::Subscription", subscription),
    kept("AWS::ApplicationAutoScaling::ScalableTarget", scalable_target),
]
parsing.CustomModel = kept("AWS::CloudFormation::CustomResource", token)

main()
