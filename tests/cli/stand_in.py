"""Stands in for a service or the gateway where the supervisor is tested: healthy on its port, and identity knows demo.

`python stand_in.py NAME serve`. It says NAME on standard output, ends at SIGTERM, and with KITH_STAND_IN_FAILS=NAME at
once.
"""

import os
import signal
import sys
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import grpc
from grpc_health.v1 import health, health_pb2, health_pb2_grpc

from kith.identity.v1 import api_key_pb2, authentication_pb2, tenant_pb2

KEY = "kith_demo_" + "x" * 40
ANSWERS = {
    "/kith.identity.v1.Tenants/ProvisionTenant": tenant_pb2.Tenant(slug="demo"),
    "/kith.identity.v1.Authentication/SignIn": authentication_pb2.SignInResponse(access_token="token"),
    "/kith.identity.v1.ApiKeys/CreateApiKey": api_key_pb2.CreateApiKeyResponse(secret=KEY),
    "/kith.identity.v1.Authentication/SignOut": authentication_pb2.SignOutResponse(),
    "/kith.identity.v1.Authentication/WhoAmI": authentication_pb2.WhoAmIResponse(tenant_slug="demo"),
}


class Identity(grpc.GenericRpcHandler):
    def service(self, details: grpc.HandlerCallDetails) -> Any:
        answer = ANSWERS.get(details.method)
        if answer is None:
            return None

        def reply(request: bytes, context: grpc.ServicerContext) -> bytes:
            metadata = dict(context.invocation_metadata())
            if details.method.endswith("ProvisionTenant"):
                assert metadata["authorization"] == f"Bearer {os.environ['KITH_PLATFORM_KEY']}"
            return answer.SerializeToString()

        return grpc.unary_unary_rpc_method_handler(reply)


class Web(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/healthz" else 404)
        self.end_headers()

    def log_message(self, *_: Any) -> None: ...


def serve(name: str) -> None:
    sys.stdout.write(f"{name} begins\n")
    if os.environ.get("KITH_STAND_IN_FAILS") == name:
        sys.exit(f"{name} has a fault of its own")
    if name == "gateway":
        web = ThreadingHTTPServer(("127.0.0.1", int(os.environ["KITH_PORT"])), Web)
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
        web.serve_forever()
    server = grpc.server(ThreadPoolExecutor(4), options=[("grpc.so_reuseport", 0)])
    servicer = health.HealthServicer()
    servicer.set("", health_pb2.HealthCheckResponse.SERVING)
    health_pb2_grpc.add_HealthServicer_to_server(servicer, server)
    server.add_generic_rpc_handlers((Identity(),))
    server.add_insecure_port(f"127.0.0.1:{os.environ[f'KITH_{name.upper()}_PORT']}")
    server.start()
    signal.signal(signal.SIGTERM, lambda *_: server.stop(1))
    server.wait_for_termination()


if __name__ == "__main__":
    serve(sys.argv[1])
