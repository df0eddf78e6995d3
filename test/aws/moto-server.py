"""moto's server (https://github.com/getmoto/moto, 5.2), with resource types that its CloudFormation lacks.

Without them the application stack exports no URL and the dashboards name no alarm. They are kept as values: enough for
Ref and Fn::GetAtt, and so for the order in which stacks can be deployed, changed and destroyed. Custom resources are
taken as made, because moto runs functions in Docker alone.

    python3 test/aws/moto-server.py -p 5777
"""

import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import account_life  # noqa: E402

from moto.awslambda.models import LambdaVersion, lambda_backends
from moto.cloudformation import parsing
from moto.cloudformation.exceptions import CloudFormationError, ValidationError
from moto.cloudformation.models import ChangeSet, CloudFormationBackend, cloudformation_backends
from moto.cloudformation.responses import CloudFormationResponse
from moto.core.common_models import CloudFormationModel
from moto.core.responses import ActionResult
from moto.server import main
from moto.ssm.models import Parameter


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
    """An address that answers here: moto itself serves it."""
    account_id, region_name = place
    target = properties["TargetFunctionArn"]
    name = target.split(":function:")[1].split(":")[0]
    address = f"http://127.0.0.1:{PORT}/moto-api/function-url/{region_name}/{name}/"
    return {"Ref": target, "FunctionArn": target, "FunctionUrl": address}


PORT = sys.argv[sys.argv.index("-p") + 1]


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
        stack.create_resources()
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
    for stack in backend.deleted_stacks.values():
        # What it told of is gone with it: moto would look for the resources again.
        stack.template_dict = {**stack.template_dict, "Outputs": {}}
        stack.output_map = stack._create_output_map()


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


def parameter_from_template(moto_made):
    """CloudFormation writes a parameter's tags as a map, moto reads a list."""

    def make(cls, *args, **kwargs):
        def with_list(value):
            if not isinstance(value, dict) or not isinstance(value.get("Properties", {}).get("Tags"), dict):
                return value
            tags = [{"Key": key, "Value": text} for key, text in value["Properties"]["Tags"].items()]
            return {**value, "Properties": {**value["Properties"], "Tags": tags}}

        return moto_made(
            *(with_list(each) for each in args),
            **{name: with_list(each) for name, each in kwargs.items()},
        )

    return classmethod(make)


moto_delete_stack = CloudFormationBackend.delete_stack
moto_execute_change_set = CloudFormationBackend.execute_change_set
moto_describe_change_set = CloudFormationBackend.describe_change_set
for making in ("create_from_cloudformation_json", "update_from_cloudformation_json"):
    setattr(Parameter, making, parameter_from_template(getattr(Parameter, making)))
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
    kept("AWS::CloudWatch::CompositeAlarm", alarm),
    kept("AWS::CodeDeploy::Application", named),
    kept("AWS::CodeDeploy::DeploymentGroup", named),
]
parsing.CustomModel = account_life.ClientToken
account_life.install()

main()
