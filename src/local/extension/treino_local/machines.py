"""Step Functions: Rekognition called directly from a definition, and Lambda's throttling by its name."""

from ministack.services import lambda_svc, stepfunctions

from . import ground


def install():
    # `arn:aws:states:::aws-sdk:rekognition:detectLabels` and its like.
    services = ground.of(stepfunctions, "_AWS_SDK_SERVICE_MAP", dict)
    services["rekognition"] = {"target_prefix": "RekognitionService", "protocol": "json"}
    ground.of(stepfunctions, "_AWS_SDK_ERROR_PREFIX", dict)["rekognition"] = "Rekognition"

    ground.function(lambda_svc, "_throttle_response", "reason_code", "msg")
    error = ground.of(stepfunctions, "_ExecutionError", type)

    @ground.wrap(stepfunctions, "_call_lambda", "func_ref", "event")
    def call_lambda(original, func_ref, event):
        try:
            return original(func_ref, event)
        except error as failure:
            # MiniStack reads only errorType, which a throttled invocation does not have.
            if failure.error == "Lambda.Unknown" and "TooManyRequestsException" in failure.cause:
                raise error("Lambda.TooManyRequestsException", failure.cause) from None
            raise
