"""moto's server (https://github.com/getmoto/moto, 5.2), with resource types that its CloudFormation lacks.

Without them the application stack exports no URL and the dashboards name no alarm. They are kept as values: enough for
Ref and Fn::GetAtt, and so for the order in which stacks can be deployed, changed and destroyed. Custom resources are
taken as made, because moto runs functions in Docker alone.

    python3 test/aws/moto-server.py -p 5777
"""

import hashlib

from moto.awslambda.models import LambdaVersion, lambda_backends
from moto.cloudformation import parsing
from moto.core.common_models import CloudFormationModel
from moto.server import main


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
    made = backend.create_alias(properties["Name"], function_name, version, "", "")
    return {"Ref": made.arn, "AliasArn": made.arn}


def url(resource_name, properties, place):
    account_id, region_name = place
    target = properties["TargetFunctionArn"]
    made_up = hashlib.sha256(f"{account_id}{region_name}{target}".encode()).hexdigest()[:32]
    address = f"https://{made_up}.lambda-url.{region_name}.on.aws/"
    return {"Ref": target, "FunctionArn": target, "FunctionUrl": address}


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
]
parsing.CustomModel = kept("AWS::CloudFormation::CustomResource", named)

main()
