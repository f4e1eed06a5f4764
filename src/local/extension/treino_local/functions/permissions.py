"""GetPolicy as on AWS: of a function that nobody was given a permission on there is none."""

import json
from typing import Any

from ministack.core.responses import error_response_json
from ministack.services import lambda_svc

from treino_local import patching
from treino_local.types import Answer, Handler


def install() -> None:
    @patching.wrap(lambda_svc, "_get_policy", "func_name", "query_params", "path_qualifier")
    def get_policy(original: Handler, *arguments: Any, **options: Any) -> Answer:
        answer = original(*arguments, **options)
        if answer[0] != 200 or json.loads(json.loads(answer[2])["Policy"])["Statement"]:
            return answer
        message = "The resource you requested does not exist."
        refused: Answer = error_response_json("ResourceNotFoundException", message, 404)
        return refused
