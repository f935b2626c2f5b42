"""moto's server, whose CloudFormation is taught the parts of Lambda that a deployment of this service cannot do without:
aliases (which moto's CloudFormation does not know), versions published after the function that they are of has changed,
new versions of a layer, and a function's layers and architecture. Each hands what the template says to moto's own Lambda.
Of AWS Batch it is taught environments without a role of their own and definitions with EcsProperties.
"""

from moto.awslambda.models import LambdaFunction, LambdaVersion, LayerVersion
from moto.awslambda.utils import get_backend
from moto.batch.models import ComputeEnvironment, JobDefinition, batch_backends
from moto.core.common_models import CloudFormationModel
from moto.core.config import default_user_config
from moto.server import main


class Alias(CloudFormationModel):
    """AWS::Lambda::Alias; its Ref is its ARN."""

    # moto files a model under the service that its module is named after.
    __module__ = "moto.awslambda.models"

    def __init__(self, alias):
        self.physical_resource_id = alias.arn

    @staticmethod
    def cloudformation_type():
        return "AWS::Lambda::Alias"

    @staticmethod
    def cloudformation_name_type():
        return ""

    @classmethod
    def create_from_cloudformation_json(cls, name, json, account_id, region, **_):
        return cls(get_backend(account_id, region).create_alias(*alias_of(json)))

    @classmethod
    def update_from_cloudformation_json(cls, original_resource, cloudformation_json, account_id, region_name, **_):
        return cls(get_backend(account_id, region_name).update_alias(*alias_of(cloudformation_json)))

    @classmethod
    def delete_from_cloudformation_json(cls, name, json, account_id, region):
        """It goes with its function."""


def alias_of(json):
    properties = json["Properties"]
    routing = properties.get("RoutingConfig")
    return properties["Name"], properties["FunctionName"], properties["FunctionVersion"], "", routing


def create_version(cls, name, json, account_id, region, **_):
    """Published when the alias asks for its number: by then the function has changed, whose new version it is."""
    version = cls({"Version": None})
    version.publish = lambda: get_backend(account_id, region).publish_version(json["Properties"]["FunctionName"])
    return version


def version_attribute(self, attribute):
    self.version = self.version or self.publish().version
    return str(self.version)


def forget_version(self, *_):
    """One of the same name may come back when a deployment is rolled back: it is published anew."""
    self.version = None


def update_layer(cls, original_resource, cloudformation_json, account_id, region_name, **_):
    """A layer's version never changes: there is one more of the same name."""
    spec = {**cloudformation_json["Properties"], "LayerName": original_resource.name}
    return get_backend(account_id, region_name).publish_layer_version(spec)


create_function = LambdaFunction.create_from_cloudformation_json.__func__


def create_whole_function(cls, name, json, account_id, region, **kwargs):
    function = create_function(cls, name, json, account_id, region, **kwargs)
    function.update_configuration({"Layers": json["Properties"].get("Layers", [])})
    function.architectures = json["Properties"].get("Architectures", ["x86_64"])
    return function


def create_environment(cls, name, json, account_id, region, **_):
    """AWS Batch has a role of its own for it; moto asks for one, and for a network that exists."""
    properties = json["Properties"]
    resources = camel(properties["ComputeResources"])
    environment = cls(name, properties["Type"], properties["State"], resources, "", account_id, region)
    environment.ecs_arn = ""
    batch_backends[account_id][region]._compute_environments[environment.arn] = environment
    return environment


def create_definition(cls, name, json, account_id, region, **_):
    properties = json["Properties"]
    ecs = camel(properties["EcsProperties"])
    container = ecs["taskProperties"][0]["containers"][0]
    container["resourceRequirements"] = [
        {**need, "type": need["type"].upper()} for need in container["resourceRequirements"]
    ]
    retries = camel(properties["RetryStrategy"])
    definition = batch_backends[account_id][region].register_job_definition(
        def_name=name, parameters={}, _type="container", tags={}, retry_strategy=retries,
        container_properties={**container}, node_properties=None, eks_properties=None, timeout={},
        platform_capabilities=properties["PlatformCapabilities"], propagate_tags=True,
    )
    definition.ecs = ecs
    return definition


def describe_definition(self):
    described = describe_plain_definition(self)
    if hasattr(self, "ecs"):
        described["ecsProperties"] = self.ecs
        described.pop("containerProperties", None)
    return described


def camel(value):
    """The names of CloudFormation as those of the API."""
    if isinstance(value, list):
        return [camel(one) for one in value]
    if not isinstance(value, dict):
        return value
    return {key[:1].lower() + key[1:]: camel(one) for key, one in value.items()}


describe_plain_definition = JobDefinition.describe
JobDefinition.describe = describe_definition
JobDefinition.create_from_cloudformation_json = classmethod(create_definition)
ComputeEnvironment.create_from_cloudformation_json = classmethod(create_environment)
# Jobs run nowhere, and succeed.
default_user_config["batch"] = {"use_docker": False}
LambdaVersion.create_from_cloudformation_json = classmethod(create_version)
LambdaVersion.has_cfn_attr = classmethod(lambda cls, attribute: attribute == "Version")
LambdaVersion.get_cfn_attribute = version_attribute
LambdaVersion.delete = forget_version
LayerVersion.physical_resource_id = property(lambda self: self.arn)
LayerVersion.cloudformation_name_type = staticmethod(lambda: "LayerName")
LayerVersion.update_from_cloudformation_json = classmethod(update_layer)
LambdaFunction.create_from_cloudformation_json = classmethod(create_whole_function)

if __name__ == "__main__":
    main()
