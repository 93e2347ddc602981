"""The events that AWS documents for the integrations of a Lambda function, with a path and a body of ours.

Sources: "Input format of a Lambda function for proxy integration" (API Gateway), "Create AWS Lambda proxy integrations
for HTTP APIs" (API Gateway, payload formats 1.0 and 2.0), "Invoking Lambda function URLs" (Lambda), "Lambda
functions as targets" (Application Load Balancers).
"""

from typing import Any

Event = dict[str, Any]


def rest_api(path: str, body: str | None, encoded: bool = False, method: str = "POST") -> Event:
    """API Gateway's REST API."""
    identity = {"accessKey": None, "accountId": None, "caller": None, "sourceIp": "192.0.2.1", "userAgent": "agent"}
    return {
        "resource": "/{proxy+}",
        "path": path,
        "httpMethod": method,
        "headers": {"Content-Type": "application/json", "Host": "id.execute-api.us-east-1.amazonaws.com"},
        "multiValueHeaders": {
            "Content-Type": ["application/json"],
            "Host": ["id.execute-api.us-east-1.amazonaws.com"],
        },
        "queryStringParameters": None,
        "multiValueQueryStringParameters": None,
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "id",
            "domainName": "id.execute-api.us-east-1.amazonaws.com",
            "domainPrefix": "id",
            "extendedRequestId": "request-id",
            "httpMethod": method,
            "identity": identity,
            "path": f"/prod{path}",
            "protocol": "HTTP/1.1",
            "requestId": "id=",
            "requestTime": "04/Mar/2020:19:15:17 +0000",
            "requestTimeEpoch": 1583349317135,
            "resourceId": None,
            "resourcePath": "/{proxy+}",
            "stage": "prod",
        },
        "pathParameters": {"proxy": path.removeprefix("/")},
        "stageVariables": None,
        "body": body,
        "isBase64Encoded": encoded,
    }


def http_api_1(path: str, body: str | None, encoded: bool = False, method: str = "POST") -> Event:
    """API Gateway's HTTP API, payload format 1.0."""
    return {"version": "1.0", **rest_api(path, body, encoded, method)}


def http_api_2(path: str, body: str | None, encoded: bool = False, method: str = "POST") -> Event:
    """API Gateway's HTTP API, payload format 2.0."""
    event = {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": "parameter1=value1&parameter1=value2",
        "cookies": ["cookie1", "cookie2"],
        "headers": {"content-type": "application/json", "header2": "value1,value2"},
        "queryStringParameters": {"parameter1": "value1,value2"},
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "api-id",
            "domainName": "id.execute-api.us-east-1.amazonaws.com",
            "domainPrefix": "id",
            "http": {
                "method": method,
                "path": path,
                "protocol": "HTTP/1.1",
                "sourceIp": "192.0.2.1",
                "userAgent": "agent",
            },
            "requestId": "id",
            "routeKey": "$default",
            "stage": "$default",
            "time": "12/Mar/2020:19:03:58 +0000",
            "timeEpoch": 1583348638390,
        },
        "isBase64Encoded": encoded,
    }
    return event if body is None else event | {"body": body}


def function_url(path: str, body: str | None, encoded: bool = False, method: str = "POST") -> Event:
    """A Function URL: as payload format 2.0, with fields that are always null."""
    event = http_api_2(path, body, encoded, method)
    host = "<url-id>.lambda-url.us-west-2.on.aws"
    context = event["requestContext"] | {"apiId": "<urlid>", "authentication": None, "domainName": host}
    return event | {"pathParameters": None, "stageVariables": None, "requestContext": context}


def load_balancer(path: str, body: str | None, encoded: bool = False, method: str = "POST") -> Event:
    """An Application Load Balancer's; where there is no body it sends an empty one."""
    group = "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/lambda-target/6d0ecf831eec9f09"
    return {
        "requestContext": {"elb": {"targetGroupArn": group}},
        "httpMethod": method,
        "path": path,
        "queryStringParameters": {},
        "headers": {
            "content-type": "application/json",
            "host": "lambda-alb.us-east-1.elb.amazonaws.com",
            "x-amzn-trace-id": "Root=1-5bdb40ca-556d8b0c50dc66f0511bf520",
            "x-forwarded-for": "192.0.2.1",
            "x-forwarded-port": "443",
            "x-forwarded-proto": "https",
        },
        "body": body or "",
        "isBase64Encoded": encoded,
    }
